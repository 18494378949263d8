#!/usr/bin/env bash
# Builds what Pharos is compared with from the Go module proxy into .bench, unless it
# is there: the peers that are named, or the log servers. Says so when one cannot be
# built; the comparison then leaves it out.
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

# loki_source VERSION DIR. Loki's own go.mod replaces one module by a folder that module
# archives leave out.
loki_source() {
  source_of github.com/grafana/loki/v3 "$1" "$2" || return
  local push=github.com/grafana/loki/pkg/push version
  version="$(cd "$2" && GOFLAGS=-mod=mod go list -m -json "$push@latest" | sed -n 's/.*"Version": "\(.*\)".*/\1/p' | head -n 1)"
  (cd "$2" && go mod edit -replace "$push=$push@$version")
}

loki() {
  loki_source v3.7.8 "$out/loki-src" && (cd "$out/loki-src" && GOFLAGS=-mod=mod go build -o "$out/loki" ./cmd/loki)
}

# 3.6 is the last that has Promtail. Without cgo it reads no journal.
promtail() {
  loki_source v3.6.4 "$out/promtail-src" &&
    (cd "$out/promtail-src" && CGO_ENABLED=0 GOFLAGS=-mod=mod go build -o "$out/promtail" ./clients/cmd/promtail)
}

[ $# -gt 0 ] || set -- victoria-logs loki
for peer in "$@"; do
  [ -x "$out/$peer" ] || "${peer//-/}" || echo "$peer cannot be built here" >&2
done
exit 0
