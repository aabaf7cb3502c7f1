#include "node/learn/result/result_row.h"

#include <stdlib.h>
#include <string.h>

#include "node/timestamp.h"
#include "replication/base/check.h"

enum { BATCH_ARENA_MAX = 128 * 1024 * 1024 };

const char *result_field_name(enum result_field field)
{
#define X(name, text, is_required) text,
    static const char *const names[] = {RESULT_FIELD_LIST(X)};
#undef X
    CHECK((unsigned)field < FIELD_COUNT);
    return names[field];
}

bool result_field_is_required(enum result_field field)
{
#define X(name, text, is_required) is_required,
    static const bool required[] = {RESULT_FIELD_LIST(X)};
#undef X
    CHECK((unsigned)field < FIELD_COUNT);
    return required[field];
}

static void key_derive(uint8_t out[crypto_shorthash_KEYBYTES], const struct federation *federation,
                       const char *purpose)
{
    struct hash hash = hash_of(bytes_of(federation->secret, sizeof federation->secret), bytes_text(purpose));
    memcpy(out, hash.b, crypto_shorthash_KEYBYTES);
}

void result_keys_init(struct result_keys *keys, const struct federation *federation)
{
    key_derive(keys->event, federation, "qanat result event id");
    key_derive(keys->content, federation, "qanat result event content");
    memcpy(keys->person, federation->secret, sizeof keys->person);
}

static uint64_t short_hash(struct bytes data, const uint8_t key[crypto_shorthash_KEYBYTES])
{
    uint8_t raw[crypto_shorthash_BYTES];
    uint64_t hash = 0;

    crypto_shorthash(raw, data.data, data.size, key);
    for (int i = 0; i < 8; i++) {
        hash |= (uint64_t)raw[i] << (8 * i);
    }
    return hash;
}

void result_batch_init(struct result_batch *batch, const struct result_keys *keys)
{
    batch->keys = keys;
    batch->count = 0;
    batch->rows = malloc(BATCH_ROWS_MAX * sizeof *batch->rows);
    CHECK(batch->rows);
    arena_init(&batch->arena, BATCH_ARENA_MAX);
}

void result_batch_release(struct result_batch *batch)
{
    free(batch->rows);
    batch->rows = NULL;
    arena_release(&batch->arena);
}

void result_batch_clear(struct result_batch *batch)
{
    batch->count = 0;
    arena_clear(&batch->arena);
}

/* Copies a text, or shares it with the row before, where courses and cohorts mostly repeat. */
static struct bytes text_keep(struct result_batch *batch, struct bytes text, struct bytes before)
{
    if (text.size == 0) {
        return bytes_of("", 0);
    }
    if (bytes_equal(text, before)) {
        return before;
    }
    struct bytes copy = arena_copy(&batch->arena, text);
    CHECK(copy.data); /* BATCH_ROWS_MAX rows of bounded texts fit */
    return copy;
}

struct name_rule {
    enum result_field field;
    size_t size_max;
};

/* Empty fields and texts that cannot stand in a key. */
static bool names_check(const struct bytes field[FIELD_COUNT], uint64_t line, struct refusals *refusals)
{
    static const struct name_rule rules[] = {{FIELD_EVENT_ID, EVENT_ID_MAX}, {FIELD_PERSON, PERSON_ID_MAX},
                                             {FIELD_COURSE, COURSE_ID_MAX},  {FIELD_COHORT, COHORT_MAX},
                                             {FIELD_LANG, LANG_MAX},         {FIELD_VERSION, VERSION_MAX}};

    for (int i = 0; i < FIELD_COUNT; i++) {
        if (field[i].size == 0 && result_field_is_required((enum result_field)i)) {
            refusals_add(refusals, REFUSAL_MISSING, line, "%s is empty",
                         result_field_name((enum result_field)i));
            return false;
        }
    }
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        struct bytes text = field[rules[i].field];
        char fault[TEXT_FAULT_SIZE];
        if (text.size && !text_check_name(result_field_name(rules[i].field), text, rules[i].size_max, fault)) {
            refusals_add(refusals, REFUSAL_NAME, line, "%s", fault);
            return false;
        }
    }
    return true;
}

static bool refuse(struct refusals *refusals, enum refusal reason, uint64_t line, struct bytes text)
{
    refusals_add(refusals, reason, line, "'%.*s'", text.size > 64 ? 64 : (int)text.size, text.data);
    return false;
}

static bool values_parse(const struct bytes field[FIELD_COUNT], struct result_row *row,
                         struct refusals *refusals)
{
    if (!event_kind_parse(field[FIELD_KIND], &row->kind)) {
        return refuse(refusals, REFUSAL_KIND, row->line, field[FIELD_KIND]);
    }
    if (!timestamp_parse(field[FIELD_AT], &row->at_ms)) {
        return refuse(refusals, REFUSAL_TIME, row->line, field[FIELD_AT]);
    }
    row->score = EVENT_NO_SCORE;
    if (field[FIELD_SCORE].size && !decimal_parse(field[FIELD_SCORE], 100, &row->score)) {
        return refuse(refusals, REFUSAL_SCORE, row->line, field[FIELD_SCORE]);
    }
    row->minutes = 0;
    if (field[FIELD_MINUTES].size && !decimal_parse(field[FIELD_MINUTES], MINUTES_MAX, &row->minutes)) {
        return refuse(refusals, REFUSAL_MINUTES, row->line, field[FIELD_MINUTES]);
    }
    return true;
}

/* Everything said, in one canonical form: texts with their sizes, then numbers. */
uint64_t result_event_hash(const struct result_keys *keys, struct bytes id)
{
    return short_hash(id, keys->event);
}

static uint64_t content_hash(const struct result_keys *keys, const struct result_row *row)
{
    uint8_t raw[1024], *end = raw;
    const struct bytes texts[] = {row->id, row->person, row->course, row->cohort, row->lang, row->version};
    const int64_t numbers[] = {(int64_t)row->kind, row->at_ms, row->score, row->minutes};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        *end++ = (uint8_t)texts[i].size;
        memcpy(end, texts[i].data, texts[i].size);
        end += texts[i].size;
    }
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        for (int byte = 0; byte < 8; byte++) {
            *end++ = (uint8_t)((uint64_t)numbers[i] >> (8 * byte));
        }
    }
    CHECK(end <= raw + sizeof raw);
    return short_hash(bytes_of(raw, (size_t)(end - raw)), keys->content);
}

bool result_row_add(struct result_batch *batch, uint64_t line, const struct bytes field[FIELD_COUNT],
                    struct refusals *refusals)
{
    static const struct result_row nothing;
    struct bytes trimmed[FIELD_COUNT];

    CHECK(batch->count < BATCH_ROWS_MAX);
    const struct result_row *before = batch->count ? &batch->rows[batch->count - 1] : &nothing;
    struct result_row *row = &batch->rows[batch->count];
    for (int i = 0; i < FIELD_COUNT; i++) {
        trimmed[i] = text_trim(field[i]);
    }
    memset(row, 0, sizeof *row);
    row->line = line;
    if (!names_check(trimmed, line, refusals) || !values_parse(trimmed, row, refusals)) {
        return false;
    }
    row->id = text_keep(batch, trimmed[FIELD_EVENT_ID], bytes_of("", 0));
    row->person = text_keep(batch, trimmed[FIELD_PERSON], before->person);
    row->course = text_keep(batch, trimmed[FIELD_COURSE], before->course);
    row->cohort = text_keep(batch, trimmed[FIELD_COHORT], before->cohort);
    row->lang = text_keep(batch, trimmed[FIELD_LANG], before->lang);
    row->version = text_keep(batch, trimmed[FIELD_VERSION], before->version);
    row->hash = short_hash(row->id, batch->keys->event);
    row->person_hash = people_hash(batch->keys->person, row->person);
    row->content = content_hash(batch->keys, row);
    batch->count++;
    return true;
}
