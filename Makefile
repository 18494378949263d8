# The few commands of a working day. `make help` lists them.
SHELL := /bin/bash -o pipefail
export GOFLAGS := -trimpath -buildvcs=false
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X github.com/pharosd/pharos/internal/version.Version=$(VERSION)

.PHONY: help
help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'
