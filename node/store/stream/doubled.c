#include "node/store/stream/doubled.h"

#include <stdlib.h>

#include "node/store/stream/adopt_draft.h"
#include "node/store/stream/head.h"
#include "replication/base/check.h"

/* What the streams of one node, one after the other, say that they count. */
struct doubled_look {
    struct doubled found;
    bool is_doubled;
    struct id first;      /* the only stream so far: its pages are read when there is a second */
    int64_t first_number; /* 0: none yet */
    bool is_first_read;
    struct adoption_list said;
    struct id *by; /* of each entry of `said` */
};

static void look_begin(struct doubled_look *look, const struct id *node)
{
    look->found = (struct doubled){.node = *node};
    look->is_doubled = look->is_first_read = false;
    look->first_number = 0;
    look->said.count = 0;
}

static void look_release(struct doubled_look *look)
{
    adoption_list_release(&look->said);
    free(look->by);
}

static void entries_take(struct doubled_look *look, const struct id *incarnation,
                         const struct adoption_list *entries)
{
    size_t at;

    for (size_t i = 0; i < entries->count && !look->is_doubled; i++) {
        const struct adoption *other = adoption_list_overlap(&look->said, &entries->entries[i]);
        if (other) {
            look->is_doubled = true;
            look->found.streams[0] = look->by[other - look->said.entries];
            look->found.streams[1] = *incarnation;
        } else if (adoption_list_add(&look->said, TOPIC_RESULTS, &entries->entries[i], &at) == S_OK) {
            look->by = reallocarray(look->by, look->said.capacity, sizeof *look->by);
            CHECK(look->by);
            look->by[at] = *incarnation;
        }
    }
}

static void pages_take(struct db *db, struct doubled_look *look, int64_t number, const struct id *incarnation)
{
    struct adoption_list entries = {0};

    (void)adopt_pages_read(db, number, &entries); /* pages that cannot be read say nothing */
    entries_take(look, incarnation, &entries);
    adoption_list_release(&entries);
}

/* A stream that counts. */
static void stream_take(struct db *db, struct doubled_look *look, const struct head_row *row)
{
    const struct stream_head *head = &row->certificate.head;

    look->found.stamp = head->stamp > look->found.stamp ? head->stamp : look->found.stamp;
    if (look->first_number == 0) {
        look->first = head->stream.incarnation;
        look->first_number = row->number;
        return;
    }
    if (!look->is_first_read) {
        look->is_first_read = true;
        pages_take(db, look, look->first_number, &look->first);
    }
    if (!look->is_doubled) {
        pages_take(db, look, row->number, &head->stream.incarnation);
    }
}

/* Walks over streams of results from `at` on; of one node, or of all. */
static size_t look_all(struct db *db, struct stream_id at, const struct id *only, size_t max,
                       struct doubled *out)
{
    struct doubled_look look = {0};
    uint8_t id[STREAM_ID_SIZE];
    struct head_row row;
    size_t count = 0;

    look_begin(&look, &at.node);
    stream_id_encode(&at, id);
    while (count < max && head_after(db, bytes_of(id, sizeof id), &row)) {
        at = row.certificate.head.stream;
        if (at.topic != TOPIC_RESULTS || (only && !id_equal(&at.node, only))) {
            break;
        }
        if (!id_equal(&at.node, &look.found.node)) {
            if (look.is_doubled) {
                out[count++] = look.found;
            }
            look_begin(&look, &at.node);
        }
        if (adoption_counts(at.topic, row.certificate.head.seq, row.adopted)) {
            stream_take(db, &look, &row);
        }
        stream_id_encode(&at, id);
    }
    if (look.is_doubled && count < max) {
        out[count++] = look.found;
    }
    look_release(&look);
    return count;
}

size_t doubled_list(struct db *db, struct doubled *out)
{
    return look_all(db, (struct stream_id){.topic = TOPIC_RESULTS}, NULL, DOUBLED_MAX, out);
}

bool doubled_find(struct db *db, const struct id *node, struct doubled *out)
{
    return look_all(db, (struct stream_id){.node = *node, .topic = TOPIC_RESULTS}, node, 1, out) == 1;
}
