# base
check_PROGRAMS += tests/replication/base/bytes_test tests/replication/base/arena_test

# crdt
# stream
# package
# trust
# schedule
# wire
# peer
