# base
check_PROGRAMS += tests/replication/base/arena_test tests/replication/base/bytes_test \
	tests/replication/base/check_test tests/replication/base/field_test tests/replication/base/percent_test tests/replication/base/status_test

# crdt
check_PROGRAMS += tests/replication/crdt/cell_test tests/replication/crdt/fold_test \
	tests/replication/crdt/histogram_test tests/replication/crdt/hlc_test tests/replication/crdt/merge_test tests/replication/crdt/people_test \
	tests/replication/crdt/register_test tests/replication/crdt/set_test

# stream
check_PROGRAMS += tests/replication/stream/adoption_test tests/replication/stream/apply_test tests/replication/stream/certificate_test \
	tests/replication/stream/expand_test tests/replication/stream/fork_test tests/replication/stream/lthash_test \
	tests/replication/stream/stream_test tests/replication/stream/vector_test

# package
check_PROGRAMS += tests/replication/package/catalogue_test tests/replication/package/chunk_list_test \
	tests/replication/package/chunker_test tests/replication/package/density_test tests/replication/package/gear_test \
	tests/replication/package/manifest_test tests/replication/package/manifest_check_test \
	tests/replication/package/media_type_test tests/replication/package/patch_test \
	tests/replication/package/recipe_test
# deflate: zlib is the other opinion
check_LIBRARIES += libdeflated.a
libdeflated_a_SOURCES = tests/replication/package/deflated.c tests/replication/package/deflated.h
deflated_libs = libdeflated.a $(LDADD) $(ZLIB_LIBS)
check_PROGRAMS += tests/replication/package/deflate_match_test tests/replication/package/deflate_read_test \
	tests/replication/package/deflate_remake_test tests/replication/package/deflate_write_test
tests_replication_package_deflate_match_test_LDADD = $(deflated_libs)
tests_replication_package_deflate_read_test_LDADD = $(deflated_libs)
tests_replication_package_deflate_remake_test_LDADD = $(deflated_libs)
tests_replication_package_deflate_write_test_LDADD = $(deflated_libs)
# trust
check_PROGRAMS += tests/replication/trust/authority_test tests/replication/trust/authority_order_test tests/replication/trust/consent_test tests/replication/trust/roster_fold_test \
	tests/replication/trust/identity_test tests/replication/trust/mirror_test tests/replication/trust/roster_test \
	tests/replication/trust/rekey_test tests/replication/trust/roster_end_test tests/replication/trust/key_news_test tests/replication/trust/roster_keys_test tests/replication/trust/roster_node_test \
	tests/replication/trust/roster_turn_test tests/replication/trust/statement_test tests/replication/trust/statement_write_test tests/replication/trust/token_test
# schedule
check_PROGRAMS += tests/replication/schedule/backoff_test tests/replication/schedule/budget_test \
	tests/replication/schedule/share_test tests/replication/schedule/window_test tests/replication/schedule/window_text_test
# wire
check_LIBRARIES += libsamples.a
libsamples_a_SOURCES = tests/replication/wire/batches.c tests/replication/wire/batches.h \
	tests/replication/wire/bodies.c tests/replication/wire/bodies.h \
	tests/replication/wire/samples.c tests/replication/wire/samples.h
wire_test_libs = libsamples.a $(LDADD)
check_PROGRAMS += tests/replication/wire/batch_decode_test tests/replication/wire/batch_encode_test \
	tests/replication/wire/batch_test tests/replication/wire/bundle_test tests/replication/wire/column_test tests/replication/wire/frame_test tests/replication/wire/golden_test \
	tests/replication/wire/message_delta_test tests/replication/wire/message_join_test \
	tests/replication/wire/message_objects_test tests/replication/wire/message_patches_test \
	tests/replication/wire/message_session_test \
	tests/replication/wire/message_test tests/replication/wire/message_vector_test \
	tests/replication/wire/protobuf_test tests/replication/wire/terms_test
tests_replication_wire_batch_decode_test_LDADD = $(wire_test_libs)
tests_replication_wire_batch_encode_test_LDADD = $(wire_test_libs)
tests_replication_wire_batch_test_LDADD = $(wire_test_libs)
tests_replication_wire_frame_test_LDADD = $(wire_test_libs)
tests_replication_wire_golden_test_LDADD = $(wire_test_libs)
EXTRA_DIST += tests/replication/wire/golden.txt
tests_replication_wire_message_delta_test_LDADD = $(wire_test_libs)
tests_replication_wire_message_join_test_LDADD = $(wire_test_libs)
tests_replication_wire_message_objects_test_LDADD = $(wire_test_libs)
tests_replication_wire_message_patches_test_LDADD = $(wire_test_libs)
tests_replication_wire_message_session_test_LDADD = $(wire_test_libs)
tests_replication_wire_message_test_LDADD = $(wire_test_libs)
tests_replication_wire_message_vector_test_LDADD = $(wire_test_libs)
# peer
check_PROGRAMS += tests/replication/peer/adopt_test \
	tests/replication/peer/compare_test \
	tests/replication/peer/dictionary_test tests/replication/peer/sent_test tests/replication/peer/short_name_test \
	tests/replication/peer/effect_test tests/replication/peer/fetch_test \
	tests/replication/peer/greet_test \
	tests/replication/peer/objects_in_test \
	tests/replication/peer/objects_out_test \
	tests/replication/peer/offer_test \
	tests/replication/peer/patches_in_test \
	tests/replication/peer/patches_out_test \
	tests/replication/peer/peer_test \
	tests/replication/peer/pull_test \
	tests/replication/peer/push_test \
	tests/replication/peer/receipt_test \
	tests/replication/peer/legacy_test \
	tests/replication/peer/shared_test \
	tests/replication/peer/trace_test
check_LIBRARIES += libduet.a
libduet_a_SOURCES = tests/replication/peer/duet.c tests/replication/peer/duet.h
duet_libs = libduet.a $(LDADD)
tests_replication_peer_compare_test_LDADD = $(duet_libs)
tests_replication_peer_dictionary_test_LDADD = $(duet_libs)
tests_replication_peer_sent_test_LDADD = $(duet_libs)
tests_replication_peer_short_name_test_LDADD = $(duet_libs)
tests_replication_peer_effect_test_LDADD = $(duet_libs)
tests_replication_peer_greet_test_LDADD = $(duet_libs)
tests_replication_peer_objects_in_test_LDADD = $(duet_libs)
tests_replication_peer_objects_out_test_LDADD = $(duet_libs)
tests_replication_peer_offer_test_LDADD = $(duet_libs)
tests_replication_peer_patches_in_test_LDADD = $(duet_libs)
tests_replication_peer_patches_out_test_LDADD = $(duet_libs)
tests_replication_peer_peer_test_LDADD = $(duet_libs)
tests_replication_peer_pull_test_LDADD = $(duet_libs)
tests_replication_peer_push_test_LDADD = $(duet_libs)
tests_replication_peer_receipt_test_LDADD = $(duet_libs)
tests_replication_peer_legacy_test_LDADD = $(duet_libs)
tests_replication_peer_shared_test_LDADD = $(duet_libs)
tests_replication_peer_trace_test_LDADD = $(duet_libs)
