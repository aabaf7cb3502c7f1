#include "node/bundle/select.h"

#include <string.h>

#include "node/store/course/blob.h"
#include "node/store/stream/stream.h"
#include "replication/trust/roster_end.h"

/* The seq of `stream` that `holder` is known to hold. */
static uint64_t seq_held_by(struct db *db, const struct stream_id *stream, const struct id *holder)
{
    struct id after = {{0}};
    struct held held;

    while (held_next(db, stream, &after, &held) && stream_id_compare(&held.stream, stream) == 0) {
        if (id_equal(&held.holder, holder)) {
            return held.seq;
        }
        after = held.holder;
    }
    return 0;
}

/* The rule of a session (replication/peer/shared.c). */
static bool may_go(const struct roster *roster, const struct id *target, const struct stream_head *head)
{
    return roster_may_take(roster, head) &&
           roster_may_hold(roster, target, &head->stream.node, head->stream.topic);
}

enum status select_streams(struct db *db, const struct roster *roster, const struct id *target, bool is_whole,
                           struct buffer *out)
{
    struct stream_head head;
    struct stream_id last;

    for (bool more = stream_next(db, NULL, &head); more; more = stream_next(db, &last, &head)) {
        last = head.stream;
        if (may_go(roster, target, &head)) {
            struct selected_stream selected = {.stream = head.stream};

            if (!is_whole && head.stream.topic != TOPIC_ROSTER) {
                selected.after_seq = seq_held_by(db, &head.stream, target);
            }
            if (selected.after_seq < head.seq) {
                buffer_append(out, &selected, sizeof selected);
            }
        }
    }
    return db_status(db);
}

static bool is_concerned(const struct roster *roster, const struct id *node, const struct id *writer)
{
    return id_equal(node, writer) || roster_is_above(roster, node, writer);
}

/* What hubs hold, as far as it was told here. */
static void add_passed_down(struct db *db, const struct roster *roster, const struct id *self,
                            const struct id *target, struct buffer *out)
{
    struct held held, last;

    for (bool more = held_next(db, NULL, NULL, &held); more;
         more = held_next(db, &last.stream, &last.holder, &held)) {
        const struct roster_node *holder = roster_find(roster, &held.holder);

        last = held;
        if (holder && holder->kind == NODE_HUB && !id_equal(&held.holder, self) &&
            is_concerned(roster, target, &held.stream.node)) {
            buffer_append(out, &held, sizeof held);
        }
    }
}

enum status select_receipts(struct db *db, const struct roster *roster, const struct id *self,
                            const struct id *target, uint64_t now_ms, struct buffer *out)
{
    struct stream_head head;
    struct stream_id last;

    for (bool more = stream_next(db, NULL, &head); more; more = stream_next(db, &last, &head)) {
        last = head.stream;
        if (head.stream.topic != TOPIC_ROSTER && is_concerned(roster, target, &head.stream.node)) {
            struct held held = {head.stream, head.seq, now_ms, *self};

            buffer_append(out, &held, sizeof held);
        }
    }
    if (roster_is_above(roster, self, target)) {
        add_passed_down(db, roster, self, target, out);
    }
    return db_status(db);
}

static bool is_offered(const struct course_row *row, const struct id *target)
{
    return (row->state == COURSE_PUBLISHED || row->state == COURSE_INSTALLED) && !row->is_withdrawn &&
           !id_equal(&row->publisher, target);
}

enum status select_courses(struct db *db, const struct id *target, struct buffer *ids)
{
    struct course_row row;
    struct buffer all;

    buffer_init(&all);
    enum status status = course_row_list(db, &all);
    for (int is_current = 1; is_current >= 0 && status == S_OK; is_current--) {
        for (size_t at = 0; course_row_next(db, &all, &at, &row);) {
            if (row.is_current == (is_current == 1) && is_offered(&row, target)) {
                buffer_append(ids, &row.id, sizeof row.id);
            }
        }
    }
    buffer_release(&all);
    return status == S_OK ? db_status(db) : status;
}

/* The objects of one blob that are here. */
static void add_blob(struct db *db, const struct blob_row *blob, struct buffer *out)
{
    struct chunk_row chunk = {.number = -1};
    struct selected_object selected = {blob->hash, blob->size};

    if (blob->size <= MEMBER_WHOLE_MAX && blob->is_whole) {
        buffer_append(out, &selected, sizeof selected);
        return;
    }
    while (chunk_row_next(db, blob->id, chunk.number, &chunk)) {
        selected = (struct selected_object){chunk.hash, chunk.size};
        if (chunk.is_held) {
            buffer_append(out, &selected, sizeof selected);
        }
    }
}

enum status select_objects(struct db *db, int64_t course, struct buffer *out)
{
    struct course_row row;
    struct blob_row blob;
    struct buffer ids;
    int64_t id;

    if (!course_row_get(db, course, &row)) {
        return db_status(db);
    }
    if (blob_row_find(db, &row.manifest, &blob)) {
        add_blob(db, &blob, out);
    }
    buffer_init(&ids);
    enum status status = course_blob_list(db, course, &ids);
    for (size_t at = 0; at < ids.size && status == S_OK; at += sizeof id) {
        memcpy(&id, ids.data + at, sizeof id);
        if (blob_row_get(db, id, &blob)) {
            add_blob(db, &blob, out);
        }
    }
    buffer_release(&ids);
    return status == S_OK ? db_status(db) : status;
}
