#!/usr/bin/env bash
# Runs every fuzz target of the tree, one after the other, each for $FUZZTIME (30s). A
# target that finds something is named at the end; the others still run.
#   test/fuzz.sh [FOLDER...]
set -uo pipefail
cd "$(dirname "$0")/.."
found=()
while IFS=: read -r file line; do
  target=$(sed -E 's/^func (Fuzz[A-Za-z0-9_]*)\(.*/\1/' <<<"$line")
  folder=./$(dirname "$file")
  echo "== $folder $target"
  go test -ldflags=-w -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-30s}" "$folder" || found+=("$folder $target")
done < <(git grep -E '^func Fuzz' -- "${@:-.}" | grep '_test\.go:' | sort)
[ ${#found[@]} -eq 0 ] && exit 0
printf 'found something: %s\n' "${found[@]}" >&2
exit 1
