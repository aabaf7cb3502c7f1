# replication: the pure core, one static archive.
noinst_LIBRARIES += libreplication.a
libreplication_a_SOURCES = \
	replication/base/arena.c replication/base/arena.h \
	replication/base/bytes.c replication/base/bytes.h \
	replication/base/check.c replication/base/check.h \
	replication/base/field.c replication/base/field.h \
	replication/base/limits.h \
	replication/base/percent.c replication/base/percent.h \
	replication/base/status.c replication/base/status.h

# crdt
libreplication_a_SOURCES += \
	replication/crdt/cell.c replication/crdt/cell.h \
	replication/crdt/fold.c replication/crdt/fold.h \
	replication/crdt/histogram.c replication/crdt/histogram.h \
	replication/crdt/hlc.c replication/crdt/hlc.h \
	replication/crdt/merge.c replication/crdt/merge.h \
	replication/crdt/people.c replication/crdt/people.h \
	replication/crdt/register.c replication/crdt/register.h \
	replication/crdt/set.c replication/crdt/set.h

# stream
libreplication_a_SOURCES += \
	replication/stream/adoption.c replication/stream/adoption.h \
	replication/stream/apply.c replication/stream/apply.h \
	replication/stream/certificate.c replication/stream/certificate.h \
	replication/stream/expand.c replication/stream/expand.h \
	replication/stream/fork.c replication/stream/fork.h \
	replication/stream/lthash.c replication/stream/lthash.h \
	replication/stream/stream.c replication/stream/stream.h \
	replication/stream/vector.c replication/stream/vector.h

# package
libreplication_a_SOURCES += \
	replication/package/catalogue.c replication/package/catalogue.h \
	replication/package/chunk_list.c replication/package/chunk_list.h \
	replication/package/chunker.c replication/package/chunker.h \
	replication/package/density.c replication/package/density.h \
	replication/package/deflate.h replication/package/deflate_match.c replication/package/deflate_read.c \
	replication/package/deflate_remake.c replication/package/deflate_write.c \
	replication/package/gear.c replication/package/gear.h \
	replication/package/manifest.c replication/package/manifest.h \
	replication/package/manifest_check.c replication/package/manifest_check.h \
	replication/package/media_type.c replication/package/media_type.h \
	replication/package/patch.c replication/package/patch.h \
	replication/package/recipe.c replication/package/recipe.h

# trust
libreplication_a_SOURCES += \
	replication/trust/authority.c replication/trust/authority.h \
	replication/trust/consent.c replication/trust/consent.h \
	replication/trust/roster_fold.c replication/trust/roster_fold.h \
	replication/trust/identity.c replication/trust/identity.h \
	replication/trust/key_news.c replication/trust/key_news.h \
	replication/trust/mirror.c replication/trust/mirror.h \
	replication/trust/rekey.c replication/trust/rekey.h \
	replication/trust/roster.c replication/trust/roster_beyond.c replication/trust/roster_beyond.h replication/trust/roster_end.c replication/trust/roster_end.h replication/trust/roster_keys.c replication/trust/roster_node.c replication/trust/roster_room.c replication/trust/roster_room.h replication/trust/roster.h replication/trust/roster_keys.h \
	replication/trust/roster_turn.c replication/trust/roster_turn.h \
	replication/trust/statement.c replication/trust/statement.h replication/trust/statement_format.h replication/trust/statement_write.c \
	replication/trust/token.c replication/trust/token.h

# schedule
libreplication_a_SOURCES += \
	replication/schedule/backoff.c replication/schedule/backoff.h \
	replication/schedule/budget.c replication/schedule/budget.h \
	replication/schedule/share.c replication/schedule/share.h \
	replication/schedule/window.c replication/schedule/window_text.c replication/schedule/window.h

# wire
libreplication_a_SOURCES += \
	replication/wire/batch.c replication/wire/batch.h \
	replication/wire/batch_decode.c replication/wire/batch_encode.c \
	replication/wire/batch_format.h \
	replication/wire/bundle.c replication/wire/bundle.h \
	replication/wire/column.c replication/wire/column.h \
	replication/wire/frame.c replication/wire/frame.h \
	replication/wire/message.c replication/wire/message.h \
	replication/wire/message_codec.h \
	replication/wire/message_delta.c \
	replication/wire/message_join.c \
	replication/wire/message_objects.c \
	replication/wire/message_patches.c \
	replication/wire/message_session.c \
	replication/wire/message_vector.c \
	replication/wire/protobuf.c replication/wire/protobuf.h \
	replication/wire/terms.c replication/wire/terms.h

# peer
libreplication_a_SOURCES += \
	replication/peer/activity.h replication/peer/adopt.c replication/peer/adopt.h replication/peer/bounds.h \
	replication/peer/compare.c replication/peer/dictionary.c replication/peer/dictionary.h \
	replication/peer/sent.c replication/peer/sent.h \
	replication/peer/short_name.c replication/peer/short_name.h \
	replication/peer/effect.c replication/peer/fetch.c replication/peer/fetch.h replication/peer/greet.c \
	replication/peer/patches_in.c replication/peer/patches_out.c \
	replication/peer/legacy.c replication/peer/legacy.h replication/peer/offer.c \
	replication/peer/objects.h replication/peer/objects_in.c replication/peer/objects_out.c \
	replication/peer/peer.c replication/peer/peer.h replication/peer/pull.c replication/peer/push.c \
	replication/peer/receipt.c replication/peer/session.h replication/peer/shared.c replication/peer/trace.c replication/peer/trace.h \
	replication/peer/view.h
