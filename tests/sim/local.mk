# sim: a federation in one process. libsim.a is the simulator, sim runs seeds by hand, the tests are part of make check.
noinst_LIBRARIES += libsim.a
libsim_a_SOURCES = tests/sim/actions.c tests/sim/network.c tests/sim/node.c tests/sim/queue.c tests/sim/queue.h \
	tests/sim/sim.c tests/sim/sim.h tests/sim/truth.c tests/sim/truth.h tests/sim/world.c tests/sim/world.h

noinst_PROGRAMS += tests/sim/sim
tests_sim_sim_SOURCES = tests/sim/main.c
tests_sim_sim_LDADD = libsim.a $(LDADD)
