# the room itself
check_PROGRAMS += tests/node/local_time_test
check_PROGRAMS += tests/node/app_course_test tests/node/app_figures_test tests/node/app_presence_test tests/node/app_turn_test tests/node/software_test tests/node/config_test tests/node/log_test tests/node/incident_test tests/node/status_test tests/node/dir_test tests/node/dir_keys_test tests/node/json_test

# store
check_PROGRAMS += tests/node/store/blob_test tests/node/store/course_test tests/node/store/subscription_test tests/node/store/want_test
libkit_a_SOURCES += \
	tests/node/store/desk.c tests/node/store/desk.h \
	tests/node/store/faulty_disk.c tests/node/store/faulty_disk.h
check_PROGRAMS += \
	tests/node/store/act_test \
	tests/node/store/adopt_test \
	tests/node/store/adopted_test \
	tests/node/store/alarm_test \
	tests/node/store/quarantine_test \
	tests/node/store/expel_test tests/node/store/known_test tests/node/store/share_test tests/node/store/doubt_test \
	tests/node/learn/event_tally_test tests/node/learn/recall_test \
	tests/node/store/anchor_test \
	tests/node/store/audit_test \
	tests/node/store/ballast_test \
	tests/node/store/cell_test \
	tests/node/store/db_test \
	tests/node/store/demand_test \
	tests/node/store/head_test \
	tests/node/store/held_test \
	tests/node/store/invite_test \
	tests/node/store/key_test \
	tests/node/store/migrate_test \
	tests/node/store/mirror_test \
	tests/node/store/migrate_copy_test \
	tests/node/store/incident_row_test \
	tests/node/store/own_test \
	tests/node/store/page_seal_test tests/node/store/page_sweep_test tests/node/store/sealed_disk_test tests/node/store/sealed_scan_test tests/node/store/wal_frame_test \
	tests/node/store/peer_status_test \
	tests/node/store/plan_test \
	tests/node/store/roster_test \
	tests/node/store/course_item_test tests/node/store/launch_test tests/node/store/registration_test \
	tests/node/store/salvage_test \
	tests/node/store/signin_test \
	tests/node/store/staging_test \
	tests/node/store/store_test \
	tests/node/store/stream_test \
	tests/node/store/term_test \
	tests/node/store/view_test \
	tests/node/store/hours_test \
	tests/node/store/window_test \
	tests/node/store/writer_test

# blob
check_PROGRAMS += tests/node/blob/aside_test tests/node/blob/batch_test tests/node/blob/folder_test tests/node/blob/object_test tests/node/blob/reader_test tests/node/blob/retake_test tests/node/blob/unsynced_test
# link
libkit_a_SOURCES += tests/node/link/mirror/web.c tests/node/link/mirror/web.h
check_PROGRAMS += \
	tests/node/app_command_test \
	tests/node/link/drain_test \
	tests/node/link/link_test \
	tests/node/link/mirror/mirror_test tests/node/link/mirror/http_test tests/node/link/mirror/load_test tests/node/link/mirror/site_test \
	tests/node/link/endpoint_test \
	tests/node/link/guard_test tests/node/link/door_test \
	tests/node/link/network_test \
	tests/node/link/opening_test tests/node/link/small_test \
	tests/node/link/outbox_test tests/node/link/pace_test tests/node/link/resolve_test tests/node/link/congestion_test \
	tests/node/link/supply_test tests/node/link/errand_test tests/node/link/welcome_test \
	tests/node/link/gate_test tests/node/link/keeper_test \
	tests/node/link/zap_test
# learn
check_PROGRAMS += \
	tests/node/learn/account/account_test tests/node/learn/account/signin_test tests/node/learn/account/throttle_test \
	tests/node/learn/course_base_test tests/node/learn/course_choose_test \
	tests/node/learn/attempt/activity_tree_test tests/node/learn/attempt/cmi_test tests/node/learn/attempt/due_test tests/node/learn/attempt/fact_test \
	tests/node/learn/attempt/dims_test tests/node/learn/attempt/fact_share_test tests/node/learn/attempt/share_sum_test \
	tests/node/learn/attempt/launch_test tests/node/learn/attempt/registration_test \
	tests/node/learn/course_contents_test \
	tests/node/learn/original/export_test tests/node/learn/original/keep_test tests/node/learn/original/rebuild_test \
	tests/node/learn/original/scan_test tests/node/learn/original/scan_stream_test \
	tests/node/learn/original/scan_tar_test tests/node/learn/original/scan_zip_test \
	tests/node/learn/course_fetch_test \
	tests/node/learn/course_file_test \
	tests/node/learn/course_import_test \
	tests/node/learn/course_object_test \
	tests/node/learn/course_publish_test \
	tests/node/learn/course_refresh_test \
	tests/node/learn/course_remove_test \
	tests/node/learn/course_source_test tests/node/learn/course_clean_test tests/node/learn/course_room_test \
	tests/node/cmd/course_clean_test tests/node/cmd/progress_test tests/node/cmd/sync_plan_test tests/node/store/cohort_test \
	tests/node/learn/course_wish_test \
	tests/node/learn/real_packages_test tests/node/learn/import_test \
	tests/node/learn/import_child_test \
	tests/node/learn/import_describe_test \
	tests/node/learn/import_description_test \
	tests/node/learn/import_digest_test tests/node/learn/import_watch_test \
	tests/node/learn/import_folder_test \
	tests/node/learn/import_frame_test \
	tests/node/learn/import_manifest_cmi5_test \
	tests/node/learn/import_manifest_h5p_test \
	tests/node/learn/import_manifest_ims_test \
	tests/node/learn/import_manifest_plain_test \
	tests/node/learn/import_members_test \
	tests/node/learn/import_path_test \
	tests/node/learn/import_sandbox_test \
	tests/node/learn/import_sequencing_test tests/node/learn/import_source_test \
	tests/node/learn/import_unpack_test \
	tests/node/learn/import_xml_test \
	tests/node/learn/import_zip_test
# learn: people and results
check_PROGRAMS += tests/node/timestamp_test tests/node/learn/csv_test tests/node/learn/vocabulary_test \
	tests/node/learn/password_test tests/node/learn/person_row_test tests/node/learn/refusal_test \
	tests/node/learn/result_reader_test tests/node/learn/result_row_test \
	tests/node/learn/tally_test tests/node/learn/person_test tests/node/learn/person_erase_test tests/node/store/scour_test tests/node/learn/result_test tests/node/learn/enrol_test \
	tests/node/learn/result_fold_test tests/node/store/edition_test \
	tests/node/store/event_test tests/node/store/figure_test tests/node/store/person_test

# badge
check_PROGRAMS += tests/node/learn/oneroster_test tests/node/learn/oneroster_export_test tests/node/learn/oneroster_zip_test tests/node/learn/import_pack_test
check_PROGRAMS += tests/node/learn/cohort/attendance_test tests/node/learn/cohort/cohort_test tests/node/learn/cohort/member_test \
	tests/node/learn/cohort/progress_test tests/node/store/cohort_row_test tests/node/cmd/cohort_test
check_PROGRAMS += tests/node/learn/duplicate_test tests/node/learn/search_test tests/node/learn/renew_test tests/node/store/duplicate_test tests/node/store/person_search_test
check_PROGRAMS += tests/node/http/events_test tests/node/http/form_test tests/node/http/upload_test tests/node/http/language_test tests/node/http/page_verify_test
check_PROGRAMS += tests/node/badge/card_test tests/node/badge/credential_test tests/node/badge/issue_test tests/node/badge/jcs_test \
	tests/node/badge/multibase_test tests/node/badge/print_test tests/node/badge/proof_test tests/node/badge/quads_test \
	tests/node/badge/status_list_test tests/node/badge/verify_test tests/node/badge/wording_test \
	tests/node/store/credential_test tests/node/store/revocation_test tests/node/cmd/credential_test
# lrs
libkit_a_SOURCES += tests/kit/kit_lrs.c tests/kit/kit_lrs.h tests/kit/kit_lrs_session.c tests/kit/kit_lrs_session.h
check_PROGRAMS += \
	tests/node/lrs/batch_store_test \
	tests/node/lrs/batch_test \
	tests/node/lrs/chain_test \
	tests/node/lrs/client_test \
	tests/node/lrs/cmi5_say_test \
	tests/node/lrs/cmi5_test \
	tests/node/lrs/compare_test \
	tests/node/lrs/digest_test \
	tests/node/lrs/document_test \
	tests/node/lrs/erase_test \
	tests/node/lrs/event_test \
	tests/node/lrs/format_test \
	tests/node/lrs/format_time_test \
	tests/node/lrs/index_test \
	tests/node/lrs/lrs_test \
	tests/node/lrs/multipart_test \
	tests/node/lrs/normal_test \
	tests/node/lrs/query_test \
	tests/node/lrs/render_canonical_test \
	tests/node/lrs/render_ids_test \
	tests/node/lrs/render_test \
	tests/node/lrs/rule_actor_test \
	tests/node/lrs/rule_context_test \
	tests/node/lrs/rule_object_test \
	tests/node/lrs/rule_result_test \
	tests/node/lrs/rule_test \
	tests/node/lrs/session_test \
	tests/node/lrs/signature_test \
	tests/node/lrs/tree_test \
	tests/node/lrs/tree_walk_test \
	tests/node/cmd/xapi_test tests/node/http/xapi_form_test \
	tests/node/store/posting_test tests/node/store/record_test tests/node/store/xapi_client_test tests/node/store/xapi_document_test

# care
libkit_a_SOURCES += tests/kit/kit_hub.c tests/kit/kit_hub.h
check_PROGRAMS += tests/node/care/doctor_figures_test tests/node/care/doctor_machine_test tests/node/care/doctor_network_test tests/node/care/doctor_standing_test \
	tests/node/cmd/doctor_test
check_PROGRAMS += tests/node/care/archive_read_test tests/node/care/archive_write_test tests/node/care/finding_test \
	tests/node/care/inspect_test tests/node/store/backup_test tests/node/store/rot_test tests/node/store/reseal_test tests/node/store/rotation_test tests/node/care/backup_test tests/node/care/restore_test \
	tests/node/care/scrub_test tests/node/blob/mend_test tests/node/learn/course_lost_test tests/node/cmd/backup_test
check_PROGRAMS += tests/node/cmd/finding_print_test tests/node/cmd/verify_test
# bundle
check_PROGRAMS += tests/node/bundle/file_in_test tests/node/bundle/file_out_test tests/node/bundle/parcel_test tests/node/bundle/import_test \
	tests/node/bundle/envelope_test tests/node/bundle/inventory_test tests/node/bundle/minisign_test tests/node/bundle/recipients_test \
	tests/node/bundle/seen_test tests/node/bundle/volume_test \
	tests/node/cmd/bundle_test tests/node/store/intake_test
# stats
check_PROGRAMS += tests/node/stats/disclosure_test tests/node/stats/document_test tests/node/stats/group_test tests/node/stats/margins_test \
	tests/node/stats/place_test tests/node/stats/stats_test tests/node/stats/coverage_test tests/node/stats/plausible_test \
	tests/node/stats/restatement_test tests/node/store/seal_test tests/node/cmd/seal_test tests/node/cmd/quarantine_test

# http
check_PROGRAMS += tests/node/web/web_test tests/node/cmd/audit_test
check_PROGRAMS += tests/node/http/caller_test tests/node/http/metrics_test tests/node/http/page_test tests/node/http/range_test tests/node/http/routes_main_test
# cmd
check_PROGRAMS += tests/node/cmd/document_test tests/node/cmd/problem_test tests/node/cmd/mirror_test tests/node/cmd/window_test
check_PROGRAMS += tests/node/cmd/authority_test tests/node/cmd/authority_key_test tests/node/cmd/authority_paper_test \
	tests/node/cmd/authority_print_test tests/node/cmd/authority_propose_test tests/node/cmd/key_test tests/node/cmd/promote_test
check_PROGRAMS += tests/node/cmd/course_test tests/node/cmd/course_read_test
check_PROGRAMS += tests/node/cmd/command_test tests/node/cmd/digest_test tests/node/cmd/help_test tests/node/cmd/init_test tests/node/cmd/join_test tests/node/cmd/table_test \
	tests/node/cmd/person_test tests/node/cmd/result_test tests/node/cmd/stats_test

# original
check_LIBRARIES += libarchives.a
libarchives_a_SOURCES = tests/node/learn/original/archives.c tests/node/learn/original/archives.h
archives_libs = libarchives.a $(LDADD)
tests_node_learn_original_export_test_LDADD = $(archives_libs)
tests_node_learn_original_keep_test_LDADD = $(archives_libs)
tests_node_learn_original_rebuild_test_LDADD = $(archives_libs)
tests_node_learn_original_scan_test_LDADD = $(archives_libs)
tests_node_learn_original_scan_tar_test_LDADD = $(archives_libs)
tests_node_learn_original_scan_zip_test_LDADD = $(archives_libs)
tests_node_learn_original_scan_stream_test_LDADD = libdeflated.a $(LDADD) $(ZLIB_LIBS)
