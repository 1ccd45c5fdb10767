# All that one does with this repository. `make` alone lists it.
.DEFAULT_GOAL := help
.PHONY: help setup demo test bench lint clean

# Where cargo builds. One folder for everything: docs/decisions/0001-one-profile.md.
export CARGO_TARGET_DIR ?= $(CURDIR)/target

# The broker of the demo: `embedded` (inside each program) or `kafka` (a real one).
BROKER ?= embedded

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 8

setup: ## install what is missing, fetch the test broker (quick when all is there)
	@tests/setup

demo: setup ## word count in four languages, checked against Java's; BROKER=kafka starts a real Kafka
	@examples/wordcount/run $(BROKER)

test: setup ## run everything, with a real broker; SUITES="rust c python node generated" chooses
	@tests/run $(SUITES)

bench: setup ## measure beside Kafka Streams and librdkafka, write docs/benchmarks.md
	@benchmarks/run

lint: ## check format and lints, warnings are errors
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

clean: ## remove what was built in this clone
	rm -rf target dist bindings-python/dist bindings-node/node_modules bindings-node/cjs bindings-node/esm bindings-node/native/kstreams.node benchmarks/build
