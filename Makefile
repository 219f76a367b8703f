# Each target sets up what it needs by itself; `make` alone tells what there is.
.PHONY: help run test test-vm build bench format clean
.DEFAULT_GOAL := help

help: ## tell what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

run: ## run Plancton here and now under a temporary folder, and watch it; Ctrl-C ends it and leaves nothing behind
	@scripts/run

test: ## check everything: types, lint, format, unit, property, contract, real-engine and virtual-machine tests
	@scripts/test

test-vm: ## check the part of it that takes systemd and cgroup v2, in an emulated machine (4 minutes at first, then 3)
	@scripts/test-vm

build: ## build bin/planctonctl and bin/plancton-bootstrap
	@scripts/setup.sh --no-build
	@node scripts/build.mjs

bench: ## measure, side by side with a bare engine loop
	@scripts/setup.sh
	@node scripts/bench.mjs

format: ## format the sources
	@scripts/setup.sh --no-build
	@npm run --silent format

clean: ## remove what was built and the npm packages
	@rm -rf dist bin node_modules
