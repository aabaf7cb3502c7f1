# sim: a federation in one process. libsim.a is the simulator, sim runs seeds by hand, the tests are part of make check.
check_LIBRARIES += libsim.a
libsim_a_SOURCES = tests/sim/actions.c tests/sim/job.h tests/sim/mutants.c tests/sim/mutants.h tests/sim/network.c tests/sim/node.c \
	tests/sim/queue.c tests/sim/queue.h tests/sim/sim.c tests/sim/sim.h tests/sim/truth.c tests/sim/truth.h \
	tests/sim/world.c tests/sim/world.h
EXTRA_DIST += tests/sim/seeds.txt tests/sim/README.md
sim_libs = libsim.a $(LDADD)

if HAVE_CMOCKA
noinst_PROGRAMS += tests/sim/sim
endif
tests_sim_sim_SOURCES = tests/sim/main.c
tests_sim_sim_LDADD = $(sim_libs)

check_PROGRAMS += tests/sim/sim_test
tests_sim_sim_test_LDADD = $(sim_libs)

# Broken on purpose: the file that is compiled again here stands before the archive that has it.
check_PROGRAMS += tests/sim/unchecked_test tests/sim/overwrite_test tests/sim/adoption_test
tests_sim_adoption_test_SOURCES = tests/sim/adoption_test.c replication/peer/adopt.c
tests_sim_adoption_test_CPPFLAGS = $(AM_CPPFLAGS) -DQANAT_MUTANT_EARLY_ADOPTION
tests_sim_adoption_test_LDADD = $(sim_libs)
tests_sim_unchecked_test_SOURCES = tests/sim/unchecked_test.c replication/peer/pull.c
tests_sim_unchecked_test_CPPFLAGS = $(AM_CPPFLAGS) -DQANAT_MUTANT_UNCHECKED_CERTIFICATE
tests_sim_unchecked_test_LDADD = $(sim_libs)
tests_sim_overwrite_test_SOURCES = tests/sim/overwrite_test.c replication/peer/pull.c
tests_sim_overwrite_test_CPPFLAGS = $(AM_CPPFLAGS) -DQANAT_MUTANT_VECTOR_OVERWRITE
tests_sim_overwrite_test_LDADD = $(sim_libs)
