#!/usr/bin/env bash
# Builds the log servers that Pharos is compared with from the Go module proxy into
# .bench, unless they are there. Says so when one cannot be built; the comparison
# then leaves it out.
set -uo pipefail
cd "$(dirname "$0")/.."
mkdir -p .bench
out="$PWD/.bench"

# source MODULE VERSION DIR: a copy of the module that can be changed.
source_of() {
  local dir
  dir="$(cd / && go mod download -json "$1@$2" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')"
  [ -n "$dir" ] && rm -rf "$3" && cp -r "$dir" "$3" && chmod -R u+w "$3"
}

victorialogs() {
  source_of github.com/VictoriaMetrics/VictoriaMetrics v1.117.0 "$out/victoria-src" &&
    (cd "$out/victoria-src" && GOFLAGS=-mod=mod go build -o "$out/victoria-logs" ./app/victoria-logs)
}

# Loki's own go.mod replaces one module by a folder that module archives leave out.
loki() {
  source_of github.com/grafana/loki/v3 v3.7.8 "$out/loki-src" || return
  local push=github.com/grafana/loki/pkg/push version
  version="$(cd "$out/loki-src" && GOFLAGS=-mod=mod go list -m -json "$push@latest" | sed -n 's/.*"Version": "\(.*\)".*/\1/p' | head -n 1)"
  (cd "$out/loki-src" && go mod edit -replace "$push=$push@$version" && GOFLAGS=-mod=mod go build -o "$out/loki" ./cmd/loki)
}

[ -x "$out/victoria-logs" ] || victorialogs || echo "VictoriaLogs cannot be built here" >&2
[ -x "$out/loki" ] || loki || echo "Loki cannot be built here" >&2
exit 0
