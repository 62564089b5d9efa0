# make run    build everything and start the product with its demo
# make test   install what the tests need, then run them all
# make lint   format, vet, static analysis, types
# make bench  one table of numbers;  make bench-voice the same of calls;  make fuzz;  make soak-voice
# make quality  figures on public data, into docs/quality.md (PARLEY_DATA=DIR)

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := build

BIN := bin/parley
VERSION := $(shell git describe --always --dirty 2>/dev/null || echo dev)
FUZZTIME ?= 30s

.PHONY: run build web deps test test-go test-web e2e lint bench bench-voice quality fuzz soak-voice clean

run: build
	scripts/deps.sh run
	exec ./$(BIN) serve --demo

build: web $(BIN)

.PHONY: $(BIN)
$(BIN):
	go build -ldflags "-s -w -X main.version=$(VERSION)" -o $@ ./cmd/parley

# The web parts are rebuilt only when a source of theirs is newer than what was built.
web: web/widget/dist/.built web/console/dist/.built

.PRECIOUS: web/%/node_modules/.installed web/%/dist/.built
web/%/node_modules/.installed: web/%/package-lock.json
	cd web/$*
	npm ci --no-audit --no-fund --loglevel=error
	touch node_modules/.installed

.SECONDEXPANSION:
web/%/dist/.built: web/%/node_modules/.installed $$(shell find web/$$* -path '*/node_modules' -prune -o -path '*/dist' -prune -o -type f -print 2>/dev/null)
	cd web/$*
	npm run --silent build
	touch dist/.built

deps:
	scripts/deps.sh

test: deps build test-go test-web e2e

test-go:
	go test -timeout 15m ./...

test-web: web
	(cd web/widget && npm run --silent test)
	(cd web/console && npm run --silent test)

e2e: build web/e2e/node_modules/.installed
	cd web/e2e && npx playwright test

lint: web
	test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); exit 1; }
	go vet ./...
	go tool staticcheck ./...
	(cd web/widget && npm run --silent lint)
	(cd web/console && npm run --silent typecheck && npm run --silent lint)

bench: build
	scripts/bench.sh

quality: $(BIN)
	go run ./evals/quality

bench-voice:
	scripts/deps.sh bench
	scripts/bench-voice.sh

soak-voice:
	scripts/soak-voice.sh

fuzz:
	scripts/fuzz.sh $(FUZZTIME)

clean:
	rm -rf bin web/*/dist/assets web/*/dist/.built
