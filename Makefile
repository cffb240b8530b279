# The commands of this project. "make help" lists them.

GO    ?= go
TOOLS := -modfile=.ci/tools/go.mod

# The race detector needs a C compiler; without one the tests run without it.
RACE := $(shell test "$$($(GO) env CGO_ENABLED)" = 1 && command -v "$$($(GO) env CC)" >/dev/null 2>&1 && echo -race)

# Postfix, for the tests of e-mail, starts as root alone.
SMTP := $(shell test "$$(id -u)" = 0 && echo required)
# What the tests may not do without.
NEEDED = MAGPIE_TEST_MARIADB=required MAGPIE_TEST_KANNEL=required MAGPIE_TEST_BROWSER=required MAGPIE_TEST_CALDAV=required MAGPIE_TEST_OIDC=required MAGPIE_TEST_SMTP=$(SMTP)

# The end-to-end tests race against the clock and drive the real program: they
# run by themselves, after everything else.
END_TO_END := ./cmd/...
ALL_OTHERS  = $$($(GO) list ./... | grep -v '^magpie/cmd/')

.PHONY: help run test check soak bench cover install tools format vet lint generated imports short

# The steps of a target come in their order, whatever -j says.
.NOTPARALLEL:

help: ## list these commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-7s %s\n", $$1, $$2 }'

run: ## serve the demonstration office; nothing else is needed
	$(GO) run ./cmd/magpie demo

test: install vet ## install what the tests need (MariaDB, Kannel, Postfix, Chromium, calendar programs), then run all of them
ifeq ($(RACE),)
	@echo "make test: no C compiler, so the tests run without the race detector"
endif
ifeq ($(SMTP),)
	@echo "make test: not root, so the test of e-mail through Postfix is left out"
endif
	$(NEEDED) $(GO) test $(RACE) -count=1 -timeout 20m $(ALL_OTHERS)
	$(NEEDED) $(GO) test -count=1 -timeout 20m $(END_TO_END)

check: tools ## before every commit: form, linters, generated code, imports, short tests
	@$(MAKE) --no-print-directory format vet lint generated imports short

soak: install ## the long tests, of an hour at most: load, crashes, faults, several replicas
	MAGPIE_TEST_SOAK=1 $(NEEDED) $(GO) test -count=1 -timeout 60m -v -run Soak $(END_TO_END)

bench: install ## measure, and print the table of BENCHMARKS.md
	MAGPIE_TEST_BENCH=1 $(NEEDED) $(GO) test -count=1 -timeout 60m -v -run TestBenchmarkTable ./cmd/magpie

cover: install ## how much of the code the tests reach
	$(NEEDED) $(GO) test -count=1 -timeout 25m -coverpkg=./... -coverprofile=cover.out ./...
	$(GO) tool cover -func=cover.out | tail -n 1

# The steps of the above, one by one.

install:
	@.ci/install

tools:
	@$(GO) tool $(TOOLS) golangci-lint version >/dev/null

format:
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "gofmt would change:"; echo "$$unformatted"; exit 1; }

vet:
	$(GO) vet ./...
	$(GO) vet -tags testclock ./...

lint:
	$(GO) tool $(TOOLS) golangci-lint run

generated:
	@.ci/generated

# Never from the cache: it sees only what this test itself opens.
imports:
	$(GO) test -count=1 -run 'Import|Arrow|TestsPackage' ./cmd/magpie

short:
	MAGPIE_TEST_MARIADB=off MAGPIE_TEST_KANNEL=off MAGPIE_TEST_BROWSER=off MAGPIE_TEST_CALDAV=off MAGPIE_TEST_OIDC=off MAGPIE_TEST_SMTP=off $(GO) test -short ./...
	@echo "left out by make check: the tests on MariaDB, with Kannel, Postfix, Chromium and calendar programs, and the long ones; make test runs them"
