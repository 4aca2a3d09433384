GO       ?= go
FUZZTIME ?= 20s

LINT_VERSION := v2.15.0
LINT         := bin/golangci-lint-$(LINT_VERSION)

.DEFAULT_GOAL := help
.PHONY: help check build vet lint test clients tidy run fmt golden cover fuzz bench test-postgres

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

check: build vet lint test clients tidy ## everything that CI holds a change to

build: ## build every package, and bin/gatehouse
	$(GO) build ./...
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/gatehouse ./cmd/gatehouse

vet: ## go vet, both modules
	$(GO) vet ./...
	cd test/clients && $(GO) vet ./...

lint: $(LINT) ## golangci-lint, both modules: linters, import rules, formatting
	$(LINT) run ./...
	cd test/clients && ../../$(LINT) run ./...

test: ## all tests of the server under the race detector
	$(GO) test -race -vet=off -timeout 20m ./...

clients: ## real client libraries against the real binary
	@command -v npm >/dev/null && npm ci --silent --no-audit --no-fund --prefix test/clients/node || echo 'without npm: no tests with libraries from there'
	cd test/clients && $(GO) test -vet=off ./...

tidy: ## go.mod and go.sum say what the code imports, both modules
	$(GO) mod tidy -diff
	cd test/clients && $(GO) mod tidy -diff

run: ## a server on :4000 with everything made up, data in ./data
	$(GO) run ./cmd/gatehouse serve --dev

fmt: $(LINT) ## gofumpt and goimports, both modules
	$(LINT) fmt
	cd test/clients && ../../$(LINT) fmt

golden: ## rewrite golden files and generated docs; read the diff
	$(GO) test $$(grep -rl --include='*_test.go' --exclude-dir=clients 'flag.Bool("update"' . | xargs -r -n1 dirname | sort -u) -update

cover: ## test coverage of all packages by all tests, in bin/cover.html
	@mkdir -p bin
	$(GO) test -coverpkg=./... -coverprofile=bin/cover.out ./...
	$(GO) tool cover -html=bin/cover.out -o bin/cover.html
	$(GO) tool cover -func=bin/cover.out | tail -n 1

fuzz: ## each fuzz target for FUZZTIME (20s)
	@grep -rHo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' . | sort | while IFS=: read -r file func; do \
		$(GO) test -run '^$$' -fuzz "^$${func#func }$$" -fuzztime $(FUZZTIME) "$$(dirname "$$file")" || exit 1; \
	done

bench: ## all benchmarks, with allocations
	$(GO) test -run '^$$' -bench . -benchmem ./...

test-postgres: ## all tests, and a missing PostgreSQL is a failure
	GATEHOUSE_TEST_REQUIRE=postgres $(GO) test ./...

# The linter is built for its version once; CI and a new clone take two minutes for it.
$(LINT):
	GOBIN=$(CURDIR)/bin $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
	mv bin/golangci-lint $@
