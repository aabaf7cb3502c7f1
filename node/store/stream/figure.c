#include "node/store/stream/figure.h"

#include <string.h>

#include "replication/base/check.h"

#define X(name, text) text,
static const char *const metric_words[] = {METRIC_LIST(X)};
#undef X

const char *metric_text(enum metric metric)
{
    CHECK((unsigned)metric < METRIC_COUNT);
    return metric_words[metric];
}

enum cell_kind metric_cell_kind(enum metric metric)
{
    switch (metric) {
    case METRIC_MINUTES:
    case METRIC_SCORE_SUM:
        return CELL_SUM;
    case METRIC_SCORE:
    case METRIC_SCORE_OUT:
        return CELL_SCORES;
    case METRIC_PEOPLE:
        return CELL_PEOPLE;
    case METRIC_ACTIVE:
    case METRIC_ATTENDED:
    case METRIC_CERTIFIED:
    case METRIC_COMPLETED:
    case METRIC_DROPPED:
    case METRIC_ENROLLED:
    case METRIC_REGISTERED:
    case METRIC_REVOKED:
    case METRIC_STARTED:
    case METRIC_COUNT:
        break;
    }
    return CELL_COUNT;
}

bool metric_is_number(enum metric metric)
{
    return metric != METRIC_SCORE && metric != METRIC_SCORE_OUT && metric != METRIC_PEOPLE;
}

void figure_prefix(const struct bytes part[PART_COUNT], struct buffer *out)
{
    buffer_clear(out);
    buffer_append_u8(out, 'r');
    for (int i = 0; i < PART_COUNT; i++) {
        buffer_append_u8(out, KEY_SEPARATOR);
        buffer_append(out, part[i].data, part[i].size);
    }
    buffer_append_u8(out, KEY_SEPARATOR);
    CHECK(out->size < CELL_KEY_MAX);
}

static bool metric_find(struct bytes text, enum metric *metric_out)
{
    for (int i = 0; i < METRIC_COUNT; i++) {
        if (strlen(metric_words[i]) == text.size && memcmp(metric_words[i], text.data, text.size) == 0) {
            *metric_out = (enum metric)i;
            return true;
        }
    }
    return false;
}

/* Takes the text before the next separator; false when there is none. */
static bool segment_take(struct bytes *in, struct bytes *out)
{
    const uint8_t *end = in->size ? memchr(in->data, KEY_SEPARATOR, in->size) : NULL;

    if (!end) {
        return false;
    }
    *out = bytes_of(in->data, (size_t)(end - in->data));
    *in = bytes_of(end + 1, in->size - out->size - 1);
    return true;
}

bool figure_parse(struct bytes key, struct figure *figure_out)
{
    struct bytes first;

    if (!segment_take(&key, &first) || first.size != 1 || first.data[0] != 'r') {
        return false;
    }
    for (int i = 0; i < PART_COUNT; i++) {
        if (!segment_take(&key, &figure_out->part[i])) {
            return false;
        }
    }
    return metric_find(key, &figure_out->metric);
}
