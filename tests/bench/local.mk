# bench: measured by hand or by CI, never a test with a clock in it. make tests/bench/NAME && tests/bench/NAME
EXTRA_PROGRAMS += tests/bench/batch tests/bench/store tests/bench/xapi tests/bench/learners/load tests/bench/packages/curve
CLEANFILES += tests/bench/batch tests/bench/store tests/bench/xapi tests/bench/learners/load tests/bench/packages/curve
tests_bench_batch_LDADD = libsamples.a $(LDADD)
tests_bench_packages_curve_LDADD = $(LDADD)
EXTRA_DIST += tests/bench/README.md
