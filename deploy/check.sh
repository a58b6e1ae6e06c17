#!/bin/bash
# The static half of `make test`: check.sh [PACKAGES], default ./...
# Every tool runs even if an earlier one complains, so that one run shows all
# there is to mend; the exit code tells whether any did.
set -uo pipefail
packages=("${@:-./...}")
failed=0

step() { # NAME COMMAND...
	local name=$1 start=$SECONDS
	shift
	if "$@"; then
		printf 'check: %-14s ok (%d s)\n' "$name" $((SECONDS - start)) >&2
	else
		printf 'check: %-14s FAILED (%d s)\n' "$name" $((SECONDS - start)) >&2
		failed=1
	fi
}

formatted() {
	local files
	files=$(find . -name '*.go' -not -path './bin/*' -print0 | xargs -0 gofmt -l) || return 1
	[[ -z $files ]] && return
	printf 'not formatted (run make fmt): %s\n' "$files"
	return 1
}

step gofmt formatted
step 'go vet' go vet "${packages[@]}"
step staticcheck staticcheck "${packages[@]}"
step golangci-lint golangci-lint run --allow-parallel-runners --timeout 10m "${packages[@]}"
exit $failed
