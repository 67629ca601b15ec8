# What can be done here; `make` alone lists it. Needs Rust, Python 3 and make. Python packages go into .venv.
SHELL := /bin/bash
.DEFAULT_GOAL := help

VENV     := .venv
PYTHON   := $(VENV)/bin/python
# Apart from the other, whose packages want different releases of the same things.
PACKAGER := $(VENV)/package
TARGET   := $(or $(CARGO_TARGET_DIR),target)
CARGO    ?= cargo
# Instruction set of what is packaged: arm64 or x86_64. Has to match the template's parameter Architecture.
ARCH     ?= arm64
HOST     := $(if $(filter arm64 aarch64,$(shell uname -m)),arm64,x86_64)
PACKAGES := $(TARGET)/package
LAMBDAS  := receiver processor reconciler

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# ---------------------------------------------------------------------------------------- Run

.PHONY: dev
dev: ## Run everything in one process, in memory: make dev ARGS="--port 8787"
	$(CARGO) run --locked -p holdfast-cli -- dev $(ARGS)

# The whole workspace, as in `make test`: for three of its packages, cargo would choose fewer features of hyper and build
# the SDK a second time.
.PHONY: stack
stack: $(VENV)/tests-ready ## Run the real template on a local AWS: make stack ARGS="--config FILE --secrets FILE"
	$(CARGO) build --locked --workspace --bins
	$(PYTHON) infra/local/stack.py --bin-dir $(TARGET)/debug $(ARGS)

.PHONY: invoke
invoke: $(VENV)/tests-ready $(PACKAGER)/ready ## Answer one event with a packaged function: make invoke FUNCTION=receiver EVENT=events/...
	@test -n "$(FUNCTION)" -a -n "$(EVENT)" || { echo "make invoke FUNCTION=receiver|processor|reconciler EVENT=events/....json"; exit 2; }
	@$(MAKE) --no-print-directory package ARCH=$(HOST) >&2
	@$(PYTHON) infra/local/invoke.py --packages $(PACKAGES)/$(HOST) --packager $(PACKAGER) --function $(FUNCTION) --event $(EVENT) $(ARGS)

.PHONY: bench
bench: ## Measure the packaged functions: make bench ARGS="--json FILE --against OTHER/PACKAGES"
	@$(MAKE) --no-print-directory package ARCH=$(HOST) >&2
	@python3 infra/bench/bench.py --packages $(PACKAGES)/$(HOST) $(ARGS)

# -------------------------------------------------------------------------------------- Check

.PHONY: test
test: ## Everything CI runs, with the seconds of each stage
	@CARGO="$(CARGO)" infra/test.sh

.PHONY: ablations
ablations: ## Take each protection away in a copy, and see its test fail
	tests/ablations/run

.PHONY: prove
prove: ## Prove for so long, go on where it stopped, write docs/PROOF.md: make prove MINUTES=120
	@test -n "$(MINUTES)" || { echo 'make prove MINUTES=120 ARGS="--only simulator"'; exit 2; }
	@python3 infra/prove/prove.py --minutes "$(MINUTES)" $(ARGS)

.PHONY: lint
lint: $(VENV)/tests-ready ## Clippy, the template, and licences where cargo-deny is installed
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	$(VENV)/bin/cfn-lint template.yaml
	@if $(CARGO) deny --version >/dev/null 2>&1; then $(CARGO) deny --all-features check; else echo "cargo-deny is not installed: licences not checked"; fi

.PHONY: providers
providers: ## Write docs/PROVIDERS.md anew from the definitions
	UPDATE_PAGE=1 $(CARGO) test --locked --quiet -p holdfast-providers --test page

.PHONY: fmt
fmt: ## Format the Rust code
	$(CARGO) fmt --all

# ------------------------------------------------------------------------------------ Package

# One build for all three: built one by one, their shared dependencies would be compiled anew for each.
.PHONY: package
package: $(PACKAGER)/ready ## Release binaries for AWS: make package ARCH=arm64|x86_64
	PATH="$(abspath $(PACKAGER)/bin):$$PATH" $(CARGO) lambda build --locked --release --$(subst _,-,$(ARCH)) $(LAMBDAS:%=-p holdfast-%) --bins
	@for name in $(LAMBDAS); do \
	  mkdir -p $(PACKAGES)/$(ARCH)/$$name && \
	  cp $(TARGET)/lambda/$$name/bootstrap holdfast.toml $(PACKAGES)/$(ARCH)/$$name/ && \
	  printf '%-10s %10d bytes  %s\n' $$name $$(wc -c < $(PACKAGES)/$(ARCH)/$$name/bootstrap) $(PACKAGES)/$(ARCH)/$$name || exit 1; \
	done

# `sam build` calls build-<logical id of the function> and says in ARTIFACTS_DIR where the package goes. The first call builds
# all three, the others find them built; with --parallel they come at once, and wait for each other.
ONE_AT_A_TIME := python3 infra/one_at_a_time.py $(TARGET)/package.lock $(MAKE) --no-print-directory
.PHONY: build-ReceiverFunction build-ProcessorFunction build-ReconcilerFunction
build-ReceiverFunction:
	@$(ONE_AT_A_TIME) copy-receiver
build-ProcessorFunction:
	@$(ONE_AT_A_TIME) copy-processor
build-ReconcilerFunction:
	@$(ONE_AT_A_TIME) copy-reconciler

copy-%: package
	cp $(PACKAGES)/$(ARCH)/$*/* "$(ARTIFACTS_DIR)/"

# -------------------------------------------------------------------------------------- Tools

$(VENV)/tests-ready: infra/requirements.txt
	python3 -m venv $(VENV)
	$(PYTHON) -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

$(PACKAGER)/ready: infra/requirements-package.txt
	python3 -m venv $(PACKAGER)
	$(PACKAGER)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

.PHONY: clean
clean: ## Remove everything that was built or installed here
	$(CARGO) clean
	rm -rf $(VENV) .aws-sam .local
