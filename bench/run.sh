#!/usr/bin/env bash
# CPU a line, a sample and a span of the built binary over its protocols, and its
# memory when idle and under the demonstration. A peer that runs on this machine is
# measured on the same work with bench/load and its process number.
set -euo pipefail
cd "$(dirname "$0")/.."
make -s build > /dev/null
work="$(mktemp -d)"
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
go build -o "$work/load" ./bench/load

ready() { # URL: wait until it answers 200
  for _ in $(seq 300); do
    if curl -fsS -o /dev/null "$1" 2>/dev/null; then return; fi
    sleep 0.1
  done
  echo "$1 does not become ready" >&2
  exit 1
}
resident() { # the process' own memory, and the pages of its executable and files
  awk '/VmRSS/ {a=$2} /RssAnon/ {b=$2} /RssFile/ {c=$2} END {printf "%d MiB resident: %d MiB of its own, %d MiB of files", a/1024, b/1024, c/1024}' "/proc/$1/status"
}

echo "# $(nproc) cores, $(awk -F': ' '/model name/ {print $2; exit}' /proc/cpuinfo), $(go version | cut -d' ' -f3), $(git rev-parse --short HEAD)"

cat > "$work/pharos.yml" <<'YAML'
listen: 127.0.0.1:18400
logs: {ingestion_rate: 1000000000, ingestion_burst: 1000000000}
traces:
  otlp: {grpc: "", http: "127.0.0.1:18418"}
  jaeger: {grpc: "", thrift_http: "", thrift_compact: "", thrift_binary: ""}
  zipkin: {http: ""}
YAML
./bin/pharos serve --config "$work/pharos.yml" --data "$work/data" --auth=off > "$work/log" 2>&1 &
pharos=$!
pids+=("$pharos")
ready http://127.0.0.1:18400/health/ready
sleep 30
echo "idle     $(resident "$pharos")"
"$work/load" -signal logs -url http://127.0.0.1:18400 -pid "$pharos"
"$work/load" -signal samples -url http://127.0.0.1:18400 -pid "$pharos" -items 5000000
"$work/load" -signal spans -url http://127.0.0.1:18418 -pid "$pharos" -items 500000
kill "$pharos"
wait "$pharos" || true

./bin/pharos demo --listen 127.0.0.1:18400 --data "$work/demo" --config "$work/pharos.yml" > "$work/demolog" 2>&1 &
demo=$!
pids+=("$demo")
ready http://127.0.0.1:18400/health/ready
sleep 120
echo "demo     $(resident "$demo") after two minutes, the simulated system included"
