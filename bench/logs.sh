#!/usr/bin/env bash
# Pharos, Loki and VictoriaLogs side by side on the same lines: see bench/logs.
set -euo pipefail
cd "$(dirname "$0")/.."
make -s build > /dev/null
./bench/peers.sh
go build -o .bench/logs ./bench/logs
peer() { if [ -x "$2" ]; then echo "-$1=$2"; fi; }
echo "# $(nproc) cores, $(awk -F': ' '/model name/ {print $2; exit}' /proc/cpuinfo), $(go version | cut -d' ' -f3), $(git rev-parse --short HEAD)"
# shellcheck disable=SC2046 # the names hold no spaces
exec .bench/logs -lines "${LINES_TOTAL:-5000000}" -pharos bin/pharos $(peer loki .bench/loki) $(peer victorialogs .bench/victoria-logs)
