#!/bin/bash
# Runs every fuzz target of the tree, one after the other: fuzz.sh [TIME], 10s
# each by default. The targets are found by their names, so a new one joins by
# being written. What a run finds lands in testdata/fuzz of its package: keep it.
set -euo pipefail
time=${1:-10s}

grep -rHoP --include='*_test.go' '^func \KFuzz\w+' . | sort | while IFS=: read -r file target; do
	package=$(dirname "$file")
	printf '== %s %s\n' "$package" "$target"
	go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "$package" </dev/null
done
