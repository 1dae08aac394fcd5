# Malla: the whole build.  `make help` lists what it can do.
#
#   VARIANT=release (default) | sanitize | fuzz     one build folder each
#   DESTDIR, PREFIX                                 where `make install` puts things

VARIANT ?= release
BUILD   ?= build/$(VARIANT)
PREFIX  ?= /usr/local
DESTDIR ?=
VERSION := 0.1.0

PACKAGES_BUILD := gcc libc6-dev pkg-config libzmq3-dev libsodium-dev libsqlite3-dev \
	libmsgpack-dev libidn2-dev libunistring-dev libjansson-dev libssl-dev libseccomp-dev re2c lemon gettext
PACKAGES_CHECK := check python3 python3-nacl openssl sqlite3 mandoc procps binutils util-linux patch
PACKAGES_LINT  := clang-format clang-tidy cppcheck shellcheck mandoc binutils
PACKAGES_FUZZ  := clang libclang-rt-14-dev
PACKAGES_BENCH := nats-server libnats-dev gnuplot-nox linux-perf e2fsprogs

FLOORS   := base crypto wire policy store formats node cli
GEN      := $(BUILD)/gen
PROGRAMS := $(BUILD)/mallad $(BUILD)/malla

CC      := gcc
STD     := -std=c11 -D_POSIX_C_SOURCE=200809L
WARN    := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-Wpointer-arith -Wwrite-strings -Wcast-qual -Wformat=2 -Wundef -Wimplicit-fallthrough \
	-Wswitch-enum -Werror
HARDEN  := -O2 -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection \
	-fcf-protection -fPIE
LDHARD  := -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed
ifeq ($(VARIANT),sanitize)
HARDEN  := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LDHARD  := -fsanitize=address,undefined
endif
ifeq ($(VARIANT),fuzz)
CC      := clang
HARDEN  := -O1 -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all
LDHARD  := -fsanitize=address,undefined
endif

CFLAGS  := $(STD) $(WARN) $(HARDEN) -g -I. -I$(GEN) -DMALLA_VERSION='"$(VERSION)"' \
	-DMALLA_LOCALE_DIR='"$(PREFIX)/share/locale"'

LIBS_crypto  := -lsodium -lcrypto
LIBS_wire    := -lmsgpackc -lidn2 -lunistring
LIBS_store   := -lsqlite3
LIBS_formats := -ljansson -lcrypto
LIBS_node    := -lzmq -lseccomp

# the floors that each one stands on, top first (for the linker)
BELOW_base    :=
BELOW_crypto  := base
BELOW_wire    := crypto base
BELOW_policy  := wire crypto base
BELOW_store   := wire crypto base
BELOW_formats := wire crypto base
BELOW_node    := store policy wire crypto base
BELOW_cli     := formats policy wire crypto base
archives = $(foreach f,$(1) $(BELOW_$(1)),$(BUILD)/lib$(f).a)
libs     = $(sort $(foreach f,$(1) $(BELOW_$(1)),$(LIBS_$(f))))

DEPS := $(BUILD)/.packages
SHELL := /bin/bash
MAKEFLAGS += --jobs=$(shell nproc) --no-print-directory

.PHONY: bench-codec all demo check install uninstall lint sanitize fuzz help clean check-unit check-fuzz \
	check-scenario check-lint check-kill check-programs check-sanitized run-fuzzers bench-import \
	translations packages

all: $(DEPS) $(PROGRAMS) translations

help:
	@echo 'make            build mallad and malla (installs the packages it needs)'
	@echo 'make demo       three organisations on this machine exchange intelligence; KEEP=1 leaves them running'
	@echo 'make check      every test'
	@echo 'make install    DESTDIR= PREFIX=$(PREFIX)'
	@echo 'make lint       formatting, static analysis, the rules of the house'
	@echo 'make sanitize   the unit tests and fuzz corpora under address and undefined-behaviour sanitizers'
	@echo 'make fuzz       coverage-guided fuzzing of every decoder; SECONDS_EACH=60'
	@echo 'make fuzz-policy  the policy language alone, for MINUTES=60 of CPU time, with the edges found'
	@echo 'make sim        SEEDS= FIRST=: nodes, faults and a hostile peer by seed: docs/simulator.md'
	@echo 'make sim-mutants  the simulator finds every mutant of the real code'
	@echo 'make fault      every call fails, every system call is the last, every write is lost: docs/faults.md'
	@echo 'make check-kill 200 SIGKILLs of core, link and node on either side, in mid-import'
	@echo 'make bench      ours and the references in turns: docs/measurements.md; QUICK=1, RECORD=1'
	@echo 'make bench-profile  where the time of import and receiving goes'
	@echo 'make bench-import  100,000 indicators end to end: rates and memory'
	@echo 'make bench-codec   CPU a record to decode, encode, seal and take in, without the store'
	@echo 'make bench-latency  one record at rest; make bench-fanout  one batch to 200 peers'
	@echo 'make bench-layouts  layouts of the store, measured; RECORDS=1000000 LAYOUTS=a2,c,d,e,g,h,b'
	@echo 'make bench-policy-diff  policy diff beside reading the same rows once; N=1000000'
	@echo 'make clean      remove build/'

# ---------------------------------------------------------------- packages
# $(call need,PACKAGES): install those that are missing, or say what to type.
define need
@missing=""; for p in $(1); do \
	dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$p"; done; \
if [ -n "$$missing" ]; then \
	if [ "$$(id -u)" = 0 ]; then asroot=""; elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then asroot="sudo"; \
	else echo "These packages are missing and may not be installed from here. Type:" >&2; \
	     echo "    apt-get install --no-install-recommends$$missing" >&2; exit 1; fi; \
	echo "installing:$$missing"; \
	$$asroot env DEBIAN_FRONTEND=noninteractive apt-get -qq update && \
	$$asroot env DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends -y $$missing >/dev/null; \
fi
endef

$(BUILD)/.packages: Makefile
	@mkdir -p $(@D)
	$(call need,$(PACKAGES_BUILD) $(if $(filter fuzz,$(VARIANT)),$(PACKAGES_FUZZ)))
	@touch $@
# one after the other: apt-get holds a lock
$(BUILD)/.packages-check: Makefile | $(BUILD)/.packages
	@mkdir -p $(@D)
	$(call need,$(PACKAGES_CHECK))
	@touch $@
packages: $(BUILD)/.packages $(BUILD)/.packages-check

# ---------------------------------------------------------------- floors
SRC_policy_gen := $(GEN)/policy/scan.c $(GEN)/policy/privacy.c $(GEN)/policy/grammar.c
SRC_cli_gen    := $(GEN)/cli/policy_template.c
define floor
SRC_$(1) := $$(filter-out $(1)/main.c,$$(wildcard $(1)/*.c))
OBJ_$(1) := $$(SRC_$(1):%.c=$(BUILD)/%.o) $$(patsubst $(GEN)/%.c,$(BUILD)/gen/%.o,$$(if $$(wildcard policy/scan.re),$$(SRC_$(1)_gen)))
$(BUILD)/lib$(1).a: $$(OBJ_$(1))
	@rm -f $$@
	@ar rcs $$@ $$^
endef
$(foreach f,$(FLOORS),$(eval $(call floor,$(f))))

$(BUILD)/%.o: %.c | $(DEPS)
	@mkdir -p $(@D)
	@echo "  $(notdir $@)"; $(CC) $(CFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/gen/%.o: $(GEN)/%.c
	@mkdir -p $(@D)
	@echo "  $(notdir $@)"; $(CC) $(CFLAGS) -Wno-unused-parameter -Wno-unused-variable -Wno-missing-prototypes -Wno-switch-enum -Wno-shadow -Wno-implicit-fallthrough -MMD -MP -c $< -o $@

$(GEN)/policy/%.c: policy/%.re | $(DEPS)
	@mkdir -p $(@D)
	re2c -W --no-debug-info --no-generation-date -o $@ $<
$(GEN)/policy/grammar.c: policy/grammar.y | $(DEPS)
	@mkdir -p $(@D)
	lemon -q -d$(@D) $<
# written beside grammar.c; whoever includes it waits for that
$(GEN)/policy/grammar.h: $(GEN)/policy/grammar.c ;
$(OBJ_policy): | $(GEN)/policy/grammar.h
# the example policies, for `malla policy new`
TEMPLATES := $(wildcard examples/policies/*.policy examples/policies/*.txt)
$(GEN)/cli/policy_template.c: $(TEMPLATES) cli/templates.sh | $(DEPS)
	@mkdir -p $(@D)
	cli/templates.sh $(TEMPLATES) >$@.new && mv $@.new $@

$(BUILD)/mallad: $(BUILD)/node/main.o $(call archives,node)
	@echo "  $(notdir $@)"; $(CC) $(LDHARD) -o $@ $^ $(call libs,node)
$(BUILD)/malla: $(BUILD)/cli/main.o $(call archives,cli)
	@echo "  $(notdir $@)"; $(CC) $(LDHARD) -o $@ $^ $(call libs,cli)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

# ---------------------------------------------------------------- translations
MO := $(patsubst po/%.po,$(BUILD)/locale/%/LC_MESSAGES/malla.mo,$(wildcard po/*.po))
translations: $(MO)
$(BUILD)/locale/%/LC_MESSAGES/malla.mo: po/%.po | $(DEPS)
	@mkdir -p $(@D)
	msgfmt --check -o $@ $<

# ---------------------------------------------------------------- tests
# tests/unit/FLOOR_STEM_test.c links FLOOR and what stands below it, nothing else.
UNIT := $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(wildcard tests/unit/*_test.c))
FUZZ := $(patsubst tests/fuzz/%.c,$(BUILD)/tests/fuzz/%,$(wildcard tests/fuzz/*_fuzz.c))
floor_of = $(firstword $(subst _, ,$(notdir $(1))))

.SECONDEXPANSION:
$(BUILD)/tests/unit/%_test: $(BUILD)/tests/unit/%_test.o $$(call archives,$$(call floor_of,%)) | $(BUILD)/.packages-check
	@echo "  $(notdir $@)"; $(CC) $(LDHARD) -o $@ $^ $(call libs,$(call floor_of,$*)) -lcheck -lsubunit -lm -lpthread -lrt
$(BUILD)/tests/unit/node_agree_test: $(BUILD)/tests/sim/choice.o
$(BUILD)/tests/fuzz/%_fuzz: $(BUILD)/tests/fuzz/%_fuzz.o $(if $(filter fuzz,$(VARIANT)),,$(BUILD)/tests/fuzz/replay.o) $$(call archives,$$(call floor_of,%))
	@echo "  $(notdir $@)"; $(CC) $(LDHARD) $(if $(filter fuzz,$(VARIANT)),-fsanitize=fuzzer) -o $@ $^ $(call libs,$(call floor_of,$*))
.PRECIOUS: $(BUILD)/tests/unit/%.o $(BUILD)/tests/fuzz/%.o

# One summary for everything: tests/run.sh counts what passed and what failed.
check-programs: all $(UNIT) $(FUZZ) $(BUILD)/.packages-check
check: check-programs
	MALLA_BIN=$(abspath $(BUILD)) CC='$(CC)' tests/run.sh unit fuzz vectors lint property scenario sim fault demo
check-unit: $(UNIT)
	MALLA_BIN=$(abspath $(BUILD)) tests/run.sh unit
check-fuzz: $(FUZZ)
	MALLA_BIN=$(abspath $(BUILD)) tests/run.sh fuzz
check-scenario: all $(BUILD)/.packages-check
	MALLA_BIN=$(abspath $(BUILD)) tests/run.sh scenario
check-lint: all $(BUILD)/.packages-check
	MALLA_BIN=$(abspath $(BUILD)) tests/run.sh lint
# the long form of the kill test: 200 moments each
check-kill: all $(BUILD)/.packages-check
	MALLA_BIN=$(abspath $(BUILD)) MALLA_KILLS=200 tests/scenario/kill.sh
# 100,000 indicators imported and delivered; prints rates and memory for docs/measurements.md
bench-import: all
	MALLA_BIN=$(abspath $(BUILD)) tests/bench/import.sh

# layouts of the store against an append-only floor: docs/decisions/0008-store-layout.md.  RECORDS=10000000
# takes two to five minutes a layout, (b) half an hour, and 15 GB beside LAYOUTS_DIR
RECORDS ?= 1000000
LAYOUTS ?= a2,c,d,e,g,h,b
LAYOUTS_DIR ?= $(BUILD)
LAYOUT_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/bench/layout*.c))
.PHONY: bench-layouts
$(BUILD)/layouts: $(LAYOUT_OBJ)
	@echo "  $(notdir $@)"; $(CC) $(LDHARD) -o $@ $^ -lsqlite3
bench-layouts: $(BUILD)/layouts
	$< --records $(RECORDS) --layouts $(LAYOUTS) --dir $(LAYOUTS_DIR)
# CPU a record without the store, beside the least it could be; the store's functions are wrapped
CODEC_WRAPS := records_put records_has records_content_put records_content_get delivery_enqueue
$(BUILD)/tests/bench/codec: $(BUILD)/tests/bench/codec.o $(call archives,node)
	@echo "  $(notdir $@)"; $(CC) $(LDHARD) $(CODEC_WRAPS:%=-Wl,--wrap=%) -o $@ $^ $(call libs,node)
bench-codec: $(BUILD)/tests/bench/codec
	$<
# one record at rest, beside one CURVE round trip and one fsync: docs/decisions/0009-latency.md
.PHONY: bench-latency
$(BUILD)/tests/bench/latency: $(BUILD)/tests/bench/latency.o $(call archives,node)
	@echo "  $(notdir $@)"; $(CC) $(LDHARD) -o $@ $^ $(call libs,node) -lpthread
bench-latency: all $(BUILD)/tests/bench/latency
	MALLA_BIN=$(abspath $(BUILD)) tests/bench/latency.sh
# one batch to 200 peers: CPU a peer beside the least it could be, and memory of link
.PHONY: bench-fanout
$(BUILD)/tests/bench/fanout: $(BUILD)/tests/bench/fanout.o $(call archives,node)
	@echo "  $(notdir $@)"; $(CC) $(LDHARD) -o $@ $^ $(call libs,node) -lpthread
bench-fanout: all $(BUILD)/tests/bench/fanout
	MALLA_BIN=$(abspath $(BUILD)) tests/bench/fanout.sh

# `malla policy diff` with 20 peers and 20 rules beside reading the same rows once; N=1000000 ROUNDS=7
.PHONY: bench-policy-diff
$(BUILD)/tests/bench/policy_diff: $(BUILD)/tests/bench/policy_diff.o $(call archives,node)
	@echo "  $(notdir $@)"; $(CC) $(LDHARD) -o $@ $^ $(call libs,node)
bench-policy-diff: $(BUILD)/tests/bench/policy_diff
	MALLA_BIN=$(abspath $(BUILD)) N=$(or $(N),1000000) ROUNDS=$(or $(ROUNDS),7) tests/bench/policy_diff.sh

# ours and the references in one run, in turns: tests/bench/bench.py.  QUICK=1: under three minutes; RECORD=1:
# docs/measurements.md, docs/bench; BENCH_ONLY=small,pair,big; BENCH_RECORDS=n; the whole takes about 30 minutes and 20 GB
.PHONY: bench bench-profile
BENCH := $(addprefix $(BUILD)/tests/bench/,rows floor primitives curve jetstream lookup latency fanout)
BENCH_LIBS_floor      := -lsqlite3
BENCH_LIBS_primitives := -lsodium
BENCH_LIBS_curve      := -lzmq
BENCH_LIBS_jetstream  := -lnats -lpthread
$(addprefix $(BUILD)/tests/bench/,rows floor primitives curve jetstream): %: %.o
	@echo "  $(notdir $@)"; $(CC) $(LDHARD) -o $@ $^ $(BENCH_LIBS_$(notdir $@))
$(BUILD)/tests/bench/jetstream.o: | $(BUILD)/.packages-bench
$(BUILD)/tests/bench/lookup: $(addprefix $(BUILD)/tests/bench/,lookup.o lookup_store.o lookup_node.o) $(call archives,node)
	@echo "  $(notdir $@)"; $(CC) $(LDHARD) -o $@ $^ $(call libs,node)
bench: all $(BENCH) $(BUILD)/.packages-bench
	tests/bench/bench.py --bin $(BUILD) $(if $(QUICK),--quick) $(if $(RECORD),--record) \
		$(if $(BENCH_ONLY),--only $(BENCH_ONLY)) $(if $(BENCH_RECORDS),--records $(BENCH_RECORDS))
# where the time of the hot paths goes, as text; RECORD=1: into docs/bench
bench-profile: all $(BUILD)/.packages-bench
	MALLA_BIN=$(abspath $(BUILD)) MALLA_PROFILE_OUT=$(if $(RECORD),docs/bench) tests/bench/profile.sh
$(BUILD)/.packages-bench: Makefile | $(BUILD)/.packages-check
	@mkdir -p $(@D)
	$(call need,$(PACKAGES_BENCH))
	@touch $@

demo: all $(BUILD)/.packages-check
	MALLA_BIN=$(abspath $(BUILD)) examples/demo.sh

sanitize:
	$(MAKE) VARIANT=sanitize check-sanitized
check-sanitized: $(UNIT) $(FUZZ)
	MALLA_BIN=$(abspath $(BUILD)) tests/run.sh unit fuzz

# ---------------------------------------------------------------- faults
# tests/fault: docs/faults.md.  Memory is wrapped by the linker, so that it can run out.
comma := ,
FAULT_DIR  := $(BUILD)/tests/fault
FAULT_NODE := $(addprefix $(FAULT_DIR)/,each_fault kill_at torn keep_fault)
FAULT      := $(FAULT_NODE) $(FAULT_DIR)/client_fault $(FAULT_DIR)/kill_real
FAULT_SHARED := $(addprefix $(FAULT_DIR)/,shim.o checks.o folders.o requests.o world.o judge.o \
	trace.o disk.o)
FAULT_WRAP := $(addprefix -Wl$(comma)--wrap=,malloc calloc realloc free strdup sodium_malloc \
	sodium_free sqlite3_step fopen)
.PHONY: fault check-fault
$(FAULT_NODE): %: %.o $(FAULT_SHARED) $(call archives,node)
	@echo "  $(notdir $@)"; $(CC) $(LDHARD) $(FAULT_WRAP) -o $@ $^ $(call libs,node) -lpthread
$(FAULT_DIR)/client_fault: %: %.o $(FAULT_DIR)/shim.o $(call archives,cli)
	@echo "  $(notdir $@)"; $(CC) $(LDHARD) $(FAULT_WRAP) -o $@ $^ $(call libs,cli) -lsqlite3
$(FAULT_DIR)/kill_real: %: %.o
	@echo "  $(notdir $@)"; $(CC) $(LDHARD) -o $@ $^
check-programs: $(FAULT)
# every call, every index, every image
fault: all $(FAULT) $(BUILD)/.packages-check
	MALLA_BIN=$(abspath $(BUILD)) tests/fault/whole.sh
check-fault: all $(FAULT) $(BUILD)/.packages-check
	MALLA_BIN=$(abspath $(BUILD)) tests/run.sh fault

# ---------------------------------------------------------------- properties
# tests/property: what must hold for every case there is, judged by somebody else's reading
PROPERTY := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/property/*.c))
$(PROPERTY): %: %.o $(BUILD)/tests/sim/choice.o $(call archives,cli) $(call archives,node)
	@echo "  $(notdir $@)"; $(CC) $(LDHARD) -o $@ $< $(BUILD)/tests/sim/choice.o $(BUILD)/libformats.a $(call archives,node) $(sort $(call libs,cli) $(call libs,node))
check-programs: $(PROPERTY)
check-property: all $(PROPERTY) $(BUILD)/.packages-check
	MALLA_BIN=$(abspath $(BUILD)) tests/run.sh property

# ---------------------------------------------------------------- simulator
# tests/sim: docs/simulator.md.  What randomness a core is not handed is wrapped.
SEEDS ?= 2000
FIRST ?= 1
SIM   ?=
SIM_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/sim/*.c))
.PHONY: sim sim-mutants
$(BUILD)/tests/sim/sim: $(SIM_OBJ) $(call archives,node)
	@echo "  $(notdir $@)"; $(CC) $(LDHARD) -Wl,--wrap=digest_random -Wl,--wrap=signer_verify -Wl,--wrap=envelope_unwrap -o $@ $^ $(call libs,node)
check-programs: $(BUILD)/tests/sim/sim
sim: $(BUILD)/tests/sim/sim
	$< --seeds $(SEEDS) --first $(FIRST) $(SIM)
# every mutant of the real code must be found
sim-mutants: $(BUILD)/.packages-check
	BUILD=$(abspath $(BUILD)) tests/sim/mutants.sh

SECONDS_EACH ?= 60
fuzz:
	$(MAKE) VARIANT=fuzz run-fuzzers
# the policy language, for so many minutes of CPU time; the corpus is kept beside the programs
.PHONY: fuzz-policy run-fuzz-policy
MINUTES ?= 60
fuzz-policy:
	$(MAKE) VARIANT=fuzz $(if $(findstring command line,$(origin BUILD)),BUILD=$(BUILD)/fuzz) run-fuzz-policy
run-fuzz-policy: $(BUILD)/tests/fuzz/policy_scan_fuzz
	nice -n 19 tests/fuzz/campaign.py $< $(MINUTES) $(BUILD)/corpus/policy_scan tests/fuzz/policy_scan.dict \
		tests/fuzz/corpus/policy_scan examples/policies
run-fuzzers: $(FUZZ)
	@for f in $(FUZZ); do name=$$(basename $$f _fuzz); mkdir -p $(BUILD)/corpus/$$name; \
	echo "== $$name"; \
	$$f -max_total_time=$(SECONDS_EACH) -max_len=70000 -print_final_stats=0 -verbosity=0 \
		-artifact_prefix=$(BUILD)/ $(BUILD)/corpus/$$name tests/fuzz/corpus/$$name || exit 1; done

lint: all $(BUILD)/.packages-lint $(BUILD)/.packages-check
	clang-format --dry-run -Werror $$(git ls-files '*.c')
	cppcheck --quiet --error-exitcode=1 --std=c11 --inline-suppr --enable=warning,portability,performance \
		--suppress=missingIncludeSystem -I. $$(git ls-files '*.c' | grep -v '^tests/')
	shellcheck -S warning -x $$(git ls-files '*.sh' .ci/run)
	MALLA_BIN=$(abspath $(BUILD)) tests/run.sh lint
$(BUILD)/.packages-lint: Makefile | $(BUILD)/.packages-check
	@mkdir -p $(@D)
	$(call need,$(PACKAGES_LINT))
	@touch $@

# ---------------------------------------------------------------- install
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/share/man/man1 \
		$(DESTDIR)$(PREFIX)/share/man/man8 $(DESTDIR)$(PREFIX)/share/doc/malla
	install -m 755 $(BUILD)/malla $(DESTDIR)$(PREFIX)/bin/malla
	install -m 755 $(BUILD)/mallad $(DESTDIR)$(PREFIX)/sbin/mallad
	install -m 644 docs/man/malla.1 $(DESTDIR)$(PREFIX)/share/man/man1/malla.1
	install -m 644 docs/man/mallad.8 $(DESTDIR)$(PREFIX)/share/man/man8/mallad.8
	install -m 644 README.md README.es.md docs/protocol.md docs/promises.md $(DESTDIR)$(PREFIX)/share/doc/malla
	for mo in $(MO); do lang=$$(basename $$(dirname $$(dirname $$mo))); \
		install -D -m 644 $$mo $(DESTDIR)$(PREFIX)/share/locale/$$lang/LC_MESSAGES/malla.mo; done
uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/malla $(DESTDIR)$(PREFIX)/sbin/mallad \
		$(DESTDIR)$(PREFIX)/share/man/man1/malla.1 $(DESTDIR)$(PREFIX)/share/man/man8/mallad.8
	rm -rf $(DESTDIR)$(PREFIX)/share/doc/malla
	rm -f $(DESTDIR)$(PREFIX)/share/locale/*/LC_MESSAGES/malla.mo

clean:
	rm -rf build
