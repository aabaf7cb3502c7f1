# tests: mirrors the rooms. A test program's source is its own name with .c; each prints TAP.
AM_CPPFLAGS += $(CMOCKA_CFLAGS)
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
SH_LOG_DRIVER = $(LOG_DRIVER)
TEST_EXTENSIONS = .sh
# What was freed last is kept from use under AddressSanitizer: 16 MiB of it, of 256 each page would be a new one, and the suite takes half as long again.
AM_TESTS_ENVIRONMENT = QANAT_SRC=$(abs_top_srcdir); QANAT_BUILD=$(abs_top_builddir); \
	ASAN_OPTIONS=$${ASAN_OPTIONS-quarantine_size_mb=16}; export QANAT_SRC QANAT_BUILD ASAN_OPTIONS;

# Tests call more of ZeroMQ, libarchive and libmicrohttpd than the node does.
LDADD = libkit.a $(NODE_LIBS) $(ZMQ_LIBS) $(ARCHIVE_LIBS) $(MICROHTTPD_LIBS) $(CMOCKA_LIBS)

check_LIBRARIES += libkit.a
libkit_a_SOURCES = tests/kit/kit.c tests/kit/kit.h tests/kit/room.c tests/kit/package.c tests/kit/package.h tests/kit/kit_content.c tests/kit/kit_content.h tests/kit/import.c tests/kit/import.h \
	tests/kit/courses.c tests/kit/courses.h \
	tests/kit/federation.c tests/kit/federation.h \
	tests/kit/presidency.c tests/kit/presidency.h \
	tests/kit/kit_authority.c tests/kit/kit_authority.h \
	tests/kit/kit_command.c tests/kit/kit_command.h \
	tests/kit/kit_golden.c tests/kit/kit_golden.h \
	tests/kit/kit_attempt.c tests/kit/kit_attempt.h \
	tests/kit/kit_results.c tests/kit/kit_results.h \
	tests/kit/kit_roster.c tests/kit/kit_roster.h \
	tests/kit/kit_store.c tests/kit/kit_store.h tests/kit/kit_turn.c tests/kit/kit_turn.h \
	tests/kit/memory_state.h tests/kit/memory_store.c tests/kit/memory_store.h \
	tests/kit/memory_adopt.c tests/kit/memory_view.c \
	tests/kit/stream_writer.c tests/kit/stream_writer.h \
	tests/kit/view_contract.c tests/kit/view_contract.h

check_PROGRAMS += tests/kit/memory_view_test

# the longest first: none of them is to be waited for in the end
include tests/sim/local.mk
include tests/crash/local.mk
include tests/replication/local.mk
include tests/node/local.mk
include tests/fuzz/local.mk
include tests/bench/local.mk
include tests/model/local.mk

# what earlier versions wrote
EXTRA_DIST += tests/golden/README.md tests/golden/make.sh tests/golden/schema-1.tar.gz tests/golden/schema-2.tar.gz \
	tests/golden/schema-3.tar.gz tests/golden/schema-4.tar.gz tests/golden/schema-5.tar.gz tests/golden/schema-6.tar.gz \
	tests/golden/schema-7.tar.gz tests/golden/schema-8.tar.gz

lints = tests/lint/i18n.sh tests/lint/layers.sh tests/lint/mirror.sh tests/lint/names.sh tests/lint/sizes.sh
dist_check_SCRIPTS += $(lints)
EXTRA_DIST += tests/lint/lint.sh tests/lint/functions.awk tests/lint/orphans.txt
tests/lint/layers.log: libreplication.a libnode.a

TESTS += $(check_PROGRAMS) $(lints)

# Real processes take longer: a target of their own.
system_tests = \
	tests/system/accounts.sh \
	tests/system/again.sh \
	tests/system/facts.sh \
	tests/system/class.sh \
	tests/system/authority.sh \
	tests/system/cohorts.sh \
	tests/system/console.sh \
	tests/system/erase.sh \
	tests/system/credentials.sh \
	tests/system/cut.sh \
	tests/system/disk.sh \
	tests/system/everyone.sh \
	tests/system/federation.sh \
	tests/system/clones.sh \
	tests/system/forget.sh \
	tests/system/hostile.sh \
	tests/system/hours.sh \
	tests/system/kills.sh \
	tests/system/learning.sh \
	tests/system/machine.sh \
	tests/system/links.sh \
	tests/system/lives.sh \
	tests/system/many.sh \
	tests/system/mirror.sh \
	tests/system/operator.sh \
	tests/system/packages.sh \
	tests/system/move.sh \
	tests/system/pages.sh \
	tests/system/quarantine.sh \
	tests/system/rotate.sh \
	tests/system/relay.sh \
	tests/system/replace.sh \
	tests/system/siblings.sh \
	tests/system/steps.sh \
	tests/system/stick.sh \
	tests/system/strangers.sh \
	tests/system/versions.sh \
	tests/system/wan.sh \
	tests/system/window.sh \
	tests/system/wire.sh \
	tests/system/xapi.sh
EXTRA_DIST += tests/system/verifier/package.json tests/system/verifier/package-lock.json tests/system/verifier/verify.mjs
EXTRA_DIST += tests/system/kit.sh tests/system/wire_kit.sh tests/system/lives.py tests/system/lives_care.py tests/system/lives_courses.py tests/system/lives_days.py tests/system/lives_disk.py tests/system/lives_kit.py tests/system/lives_nodes.py tests/system/lives_people.py tests/system/lives_presidency.py tests/system/lives_work.py tests/system/mirror_server.py tests/system/xapi_requirements.py tests/system/described.py $(system_tests)
EXTRA_PROGRAMS += tests/system/stranger tests/system/rogue tests/system/later tests/system/powercut
tests_system_powercut_LDADD =
EXTRA_PROGRAMS += tests/system/misfortune.so
tests_system_misfortune_so_SOURCES = tests/system/misfortune.c
tests_system_misfortune_so_CFLAGS = -fPIC $(AM_CFLAGS)
tests_system_misfortune_so_LDFLAGS = -shared
tests_system_misfortune_so_LDADD = -ldl
tests_system_stranger_LDADD = $(NODE_LIBS)
tests_system_later_LDADD = $(LDADD)
tests_system_rogue_SOURCES = tests/system/rogue.c tests/system/rogue.h tests/system/rogue_cells.c
tests_system_rogue_LDADD = $(LDADD)
check-system: all tests/system/misfortune.so$(EXEEXT) tests/system/stranger$(EXEEXT) tests/system/rogue$(EXEEXT) tests/system/later$(EXEEXT) tests/system/powercut$(EXEEXT) tests/bench/results/members$(EXEEXT) tests/bench/learners/load$(EXEEXT)
	$(MAKE) $(AM_MAKEFLAGS) check-TESTS TESTS="$(system_tests)" TEST_SUITE_LOG=tests/system.log
.PHONY: check-system

# A person's view, in Chromium and in Firefox: skipped where there is none.
browser_files = tests/browser/browser.mjs tests/browser/console.mjs tests/browser/learner.mjs tests/browser/left.mjs tests/browser/pages.mjs tests/browser/real.mjs tests/browser/teach.mjs \
	tests/browser/package.json tests/browser/package-lock.json tests/browser/.npmrc tests/browser/packages.sh tests/browser/formats.sh tests/browser/formats.mjs
browser_tests = tests/browser/browser.sh tests/browser/firefox.sh
EXTRA_DIST += tests/browser/README.md $(browser_tests) $(browser_files)
check-browser: all
	$(MAKE) $(AM_MAKEFLAGS) check-TESTS TESTS="$(browser_tests)" TEST_SUITE_LOG=tests/browser.log
.PHONY: check-browser

# benches: built on request (make bench), never part of a timed test
bench_programs = tests/bench/results/fill tests/bench/results/members tests/bench/results/plain tests/bench/results/plain_events
EXTRA_PROGRAMS += $(bench_programs)
EXTRA_DIST += tests/bench/packages/README.md tests/bench/packages/lan.sh tests/bench/packages/packages.sh tests/bench/packages/peers.sh
EXTRA_DIST += tests/bench/results/cells.sh tests/bench/results/import.sh tests/bench/results/streams.sh
EXTRA_DIST += tests/bench/learners/README.md tests/bench/learners/class.sh tests/bench/learners/files.sh \
	tests/bench/learners/people.sh tests/bench/learners/statements.sh
bench: all $(bench_programs)
	QANAT_BUILD=$(abs_top_builddir) $(srcdir)/tests/bench/results/cells.sh
	QANAT_BUILD=$(abs_top_builddir) $(srcdir)/tests/bench/results/import.sh
	QANAT_BUILD=$(abs_top_builddir) $(srcdir)/tests/bench/results/streams.sh
.PHONY: bench
