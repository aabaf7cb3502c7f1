# base
check_PROGRAMS += tests/replication/base/bytes_test tests/replication/base/arena_test

# crdt
check_PROGRAMS += tests/replication/crdt/cell_test tests/replication/crdt/hlc_test

# stream
check_PROGRAMS += tests/replication/stream/apply_test tests/replication/stream/certificate_test \
	tests/replication/stream/expand_test tests/replication/stream/lthash_test \
	tests/replication/stream/stream_test tests/replication/stream/vector_test

# package
# trust
# schedule
# wire
# peer
