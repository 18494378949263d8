#!/usr/bin/env bash
# What 200 live tails cost the built binary at 20,000 lines a second, and how long a
# line takes to its readers. Arguments go to bench/tail: -readers, -rate, -for.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -n "${PHAROS_BIN:-}" ] || make -s build > /dev/null
work="$(mktemp -d)"
pid=
trap '[ -z "$pid" ] || { kill "$pid" 2>/dev/null || true; wait "$pid" 2>/dev/null || true; }; rm -rf "$work"' EXIT
go build -o "$work/tail" ./bench/tail
port="${PORT:-18410}"
cat > "$work/pharos.yml" <<YAML
listen: 127.0.0.1:$port
logs: {ingestion_rate: 1000000000, ingestion_burst: 1000000000}
traces:
  otlp: {grpc: "", http: ""}
  jaeger: {grpc: "", thrift_http: "", thrift_compact: "", thrift_binary: ""}
  zipkin: {http: ""}
YAML
"${PHAROS_BIN:-./bin/pharos}" serve --config "$work/pharos.yml" --data "$work/data" --auth=off > "$work/log" 2>&1 &
pid=$!
for _ in $(seq 300); do
  if curl -fsS -o /dev/null "http://127.0.0.1:$port/health/ready" 2>/dev/null; then break; fi
  sleep 0.1
done
echo "# $(nproc) cores, $(awk -F': ' '/model name/ {print $2; exit}' /proc/cpuinfo), $(git rev-parse --short HEAD)"
"$work/tail" -url "http://127.0.0.1:$port" -pid "$pid" "$@"
