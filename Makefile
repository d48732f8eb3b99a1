# The front door; behind it stands CMake (CMakeLists.txt, CMakePresets.json).
# `make help` lists what there is to do.

BUILD   := build/release
PREFIX  ?= /usr/local
RUN     ?= runs/demo
export SECONDS_EACH ?= 60
SOURCES = $(shell find src include tests bench examples -name '*.[ch]' | sort)

.DEFAULT_GOAL := release
.PHONY: release demo test test-web fuzz bench install format check-format clean help own-build

# A copied folder brings along build folders that still belong to the original: CMake would configure
# and build there.
own-build:
	@for cache in build/*/CMakeCache.txt; do \
		test -e "$$cache" || continue; \
		home=$$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "$$cache"); \
		test "$$home" -ef . && continue; \
		echo "make: $${cache%/*} was made in another folder, $$home, and belongs to that one;" >&2; \
		echo "make: if this folder is a copy of it, remove what was built with: make clean" >&2; \
		exit 1; \
	done

release: own-build ## build the program and the library (the default): build/release/nca
	@tools/setup.sh
	@test -e $(BUILD)/build.ninja || cmake --preset release -DNCA_TESTS=OFF
	@cmake --build --preset release --target nca nca_program

demo: release ## train an automaton on the built-in target, draw it growing: runs/demo
	$(BUILD)/nca train --config configs/demo.yaml --output $(RUN) --overwrite
	@echo
	@echo "Look at  $(RUN)/growth.gif       one cell grows, is cut, and heals"
	@echo "         $(RUN)/filmstrip.png    the same as a strip"
	@echo "         $(RUN)/comparison.png   target, grown, difference"
	@echo "         $(RUN)/loss.png         the loss over the training"

test: own-build ## build and run every test
	@tools/setup.sh --test
	@cmake --preset release -DNCA_TESTS=ON
	@cmake --build --preset release
	ctest --preset release --parallel $$(nproc)

test-web: release ## test the page in a browser (Chromium), which it installs
	@tools/setup.sh --web
	tests/web/run.sh $(BUILD)

fuzz: own-build ## fuzz every reader: SECONDS_EACH=60, or some: READERS="png jpeg"
	@tools/setup.sh --ci
	@cmake --preset fuzz
	@cmake --build --preset fuzz
	tools/fuzz.sh $(READERS)

bench: release ## measure this machine, beside PyTorch; QUICK=yes: try it in 2 minutes
	@tools/setup.sh --bench
	@cmake --preset release >/dev/null
	@cmake --build --preset release --target bench_programs
	/usr/bin/python3 bench/run.py --build $(BUILD) $(if $(QUICK),--quick)

.PHONY: figures
figures: release ## make the figures of README and docs that changed: ONLY="demo head", QUICK=yes
	@cmake --build --preset release --target bench_draw
	python3 bench/figures.py --build $(BUILD) $(ONLY) $(if $(QUICK),--quick) $(if $(FORCE),--force)

install: release ## copy program, library, headers to PREFIX (/usr/local); DESTDIR is honoured
	cmake --install $(BUILD) --prefix $(PREFIX)

format: ## apply .clang-format to every C file
	@clang-format -i $(SOURCES)

check-format: ## fail where a C file differs from .clang-format
	@clang-format --dry-run --Werror $(SOURCES)

clean: ## remove what was built (runs/ stays)
	rm -rf build

help: ## this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1|\2/p' $(MAKEFILE_LIST) | \
		while IFS='|' read -r what why; do printf '%-22s %s\n' "  $$what" "$$why"; done
