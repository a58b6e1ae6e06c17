#!/bin/bash
# Rewrites the golden files of every package whose tests define -update, the
# usual name of that flag. The packages are found by it; no list to keep.
set -euo pipefail

grep -rlE --include='*_test.go' 'flag\.Bool(Var)?\((&[A-Za-z]+, )?"update"' . |
	xargs -r -n1 dirname | sort -u | while read -r package; do
	printf '== %s\n' "$package"
	go test -count=1 "$package" -update
done
