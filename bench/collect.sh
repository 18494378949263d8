#!/usr/bin/env bash
# The agent beside Promtail on the same files, then what filters, stages and inputs take
# an event. Arguments go to bench/collect: -lines, -rate, -for.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -n "${PHAROS_BIN:-}" ] || make -s build > /dev/null
./bench/peers.sh promtail
go build -o .bench/collect ./bench/collect
echo "# $(nproc) cores, $(awk -F': ' '/model name/ {print $2; exit}' /proc/cpuinfo), $(go version | cut -d' ' -f3), $(git rev-parse --short HEAD)"
.bench/collect -pharos "${PHAROS_BIN:-bin/pharos}" -promtail "$(test -x .bench/promtail && echo .bench/promtail)" "$@"
go test -run '^$' -bench . -benchtime "${BENCHTIME:-1s}" ./pipeline/... ./receiver/logstash/... ./receiver/syslog/... ./receiver/fluent/... | grep -E '^(pkg|Benchmark)'
