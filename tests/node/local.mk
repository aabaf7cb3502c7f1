# the room itself
check_PROGRAMS += tests/node/local_time_test
check_PROGRAMS += tests/node/app_course_test tests/node/app_figures_test tests/node/app_presence_test tests/node/app_turn_test tests/node/software_test tests/node/config_test tests/node/log_test tests/node/incident_test tests/node/input_test tests/node/library_test tests/node/limits_test tests/node/status_test tests/node/dir_test tests/node/dir_keys_test tests/node/draft_test tests/node/json_test

# store
check_PROGRAMS += tests/node/store/course/blob_test tests/node/store/course/course_test tests/node/store/course/subscription_test tests/node/store/course/want_test
libkit_a_SOURCES += \
	tests/node/store/desk.c tests/node/store/desk.h \
	tests/node/store/stream/adopt_desk.c tests/node/store/stream/adopt_desk.h \
	tests/node/store/faulty_disk.c tests/node/store/faulty_disk.h
check_PROGRAMS += \
	tests/node/store/operation/act_test \
	tests/node/store/stream/adopt_test \
	tests/node/store/stream/adopt_twice_test \
	tests/node/store/stream/adopt_draft_test \
	tests/node/store/stream/adopted_test \
	tests/node/store/stream/alarm_test \
	tests/node/store/stream/quarantine_test \
	tests/node/store/stream/expel_test tests/node/store/stream/known_test tests/node/store/stream/share_test tests/node/store/stream/doubt_test \
	tests/node/learn/result/event_tally_test tests/node/learn/result/recall_test \
	tests/node/store/stream/anchor_test \
	tests/node/store/stream/audit_test \
	tests/node/store/disk/ballast_test \
	tests/node/store/stream/cell_test \
	tests/node/store/db_test \
	tests/node/store/course/demand_test \
	tests/node/store/stream/head_test \
	tests/node/store/stream/held_test \
	tests/node/store/operation/invite_test \
	tests/node/store/stream/key_test \
	tests/node/store/disk/migrate_test \
	tests/node/store/course/mirror_test \
	tests/node/store/disk/migrate_copy_test \
	tests/node/store/operation/incident_row_test \
	tests/node/store/stream/own_test \
	tests/node/store/stream/past_test tests/node/store/stream/doubled_test tests/node/store/stream/machine_test \
	tests/node/store/disk/page_seal_test tests/node/store/disk/page_sweep_test tests/node/store/disk/sealed_disk_test tests/node/store/disk/sealed_scan_test tests/node/store/disk/wal_frame_test \
	tests/node/store/operation/peer_status_test \
	tests/node/store/plan_test \
	tests/node/store/stream/roster_test \
	tests/node/store/course/course_item_test tests/node/store/people/launch_test tests/node/store/people/registration_test \
	tests/node/store/disk/salvage_test \
	tests/node/store/people/signin_test \
	tests/node/store/stream/staging_test \
	tests/node/store/store_test \
	tests/node/store/stream/stream_test \
	tests/node/store/stream/term_test \
	tests/node/store/view_test \
	tests/node/store/operation/hours_test \
	tests/node/store/operation/window_test \
	tests/node/store/writer_test

# blob
check_PROGRAMS += tests/node/blob/aside_test tests/node/blob/batch_test tests/node/blob/folder_test tests/node/blob/object_test tests/node/blob/reader_test tests/node/blob/retake_test tests/node/blob/unsynced_test tests/node/blob/placed_test tests/node/blob/trail_test
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
	tests/node/link/opening_test tests/node/link/lane_test tests/node/link/line_test tests/node/link/braid_test tests/node/link/spare_test tests/node/link/small_test tests/node/link/together_test tests/node/link/assay_test tests/node/link/pair_test tests/node/link/session_job_test tests/node/link/record_test \
	tests/node/link/outbox_test tests/node/link/pace_test tests/node/link/resolve_test tests/node/link/congestion_test \
	tests/node/link/supply_test tests/node/link/errand_test tests/node/link/welcome_test \
	tests/node/link/gate_test tests/node/link/keeper_test \
	tests/node/link/zap_test
# learn
check_PROGRAMS += \
	tests/node/learn/account/account_test tests/node/learn/account/signin_test tests/node/learn/account/throttle_test \
	tests/node/learn/course/course_base_test tests/node/learn/course/course_choose_test \
	tests/node/learn/attempt/activity_tree_test tests/node/learn/attempt/cmi_test tests/node/learn/attempt/due_test tests/node/learn/attempt/fact_test \
	tests/node/learn/attempt/dims_test tests/node/learn/attempt/fact_share_test tests/node/learn/attempt/share_sum_test \
	tests/node/learn/attempt/launch_test tests/node/learn/attempt/registration_test \
	tests/node/learn/course/course_contents_test \
	tests/node/learn/original/export_test tests/node/learn/original/keep_test tests/node/learn/original/rebuild_test \
	tests/node/learn/original/scan_test tests/node/learn/original/scan_stream_test \
	tests/node/learn/original/scan_tar_test tests/node/learn/original/scan_zip_test \
	tests/node/learn/course/course_fetch_test \
	tests/node/learn/course/course_file_test \
	tests/node/learn/course/course_import_test \
	tests/node/learn/course/course_object_test \
	tests/node/learn/course/course_publish_test \
	tests/node/learn/course/course_refresh_test \
	tests/node/learn/course/course_remove_test \
	tests/node/learn/course/course_source_test tests/node/learn/course/course_clean_test tests/node/learn/course/course_room_test \
	tests/node/cmd/course_clean_test tests/node/cmd/course_package_test tests/node/cmd/progress_test tests/node/cmd/sync_plan_test tests/node/store/course/cohort_test \
	tests/node/learn/course/course_wish_test \
	tests/node/learn/real_packages_test tests/node/learn/import/import_test \
	tests/node/learn/import/import_child_test \
	tests/node/learn/import/import_describe_test \
	tests/node/learn/import/import_description_test \
	tests/node/learn/import/import_digest_test tests/node/learn/import/import_watch_test \
	tests/node/learn/import/import_entries_test \
	tests/node/learn/import/import_folder_test \
	tests/node/learn/import/import_frame_test \
	tests/node/learn/import/import_manifest_cmi5_test \
	tests/node/learn/import/import_manifest_h5p_test \
	tests/node/learn/import/import_manifest_ims_test \
	tests/node/learn/import/import_manifest_plain_test \
	tests/node/learn/import/import_members_test \
	tests/node/learn/import/import_name_test \
	tests/node/learn/import/import_path_test \
	tests/node/learn/import/import_sandbox_test \
	tests/node/learn/import/import_sequencing_test tests/node/learn/import/import_source_test \
	tests/node/learn/import/import_unpack_test \
	tests/node/learn/import/import_submanifest_test \
	tests/node/learn/import/import_xml_test \
	tests/node/learn/import/import_zip_test
# learn: people and results
check_PROGRAMS += tests/node/timestamp_test tests/node/learn/csv_test tests/node/learn/vocabulary_test \
	tests/node/learn/person/password_test tests/node/learn/person/person_row_test tests/node/learn/result/refusal_test \
	tests/node/learn/result/result_reader_test tests/node/learn/result/result_row_test \
	tests/node/learn/result/tally_test tests/node/learn/person/person_test tests/node/learn/person/person_erase_test tests/node/store/disk/scour_test tests/node/learn/result/result_test tests/node/learn/result/enrol_test \
	tests/node/learn/result/result_fold_test tests/node/store/course/edition_test \
	tests/node/store/people/event_test tests/node/store/stream/figure_test tests/node/store/people/person_test

# badge
check_PROGRAMS += tests/node/learn/oneroster/oneroster_test tests/node/learn/oneroster/oneroster_export_test tests/node/learn/oneroster/oneroster_zip_test tests/node/learn/import/import_pack_test
check_PROGRAMS += tests/node/learn/cohort/attendance_test tests/node/learn/cohort/cohort_test tests/node/learn/cohort/member_test \
	tests/node/learn/cohort/progress_test tests/node/store/people/cohort_row_test tests/node/cmd/cohort_test
check_PROGRAMS += tests/node/learn/person/duplicate_test tests/node/learn/search_test tests/node/learn/renew_test tests/node/store/people/duplicate_test tests/node/store/people/person_search_test
check_PROGRAMS += tests/node/http/events_test tests/node/http/form_test tests/node/http/names_test tests/node/http/upload_test tests/node/http/language_test tests/node/http/page_verify_test
check_PROGRAMS += tests/node/badge/card_test tests/node/badge/credential_test tests/node/badge/issue_test tests/node/badge/jcs_test \
	tests/node/badge/multibase_test tests/node/badge/print_test tests/node/badge/proof_test tests/node/badge/quads_test \
	tests/node/badge/status_list_test tests/node/badge/verify_test tests/node/badge/wording_test \
	tests/node/store/people/credential_test tests/node/store/stream/revocation_test tests/node/cmd/credential_test
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
	tests/node/store/people/posting_test tests/node/store/people/record_test tests/node/store/people/xapi_client_test tests/node/store/people/xapi_document_test

# The clock of the machine, set ahead; the machine, another one.
tests_node_store_stream_past_test_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=machine_print
tests_node_store_stream_own_test_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=engine_wall_ms
# care
libkit_a_SOURCES += tests/kit/kit_hub.c tests/kit/kit_hub.h
check_PROGRAMS += tests/node/care/doctor_figures_test tests/node/care/doctor_machine_test tests/node/care/doctor_network_test tests/node/care/doctor_standing_test \
	tests/node/cmd/doctor_test
check_PROGRAMS += tests/node/care/archive_read_test tests/node/care/archive_write_test tests/node/care/finding_test \
	tests/node/care/inspect_test tests/node/store/disk/backup_test tests/node/store/stream/rot_test tests/node/store/disk/reseal_test tests/node/store/stream/heard_test tests/node/store/stream/rotation_test tests/node/care/backup_test tests/node/care/restore_test \
	tests/node/care/scrub_test tests/node/blob/mend_test tests/node/learn/course/course_lost_test tests/node/cmd/backup_test
check_PROGRAMS += tests/node/cmd/finding_print_test tests/node/cmd/verify_test
# bundle
check_PROGRAMS += tests/node/bundle/file_in_test tests/node/bundle/file_out_test tests/node/bundle/parcel_test tests/node/bundle/import_test \
	tests/node/bundle/envelope_test tests/node/bundle/inventory_test tests/node/bundle/minisign_test tests/node/bundle/recipients_test \
	tests/node/bundle/seen_test tests/node/bundle/volume_test \
	tests/node/cmd/bundle_test tests/node/store/stream/intake_test
# stats
check_PROGRAMS += tests/node/stats/audit_test tests/node/stats/solve_test tests/node/stats/disclosure_test tests/node/stats/document_test tests/node/stats/group_test tests/node/stats/margins_test \
	tests/node/stats/place_test tests/node/stats/stats_test tests/node/stats/coverage_test tests/node/stats/plausible_test \
	tests/node/stats/restatement_test tests/node/store/stream/seal_test tests/node/cmd/seal_test tests/node/cmd/quarantine_test

# http
check_PROGRAMS += tests/node/web/web_test tests/node/cmd/audit_test
check_PROGRAMS += tests/node/http/caller_test tests/node/http/metrics_test tests/node/http/page_test tests/node/http/range_test tests/node/http/routes_main_test tests/node/http/shelf_test tests/node/http/course_answer_test
# cmd
check_PROGRAMS += tests/node/cmd/document_test tests/node/cmd/problem_test tests/node/cmd/mirror_test tests/node/cmd/window_test
check_PROGRAMS += tests/node/cmd/authority_test tests/node/cmd/authority_key_test tests/node/cmd/authority_paper_test \
	tests/node/cmd/authority_print_test tests/node/cmd/authority_propose_test tests/node/cmd/key_test tests/node/cmd/promote_test
check_PROGRAMS += tests/node/cmd/course_test tests/node/cmd/course_read_test
check_PROGRAMS += tests/node/cmd/command_test tests/node/cmd/digest_test tests/node/cmd/forward_test tests/node/cmd/option_test tests/node/cmd/help_test tests/node/cmd/init_test tests/node/cmd/join_test tests/node/cmd/table_test \
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
