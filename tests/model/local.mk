# model: the protocol, walked through in every order of steps where spin is installed.
TESTS += tests/model/model.sh
dist_check_SCRIPTS += tests/model/model.sh
EXTRA_DIST += tests/model/README.md tests/model/federation.pml
