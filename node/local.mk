# node: the program. Everything but main.c is an archive, so that tests link it too.
noinst_LIBRARIES += libnode.a
libnode_a_SOURCES = \
	node/config.c node/config.h \
	node/dir.c node/dir.h node/dir_keys.c \
	node/draft.c node/draft.h node/shortfall.c node/shortfall.h \
	node/json.c node/json.h \
	node/local_time.c node/local_time.h \
	node/log.c node/log.h \
	node/incident.c node/incident.h \
	node/input.c node/input.h \
	node/library.c node/library.h \
	node/limits.c node/limits.h \
	node/owner.c node/owner.h \
	node/rest.c node/rest.h \
	node/app_figures.c node/app_figures.h \
	node/status.c node/status.h node/status_incidents.c node/status_incidents.h node/status_sentence.c node/status_sentence.h

# store
libnode_a_SOURCES += \
	node/store/operation/act.c node/store/operation/act.h \
	node/store/stream/adopt.c node/store/stream/adopt.h \
	node/store/stream/adopt_draft.c node/store/stream/adopt_draft.h \
	node/store/stream/adopted.c node/store/stream/adopted.h \
	node/store/stream/doubled.c node/store/stream/doubled.h \
	node/store/stream/past.c node/store/stream/past.h \
	node/store/stream/machine.c node/store/stream/machine.h \
	node/store/stream/alarm.c node/store/stream/alarm.h \
	node/store/stream/quarantine.c node/store/stream/quarantine.h \
	node/store/stream/expel.c node/store/stream/expel.h node/store/stream/known.c node/store/stream/known.h node/store/stream/share.c node/store/stream/share.h \
	node/store/stream/doubt.c node/store/stream/doubt.h \
	node/store/stream/anchor.c node/store/stream/anchor.h \
	node/store/stream/cell.c node/store/stream/cell.h \
	node/store/stream/audit.c node/store/stream/audit.h \
	node/store/disk/ballast.c node/store/disk/ballast.h \
	node/store/disk/backup.c node/store/disk/backup.h \
	node/store/course/blob.c node/store/course/blob.h \
	node/store/connection.h \
	node/store/course/course.c node/store/course/course.h \
	node/store/course/course_item.c node/store/course/course_item.h \
	node/store/db.c node/store/db.h \
	node/store/engine.h \
	node/store/course/demand.c node/store/course/demand.h \
	node/store/stream/head.c node/store/stream/head.h \
	node/store/stream/held.c node/store/stream/held.h \
	node/store/stream/intake.c node/store/stream/intake.h \
	node/store/operation/invite.c node/store/operation/invite.h \
	node/store/stream/key.c node/store/stream/key.h \
	node/store/disk/migrate.c node/store/disk/migrate.h \
	node/store/operation/incident_row.c node/store/operation/incident_row.h \
	node/store/disk/migrate_copy.c node/store/disk/migrate_copy.h \
	node/store/course/mirror.c node/store/course/mirror.h \
	node/store/stream/own.c node/store/stream/own.h node/store/stream/own_engine.h \
	node/store/disk/page_seal.c node/store/disk/page_seal.h node/store/disk/page_sweep.c node/store/disk/page_sweep.h \
	node/store/operation/peer_status.c node/store/operation/peer_status.h \
	node/store/stream/heads.c node/store/stream/heads.h \
	node/store/stream/heard.c node/store/stream/heard.h \
	node/store/stream/beyond.c node/store/stream/beyond.h node/store/stream/crowd.c node/store/stream/crowd.h node/store/stream/proved.c node/store/stream/proved.h node/store/stream/roster.c node/store/stream/roster.h \
	node/store/disk/reseal.c node/store/disk/reseal.h \
	node/store/stream/rot.c node/store/stream/rot.h \
	node/store/stream/rotation.c node/store/stream/rotation.h node/store/stream/rotation_vain.c node/store/stream/rotation_vain.h \
	node/store/disk/scour.c node/store/disk/scour.h node/store/disk/salvage.c node/store/disk/salvage.h \
	node/store/disk/sealed_disk.c node/store/disk/sealed_disk.h node/store/disk/sealed_scan.c \
	node/store/stream/speakers.c node/store/stream/speakers.h \
	node/store/stream/staging.c node/store/stream/staging.h \
	node/store/stream/beside.c node/store/stream/beside.h node/store/stream/delta.c node/store/stream/delta.h \
	node/store/store.c node/store/store.h \
	node/store/stream/stream.c node/store/stream/stream.h \
	node/store/course/cohort.c node/store/course/cohort.h \
	node/store/course/subscription.c node/store/course/subscription.h \
	node/store/stream/term.c node/store/stream/term.h \
	node/store/stream/unheard.c node/store/stream/unheard.h \
	node/store/view.c node/store/view.h \
	node/store/disk/wal_frame.c node/store/disk/wal_frame.h \
	node/store/course/want.c node/store/course/want.h \
	node/store/operation/hours.c node/store/operation/hours.h \
	node/store/operation/window.c node/store/operation/window.h \
	node/store/writer.c node/store/writer.h
nodist_libnode_a_SOURCES = $(sql_generated)

# blob
libnode_a_SOURCES += \
	node/blob/aside.c node/blob/aside.h \
	node/blob/trail.c node/blob/trail.h \
	node/blob/batch.c \
	node/blob/blob.h \
	node/blob/folder.c node/blob/folder.h \
	node/blob/unsynced.c node/blob/unsynced.h node/blob/placed.c node/blob/placed.h \
	node/blob/mend.c \
	node/blob/object.c \
	node/blob/reader.c node/blob/retake.c node/blob/copy.c node/blob/copy.h
# link
libnode_a_SOURCES += \
	node/app.c node/app.h \
	node/app_attempt.c node/app_attempt.h \
	node/app_presence.c node/app_presence.h \
	node/software.c node/software.h \
	node/app_turn.c node/app_turn.h \
	node/app_sync.c node/app_sync.h \
	node/app_command.c node/app_command.h \
	node/app_course.c node/app_course.h \
	node/cmd/forward.c node/cmd/forward.h \
	node/cmd/invitation.c node/cmd/invitation.h \
	node/cmd/invite.c node/cmd/join.c node/cmd/peer.c node/cmd/quarantine.c node/cmd/run.c node/cmd/sync.c node/cmd/sync_plan.c node/cmd/sync_plan.h node/cmd/progress.c node/cmd/progress.h node/cmd/window.c node/cmd/mirror.c \
	node/link/content.h \
	node/link/admit.c node/link/admit.h \
	node/link/welcome.c node/link/welcome.h \
	node/link/errand.c node/link/errand.h \
	node/link/dial.c node/link/dial.h node/link/resolve.c node/link/resolve.h \
	node/link/door.c node/link/door.h \
	node/link/endpoint.c node/link/endpoint.h \
	node/link/gate.c node/link/gate.h \
	node/link/join.c node/link/join.h node/link/keeper.c node/link/keeper.h \
	node/link/mirror/mirror.c node/link/mirror/mirror.h node/link/mirror/http.c node/link/mirror/http.h \
	node/link/mirror/load.c node/link/mirror/load.h node/link/mirror/site.c node/link/mirror/site.h \
	node/link/traffic.c node/link/traffic.h \
	node/link/arrival.c node/link/arrival.h node/link/guard.c node/link/guard.h \
	node/link/drain.c node/link/drain.h \
	node/link/link.c node/link/link.h \
	node/link/listener.c node/link/listener.h \
	node/link/members.c node/link/members.h \
	node/link/monitor.c node/link/monitor.h node/link/network.c node/link/network.h \
	node/link/opening.c node/link/opening.h \
	node/link/lane.c node/link/lane.h node/link/line.c node/link/line.h node/link/braid.c node/link/braid.h \
	node/link/small.c node/link/small.h node/link/spare.c node/link/spare.h \
	node/link/assay.c node/link/assay.h node/link/session_job.c node/link/session_job.h \
	node/link/burden.c node/link/burden.h \
	node/link/pair.c node/link/pair.h node/link/together.c node/link/together.h node/link/record.c node/link/record.h \
	node/link/outbox.c node/link/outbox.h \
	node/link/session.c node/link/session.h \
	node/link/pace.c node/link/pace.h \
	node/link/congestion.c node/link/congestion.h \
	node/link/supply.c node/link/supply.h \
	node/link/sessions.c node/link/sessions.h \
	node/link/library_zmq.c node/link/socket.c node/link/socket.h \
	node/link/zap.c node/link/zap.h
# learn
libnode_a_SOURCES += \
	node/learn/csv.c node/learn/csv.h \
	node/learn/course/course.h \
	node/learn/course/course_base.c node/learn/course/course_choose.c \
	node/learn/course/course_contents.c \
	node/learn/original/export.c node/learn/original/export.h \
	node/learn/original/keep.c node/learn/original/keep.h \
	node/learn/original/rebuild.c node/learn/original/rebuild.h \
	node/learn/original/scan.c node/learn/original/scan.h node/learn/original/scan_stream.c \
	node/learn/original/scan_tar.c node/learn/original/scan_zip.c \
	node/learn/course/course_fetch.c \
	node/learn/course/course_file.c node/learn/course/course_file.h \
	node/learn/course/course_import.c node/learn/course/course_import.h \
	node/learn/course/course_lost.c node/learn/course/course_lost.h \
	node/learn/course/course_object.c \
	node/learn/course/course_publish.c \
	node/learn/course/course_refresh.c \
	node/learn/course/course_remove.c \
	node/learn/course/course_wish.c node/learn/course/course_room.c \
	node/learn/course/course_source.c node/learn/course/course_source.h \
	node/learn/course/course_choose.h node/learn/course/course_clean.c node/learn/course/course_clean.h \
	node/learn/import/import.c node/learn/import/import.h \
	node/learn/import/import_bare.c node/learn/import/import_bare.h \
	node/learn/import/import_link.c node/learn/import/import_link.h node/learn/import/import_repair.c node/learn/import/import_repair.h \
	node/learn/import/import_charset.c node/learn/import/import_charset.h \
	node/learn/import/import_cmi5_structure.c node/learn/import/import_cmi5_structure.h \
	node/learn/import/import_child.c node/learn/import/import_child.h \
	node/learn/import/import_describe.c node/learn/import/import_describe.h \
	node/learn/import/import_contents.c node/learn/import/import_contents.h \
	node/learn/import/import_description.c node/learn/import/import_description.h \
	node/learn/import/import_digest.c node/learn/import/import_digest.h \
	node/learn/import/import_entries.c node/learn/import/import_entries.h \
	node/learn/import/import_folder.c node/learn/import/import_folder.h \
	node/learn/import/import_frame.c node/learn/import/import_frame.h \
	node/learn/import/import_ims_format.c node/learn/import/import_ims_format.h \
	node/learn/import/import_items.c node/learn/import/import_items.h \
	node/learn/import/import_manifest_cmi5.c \
	node/learn/import/import_manifest_epub.c \
	node/learn/import/import_manifest_h5p.c \
	node/learn/import/import_manifest_ims.c \
	node/learn/import/import_sequencing.c node/learn/import/import_sequencing.h \
	node/learn/import/import_submanifest.c node/learn/import/import_submanifest.h \
	node/learn/import/import_manifest_plain.c \
	node/learn/import/import_manifest_tincan.c \
	node/learn/import/import_members.c node/learn/import/import_members.h \
	node/learn/import/import_name.c node/learn/import/import_name.h \
	node/learn/import/import_page.c node/learn/import/import_page.h \
	node/learn/import/import_path.c node/learn/import/import_path.h \
	node/learn/import/import_sandbox.c node/learn/import/import_sandbox.h \
	node/learn/import/import_source.c node/learn/import/import_source.h \
	node/learn/import/import_unpack.c node/learn/import/import_unpack.h \
	node/learn/import/import_watch.c node/learn/import/import_watch.h \
	node/learn/import/import_library_archive.c node/learn/import/import_library_xml.c \
	node/learn/import/import_xml.c node/learn/import/import_xml.h \
	node/learn/import/import_zip.c node/learn/import/import_zip.h \
	node/learn/account/account.c node/learn/account/account.h \
	node/learn/account/signin.c node/learn/account/signin.h \
	node/learn/account/throttle.c node/learn/account/throttle.h \
	node/learn/cohort/attendance.c node/learn/cohort/cohort.c node/learn/cohort/cohort.h node/learn/cohort/member.c \
	node/learn/cohort/progress.c node/learn/cohort/progress.h node/cmd/cohort.c \
	node/store/people/cohort_row.c node/store/people/cohort_row.h \
	node/learn/oneroster/oneroster.c node/learn/oneroster/oneroster.h node/learn/oneroster/oneroster_export.c node/learn/oneroster/oneroster_export.h \
	node/learn/oneroster/oneroster_zip.c node/learn/oneroster/oneroster_zip.h node/learn/import/import_pack.c node/learn/import/import_pack.h node/cmd/oneroster.c node/cmd/oneroster.h node/cmd/option.c \
	node/learn/person/duplicate.c node/learn/person/duplicate.h \
	node/learn/attempt/activity_tree.c node/learn/attempt/activity_tree.h \
	node/learn/attempt/attempts.h \
	node/learn/attempt/cmi.c node/learn/attempt/cmi.h \
	node/learn/attempt/dims.c node/learn/attempt/dims.h node/learn/attempt/due.c node/learn/attempt/due.h \
	node/learn/attempt/fact.c node/learn/attempt/fact.h node/learn/attempt/fact_share.c node/learn/attempt/fact_share.h \
	node/learn/attempt/share_sum.c node/learn/attempt/share_sum.h \
	node/learn/attempt/launch.c node/learn/attempt/launch.h \
	node/learn/attempt/registration.c node/learn/attempt/registration.h \
	node/learn/attempt/satisfied.c node/learn/attempt/satisfied.h node/learn/attempt/xapi.c node/learn/attempt/xapi.h \
	node/learn/result/enrol.c node/learn/result/enrol.h \
	node/learn/person/password.c node/learn/person/password.h \
	node/learn/person/person.c node/learn/person/person.h node/learn/person/person_erase.c \
	node/learn/renew.c node/learn/renew.h \
	node/learn/person/person_row.c node/learn/person/person_row.h \
	node/learn/result/refusal.c node/learn/result/refusal.h \
	node/learn/result/result.c node/learn/result/result.h \
	node/learn/result/result_fold.c node/learn/result/result_fold.h \
	node/learn/result/result_reader.c node/learn/result/result_reader.h \
	node/learn/result/result_row.c node/learn/result/result_row.h \
	node/learn/search.c node/learn/search.h \
	node/learn/result/tally.c node/learn/result/tally.h node/learn/result/event_tally.c node/learn/result/event_tally.h node/learn/result/recall.c node/learn/result/recall.h \
	node/learn/vocabulary.c node/learn/vocabulary.h \
	node/store/course/edition.c node/store/course/edition.h \
	node/store/people/event.c node/store/people/event.h \
	node/store/stream/figure.c node/store/stream/figure.h \
	node/store/people/duplicate.c node/store/people/duplicate.h \
	node/store/people/person.c node/store/people/person.h \
	node/store/people/person_search.c node/store/people/person_search.h \
	node/store/people/launch.c node/store/people/launch.h \
	node/store/people/registration.c node/store/people/registration.h \
	node/store/stream/seal.c node/store/stream/seal.h \
	node/store/people/signin.c node/store/people/signin.h \
	node/timestamp.c node/timestamp.h

# lrs
libnode_a_SOURCES += \
	node/lrs/batch.c node/lrs/batch.h \
	node/lrs/batch_store.c \
	node/lrs/chain.c node/lrs/chain.h \
	node/lrs/client.c node/lrs/client.h \
	node/lrs/cmi5.c node/lrs/cmi5.h \
	node/lrs/cmi5_say.c \
	node/lrs/compare.c node/lrs/compare.h \
	node/lrs/digest.c node/lrs/digest.h \
	node/lrs/document.c node/lrs/document.h \
	node/lrs/erase.c \
	node/lrs/event.c node/lrs/event.h \
	node/lrs/format.c node/lrs/format.h \
	node/lrs/format_time.c \
	node/lrs/index.c node/lrs/index.h \
	node/lrs/lrs.c node/lrs/lrs.h \
	node/lrs/multipart.c node/lrs/multipart.h \
	node/lrs/normal.c node/lrs/normal.h node/lrs/old.c node/lrs/old.h \
	node/lrs/query.c node/lrs/query.h \
	node/lrs/render.c node/lrs/render.h \
	node/lrs/render_canonical.c \
	node/lrs/render_ids.c \
	node/lrs/rule.c node/lrs/rule.h \
	node/lrs/rule_actor.c \
	node/lrs/rule_context.c \
	node/lrs/rule_object.c \
	node/lrs/rule_result.c \
	node/lrs/session.c node/lrs/session.h \
	node/lrs/signature.c node/lrs/signature.h \
	node/lrs/tree.c node/lrs/tree.h \
	node/lrs/tree_walk.c \
	node/store/people/posting.c node/store/people/posting.h \
	node/store/people/record.c node/store/people/record.h \
	node/store/people/xapi_client.c node/store/people/xapi_client.h \
	node/store/people/xapi_document.c node/store/people/xapi_document.h

# badge
libnode_a_SOURCES += \
	node/badge/card.c node/badge/card.h \
	node/badge/credential.c node/badge/credential.h \
	node/badge/issue.c node/badge/issue.h \
	node/badge/jcs.c node/badge/jcs.h \
	node/badge/multibase.c node/badge/multibase.h \
	node/badge/print.c node/badge/print.h \
	node/badge/proof.c node/badge/proof.h \
	node/badge/quads.c node/badge/quads.h \
	node/badge/status_list.c node/badge/status_list.h \
	node/badge/verify.c node/badge/verify.h \
	node/badge/wording.c node/badge/wording.h \
	node/cmd/credential.c \
	node/store/people/credential.c node/store/people/credential.h \
	node/store/stream/revocation.c node/store/stream/revocation.h

# stats
libnode_a_SOURCES += \
	node/stats/audit.c node/stats/audit.h node/stats/margin.h node/stats/solve.c node/stats/solve.h \
	node/stats/coverage.c node/stats/coverage.h node/stats/plausible.c node/stats/plausible.h \
	node/stats/disclosure.c node/stats/disclosure.h \
	node/stats/document.c node/stats/document.h \
	node/stats/group.c node/stats/group.h \
	node/stats/margins.c node/stats/margins.h \
	node/stats/place.c node/stats/place.h \
	node/stats/restatement.c node/stats/restatement.h \
	node/stats/stats.c node/stats/stats.h

# care
libnode_a_SOURCES += \
	node/care/archive.h node/care/archive_format.h \
	node/care/archive_read.c node/care/archive_write.c \
	node/care/backup.c node/care/backup.h \
	node/care/restore.c node/care/restore.h \
	node/care/scrub.c node/care/scrub.h \
	node/care/doctor.h \
	node/care/doctor_courses.c node/care/doctor_figures.c node/care/doctor_machine.c node/care/doctor_network.c node/care/doctor_owner.c node/care/doctor_standing.c \
	node/care/finding.c node/care/finding.h \
	node/care/inspect.c node/care/inspect.h
# bundle
libnode_a_SOURCES += \
	node/bundle/bundle.h \
	node/bundle/envelope.c node/bundle/envelope.h \
	node/bundle/inventory.c node/bundle/inventory.h \
	node/bundle/minisign.c node/bundle/minisign.h \
	node/bundle/need.c node/bundle/need.h \
	node/bundle/recipients.c node/bundle/recipients.h \
	node/bundle/seen.c node/bundle/seen.h \
	node/bundle/volume.c node/bundle/volume.h \
	node/bundle/export.c node/bundle/export.h node/bundle/export_figures.c \
	node/bundle/file.h node/bundle/file_in.c node/bundle/file_out.c \
	node/bundle/import.c \
	node/bundle/import.h \
	node/bundle/import_batch.c \
	node/bundle/import_object.c \
	node/bundle/import_sender.c \
	node/bundle/parcel.c node/bundle/parcel.h \
	node/bundle/select.c node/bundle/select.h
# web: the built face (dist) becomes C text; npm is needed only to rebuild it (--enable-web-rebuild)
libnode_a_SOURCES += node/web/web.c node/web/web.h
nodist_libnode_a_SOURCES += node/web/files.h
web_dist = $(srcdir)/node/web/dist
node/web/files.h: $(web_dist)/index.txt node/web/embed.sh
	$(AM_V_GEN)$(MKDIR_P) node/web && $(SHELL) $(srcdir)/node/web/embed.sh $(web_dist) > $@-t && mv $@-t $@
if WEB_REBUILD
web_sources = $(wildcard $(srcdir)/node/web/src/*/* $(srcdir)/node/web/build.mjs $(srcdir)/node/web/package-lock.json)
$(web_dist)/index.txt: $(web_sources)
	$(AM_V_GEN)cd $(srcdir)/node/web && npm ci --ignore-scripts && node build.mjs
endif
BUILT_SOURCES += node/web/files.h
CLEANFILES += node/web/files.h
EXTRA_DIST += node/web/README.md node/web/embed.sh node/web/build.mjs node/web/package.json node/web/package-lock.json node/web/.npmrc \
	node/web/src node/web/dist

# http
libnode_a_SOURCES += \
	node/http/exchange.c node/http/exchange.h \
	node/http/caller.c node/http/caller.h node/http/events.c node/http/events.h node/http/upload.c node/http/upload.h node/http/form.c node/http/form.h node/http/names.c node/http/names.h node/http/language.c node/http/language.h node/http/page_verify.c node/http/page_verify.h node/http/routes_badge.c node/http/routes_people.c node/http/routes_cohort.c \
	node/http/library_microhttpd.c node/http/http.c node/http/http.h \
	node/http/figures.c node/http/figures.h node/http/metrics.c node/http/metrics.h \
	node/http/page.c node/http/page.h node/http/pool.c node/http/pool.h \
	node/http/range.c node/http/range.h node/http/shelf.c node/http/shelf.h node/http/course_answer.c node/http/course_answer.h \
	node/http/request.c node/http/server.h \
	node/http/visitor.c node/http/visitor.h \
	node/http/routes_xapi.c node/http/routes_xapi_documents.c node/http/routes_xapi_statements.c \
	node/http/xapi.h node/http/xapi_form.c node/http/xapi_form.h node/http/xapi_request.c \
	node/http/routes.h node/http/routes_account.c node/http/routes_admin.c node/http/routes_content.c node/http/routes_course.c \
	node/http/routes_launch.c node/http/routes_learn.c node/http/routes_main.c node/http/routes_stats.c node/http/routes_web.c
# cmd
libnode_a_SOURCES += \
	node/cmd/authority.c node/cmd/authority_key.c node/cmd/authority_key.h node/cmd/authority_paper.c node/cmd/authority_paper.h \
	node/cmd/authority_print.c node/cmd/authority_print.h node/cmd/authority_propose.c node/cmd/authority_propose.h node/cmd/promote.c \
	node/cmd/key.c \
	node/cmd/audit.c node/cmd/audit.h \
	node/cmd/bundle.c \
	node/cmd/command.c node/cmd/command.h \
	node/cmd/course.c node/cmd/course.h node/cmd/course_read.c node/cmd/course_clean.c node/cmd/course_package.c \
	node/cmd/digest.c \
	node/cmd/finding_print.c node/cmd/finding_print.h \
	node/cmd/backup.c \
	node/cmd/doctor.c \
	node/cmd/verify.c \
	node/cmd/alone.c node/cmd/alone.h node/cmd/farewell.c node/cmd/farewell.h node/cmd/help.c node/cmd/help.h node/cmd/document.c node/cmd/document.h node/cmd/problem.c node/cmd/problem.h \
	node/cmd/screen.c node/cmd/screen.h \
	node/cmd/init.c \
	node/cmd/status.c \
	node/cmd/person.c \
	node/cmd/result.c \
	node/cmd/seal.c \
	node/cmd/stats.c \
	node/cmd/xapi.c \
	node/cmd/table.c node/cmd/table.h

bin_PROGRAMS += qanat
qanat_SOURCES = node/main.c
qanat_LDADD = $(NODE_LIBS)
