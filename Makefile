# A short interface to CMake (CMakeLists.txt, CMakePresets.json). `make help` lists the targets.

BUILD   := build/release
PREFIX  ?= /usr/local
RUN     ?= runs/demo
PYTHON  ?= /usr/bin/python3
export SECONDS_EACH ?= 60
SOURCES = $(shell find src include tests bench examples -name '*.[ch]' | sort)

.DEFAULT_GOAL := release
.PHONY: release demo test test-web fuzz bench install uninstall tarball deb format check-format clean help own-build

# The build folders in a copied folder still belong to the original: CMake would configure and build
# there.
own-build:
	@for cache in build/*/CMakeCache.txt; do \
		test -e "$$cache" || continue; \
		home=$$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "$$cache"); \
		test "$$home" -ef . && continue; \
		echo "make: $${cache%/*} was created for another folder, $$home;" >&2; \
		echo "make: if this folder is a copy, remove the copied build files with: make clean" >&2; \
		exit 1; \
	done

release: own-build ## build the program and the library (the default): build/release/nca; PAGE=no installs no web tools
	@tools/setup.sh $(if $(filter no,$(PAGE)),--no-page)
	@test -e $(BUILD)/build.ninja || cmake --preset release -DNCA_TESTS=OFF
	@# tools of the page that were missing may be there now
	@! grep -qE '^NCA_(WASM_CLANG|NODE|NPM):.*-NOTFOUND' $(BUILD)/CMakeCache.txt || cmake --preset release
	@cmake --build --preset release --target nca nca_program nca_share

demo: release ## train an automaton on the built-in target and draw it: runs/demo
	$(BUILD)/nca train --config configs/demo.yaml --output $(RUN) --overwrite
	@echo
	@echo "Look at  $(RUN)/growth.gif       growth from one cell, damage, and regeneration"
	@echo "         $(RUN)/filmstrip.png    the same as a filmstrip"
	@echo "         $(RUN)/comparison.png   target, result, difference"
	@echo "         $(RUN)/loss.png         the loss over the training"

test: own-build ## build and run every test
	@tools/setup.sh --test $(if $(filter no,$(PAGE)),--no-page)
	@cmake --preset release -DNCA_TESTS=ON
	@cmake --build --preset release
	ctest --preset release --parallel $$(nproc)

test-web: release ## test the web page in Chromium; installs Chromium
	@tools/setup.sh --web
	tests/web/run.sh $(BUILD)

fuzz: own-build ## fuzz all readers (or READERS="png jpeg"), SECONDS_EACH=60
	@tools/setup.sh --ci
	@cmake --preset fuzz
	@cmake --build --preset fuzz
	tools/fuzz.sh $(READERS)

bench: release ## benchmark this machine and PyTorch; QUICK=yes: trial run of 3 minutes
	@tools/setup.sh --bench
	@cmake --preset release >/dev/null
	@cmake --build --preset release --target bench_programs
	/usr/bin/python3 bench/run.py --build $(BUILD) $(if $(QUICK),--quick)

.PHONY: figures
figures: release ## regenerate changed figures of README and docs: ONLY="demo head", QUICK=yes
	@tools/setup.sh --figures
	@cmake --preset release >/dev/null
	@cmake --build --preset release --target bench_draw
	python3 bench/figures.py --build $(BUILD) $(ONLY) $(if $(QUICK),--quick) $(if $(FORCE),--force)

.PHONY: python
python: own-build ## write the Python package as a wheel: build/python/nca-*.whl
	@tools/setup.sh --python $(if $(filter no,$(PAGE)),--no-page)
	@rm -f build/python/*.whl
	$(PYTHON) -m pip wheel --quiet --no-build-isolation --no-deps --wheel-dir build/python ./python
	@ls build/python/*.whl

.PHONY: notebooks
notebooks: ## execute examples/notebooks with the installed package nca of PYTHON and store their outputs in them
	$(PYTHON) examples/notebooks/execute.py

.PHONY: sdist
sdist: ## write the Python package as a source archive that has the library: build/python/nca-*.tar.gz
	@tools/setup.sh --python --no-page
	@rm -f build/python/nca-*.tar.gz
	cd python && $(PYTHON) setup.py --quiet sdist --dist-dir ../build/python
	@ls build/python/*.tar.gz

install: release ## install program, library, headers, manual pages in PREFIX (/usr/local); supports DESTDIR
	@DESTDIR=$(DESTDIR) tools/install.sh install $(BUILD) $(PREFIX)

uninstall: ## remove what `make install` installed in PREFIX, with the same DESTDIR
	@DESTDIR=$(DESTDIR) tools/install.sh uninstall $(PREFIX)

tarball: release ## pack an installation that runs in any folder: build/nca-VERSION-linux-PROCESSOR.tar.gz
	@tools/tarball.sh $(BUILD) build

deb: ## build the Debian packages nca, libnca0, libnca-dev and python3-nca: build/deb/*.deb; PAGE=no: without the web page
	@tools/deb.sh build/deb $(if $(filter no,$(PAGE)),--no-page)

format: ## apply .clang-format to every C file
	@clang-format -i $(SOURCES)

check-format: ## check that all C files follow .clang-format
	@clang-format --dry-run --Werror $(SOURCES)

clean: ## remove the build folder (runs/ is kept)
	rm -rf build

help: ## print this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1|\2/p' $(MAKEFILE_LIST) | \
		while IFS='|' read -r what why; do printf '%-22s %s\n' "  $$what" "$$why"; done
