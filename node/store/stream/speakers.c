#include "node/store/stream/speakers.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "node/store/connection.h"
#include "node/store/engine.h"
#include "node/store/stream/cell.h"
#include "replication/base/check.h"
#include "replication/stream/adoption.h"

/* The speakers of one writer and topic. */
struct speaking {
    struct id writer;
    enum topic topic;
    bool is_known;
    int64_t *numbers;
    size_t count, capacity;
};

struct speakers {
    struct speaking speaking[SPEAKERS_REMEMBERED_MAX];
    size_t next;         /* whose place is taken by the next one */
    uint64_t generation; /* of the store's sayings, when the snapshot was about to be taken */
    bool has_new;        /* the open transaction made a stream speak */
};

struct speakers *speakers_new(void)
{
    struct speakers *speakers = calloc(1, sizeof *speakers);

    CHECK(speakers);
    return speakers;
}

static void speakers_forget(struct speakers *speakers)
{
    for (size_t i = 0; i < SPEAKERS_REMEMBERED_MAX; i++) {
        free(speakers->speaking[i].numbers);
        speakers->speaking[i] = (struct speaking){.numbers = NULL};
    }
}

void speakers_free(struct speakers *speakers)
{
    if (speakers) {
        speakers_forget(speakers);
        free(speakers);
    }
}

/* --- finding -------------------------------------------------------------------------------------------- */

static void speaking_add(struct speaking *speaking, int64_t number)
{
    if (speaking->count == speaking->capacity) {
        speaking->capacity = speaking->capacity ? 2 * speaking->capacity : 4;
        speaking->numbers = realloc(speaking->numbers, speaking->capacity * sizeof *speaking->numbers);
        CHECK(speaking->numbers);
    }
    speaking->numbers[speaking->count++] = number;
}

static bool has_first_page(struct db *db, int64_t number, struct bytes key)
{
    struct cell_rows rows;
    struct cell cell;

    cell_rows_init(&rows, db, number, false);
    bool has_page = cell_row_find(&rows, key, &cell) == S_OK;
    cell_rows_release(&rows);
    return has_page;
}

/* False for a row that is none, and where a rotten index leads back. */
static bool is_onward(struct db *db, struct statement *row, uint8_t at[STREAM_ID_SIZE])
{
    struct bytes id = statement_blob(row, 1);

    if (!cell_stream_is_valid(statement_int(row, 0)) || id.size != STREAM_ID_SIZE || memcmp(id.data, at, STREAM_ID_SIZE) <= 0) {
        db_fail(db, S_CORRUPT);
        return false;
    }
    memcpy(at, id.data, STREAM_ID_SIZE);
    return true;
}

/* Goes through all streams of the writer and topic. */
static void speaking_look(struct db *db, const struct stream_id *stream, struct speaking *out)
{
    struct statement *walk = db_statement(db, STATEMENT_stream_numbers);
    struct stream_id first = {.node = stream->node, .topic = stream->topic}, last = first;
    uint8_t at[STREAM_ID_SIZE], to[STREAM_ID_SIZE];
    struct buffer key;

    memset(last.incarnation.b, 0xff, sizeof last.incarnation.b);
    stream_id_encode(&first, at);
    stream_id_encode(&last, to);
    buffer_init(&key);
    adoption_key(0, &key);
    statement_bind_blob(walk, 1, bytes_of(at, sizeof at));
    statement_bind_blob(walk, 2, bytes_of(to, sizeof to));
    while (statement_step(walk) && is_onward(db, walk, at)) {
        if (has_first_page(db, statement_int(walk, 0), buffer_bytes(&key))) {
            speaking_add(out, statement_int(walk, 0));
        }
    }
    statement_reset(walk);
    buffer_release(&key);
}

static struct speaking *speaking_remembered(struct speakers *speakers, const struct stream_id *stream)
{
    for (size_t i = 0; i < SPEAKERS_REMEMBERED_MAX; i++) {
        struct speaking *speaking = &speakers->speaking[i];
        if (speaking->is_known && speaking->topic == stream->topic && id_equal(&speaking->writer, &stream->node)) {
            return speaking;
        }
    }
    return NULL;
}

const int64_t *speakers_find(struct db *db, const struct stream_id *stream, size_t *count_out)
{
    struct speakers *speakers = db_speakers(db);
    struct speaking *speaking = speaking_remembered(speakers, stream);

    if (!speaking) {
        speaking = &speakers->speaking[speakers->next];
        speakers->next = (speakers->next + 1) % SPEAKERS_REMEMBERED_MAX;
        speaking->writer = stream->node, speaking->topic = stream->topic;
        speaking->count = 0;
        speaking_look(db, stream, speaking);
        speaking->is_known = db_status(db) == S_OK;
    }
    *count_out = speaking->count;
    return speaking->numbers;
}

/* --- remembering ---------------------------------------------------------------------------------------- */

void speakers_begin(struct db *db)
{
    struct speakers *speakers = db_speakers(db);
    uint64_t generation = atomic_load(&db_store(db)->sayings); /* before the snapshot: it may hold more, never less */

    if (generation != speakers->generation) {
        speakers_forget(speakers);
        speakers->generation = generation;
    }
}

static bool is_speaking(const struct speakers *speakers, int64_t number)
{
    for (size_t i = 0; i < SPEAKERS_REMEMBERED_MAX; i++) {
        for (size_t j = 0; j < speakers->speaking[i].count; j++) {
            if (speakers->speaking[i].numbers[j] == number) {
                return true;
            }
        }
    }
    return false;
}

void speakers_note(struct db *db, int64_t number)
{
    struct speakers *speakers = db_speakers(db);

    if (!is_speaking(speakers, number)) {
        speakers_forget(speakers);
        speakers->has_new = true;
    }
}

void speakers_look(struct db *db, int64_t number)
{
    struct buffer key;

    buffer_init(&key);
    adoption_key(0, &key);
    if (has_first_page(db, number, buffer_bytes(&key))) {
        speakers_note(db, number);
    }
    buffer_release(&key);
}

void speakers_drop(struct db *db, int64_t number)
{
    struct speakers *speakers = db_speakers(db);

    if (is_speaking(speakers, number)) { /* another stream may have its number next */
        speakers_forget(speakers);
    }
}

static void speakers_tell(struct db *db)
{
    atomic_fetch_add(&db_store(db)->sayings, 1);
    db_speakers(db)->has_new = false;
}

void speakers_undo(struct db *db)
{
    speakers_forget(db_speakers(db)); /* what was dropped may be back */
}

void speakers_keep(struct db *db)
{
    if (db_speakers(db)->has_new) {
        speakers_tell(db);
    }
}

void speakers_anew(struct db *db)
{
    speakers_forget(db_speakers(db));
    speakers_tell(db);
}
