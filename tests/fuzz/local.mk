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

if WITH_FUZZER
noinst_PROGRAMS += tests/fuzz/frame_fuzz tests/fuzz/message_fuzz tests/fuzz/batch_fuzz
fuzzer_flags = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_frame_fuzz_LDADD = $(fuzz_libs)
tests_fuzz_frame_fuzz_LDFLAGS = $(fuzzer_flags)
tests_fuzz_message_fuzz_LDADD = $(fuzz_libs)
tests_fuzz_message_fuzz_LDFLAGS = $(fuzzer_flags)
tests_fuzz_batch_fuzz_LDADD = $(fuzz_libs)
tests_fuzz_batch_fuzz_LDFLAGS = $(fuzzer_flags)
endif

# make tests/fuzz/seeds && tests/fuzz/seeds SOURCE/tests/fuzz/corpus
EXTRA_PROGRAMS += tests/fuzz/seeds
tests_fuzz_seeds_LDADD = libsamples.a $(LDADD)
CLEANFILES += tests/fuzz/seeds
EXTRA_DIST += tests/fuzz/README.md tests/fuzz/corpus
