# The few commands of a working day. `make help` lists them.
SHELL := /bin/bash -o pipefail
export GOFLAGS := -trimpath -buildvcs=false
export CGO_ENABLED ?= 1
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X github.com/pharosd/pharos/internal/version.Version=$(VERSION)
# -w: no debug tables in test binaries; linking them is a third of the work.
GOTEST := go test -ldflags=-w

.PHONY: help
help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

.PHONY: run
run: build ## build everything and start the demo on http://127.0.0.1:8400
	./bin/pharos demo

.PHONY: build
build: ui/dist/index.html ## write bin/pharos with the UI inside
	go build -ldflags '$(LDFLAGS)' -o bin/pharos ./cmd/pharos

ui/node_modules/.package-lock.json: ui/package-lock.json
	cd ui && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

ui/dist/index.html: ui/node_modules/.package-lock.json $(shell find ui/src ui/public ui/index.html ui/vite.config.ts -type f 2>/dev/null)
	cd ui && npm run --silent build
	@touch $@

.PHONY: test
test: test-deps lint test-ui build test-go test-e2e ## everything that must be green; 20 minutes at most

.PHONY: test-deps
test-deps: ## install what the tests need and the machine lacks
	./test/install-deps.sh

.PHONY: lint
lint: ui/node_modules/.package-lock.json ## formatting, vet, types, imports
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo "run gofmt -w on these"; exit 1; }
	go vet $(PACKAGES) ./test/...
	cd ui && npm run --silent lint && npm run --silent typecheck

# Packages of ours, without Go files that npm packages bring along and without the
# tests of the built binary.
PACKAGES = $$(go list ./... | grep -vE '/(node_modules|test/(e2e|acceptance|isolation))(/|$$)')
# The race detector needs every dependency compiled a second time. `make test` uses
# it where concurrency is ours and dependencies are few; `make race` everywhere.
RACE = ./internal/... ./storage/... ./logs/... ./traces/... ./query/tail ./auth ./metastore ./dashboards ./dashboards/reports ./api/v1 ./api/tempo \
	./ingest ./pipeline/logstash ./receiver/logstash ./agent/tail ./agent/feed ./simulator

.PHONY: test-go
test-go: ## Go unit and integration tests, with the race detector where concurrency is ours
	$(GOTEST) -timeout 10m $(PACKAGES)
	$(GOTEST) -race -short -timeout 10m $(RACE)

.PHONY: race
race: ## all Go tests with the race detector (slow)
	$(GOTEST) -race -timeout 30m $(PACKAGES)

.PHONY: test-ui
test-ui: ui/node_modules/.package-lock.json ## unit tests of the UI
	cd ui && npm test --silent

# Most of these tests wait for what they killed, so four of them run side by side.
.PHONY: test-e2e
test-e2e: build test-deps ## the built binary: real clients, kill -9, a real browser
	PHAROS_BIN=$(CURDIR)/bin/pharos $(GOTEST) -count=1 -parallel 4 -timeout 20m ./test/e2e ./test/isolation

.PHONY: generate
generate: ## rewrite the pages of docs/user that follow from the code
	go generate ./cmd/docgen

.PHONY: acceptance
acceptance: build ## the answers of the real servers, from ../shared when it is there
	./test/acceptance.sh

# All public dashboards of ../shared in a real browser, fed by series made from their
# queries; make acceptance shows some of them.
.PHONY: proof
proof: build ## which panels of the field's dashboards render; takes many minutes
	PHAROS_DASHBOARDS='*.json' PHAROS_SHARED=$${PHAROS_SHARED:-$(CURDIR)/../shared} PHAROS_BIN=$(CURDIR)/bin/pharos \
		$(GOTEST) -count=1 -v -timeout 60m -run TestPublicDashboardsInABrowser ./test/acceptance

# Kills and full disks, then each of some 75 fuzz targets for $FUZZTIME (30s): more than
# an hour on two cores.
.PHONY: torture
torture: build ## 50 hard kills under load, full disks, full logs, long fuzzing; more than an hour
	PHAROS_TORTURE=1 PHAROS_BIN=$(CURDIR)/bin/pharos $(GOTEST) -count=1 -timeout 60m -run 'Torture|Kill' ./storage/... ./logs/archive ./agent/tail ./test/e2e
	./test/fuzz.sh

.PHONY: bench
bench: ## CPU a line, a sample and a span; figures go to docs/benchmarks.md
	./bench/run.sh

.PHONY: bench-ui
bench-ui: build ## dashboards and log lines in Chromium: drawn, refreshed, hovered, scrolled, memory
	cd ui && node bench/dashboard.bench.mjs

.PHONY: bench-memory
bench-memory: build ## an hour of dashboards that refresh every five seconds: heap, nodes, listeners
	cd ui && node bench/memory.bench.mjs

.PHONY: bench-heavy
bench-heavy: build ## the 30 heaviest LogQL queries within 512 MiB
	go run -ldflags=-w ./bench/heavy -pharos bin/pharos

.PHONY: bench-logs
bench-logs: ## Pharos, Loki and VictoriaLogs on the same five million lines and 20 questions
	./bench/logs.sh

.PHONY: bench-tail
bench-tail: ## 200 live tails at 20,000 lines a second: their cost and their delay
	./bench/tail.sh

.PHONY: bench-collect
bench-collect: ## the agent beside Promtail, and what filters, stages and inputs take an event
	./bench/collect.sh

.PHONY: clean
clean: ## remove what was built
	rm -rf bin ui/dist/assets ui/dist/index.html ui/node_modules test/artifacts
