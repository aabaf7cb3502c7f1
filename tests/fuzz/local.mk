# fuzz: a target is NAME_fuzz.c. Always built as NAME_replay, which feeds it the committed corpus; with --with-fuzzer also as NAME_fuzz.
fuzz_libs = $(CORE_LIBS)
fuzz_replay = tests/fuzz/replay.c tests/fuzz/fuzz.h

check_PROGRAMS += tests/fuzz/frame_replay tests/fuzz/message_replay tests/fuzz/batch_replay
tests_fuzz_frame_replay_SOURCES = tests/fuzz/frame_fuzz.c $(fuzz_replay)
tests_fuzz_frame_replay_LDADD = $(fuzz_libs)
tests_fuzz_message_replay_SOURCES = tests/fuzz/message_fuzz.c $(fuzz_replay)
tests_fuzz_message_replay_LDADD = $(fuzz_libs)
tests_fuzz_batch_replay_SOURCES = tests/fuzz/batch_fuzz.c $(fuzz_replay)
tests_fuzz_batch_replay_LDADD = $(fuzz_libs)
check_PROGRAMS += tests/fuzz/statement_replay tests/fuzz/token_replay tests/fuzz/manifest_replay \
	tests/fuzz/catalogue_replay tests/fuzz/window_replay
tests_fuzz_statement_replay_SOURCES = tests/fuzz/statement_fuzz.c $(fuzz_replay)
tests_fuzz_statement_replay_LDADD = $(fuzz_libs)
tests_fuzz_token_replay_SOURCES = tests/fuzz/token_fuzz.c $(fuzz_replay)
tests_fuzz_token_replay_LDADD = $(fuzz_libs)
tests_fuzz_manifest_replay_SOURCES = tests/fuzz/manifest_fuzz.c $(fuzz_replay)
tests_fuzz_manifest_replay_LDADD = $(fuzz_libs)
tests_fuzz_catalogue_replay_SOURCES = tests/fuzz/catalogue_fuzz.c $(fuzz_replay)
tests_fuzz_catalogue_replay_LDADD = $(fuzz_libs)
tests_fuzz_window_replay_SOURCES = tests/fuzz/window_fuzz.c $(fuzz_replay)
tests_fuzz_window_replay_LDADD = $(fuzz_libs)

# the record store's: with the node's libraries
check_PROGRAMS += tests/fuzz/xapi_replay tests/fuzz/multipart_replay
tests_fuzz_xapi_replay_SOURCES = tests/fuzz/xapi_fuzz.c $(fuzz_replay)
tests_fuzz_xapi_replay_LDADD = $(NODE_LIBS)
tests_fuzz_multipart_replay_SOURCES = tests/fuzz/multipart_fuzz.c $(fuzz_replay)
tests_fuzz_multipart_replay_LDADD = $(NODE_LIBS)

if WITH_FUZZER
noinst_PROGRAMS += tests/fuzz/xapi_fuzz tests/fuzz/multipart_fuzz
tests_fuzz_xapi_fuzz_LDADD = $(NODE_LIBS)
tests_fuzz_xapi_fuzz_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_multipart_fuzz_LDADD = $(NODE_LIBS)
tests_fuzz_multipart_fuzz_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
noinst_PROGRAMS += tests/fuzz/frame_fuzz tests/fuzz/message_fuzz tests/fuzz/batch_fuzz
fuzzer_flags = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_frame_fuzz_LDADD = $(fuzz_libs)
tests_fuzz_frame_fuzz_LDFLAGS = $(fuzzer_flags)
tests_fuzz_message_fuzz_LDADD = $(fuzz_libs)
tests_fuzz_message_fuzz_LDFLAGS = $(fuzzer_flags)
tests_fuzz_batch_fuzz_LDADD = $(fuzz_libs)
tests_fuzz_batch_fuzz_LDFLAGS = $(fuzzer_flags)
noinst_PROGRAMS += tests/fuzz/statement_fuzz tests/fuzz/token_fuzz tests/fuzz/manifest_fuzz tests/fuzz/catalogue_fuzz tests/fuzz/window_fuzz
tests_fuzz_statement_fuzz_LDADD = $(fuzz_libs)
tests_fuzz_statement_fuzz_LDFLAGS = $(fuzzer_flags)
tests_fuzz_token_fuzz_LDADD = $(fuzz_libs)
tests_fuzz_token_fuzz_LDFLAGS = $(fuzzer_flags)
tests_fuzz_manifest_fuzz_LDADD = $(fuzz_libs)
tests_fuzz_manifest_fuzz_LDFLAGS = $(fuzzer_flags)
tests_fuzz_catalogue_fuzz_LDADD = $(fuzz_libs)
tests_fuzz_catalogue_fuzz_LDFLAGS = $(fuzzer_flags)
tests_fuzz_window_fuzz_LDADD = $(fuzz_libs)
tests_fuzz_window_fuzz_LDFLAGS = $(fuzzer_flags)
endif

# What people and strangers give a node to read.
check_PROGRAMS += tests/fuzz/csv_replay tests/fuzz/result_replay tests/fuzz/describe_replay tests/fuzz/archive_replay tests/fuzz/config_replay \
	tests/fuzz/roster_replay
tests_fuzz_csv_replay_SOURCES = tests/fuzz/csv_fuzz.c $(fuzz_replay)
tests_fuzz_csv_replay_LDADD = $(NODE_LIBS)
tests_fuzz_result_replay_SOURCES = tests/fuzz/result_fuzz.c $(fuzz_replay)
tests_fuzz_result_replay_LDADD = $(NODE_LIBS)
tests_fuzz_describe_replay_SOURCES = tests/fuzz/describe_fuzz.c $(fuzz_replay)
tests_fuzz_describe_replay_LDADD = $(NODE_LIBS)
tests_fuzz_archive_replay_SOURCES = tests/fuzz/archive_fuzz.c $(fuzz_replay)
tests_fuzz_archive_replay_LDADD = $(NODE_LIBS)
tests_fuzz_config_replay_SOURCES = tests/fuzz/config_fuzz.c $(fuzz_replay)
tests_fuzz_config_replay_LDADD = $(NODE_LIBS)
tests_fuzz_roster_replay_SOURCES = tests/fuzz/roster_fuzz.c $(fuzz_replay)

if WITH_FUZZER
noinst_PROGRAMS += tests/fuzz/csv_fuzz tests/fuzz/result_fuzz tests/fuzz/describe_fuzz tests/fuzz/archive_fuzz tests/fuzz/config_fuzz tests/fuzz/roster_fuzz
tests_fuzz_csv_fuzz_LDADD = $(NODE_LIBS)
tests_fuzz_csv_fuzz_LDFLAGS = $(fuzzer_flags)
tests_fuzz_result_fuzz_LDADD = $(NODE_LIBS)
tests_fuzz_result_fuzz_LDFLAGS = $(fuzzer_flags)
tests_fuzz_describe_fuzz_LDADD = $(NODE_LIBS)
tests_fuzz_describe_fuzz_LDFLAGS = $(fuzzer_flags)
tests_fuzz_archive_fuzz_LDADD = $(NODE_LIBS)
tests_fuzz_archive_fuzz_LDFLAGS = $(fuzzer_flags)
tests_fuzz_config_fuzz_LDADD = $(NODE_LIBS)
tests_fuzz_config_fuzz_LDFLAGS = $(fuzzer_flags)
tests_fuzz_roster_fuzz_LDFLAGS = $(fuzzer_flags)
endif

# Look for more, FUZZ_SECONDS each.
check-fuzz: all
	$(MAKE) $(AM_MAKEFLAGS) check-TESTS TESTS=tests/fuzz/hunt.sh TEST_SUITE_LOG=tests/fuzz.log
.PHONY: check-fuzz
EXTRA_DIST += tests/fuzz/hunt.sh

# make tests/fuzz/seeds && tests/fuzz/seeds SOURCE/tests/fuzz/corpus
EXTRA_PROGRAMS += tests/fuzz/seeds
tests_fuzz_seeds_LDADD = libsamples.a $(LDADD)
CLEANFILES += tests/fuzz/seeds
EXTRA_DIST += tests/fuzz/README.md tests/fuzz/corpus
