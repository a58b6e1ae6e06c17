#!/bin/bash
# Installs what Pasban needs on Debian 12: `setup.sh run` what it takes to run it,
# `setup.sh all` what it takes to test it as well. Running it again costs less
# than a second: nothing is fetched when nothing is missing.
#
# A tool counts as present when the version stamped into its binary is the one
# below, so moving a pin here is all that an upgrade takes.
set -euo pipefail

# Why built from source: no image or binary of MinIO has been published since
# October 2025. See docs/decisions/2026-11-22-minio-from-source.md.
tools=(
	"minio         github.com/minio/minio                                    v0.0.0-20260212201848-7aac2a2c5b7c"
	"staticcheck   honnef.co/go/tools/cmd/staticcheck                        v0.8.2"
	"golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint    v2.15.0"
)

# chromium-headless-shell is a third of the weight of full Chromium.
# fonts-noto-core holds Noto Nastaliq Urdu and Noto Naskh Arabic.
run_packages=(ca-certificates chromium-headless-shell fontconfig
	fonts-noto-core fonts-noto-color-emoji fonts-dejavu-core fonts-liberation)
# gcc is for the race detector. PostgreSQL is started by the tests themselves,
# as an unprivileged user; the cluster that Debian makes is not used.
# tesseract reads words in pictures; Pasban runs without it, its tests do not.
# The kit that serves copies is tested on real web servers, which the tests start
# themselves. Under systemd nginx and caddy also start one on port 80, of no use here:
# systemctl disable --now nginx caddy.
# nftables is what the containers' firewalls are tried with, in a namespace of their own.
test_packages=(gcc libc6-dev git postgresql tesseract-ocr tesseract-ocr-urd tesseract-ocr-ara
	nginx-light apache2-bin caddy nftables iproute2)

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

missing() {
	local p
	for p in "$@"; do installed "$p" || echo "$p"; done
}

# as_root runs a line of shell as root, or says what somebody who is root must type.
as_root() {
	if [[ $(id -u) == 0 ]]; then
		DEBIAN_FRONTEND=noninteractive bash -c "$1"
	elif command -v sudo >/dev/null; then
		sudo env DEBIAN_FRONTEND=noninteractive bash -c "$1"
	else
		fail "this needs root and there is no sudo. As root, type: $1"
	fi
}

packages() {
	local want
	command -v dpkg-query >/dev/null || { foreign "$@"; return; }
	mapfile -t want < <(missing "$@")
	[[ ${#want[@]} == 0 ]] && return
	say "installing ${want[*]}"
	as_root "apt-get -q update && apt-get -q install -y --no-install-recommends ${want[*]}"
}

# foreign is for systems without dpkg: it cannot install, but it can tell.
foreign() {
	say "this is not Debian, so nothing is installed. Provide the equivalents of: $*"
	say "'bin/pasban doctor' tells what Pasban itself still misses."
}

stamped() { # FILE VERSION: was this file built from that version?
	[[ -x $1 ]] && go version -m "$1" 2>/dev/null | awk '$1 == "mod" {print $3}' | grep -qxF "$2"
}

go_tools() {
	local bin name path version line
	bin=$(go env GOBIN)
	bin=${bin:-$(go env GOPATH)/bin}
	for line in "${tools[@]}"; do
		read -r name path version <<<"$line"
		stamped "$bin/$name" "$version" && continue
		say "building $name $version (minutes, the first time)"
		GOFLAGS=-buildvcs=false GOBIN=$bin go install "$path@$version"
	done
}

# odiff_beside fetches what `make bench` holds our pixel diff against. Nothing else
# uses it, so that a machine without npm, or without its registry, goes without.
odiff_beside() {
	local bin dir version=4.5.0
	bin=$(go env GOBIN)
	bin=${bin:-$(go env GOPATH)/bin}
	[[ -x $bin/odiff && $("$bin/odiff" --version 2>&1) == *"$version"* ]] && return
	if [[ $(uname -sm) != "Linux x86_64" ]] || ! command -v npm >/dev/null; then
		say "without odiff: make bench measures our pixel diff alone"
		return
	fi
	dir=$(mktemp -d)
	if (cd "$dir" && npm pack --silent "@odiff/linux-x64@$version" >/dev/null && tar xzf ./*.tgz); then
		install -D "$dir/package/odiff" "$bin/odiff"
	else
		say "odiff could not be fetched: make bench measures our pixel diff alone"
	fi
	rm -rf "$dir"
}

command -v go >/dev/null || fail "there is no go on PATH: install Go 1.26 from https://go.dev/dl/"
case ${1:-} in
run) packages "${run_packages[@]}" ;;
all)
	packages "${run_packages[@]}" "${test_packages[@]}"
	go_tools
	odiff_beside
	;;
*) fail "usage: setup.sh run|all" ;;
esac
