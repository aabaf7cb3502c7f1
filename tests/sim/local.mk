# sim: a federation in one process. libsim.a is the simulator, sim runs seeds by hand, the tests are part of make check.
check_LIBRARIES += libsim.a
libsim_a_SOURCES = tests/sim/actions.c tests/sim/adoptions.c tests/sim/adoptions.h tests/sim/clone.c tests/sim/clone.h tests/sim/clone_anew.c tests/sim/expulsion.c tests/sim/expulsion.h tests/sim/faults.c tests/sim/faults.h tests/sim/handover.c tests/sim/handover.h tests/sim/job.h tests/sim/mutants.c tests/sim/mutants.h tests/sim/network.c tests/sim/node.c tests/sim/node.h \
	tests/sim/queue.c tests/sim/queue.h tests/sim/remembered.c tests/sim/sim.c tests/sim/sim.h tests/sim/thrifty.c tests/sim/thrifty.h tests/sim/truth.c tests/sim/truth.h tests/sim/truth_objects.c tests/sim/truth_receipts.c tests/sim/turn.c tests/sim/turn.h \
	tests/sim/turn_write.c tests/sim/turn_write.h \
	tests/sim/world.c tests/sim/world.h tests/sim/writes.c tests/sim/writes.h
EXTRA_DIST += tests/sim/seeds.txt tests/sim/README.md tests/sim/found.md
# Signatures are remembered (tests/sim/remembered.c) and zstd is in a hurry (tests/sim/thrifty.c): the archives after the first one need both.
sim_libs = libsim.a $(LDADD) libsim.a
sim_ldflags = $(AM_LDFLAGS) -Wl,--wrap=crypto_sign_verify_detached -Wl,--wrap=crypto_sign_detached \
	-Wl,--wrap=ZSTD_createCCtx -Wl,--wrap=ZSTD_freeCCtx -Wl,--wrap=ZSTD_CCtx_setParameter \
	-Wl,--wrap=ZSTD_createDCtx -Wl,--wrap=ZSTD_freeDCtx -Wl,--wrap=ZSTD_decompress

if HAVE_CMOCKA
noinst_PROGRAMS += tests/sim/sim
endif
tests_sim_sim_SOURCES = tests/sim/main.c
tests_sim_sim_LDADD = $(sim_libs)
tests_sim_sim_LDFLAGS = $(sim_ldflags)

# The same over node/store's databases (tests/sim/real_store.c): the functions of the memory store that it takes the place of.
real_wraps = -Wl,--wrap=randombytes_buf -Wl,--wrap=engine_wall_ms -Wl,--wrap=past_is_left -Wl,--wrap=machine_print \
	-Wl,--wrap=memory_store_new -Wl,--wrap=memory_store_free -Wl,--wrap=memory_store_set_concerns -Wl,--wrap=memory_store_view \
	-Wl,--wrap=memory_store_stage -Wl,--wrap=memory_store_apply -Wl,--wrap=memory_store_unstage -Wl,--wrap=memory_store_held_put \
	-Wl,--wrap=memory_store_write -Wl,--wrap=memory_store_adopt -Wl,--wrap=memory_store_apply_adopted -Wl,--wrap=memory_store_adopted_seq -Wl,--wrap=memory_store_kept \
	-Wl,--wrap=memory_store_find -Wl,--wrap=memory_store_crash -Wl,--wrap=memory_store_copy -Wl,--wrap=memory_store_forget \
	-Wl,--wrap=memory_store_tamper -Wl,--wrap=memory_store_is_instant -Wl,--wrap=memory_store_renew -Wl,--wrap=memory_store_doubled -Wl,--wrap=memory_store_settle -Wl,--wrap=alarm_look
if HAVE_CMOCKA
noinst_PROGRAMS += tests/sim/sim_real
endif
tests_sim_sim_real_SOURCES = tests/sim/main.c tests/sim/real_store.c tests/sim/real_clock.c tests/sim/real_clock.h tests/sim/real_files.c tests/sim/real_files.h
tests_sim_sim_real_LDADD = $(sim_libs)
tests_sim_sim_real_LDFLAGS = $(sim_ldflags) $(real_wraps)

check_PROGRAMS += tests/sim/sim_test tests/sim/fresh_test tests/sim/real_test
tests_sim_sim_test_LDADD = $(sim_libs)
tests_sim_sim_test_LDFLAGS = $(sim_ldflags)
tests_sim_real_test_SOURCES = tests/sim/real_test.c tests/sim/real_store.c tests/sim/real_clock.c tests/sim/real_clock.h tests/sim/real_files.c tests/sim/real_files.h
tests_sim_real_test_LDADD = $(sim_libs)
tests_sim_real_test_LDFLAGS = $(sim_ldflags) $(real_wraps)
tests_sim_fresh_test_LDADD = $(sim_libs)
tests_sim_fresh_test_LDFLAGS = $(sim_ldflags)

# Bugs planted in copies of the core: how to build them is written down for the script.
TESTS += tests/sim/planted.sh
dist_check_SCRIPTS += tests/sim/planted.sh
EXTRA_DIST += tests/sim/planted.txt
check_DATA += tests/sim/planted.env
CLEANFILES += tests/sim/planted.env
tests/sim/planted.env: Makefile
	$(AM_V_GEN)printf 'compile="%s"\nreal="%s"\nlink="%s"\nlibs="%s"\n' '$(COMPILE)' '$(real_wraps)' '$(CCLD) $(AM_CFLAGS) $(CFLAGS) $(sim_ldflags) $(LDFLAGS)' '$(sim_libs) $(LIBS)' >$@
clean-local: planted-clean
planted-clean:
	rm -rf tests/sim/planted
