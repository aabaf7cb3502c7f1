# replication: the tests of each room are one program, ROOM_tests; each file of them runs in a process of its own (tests/kit/room.c).
# deflate: zlib is the other opinion
libkit_a_SOURCES += tests/replication/package/deflated.c tests/replication/package/deflated.h
# what goes over the wire, also for the corpus of fuzzers and a bench
check_LIBRARIES += libsamples.a
libsamples_a_SOURCES = tests/replication/wire/batches.c tests/replication/wire/batches.h \
	tests/replication/wire/bodies.c tests/replication/wire/bodies.h \
	tests/replication/wire/samples.c tests/replication/wire/samples.h

check_PROGRAMS += tests/replication/base_tests
tests_replication_base_tests_SOURCES = tests/replication/base/arena_test.c tests/replication/base/bytes_test.c tests/replication/base/check_test.c \
	tests/replication/base/field_test.c tests/replication/base/percent_test.c tests/replication/base/status_test.c
check_PROGRAMS += tests/replication/crdt_tests
tests_replication_crdt_tests_SOURCES = tests/replication/crdt/cell_test.c tests/replication/crdt/fold_test.c tests/replication/crdt/histogram_test.c \
	tests/replication/crdt/hlc_test.c tests/replication/crdt/merge_test.c tests/replication/crdt/people_test.c tests/replication/crdt/register_test.c \
	tests/replication/crdt/set_test.c
check_PROGRAMS += tests/replication/package_tests
tests_replication_package_tests_SOURCES = tests/replication/package/catalogue_test.c tests/replication/package/chunk_list_test.c \
	tests/replication/package/chunker_test.c tests/replication/package/deflate_match_test.c tests/replication/package/deflate_read_test.c \
	tests/replication/package/deflate_remake_test.c tests/replication/package/deflate_write_test.c tests/replication/package/density_test.c \
	tests/replication/package/gear_test.c tests/replication/package/manifest_check_test.c tests/replication/package/manifest_test.c \
	tests/replication/package/media_type_test.c tests/replication/package/patch_test.c tests/replication/package/recipe_test.c
check_PROGRAMS += tests/replication/peer_tests
tests_replication_peer_tests_SOURCES = tests/replication/peer/adopt_test.c tests/replication/peer/compare_test.c \
	tests/replication/peer/dictionary_test.c tests/replication/peer/effect_test.c tests/replication/peer/fetch_test.c tests/replication/peer/greet_test.c \
	tests/replication/peer/legacy_test.c tests/replication/peer/objects_in_test.c tests/replication/peer/objects_out_test.c \
	tests/replication/peer/offer_test.c tests/replication/peer/patches_in_test.c tests/replication/peer/patches_out_test.c \
	tests/replication/peer/peer_test.c tests/replication/peer/pull_test.c tests/replication/peer/push_test.c tests/replication/peer/receipt_test.c \
	tests/replication/peer/sent_test.c tests/replication/peer/shared_test.c tests/replication/peer/short_name_test.c tests/replication/peer/trace_test.c \
	tests/replication/peer/duet.c tests/replication/peer/duet.h
check_PROGRAMS += tests/replication/schedule_tests
tests_replication_schedule_tests_SOURCES = tests/replication/schedule/backoff_test.c tests/replication/schedule/budget_test.c \
	tests/replication/schedule/share_test.c tests/replication/schedule/window_test.c tests/replication/schedule/window_text_test.c
check_PROGRAMS += tests/replication/stream_tests
tests_replication_stream_tests_SOURCES = tests/replication/stream/adoption_test.c tests/replication/stream/apply_test.c \
	tests/replication/stream/certificate_test.c tests/replication/stream/expand_test.c tests/replication/stream/fork_test.c \
	tests/replication/stream/lthash_test.c tests/replication/stream/stream_test.c tests/replication/stream/vector_test.c
check_PROGRAMS += tests/replication/trust_tests
tests_replication_trust_tests_SOURCES = tests/replication/trust/authority_order_test.c tests/replication/trust/authority_test.c \
	tests/replication/trust/consent_test.c tests/replication/trust/identity_test.c tests/replication/trust/key_news_test.c \
	tests/replication/trust/mirror_test.c tests/replication/trust/rekey_test.c tests/replication/trust/roster_end_test.c \
	tests/replication/trust/roster_beyond_test.c tests/replication/trust/roster_fold_test.c tests/replication/trust/roster_hub_test.c tests/replication/trust/roster_room_test.c \
	tests/replication/trust/roster_keys_test.c tests/replication/trust/roster_node_test.c \
	tests/replication/trust/roster_test.c tests/replication/trust/roster_turn_test.c tests/replication/trust/statement_test.c \
	tests/replication/trust/statement_write_test.c tests/replication/trust/token_test.c
check_PROGRAMS += tests/replication/wire_tests
tests_replication_wire_tests_SOURCES = tests/replication/wire/batch_decode_test.c tests/replication/wire/batch_encode_test.c \
	tests/replication/wire/batch_test.c tests/replication/wire/bundle_test.c tests/replication/wire/column_test.c tests/replication/wire/frame_test.c \
	tests/replication/wire/golden_test.c tests/replication/wire/message_delta_test.c tests/replication/wire/message_join_test.c \
	tests/replication/wire/message_objects_test.c tests/replication/wire/message_patches_test.c tests/replication/wire/message_session_test.c \
	tests/replication/wire/message_test.c tests/replication/wire/message_vector_test.c tests/replication/wire/protobuf_test.c \
	tests/replication/wire/terms_test.c
tests_replication_wire_tests_LDADD = libsamples.a $(LDADD)
EXTRA_DIST += tests/replication/wire/golden.txt
