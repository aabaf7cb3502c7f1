# node: the tests of each room are one program, ROOM_tests; each file of them runs in a process of its own (tests/kit/room.c).
# what several rooms' tests share
libkit_a_SOURCES += \
	tests/node/store/desk.c tests/node/store/desk.h \
	tests/node/store/stream/adopt_desk.c tests/node/store/stream/adopt_desk.h \
	tests/node/store/faulty_disk.c tests/node/store/faulty_disk.h \
	tests/node/link/mirror/web.c tests/node/link/mirror/web.h \
	tests/kit/kit_lrs.c tests/kit/kit_lrs.h tests/kit/kit_lrs_session.c tests/kit/kit_lrs_session.h \
	tests/kit/kit_hub.c tests/kit/kit_hub.h

check_PROGRAMS += tests/node/learn/course_tests
tests_node_learn_course_tests_SOURCES = tests/node/learn/course/course_base_test.c tests/node/learn/course/course_choose_test.c \
	tests/node/learn/course/course_clean_test.c tests/node/learn/course/course_contents_test.c tests/node/learn/course/course_fetch_test.c \
	tests/node/learn/course/course_file_test.c tests/node/learn/course/course_import_test.c tests/node/learn/course/course_lost_test.c \
	tests/node/learn/course/course_object_test.c tests/node/learn/course/course_publish_test.c tests/node/learn/course/course_refresh_test.c \
	tests/node/learn/course/course_remove_test.c tests/node/learn/course/course_room_test.c tests/node/learn/course/course_source_test.c \
	tests/node/learn/course/course_wish_test.c
check_PROGRAMS += tests/node/learn/import_tests
tests_node_learn_import_tests_SOURCES = tests/node/learn/import/import_bare_test.c tests/node/learn/import/import_charset_test.c \
	tests/node/learn/import/import_cmi5_structure_test.c tests/node/learn/import/import_link_test.c tests/node/learn/import/import_repair_test.c tests/node/learn/import/import_child_test.c tests/node/learn/import/import_describe_test.c \
	tests/node/learn/import/import_description_test.c tests/node/learn/import/import_digest_test.c tests/node/learn/import/import_entries_test.c \
	tests/node/learn/import/import_folder_test.c tests/node/learn/import/import_frame_test.c tests/node/learn/import/import_ims_format_test.c tests/node/learn/import/import_items_test.c tests/node/learn/import/import_library_archive_test.c \
	tests/node/learn/import/import_library_xml_test.c tests/node/learn/import/import_contents_test.c tests/node/learn/import/import_manifest_cmi5_test.c tests/node/learn/import/import_manifest_epub_test.c \
	tests/node/learn/import/import_manifest_h5p_test.c tests/node/learn/import/import_manifest_ims_test.c \
	tests/node/learn/import/import_manifest_plain_test.c tests/node/learn/import/import_manifest_tincan_test.c tests/node/learn/import/import_members_test.c tests/node/learn/import/import_name_test.c \
	tests/node/learn/import/import_pack_test.c tests/node/learn/import/import_page_test.c tests/node/learn/import/import_path_test.c tests/node/learn/import/import_sandbox_test.c \
	tests/node/learn/import/import_sequencing_test.c tests/node/learn/import/import_source_test.c tests/node/learn/import/import_submanifest_test.c \
	tests/node/learn/import/import_test.c tests/node/learn/import/import_unpack_test.c tests/node/learn/import/import_watch_test.c \
	tests/node/learn/import/import_xml_test.c tests/node/learn/import/import_zip_test.c
check_PROGRAMS += tests/node/learn_tests
tests_node_learn_tests_SOURCES = tests/node/learn/account/account_test.c tests/node/learn/account/signin_test.c \
	tests/node/learn/account/throttle_test.c tests/node/learn/attempt/activity_tree_test.c tests/node/learn/attempt/cmi_test.c \
	tests/node/learn/attempt/dims_test.c tests/node/learn/attempt/due_test.c tests/node/learn/attempt/fact_share_test.c \
	tests/node/learn/attempt/fact_test.c tests/node/learn/attempt/launch_test.c tests/node/learn/attempt/registration_test.c \
	tests/node/learn/attempt/satisfied_test.c tests/node/learn/attempt/share_sum_test.c tests/node/learn/attempt/xapi_test.c tests/node/learn/cohort/attendance_test.c tests/node/learn/cohort/cohort_test.c \
	tests/node/learn/cohort/member_test.c tests/node/learn/cohort/progress_test.c tests/node/learn/csv_test.c \
	tests/node/learn/oneroster/oneroster_export_test.c tests/node/learn/oneroster/oneroster_test.c tests/node/learn/oneroster/oneroster_zip_test.c \
	tests/node/learn/original/export_test.c tests/node/learn/original/keep_test.c tests/node/learn/original/rebuild_test.c \
	tests/node/learn/original/scan_stream_test.c tests/node/learn/original/scan_tar_test.c tests/node/learn/original/scan_test.c \
	tests/node/learn/original/scan_zip_test.c tests/node/learn/person/duplicate_test.c tests/node/learn/person/password_test.c \
	tests/node/learn/person/person_erase_test.c tests/node/learn/person/person_row_test.c tests/node/learn/person/person_test.c \
	tests/node/learn/real_packages_test.c tests/node/learn/renew_test.c tests/node/learn/result/enrol_test.c tests/node/learn/result/event_tally_test.c \
	tests/node/learn/result/recall_test.c tests/node/learn/result/refusal_test.c tests/node/learn/result/result_fold_test.c \
	tests/node/learn/result/result_reader_test.c tests/node/learn/result/result_row_test.c tests/node/learn/result/result_test.c \
	tests/node/learn/result/tally_test.c tests/node/learn/search_test.c tests/node/learn/vocabulary_test.c \
	tests/node/learn/original/archives.c tests/node/learn/original/archives.h
check_PROGRAMS += tests/node/store/stream_tests
tests_node_store_stream_tests_SOURCES = tests/node/store/stream/adopt_draft_test.c tests/node/store/stream/adopt_test.c \
	tests/node/store/stream/adopt_twice_test.c tests/node/store/stream/adopted_test.c tests/node/store/stream/alarm_test.c \
	tests/node/store/stream/anchor_test.c tests/node/store/stream/audit_test.c tests/node/store/stream/cell_test.c tests/node/store/stream/crowd_test.c tests/node/store/stream/doubled_test.c \
	tests/node/store/stream/doubt_test.c tests/node/store/stream/expel_test.c tests/node/store/stream/figure_test.c tests/node/store/stream/head_test.c tests/node/store/stream/heads_test.c \
	tests/node/store/stream/heard_test.c tests/node/store/stream/held_test.c tests/node/store/stream/intake_test.c tests/node/store/stream/key_test.c \
	tests/node/store/stream/beyond_test.c tests/node/store/stream/known_test.c tests/node/store/stream/machine_test.c tests/node/store/stream/own_test.c tests/node/store/stream/past_test.c tests/node/store/stream/proved_test.c \
	tests/node/store/stream/quarantine_test.c tests/node/store/stream/revocation_test.c tests/node/store/stream/roster_test.c \
	tests/node/store/stream/rot_test.c tests/node/store/stream/rotation_test.c tests/node/store/stream/rotation_vain_test.c tests/node/store/stream/seal_test.c tests/node/store/stream/share_test.c \
	tests/node/store/stream/beside_test.c tests/node/store/stream/delta_test.c tests/node/store/stream/speakers_test.c tests/node/store/stream/staging_test.c tests/node/store/stream/stream_test.c tests/node/store/stream/term_test.c tests/node/store/stream/unheard_test.c
# the clock of the machine, set ahead (own_test.c); the machine, another one (past_test.c)
tests_node_store_stream_tests_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=engine_wall_ms -Wl,--wrap=machine_print
check_PROGRAMS += tests/node/store_tests
tests_node_store_tests_SOURCES = tests/node/store/course/blob_test.c tests/node/store/course/cohort_test.c tests/node/store/course/course_item_test.c \
	tests/node/store/course/course_test.c tests/node/store/course/demand_test.c tests/node/store/course/edition_test.c \
	tests/node/store/course/mirror_test.c tests/node/store/course/subscription_test.c tests/node/store/course/want_test.c tests/node/store/db_test.c \
	tests/node/store/disk/backup_test.c tests/node/store/disk/ballast_test.c tests/node/store/disk/migrate_copy_test.c \
	tests/node/store/disk/migrate_test.c tests/node/store/disk/page_seal_test.c tests/node/store/disk/page_sweep_test.c \
	tests/node/store/disk/reseal_test.c tests/node/store/disk/salvage_test.c tests/node/store/disk/scour_test.c tests/node/store/disk/sealed_disk_test.c \
	tests/node/store/disk/sealed_scan_test.c tests/node/store/disk/wal_frame_test.c tests/node/store/operation/act_test.c \
	tests/node/store/operation/hours_test.c tests/node/store/operation/incident_row_test.c tests/node/store/operation/invite_test.c \
	tests/node/store/operation/peer_status_test.c tests/node/store/operation/window_test.c tests/node/store/people/cohort_row_test.c \
	tests/node/store/people/credential_test.c tests/node/store/people/duplicate_test.c tests/node/store/people/event_test.c \
	tests/node/store/people/launch_test.c tests/node/store/people/person_search_test.c tests/node/store/people/person_test.c \
	tests/node/store/people/posting_test.c tests/node/store/people/record_test.c tests/node/store/people/registration_test.c \
	tests/node/store/people/signin_test.c tests/node/store/people/xapi_client_test.c tests/node/store/people/xapi_document_test.c \
	tests/node/store/plan_test.c tests/node/store/store_test.c tests/node/store/view_test.c tests/node/store/writer_test.c
check_PROGRAMS += tests/node/link_tests
tests_node_link_tests_SOURCES = tests/node/link/arrival_test.c tests/node/link/assay_test.c tests/node/link/braid_test.c tests/node/link/burden_test.c tests/node/link/congestion_test.c \
	tests/node/link/door_test.c tests/node/link/drain_test.c tests/node/link/endpoint_test.c tests/node/link/errand_test.c tests/node/link/gate_test.c \
	tests/node/link/guard_test.c tests/node/link/keeper_test.c tests/node/link/lane_test.c tests/node/link/library_zmq_test.c tests/node/link/line_test.c tests/node/link/link_test.c \
	tests/node/link/members_test.c tests/node/link/mirror/http_test.c tests/node/link/mirror/load_test.c tests/node/link/mirror/mirror_test.c tests/node/link/mirror/site_test.c \
	tests/node/link/network_test.c tests/node/link/opening_test.c tests/node/link/outbox_test.c tests/node/link/pace_test.c tests/node/link/pair_test.c \
	tests/node/link/record_test.c tests/node/link/resolve_test.c tests/node/link/session_job_test.c tests/node/link/small_test.c \
	tests/node/link/spare_test.c tests/node/link/supply_test.c tests/node/link/together_test.c tests/node/link/welcome_test.c tests/node/link/zap_test.c
check_PROGRAMS += tests/node/cmd_tests
# the clock of the machine, put back (promote_test.c)
tests_node_cmd_tests_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=local_time_now
tests_node_cmd_tests_SOURCES = tests/node/cmd/alone_test.c tests/node/cmd/audit_test.c tests/node/cmd/authority_key_test.c tests/node/cmd/authority_paper_test.c \
	tests/node/cmd/authority_print_test.c tests/node/cmd/authority_propose_test.c tests/node/cmd/authority_test.c tests/node/cmd/backup_test.c \
	tests/node/cmd/bundle_test.c tests/node/cmd/cohort_test.c tests/node/cmd/command_test.c tests/node/cmd/course_clean_test.c \
	tests/node/cmd/course_package_test.c tests/node/cmd/course_read_test.c tests/node/cmd/course_test.c tests/node/cmd/credential_test.c \
	tests/node/cmd/digest_test.c tests/node/cmd/doctor_test.c tests/node/cmd/document_test.c tests/node/cmd/finding_print_test.c \
	tests/node/cmd/farewell_test.c tests/node/cmd/forward_test.c tests/node/cmd/help_test.c tests/node/cmd/init_test.c tests/node/cmd/join_test.c tests/node/cmd/key_test.c \
	tests/node/cmd/mirror_test.c tests/node/cmd/option_test.c tests/node/cmd/person_test.c tests/node/cmd/problem_test.c tests/node/cmd/progress_test.c \
	tests/node/cmd/promote_test.c tests/node/cmd/quarantine_test.c tests/node/cmd/result_test.c tests/node/cmd/screen_test.c tests/node/cmd/seal_test.c tests/node/cmd/stats_test.c \
	tests/node/cmd/sync_plan_test.c tests/node/cmd/sync_test.c tests/node/cmd/table_test.c tests/node/cmd/verify_test.c tests/node/cmd/window_test.c tests/node/cmd/xapi_test.c
check_PROGRAMS += tests/node/care_tests
tests_node_care_tests_SOURCES = tests/node/care/archive_read_test.c tests/node/care/archive_write_test.c tests/node/care/backup_test.c \
	tests/node/care/doctor_courses_test.c tests/node/care/doctor_figures_test.c tests/node/care/doctor_machine_test.c tests/node/care/doctor_network_test.c tests/node/care/doctor_owner_test.c \
	tests/node/care/doctor_standing_test.c tests/node/care/finding_test.c tests/node/care/inspect_test.c tests/node/care/restore_test.c \
	tests/node/care/scrub_test.c
check_PROGRAMS += tests/node/badge_tests
tests_node_badge_tests_SOURCES = tests/node/badge/card_test.c tests/node/badge/credential_test.c tests/node/badge/issue_test.c \
	tests/node/badge/jcs_test.c tests/node/badge/multibase_test.c tests/node/badge/print_test.c tests/node/badge/proof_test.c \
	tests/node/badge/quads_test.c tests/node/badge/status_list_test.c tests/node/badge/verify_test.c tests/node/badge/wording_test.c
check_PROGRAMS += tests/node/blob_tests
tests_node_blob_tests_SOURCES = tests/node/blob/aside_test.c tests/node/blob/batch_test.c tests/node/blob/copy_test.c tests/node/blob/folder_test.c tests/node/blob/mend_test.c \
	tests/node/blob/object_test.c tests/node/blob/placed_test.c tests/node/blob/reader_test.c tests/node/blob/retake_test.c tests/node/blob/trail_test.c \
	tests/node/blob/unsynced_test.c
check_PROGRAMS += tests/node/bundle_tests
tests_node_bundle_tests_SOURCES = tests/node/bundle/envelope_test.c tests/node/bundle/export_figures_test.c tests/node/bundle/file_in_test.c tests/node/bundle/file_out_test.c \
	tests/node/bundle/import_test.c tests/node/bundle/inventory_test.c tests/node/bundle/minisign_test.c tests/node/bundle/need_test.c tests/node/bundle/parcel_test.c \
	tests/node/bundle/recipients_test.c tests/node/bundle/seen_test.c tests/node/bundle/volume_test.c
check_PROGRAMS += tests/node/http_tests
tests_node_http_tests_SOURCES = tests/node/http/caller_test.c tests/node/http/course_answer_test.c tests/node/http/events_test.c tests/node/http/exchange_test.c \
	tests/node/http/figures_test.c tests/node/http/form_test.c tests/node/http/http_test.c tests/node/http/language_test.c tests/node/http/library_microhttpd_test.c tests/node/http/metrics_test.c tests/node/http/pool_test.c \
	tests/node/http/names_test.c tests/node/http/page_test.c tests/node/http/page_verify_test.c tests/node/http/range_test.c tests/node/http/routes_main_test.c tests/node/http/shelf_test.c \
	tests/node/http/upload_test.c tests/node/http/xapi_form_test.c
check_PROGRAMS += tests/node/lrs_tests
tests_node_lrs_tests_SOURCES = tests/node/lrs/batch_store_test.c tests/node/lrs/batch_test.c tests/node/lrs/chain_test.c tests/node/lrs/client_test.c \
	tests/node/lrs/cmi5_say_test.c tests/node/lrs/cmi5_test.c tests/node/lrs/compare_test.c tests/node/lrs/digest_test.c tests/node/lrs/document_test.c \
	tests/node/lrs/erase_test.c tests/node/lrs/event_test.c tests/node/lrs/format_test.c tests/node/lrs/format_time_test.c tests/node/lrs/index_test.c \
	tests/node/lrs/lrs_test.c tests/node/lrs/multipart_test.c tests/node/lrs/normal_test.c tests/node/lrs/old_test.c tests/node/lrs/query_test.c \
	tests/node/lrs/render_canonical_test.c tests/node/lrs/render_ids_test.c tests/node/lrs/render_test.c tests/node/lrs/rule_actor_test.c \
	tests/node/lrs/rule_context_test.c tests/node/lrs/rule_object_test.c tests/node/lrs/rule_result_test.c tests/node/lrs/rule_test.c \
	tests/node/lrs/session_test.c tests/node/lrs/signature_test.c tests/node/lrs/tree_test.c tests/node/lrs/tree_walk_test.c
check_PROGRAMS += tests/node/stats_tests
tests_node_stats_tests_SOURCES = tests/node/stats/audit_test.c tests/node/stats/coverage_test.c tests/node/stats/disclosure_test.c \
	tests/node/stats/document_test.c tests/node/stats/group_test.c tests/node/stats/margins_test.c tests/node/stats/place_test.c \
	tests/node/stats/plausible_test.c tests/node/stats/restatement_test.c tests/node/stats/solve_test.c tests/node/stats/stats_test.c
check_PROGRAMS += tests/node/web_tests
tests_node_web_tests_SOURCES = tests/node/web/web_test.c
check_PROGRAMS += tests/node_tests
tests_node_tests_SOURCES = tests/node/app_command_test.c tests/node/app_course_test.c tests/node/app_figures_test.c tests/node/app_presence_test.c \
	tests/node/app_turn_test.c tests/node/config_test.c tests/node/dir_keys_test.c tests/node/dir_test.c tests/node/draft_test.c \
	tests/node/incident_test.c tests/node/input_test.c tests/node/json_test.c tests/node/library_test.c tests/node/limits_test.c tests/node/owner_test.c tests/node/rest_test.c tests/node/shortfall_test.c \
	tests/node/local_time_test.c tests/node/log_test.c tests/node/software_test.c tests/node/status_incidents_test.c \
	tests/node/status_sentence_test.c tests/node/status_test.c tests/node/timestamp_test.c
