# Pasban: what a person types. `make` alone explains itself.
#
# The logic that needs more than a line lives in deploy/*.sh, where it can be
# read and checked as a script.

SHELL       := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup setup-run build run check fmt test test-unit test-race bench fuzz golden crash gauntlet eval losses fit soak bench-watch cover clean

# Tools are installed where `go install` puts them; the path is needed for
# minio as well, which the storage tests start.
GOBIN  := $(shell d=$$(go env GOBIN 2>/dev/null); echo "$${d:-$$(go env GOPATH 2>/dev/null)/bin}")
export PATH := $(GOBIN):$(PATH)

# The version is set at link time. Go's own VCS stamp is off because it stops
# the build in a checkout that another user owns, which is the rule in containers.
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
export GOFLAGS := $(filter-out -buildvcs=%,$(GOFLAGS)) -buildvcs=false

PKG       ?= ./...
FUZZTIME  ?= 10s
BENCHTIME ?= 1s
ROUNDS    ?= 200
CAPTURES  ?= 10000
# A test binary that hangs is ended, with every goroutine's stack, before
# whoever is waiting gives up.
TIMEOUT   ?= 45m
# Under the race detector: what is concurrent and does not start a browser. Those
# spend their time in Chrome, where the detector sees nothing. The monitor is left
# out: its run takes a quarter of an hour, much of it in SQLite, which is C translated
# to Go; RACE=./monitor runs it alone.
RACE ?= ./monitor/ocr ./monitor/canary ./alerting/... ./render/egress/... ./fixtures ./fixtures/history

help: ## this list
	@echo "Pasban watches web sites with real browsers and mails pictures when one is defaced."
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "Variables: PKG=./render/... FUZZTIME=1m BENCHTIME=3s ROUNDS=200 TIMEOUT=45m VERSION=v1.2.3"

setup: ## install everything: Chrome, fonts, PostgreSQL, MinIO, linters (root or sudo; fast when all is there)
	@deploy/setup.sh all

setup-run: ## install only what running needs: Chrome and fonts
	@deploy/setup.sh run

build: ## bin/pasban
	go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o bin/pasban ./cmd/pasban

run: setup-run build ## the product in a minute: fixture sites, attacks on a timer, mails as files
	bin/pasban demo

test: setup check test-unit test-race ## everything a change must pass; what CI runs

LAST := /render$$|/fixtures/gauntlet$$
# The renderer and the gauntlet after all others, each by itself: what defuses a bomb is a
# bound on time as often as one on memory, and beside other browsers a page reaches the
# one before the other.
test-unit: ## go test over PKG, in shuffled order
	go list $(PKG) | { grep -vE '$(LAST)' || true; } | xargs -r go test -shuffle=on -timeout $(TIMEOUT)
	go list $(PKG) | { grep -E '$(LAST)' || true; } | xargs -r go test -p 1 -shuffle=on -timeout $(TIMEOUT)

test-race: ## the concurrent packages again under the race detector
	go test -race -shuffle=on -timeout $(TIMEOUT) $(RACE)

check: ## gofmt, go vet, staticcheck, golangci-lint (import directions included)
	@deploy/check.sh $(PKG)

fmt: ## gofmt -w
	gofmt -w $$(find . -name '*.go' -not -path './bin/*')

bench: ## pasban sweep beside naked chromedp (and gowitness), then every Go benchmark, one package at a time
	go test -run '^$$' -bench '^BenchmarkBesideNaked$$' -benchtime 1x -timeout 60m ./cmd/pasban
	go test -p 1 -run '^$$' -bench . -skip '^BenchmarkBesideNaked$$' -benchmem -benchtime $(BENCHTIME) -timeout 60m $(PKG)

fuzz: ## every fuzz target for FUZZTIME each
	@deploy/fuzz.sh $(FUZZTIME)

golden: ## rewrite the golden files; read the diff before you commit it
	@deploy/golden.sh

crash: ## kill -9 a serving pasban ROUNDS times; every alert must arrive, under one Message-ID
	PASBAN_CRASH_ROUNDS=$(ROUNDS) go test -run Crash -count=1 -v -timeout 120m ./cmd/pasban/...

gauntlet: ## every hostile case in a real Chrome, and the table of what they came to
	go -C fixtures/gauntlet test -count=1 -timeout $(TIMEOUT)

eval: ## replay honest histories and attacks on them; writes docs/detection.md (half an hour the first time, then minutes)
	PASBAN_EVAL=1 go test -run '^TestEval$$' -count=1 -v -timeout 4h ./fixtures/replay

fit: ## fit the weights of rules on the development half of the replay; writes compare/weights.go
	PASBAN_FIT=1 go test -run '^TestFit$$' -count=1 -v -timeout 4h ./fixtures/replay

losses: ## lose worker, leader, database and evidence store under a fleet, singly and together; nothing may be lost or doubled
	PASBAN_LOSSES=1 go test -run '^TestFleetLosses$$' -count=1 -v -timeout 30m ./cmd/pasban

soak: ## CAPTURES of honest and hostile sites by one serve (more than an hour); prints what grows
	PASBAN_SOAK_CAPTURES=$(CAPTURES) go test -run '^TestSoak$$' -count=1 -v -timeout 6h ./cmd/pasban

bench-watch: ## from an attack to the mail, with 1,527 sites watched (PASBAN_WATCH_SITES, _MINUTES; hours the first time)
	PASBAN_WATCH=1 go test -run '^TestWatch$$' -count=1 -v -timeout 6h ./cmd/pasban

cover: ## coverage of PKG, written to coverage.html
	go test -timeout $(TIMEOUT) -coverprofile=coverage.out $(PKG)
	go tool cover -html=coverage.out -o coverage.html

clean: ## remove what make made (never ./data)
	rm -rf bin dist coverage.out coverage.html
	go clean -testcache
