#!/usr/bin/env bash
# Holds the built binary against the answers of the real servers. The data lies
# outside the repository; where it is absent there is nothing to do.
set -euo pipefail
cd "$(dirname "$0")/.."
shared="${PHAROS_SHARED:-../shared}"
if [ ! -d "$shared/oracles" ]; then
  echo "acceptance: $shared is not there, nothing to compare with"
  exit 0
fi
export PHAROS_SHARED PHAROS_BIN="$PWD/bin/pharos"
PHAROS_SHARED="$(cd "$shared" && pwd)"
go test -ldflags=-w -count=1 -timeout 30m ./test/acceptance/...
# The packages' own tests against files from the field.
git grep -l 'testkit\.Shared(' -- '*_test.go' ':!test/acceptance' | xargs -n1 dirname | sort -u | sed 's#^#./#' |
  xargs go test -ldflags=-w -timeout 30m
