/* result_row.h: one row of a results file, checked and made canonical, and a batch of them.
 *
 * What is written in the file decides: the same row, in CSV or JSONL, with other spaces or another way to
 * write the same moment, has the same content hash. Hashes are keyed by the federation's secret, so that
 * nobody outside can prepare collisions. */
#ifndef QANAT_NODE_LEARN_RESULT_RESULT_ROW_H
#define QANAT_NODE_LEARN_RESULT_RESULT_ROW_H

#include <sodium.h>

#include "node/dir.h"
#include "node/learn/result/refusal.h"
#include "node/learn/vocabulary.h"
#include "node/store/people/event.h"
#include "replication/base/arena.h"
#include "replication/crdt/people.h"
#include "replication/package/catalogue.h"

enum {
    EVENT_ID_MAX = 128, /* bytes */
    PERSON_ID_MAX = 128,
    COHORT_MAX = 128,
    MINUTES_MAX = 1000000,  /* of one event: 694 days */
    BATCH_ROWS_MAX = 50000, /* one transaction */
};

#define RESULT_FIELD_LIST(X)                                                                                 \
    X(EVENT_ID, "event_id", true)                                                                            \
    X(PERSON, "person", true)                                                                                \
    X(COURSE, "course", true)                                                                                \
    X(KIND, "kind", true)                                                                                    \
    X(AT, "at", true)                                                                                        \
    X(SCORE, "score", false)                                                                                 \
    X(MINUTES, "minutes", false)                                                                             \
    X(COHORT, "cohort", false)                                                                               \
    X(LANG, "lang", false)                                                                                   \
    X(VERSION, "version", false)

enum result_field {
#define X(name, text, is_required) FIELD_##name,
    RESULT_FIELD_LIST(X)
#undef X
    FIELD_COUNT
};

const char *result_field_name(enum result_field field);
bool result_field_is_required(enum result_field field);

enum result_fate { FATE_WAITING, FATE_DURABLE, FATE_DUPLICATE, FATE_REFUSED };

struct result_row {
    uint64_t line;
    struct bytes id, person, course, cohort, lang, version; /* in the batch's arena */
    enum event_kind kind;
    int64_t at_ms;
    int64_t score;        /* hundredths, or EVENT_NO_SCORE */
    int64_t minutes;      /* hundredths */
    uint64_t hash;        /* keyed, of the id */
    uint64_t content;     /* keyed, of everything said */
    uint64_t person_hash; /* keyed, of the person: what sketches hold */
    enum result_fate fate;
    enum refusal refusal; /* when FATE_REFUSED */
    bool is_new_course;   /* counted, but no package of that course is known here */
};

/* Keys for the hashes, derived from the federation's secret: the same on all nodes. */
struct result_keys {
    uint8_t event[crypto_shorthash_KEYBYTES];
    uint8_t content[crypto_shorthash_KEYBYTES];
    uint8_t person[PEOPLE_SECRET_SIZE]; /* the first bytes of the secret: people are the same everywhere */
};

/* The keyed hash of an event's id. */
uint64_t result_event_hash(const struct result_keys *keys, struct bytes id);

void result_keys_init(struct result_keys *keys, const struct federation *federation);

struct result_batch {
    const struct result_keys *keys;
    struct result_row *rows; /* BATCH_ROWS_MAX */
    size_t count;
    struct arena arena;
};

void result_batch_init(struct result_batch *batch, const struct result_keys *keys);
void result_batch_release(struct result_batch *batch);
void result_batch_clear(struct result_batch *batch);

/* Checks the fields of one row and adds it to `batch`, which has room. False when it is refused: why is then
 * counted in `refusals`. */
bool result_row_add(struct result_batch *batch, uint64_t line, const struct bytes field[FIELD_COUNT],
                    struct refusals *refusals);

#endif
