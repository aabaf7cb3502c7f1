/* Finds the symbols that an encoder of the family found: hash chains over three bytes, greedy at levels 1 to
 * 3, lazy at 4 to 9, with the limits of each level (how long a chain is followed, when a match is good
 * enough). The rules are those described with the format's first encoder (J. Gailly; RFC 1951, section 4,
 * tells the idea); they have not changed since 1993. Places count from the beginning of the content that is
 * kept; when it moves down, so do they, and those that are out of reach become 0, which is none. */
#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/package/deflate.h"

enum {
    LOOKAHEAD_MIN = DEFLATE_MATCH_MAX + DEFLATE_MATCH_MIN + 1, /* below it more content is awaited */
    DISTANCE_MAX = DEFLATE_WINDOW - LOOKAHEAD_MIN,
    TOO_FAR = 4096,        /* a match of three bytes from beyond does not pay */
    DATA_MAX = 256 * 1024, /* content kept at most, when the caller takes symbols between its puts */
    HASH_BITS_MAX = 16,
};

/* Of levels 1 to 9. */
static const struct effort {
    uint16_t good; /* a match so long: the chain is followed a quarter as far */
    uint16_t
        lazy; /* lazy levels: a match so long is taken at once; greedy: longer ones are not entered whole */
    uint16_t nice; /* a match so long ends the search */
    uint16_t chain;
} efforts[] = {{4, 4, 8, 4},      {4, 5, 16, 8},        {4, 6, 32, 32},
               {4, 4, 16, 16},    {8, 16, 32, 32},      {8, 16, 128, 128},
               {8, 32, 128, 256}, {32, 128, 258, 1024}, {32, 258, 258, 4096}};

struct deflate_matcher {
    struct effort effort;
    bool is_lazy, is_ended;
    unsigned hash_bits;
    uint32_t position; /* of the byte looked at, in data */
    struct buffer data;
    bool has_pending; /* lazy: the byte before `position` is not said yet */
    unsigned length;  /* of the match at position - 1, when lazy */
    uint32_t start;
    uint32_t heads[1 << HASH_BITS_MAX]; /* 0: none, so that place 0 is never matched, as in the family */
    uint32_t previous[DEFLATE_WINDOW];
};

struct deflate_matcher *deflate_matcher_open(const struct deflate_settings *settings)
{
    struct deflate_matcher *matcher;

    if (settings->level < 1 || settings->level > 9 || settings->hash_bits < 15 ||
        settings->hash_bits > HASH_BITS_MAX) {
        return NULL;
    }
    matcher = calloc(1, sizeof *matcher);
    CHECK(matcher);
    matcher->effort = efforts[settings->level - 1];
    matcher->is_lazy = settings->level > 3;
    matcher->hash_bits = settings->hash_bits;
    matcher->length = DEFLATE_MATCH_MIN - 1;
    return matcher;
}

void deflate_matcher_close(struct deflate_matcher *matcher)
{
    if (matcher) {
        buffer_release(&matcher->data);
        free(matcher);
    }
}

static void places_move(uint32_t *places, size_t count, uint32_t by)
{
    for (size_t i = 0; i < count; i++) {
        places[i] = places[i] > by ? places[i] - by : 0;
    }
}

void deflate_matcher_put(struct deflate_matcher *matcher, struct bytes content)
{
    CHECK(!matcher->is_ended);
    if (matcher->position >
        DATA_MAX) { /* said already: a window of it is kept, and `previous` stays in order */
        uint32_t dropped = (matcher->position / DEFLATE_WINDOW - 1) * DEFLATE_WINDOW;

        memmove(matcher->data.data, matcher->data.data + dropped, matcher->data.size - dropped);
        matcher->data.size -= dropped;
        matcher->position -= dropped;
        matcher->start = matcher->start > dropped ? matcher->start - dropped : 0;
        places_move(matcher->heads, (size_t)1 << matcher->hash_bits, dropped);
        places_move(matcher->previous, DEFLATE_WINDOW, dropped);
    }
    buffer_append(&matcher->data, content.data, content.size);
    CHECK(matcher->data.size <= INT32_MAX);
}

void deflate_matcher_end(struct deflate_matcher *matcher)
{
    matcher->is_ended = true;
}

static size_t lookahead(const struct deflate_matcher *matcher)
{
    return matcher->data.size - matcher->position;
}

/* Enters the three bytes at `position`; returns where they (or others of the same hash) stood last. */
static inline uint32_t enter(struct deflate_matcher *matcher, uint32_t position)
{
    const uint8_t *bytes = matcher->data.data + position;
    unsigned shift = (matcher->hash_bits + 2) / 3;
    unsigned hash = ((unsigned)bytes[0] << 2 * shift ^ (unsigned)bytes[1] << shift ^ bytes[2]) &
                    ((1u << matcher->hash_bits) - 1);
    uint32_t head = matcher->heads[hash];

    matcher->previous[position % DEFLATE_WINDOW] = head;
    matcher->heads[hash] = position;
    return head;
}

static inline unsigned common(const uint8_t *a, const uint8_t *b, unsigned max)
{
    unsigned size = 0;

    while (size + 8 <= max) {
        uint64_t x, y;
        memcpy(&x, a + size, 8);
        memcpy(&y, b + size, 8);
        if (x != y) {
            break;
        }
        size += 8;
    }
    while (size < max && a[size] == b[size]) {
        size++;
    }
    return size;
}

/* The longest match of more than `best` bytes among those that the effort reaches; its length, or `best`. */
static unsigned longest(const struct deflate_matcher *matcher, uint32_t head, unsigned best,
                        uint32_t *start_out)
{
    const uint8_t *data = matcher->data.data, *scan = data + matcher->position;
    size_t left = lookahead(matcher);
    unsigned max = left < DEFLATE_MATCH_MAX ? (unsigned)left : DEFLATE_MATCH_MAX;
    unsigned nice = matcher->effort.nice < max ? matcher->effort.nice : max;
    unsigned chain = best >= matcher->effort.good ? matcher->effort.chain / 4 : matcher->effort.chain;
    uint32_t limit = matcher->position > DISTANCE_MAX ? matcher->position - DISTANCE_MAX : 0;

    for (; best < max; head = matcher->previous[head % DEFLATE_WINDOW]) {
        const uint8_t *match = data + head;
        if (match[best] == scan[best] && match[0] == scan[0]) {
            unsigned length = common(match, scan, max);
            if (length > best) {
                *start_out = head;
                best = length;
                if (length >= nice) {
                    break;
                }
            }
        }
        if (--chain == 0 || matcher->previous[head % DEFLATE_WINDOW] <= limit) {
            break;
        }
    }
    return best;
}

static inline uint32_t enter_here(struct deflate_matcher *matcher)
{
    return lookahead(matcher) >= DEFLATE_MATCH_MIN ? enter(matcher, matcher->position) : 0;
}

static inline bool is_in_reach(const struct deflate_matcher *matcher, uint32_t head)
{
    return head != 0 && matcher->position - head <= DISTANCE_MAX;
}

/* Greedy: one symbol a step. */
static inline void greedy(struct deflate_matcher *matcher, struct deflate_symbol *symbol_out)
{
    uint32_t head = enter_here(matcher), start = 0;
    unsigned length = DEFLATE_MATCH_MIN - 1;

    if (is_in_reach(matcher, head)) {
        length = longest(matcher, head, length, &start);
    }
    if (length < DEFLATE_MATCH_MIN) {
        *symbol_out = (struct deflate_symbol){0, matcher->data.data[matcher->position]};
        matcher->position++;
        return;
    }
    *symbol_out = (struct deflate_symbol){(uint16_t)length, (uint16_t)(matcher->position - start)};
    size_t left = lookahead(matcher) - length;
    if (length <= matcher->effort.lazy && left >= DEFLATE_MATCH_MIN) {
        for (unsigned i = 1; i < length; i++) {
            matcher->position++;
            (void)enter(matcher, matcher->position);
        }
        matcher->position++;
    } else {
        matcher->position += length;
    }
}

/* The match that began a byte before is said; what it covers is entered. */
static void say_match(struct deflate_matcher *matcher, unsigned length, uint32_t start,
                      struct deflate_symbol *symbol_out)
{
    size_t end = matcher->data.size; /* nothing is entered of its last two bytes */

    *symbol_out = (struct deflate_symbol){(uint16_t)length, (uint16_t)(matcher->position - 1 - start)};
    for (unsigned i = 2; i < length; i++) {
        matcher->position++;
        if (matcher->position + DEFLATE_MATCH_MIN <= end) {
            (void)enter(matcher, matcher->position);
        }
    }
    matcher->position++;
    matcher->has_pending = false;
    matcher->length = DEFLATE_MATCH_MIN - 1;
}

/* Lazy: a match is held back for a byte, in case the next one begins a longer one. False: nothing to say yet.
 */
static inline bool lazy(struct deflate_matcher *matcher, struct deflate_symbol *symbol_out)
{
    uint32_t head = enter_here(matcher), start_before = matcher->start;
    unsigned before = matcher->length;

    matcher->length = DEFLATE_MATCH_MIN - 1;
    if (is_in_reach(matcher, head) && before < matcher->effort.lazy) {
        /* Only what is longer than the one before counts. */
        unsigned length = longest(matcher, head, before, &matcher->start);
        matcher->length = length;
        if (length == DEFLATE_MATCH_MIN && matcher->position - matcher->start > TOO_FAR) {
            matcher->length = DEFLATE_MATCH_MIN - 1;
        }
    }
    if (before >= DEFLATE_MATCH_MIN && matcher->length <= before) {
        say_match(matcher, before, start_before, symbol_out);
        return true;
    }
    bool has_pending = matcher->has_pending;
    if (has_pending) {
        *symbol_out = (struct deflate_symbol){0, matcher->data.data[matcher->position - 1]};
    }
    matcher->has_pending = true;
    matcher->position++;
    return has_pending;
}

/* Says the next symbol; false when there is none for now. */
static inline bool next(struct deflate_matcher *matcher, struct deflate_symbol *symbol_out)
{
    for (;;) {
        size_t left = lookahead(matcher);

        if (left < LOOKAHEAD_MIN && !matcher->is_ended) {
            return false;
        }
        if (left == 0) {
            break;
        }
        if (!matcher->is_lazy) {
            greedy(matcher, symbol_out);
            return true;
        }
        if (lazy(matcher, symbol_out)) {
            return true;
        }
    }
    if (matcher->has_pending) {
        *symbol_out = (struct deflate_symbol){0, matcher->data.data[matcher->position - 1]};
        matcher->has_pending = false;
        return true;
    }
    return false;
}

size_t deflate_matcher_next(struct deflate_matcher *matcher, struct deflate_symbol *symbols, size_t max)
{
    size_t count = 0;

    while (count < max && next(matcher, &symbols[count])) {
        count++;
    }
    return count;
}
