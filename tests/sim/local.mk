# sim: a federation in one process. libsim.a is the simulator, sim runs seeds by hand, the tests are part of make check.
check_LIBRARIES += libsim.a
libsim_a_SOURCES = tests/sim/actions.c tests/sim/expulsion.c tests/sim/expulsion.h tests/sim/job.h tests/sim/mutants.c tests/sim/mutants.h tests/sim/network.c tests/sim/node.c \
	tests/sim/queue.c tests/sim/queue.h tests/sim/remembered.c tests/sim/sim.c tests/sim/sim.h tests/sim/truth.c tests/sim/truth.h \
	tests/sim/world.c tests/sim/world.h
EXTRA_DIST += tests/sim/seeds.txt tests/sim/README.md
# Signatures are remembered: tests/sim/remembered.c, which the archives after the first one need.
sim_libs = libsim.a $(LDADD) libsim.a
sim_ldflags = $(AM_LDFLAGS) -Wl,--wrap=crypto_sign_verify_detached -Wl,--wrap=crypto_sign_detached

if HAVE_CMOCKA
noinst_PROGRAMS += tests/sim/sim
endif
tests_sim_sim_SOURCES = tests/sim/main.c
tests_sim_sim_LDADD = $(sim_libs)
tests_sim_sim_LDFLAGS = $(sim_ldflags)

check_PROGRAMS += tests/sim/sim_test tests/sim/fresh_test
tests_sim_sim_test_LDADD = $(sim_libs)
tests_sim_sim_test_LDFLAGS = $(sim_ldflags)
tests_sim_fresh_test_LDADD = $(sim_libs)
tests_sim_fresh_test_LDFLAGS = $(sim_ldflags)

# Broken on purpose: the file that is compiled again here stands before the archive that has it.
check_PROGRAMS += tests/sim/unchecked_test tests/sim/overwrite_test tests/sim/adoption_test tests/sim/expulsion_test
tests_sim_expulsion_test_SOURCES = tests/sim/expulsion_test.c replication/trust/roster_end.c
tests_sim_expulsion_test_CPPFLAGS = $(AM_CPPFLAGS) -DQANAT_MUTANT_PAST_END
tests_sim_expulsion_test_LDADD = $(sim_libs)
tests_sim_expulsion_test_LDFLAGS = $(sim_ldflags)
tests_sim_adoption_test_SOURCES = tests/sim/adoption_test.c replication/peer/adopt.c
tests_sim_adoption_test_CPPFLAGS = $(AM_CPPFLAGS) -DQANAT_MUTANT_EARLY_ADOPTION
tests_sim_adoption_test_LDADD = $(sim_libs)
tests_sim_adoption_test_LDFLAGS = $(sim_ldflags)
tests_sim_unchecked_test_SOURCES = tests/sim/unchecked_test.c replication/peer/pull.c
tests_sim_unchecked_test_CPPFLAGS = $(AM_CPPFLAGS) -DQANAT_MUTANT_UNCHECKED_CERTIFICATE
tests_sim_unchecked_test_LDADD = $(sim_libs)
tests_sim_unchecked_test_LDFLAGS = $(sim_ldflags)
tests_sim_overwrite_test_SOURCES = tests/sim/overwrite_test.c replication/peer/pull.c
tests_sim_overwrite_test_CPPFLAGS = $(AM_CPPFLAGS) -DQANAT_MUTANT_VECTOR_OVERWRITE
tests_sim_overwrite_test_LDADD = $(sim_libs)
tests_sim_overwrite_test_LDFLAGS = $(sim_ldflags)
