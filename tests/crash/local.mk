# crash: what a disk may hold after a crash, at every operation. libcrash.a replaces write() and its kin in the programs that link it.
check_LIBRARIES += libcrash.a
libcrash_a_SOURCES = tests/crash/image.c tests/crash/image.h tests/crash/recorder.c tests/crash/recorder.h \
	tests/crash/content.c tests/crash/step.c tests/crash/step.h tests/crash/story.c tests/crash/story.h
EXTRA_DIST += tests/crash/README.md

check_PROGRAMS += tests/crash/crash_test tests/crash/rot_test tests/crash/upgrade_test
tests_crash_upgrade_test_LDADD = libcrash.a $(LDADD)
tests_crash_crash_test_LDADD = libcrash.a $(LDADD)
