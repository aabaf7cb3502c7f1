/* Reads a deflate stream. Codes of up to FAST_BITS bits are looked up: symbol << 4 | length under every index
 * that begins with the code, which the stream holds bit-reversed. Longer ones, which are rare, are walked bit
 * by bit: codes of one length are consecutive numbers, in the order of their symbols (RFC 1951,
 * section 3.2.2). */
#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/package/deflate.h"

enum {
    CODE_BITS_MAX = 15,
    FAST_BITS = 10,
    CODE_LENGTHS = 19,
    CODES_MAX = 288,
    INPUT_SIZE = 64 * 1024,
    END_OF_BLOCK = 256,
    SYMBOL_BITS_MAX = 48, /* a length, a distance and the extra bits of both */
};

const uint16_t deflate_length_base[29] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                          31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
const uint8_t deflate_length_extra[29] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                          2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
const uint16_t deflate_distance_base[DEFLATE_DISTANCES] = {
    1,   2,   3,   4,   5,   7,    9,    13,   17,   25,   33,   49,   65,    97,    129,
    193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
const uint8_t deflate_distance_extra[DEFLATE_DISTANCES] = {
    0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13};
const uint8_t deflate_order[CODE_LENGTHS] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                             11, 4,  12, 3, 13, 2, 14, 1, 15};

enum reader_state { BETWEEN_BLOCKS, IN_BLOCK, AT_END, AT_FAULT };

struct codes {
    uint16_t fast[1 << FAST_BITS];
    uint16_t counts[CODE_BITS_MAX + 1]; /* of codes of each length */
    uint16_t symbols[CODES_MAX];        /* by length, then by number */
};

struct deflate_reader {
    deflate_fill *fill;
    void *ctx;
    uint8_t input[INPUT_SIZE];
    size_t at, size;
    uint64_t taken; /* bytes moved into `bits` */
    uint64_t bits;
    unsigned bit_count;
    bool is_cut; /* more bits were asked for than there are */
    enum reader_state state;
    enum deflate_block type;
    bool is_last, has_ended; /* the end of a coded block was read */
    uint32_t stored_left;
    uint8_t held[8]; /* of a stored block: what was among the bits */
    struct codes literals, distances;
};

struct deflate_reader *deflate_reader_open(deflate_fill *fill, void *ctx)
{
    struct deflate_reader *reader = calloc(1, sizeof *reader);

    CHECK(reader);
    reader->fill = fill;
    reader->ctx = ctx;
    return reader;
}

void deflate_reader_close(struct deflate_reader *reader)
{
    free(reader);
}

static uint64_t word_at(const uint8_t *at)
{
    uint64_t word = 0;

    for (unsigned i = 0; i < 8; i++) {
        word |= (uint64_t)at[i] << 8 * i;
    }
    return word;
}

static void input_fill(struct deflate_reader *reader)
{
    reader->at = 0;
    reader->size = reader->fill(reader->ctx, reader->input, sizeof reader->input);
    CHECK(reader->size <= sizeof reader->input);
}

/* The same for the last bytes of the input at hand, one by one. */
static void need_slowly(struct deflate_reader *reader, unsigned count)
{
    while (reader->bit_count < count) {
        if (reader->at == reader->size) {
            input_fill(reader);
        }
        if (reader->size == 0) {
            return;
        }
        reader->bits |= (uint64_t)reader->input[reader->at++] << reader->bit_count;
        reader->bit_count += 8;
        reader->taken++;
    }
}

/* At least `count` bits (up to SYMBOL_BITS_MAX) are in `bits` afterwards, zeros where the input has ended.
 * Above `bit_count` may stand the beginning of what comes next. */
static inline void need(struct deflate_reader *reader, unsigned count)
{
    if (reader->bit_count >= count) {
        return;
    }
    if (reader->size - reader->at < 8) {
        need_slowly(reader, count);
        return;
    }
    unsigned bytes = (63 - reader->bit_count) / 8;
    reader->bits |= word_at(reader->input + reader->at) << reader->bit_count;
    reader->at += bytes;
    reader->taken += bytes;
    reader->bit_count += 8 * bytes;
}

static inline void drop(struct deflate_reader *reader, unsigned count)
{
    if (count > reader->bit_count) {
        reader->is_cut = true;
        return;
    }
    reader->bits >>= count;
    reader->bit_count -= count;
}

static inline uint32_t take(struct deflate_reader *reader, unsigned count)
{
    need(reader, count);
    uint32_t value = (uint32_t)(reader->bits & ((1ULL << count) - 1));
    drop(reader, count);
    return value;
}

static unsigned reversed(unsigned code, unsigned length)
{
    unsigned out = 0;

    for (unsigned i = 0; i < length; i++) {
        out |= (code >> i & 1) << (length - 1 - i);
    }
    return out;
}

/* False when the lengths claim more codes than there are. An incomplete set is allowed: the codes that are
 * missing are faults when they come. */
static bool codes_fill(struct codes *codes, const uint8_t *lengths, size_t count)
{
    unsigned next[CODE_BITS_MAX + 2] = {0}, places[CODE_BITS_MAX + 2] = {0}, code = 0;

    memset(codes, 0, sizeof *codes);
    for (size_t i = 0; i < count; i++) {
        codes->counts[lengths[i]]++;
    }
    codes->counts[0] = 0;
    for (unsigned bits = 1; bits <= CODE_BITS_MAX; bits++) {
        code = (code + codes->counts[bits - 1]) << 1;
        next[bits] = code;
        places[bits] = places[bits - 1] + codes->counts[bits - 1];
        if (code + codes->counts[bits] > 1u << bits) {
            return false;
        }
    }
    for (size_t i = 0; i < count; i++) {
        unsigned length = lengths[i];
        if (length == 0) {
            continue;
        }
        codes->symbols[places[length]++] = (uint16_t)i;
        unsigned first = reversed(next[length]++, length);
        for (unsigned slot = first; length <= FAST_BITS && slot < 1u << FAST_BITS; slot += 1u << length) {
            codes->fast[slot] = (uint16_t)(i << 4 | length);
        }
    }
    return true;
}

/* A code that is longer than FAST_BITS, or none. */
static int decode_long(struct deflate_reader *reader, const struct codes *codes)
{
    unsigned code = 0, first = 0, place = 0;

    for (unsigned length = 1; length <= CODE_BITS_MAX; length++) {
        code |= (unsigned)(reader->bits >> (length - 1)) & 1;
        if (code - first < codes->counts[length]) {
            drop(reader, length);
            return codes->symbols[place + code - first];
        }
        place += codes->counts[length];
        first = (first + codes->counts[length]) << 1;
        code <<= 1;
    }
    return -1;
}

/* The next coded value, or -1; CODE_BITS_MAX bits are there. */
static inline int decode(struct deflate_reader *reader, const struct codes *codes)
{
    uint16_t entry = codes->fast[reader->bits & ((1u << FAST_BITS) - 1)];

    if (entry == 0) {
        return decode_long(reader, codes);
    }
    drop(reader, entry & 15);
    return entry >> 4;
}

static bool fixed_begin(struct deflate_reader *reader)
{
    uint8_t lengths[288];

    memset(lengths, 8, 144);
    memset(lengths + 144, 9, 112);
    memset(lengths + 256, 7, 24);
    memset(lengths + 280, 8, 8);
    bool is_filled = codes_fill(&reader->literals, lengths, sizeof lengths);
    memset(lengths, 5, 30);
    return codes_fill(&reader->distances, lengths, 30) && is_filled;
}

/* Reads the code lengths of both alphabets, run by run. */
static bool lengths_read(struct deflate_reader *reader, uint8_t *lengths, size_t count)
{
    size_t at = 0;

    while (at < count) {
        need(reader, CODE_BITS_MAX);
        int value = decode(reader, &reader->literals);
        uint8_t repeated = 0;
        size_t run = 1;

        if (value < 0 || reader->is_cut) {
            return false;
        }
        if (value == 16) {
            if (at == 0) {
                return false;
            }
            repeated = lengths[at - 1];
            run = 3 + take(reader, 2);
        } else if (value == 17) {
            run = 3 + take(reader, 3);
        } else if (value == 18) {
            run = 11 + take(reader, 7);
        } else {
            repeated = (uint8_t)value;
        }
        if (run > count - at) {
            return false;
        }
        memset(lengths + at, repeated, run);
        at += run;
    }
    return true;
}

static bool dynamic_begin(struct deflate_reader *reader)
{
    uint8_t lengths[DEFLATE_LITERALS + 2 + 32], code_lengths[CODE_LENGTHS] = {0};
    size_t literals = 257 + take(reader, 5), distances = 1 + take(reader, 5), codes = 4 + take(reader, 4);

    for (size_t i = 0; i < codes; i++) {
        code_lengths[deflate_order[i]] = (uint8_t)take(reader, 3);
    }
    return literals <= DEFLATE_LITERALS && distances <= DEFLATE_DISTANCES &&
           codes_fill(&reader->literals, code_lengths, CODE_LENGTHS) &&
           lengths_read(reader, lengths, literals + distances) && lengths[END_OF_BLOCK] != 0 &&
           codes_fill(&reader->literals, lengths, literals) &&
           codes_fill(&reader->distances, lengths + literals, distances);
}

static bool stored_begin(struct deflate_reader *reader)
{
    drop(reader, reader->bit_count % 8);
    uint32_t size = take(reader, 16), check = take(reader, 16);
    reader->stored_left = size;
    return (size ^ check) == 0xffff;
}

/* The head of the next block. */
static void block_begin(struct deflate_reader *reader)
{
    reader->is_last = take(reader, 1);
    reader->type = (enum deflate_block)take(reader, 2);
    bool is_sound = reader->type == DEFLATE_STORED    ? stored_begin(reader)
                    : reader->type == DEFLATE_FIXED   ? fixed_begin(reader)
                    : reader->type == DEFLATE_DYNAMIC ? dynamic_begin(reader)
                                                      : false;
    reader->has_ended = false;
    reader->state = is_sound && !reader->is_cut ? IN_BLOCK : AT_FAULT;
}

/* A run of bytes of a stored block: first those among the bits, then as they lie in the input. */
static enum deflate_item stored_read(struct deflate_reader *reader, struct deflate_batch *batch)
{
    size_t size = 0;

    while (reader->bit_count >= 8 && size < reader->stored_left) {
        reader->held[size++] = (uint8_t)take(reader, 8);
    }
    if (size > 0) {
        batch->run = bytes_of(reader->held, size);
    } else {
        reader->bits = 0; /* what stood above goes with the bytes it belongs to */
        if (reader->at == reader->size) {
            input_fill(reader);
        }
        size = reader->size - reader->at;
        size = size < reader->stored_left ? size : reader->stored_left;
        batch->run = bytes_of(reader->input + reader->at, size);
        reader->at += size;
        reader->taken += size;
    }
    reader->stored_left -= (uint32_t)size;
    return size > 0 ? DEFLATE_RUN : DEFLATE_FAULT;
}

/* One symbol; false: what came is none. */
static inline bool symbol_read(struct deflate_reader *reader, int code, struct deflate_symbol *symbol_out)
{
    if (code < END_OF_BLOCK) {
        *symbol_out = (struct deflate_symbol){0, (uint16_t)code};
        return true;
    }
    code -= END_OF_BLOCK + 1;
    symbol_out->length = (uint16_t)(deflate_length_base[code] + take(reader, deflate_length_extra[code]));
    code = decode(reader, &reader->distances);
    if (code < 0) {
        return false;
    }
    symbol_out->value = (uint16_t)(deflate_distance_base[code] + take(reader, deflate_distance_extra[code]));
    return true;
}

static enum deflate_item coded_read(struct deflate_reader *reader, struct deflate_batch *batch)
{
    while (batch->count < DEFLATE_BATCH_MAX) {
        need(reader, SYMBOL_BITS_MAX);
        int code = decode(reader, &reader->literals);

        if (code == END_OF_BLOCK) {
            reader->has_ended = true;
            break;
        }
        if (code < 0 || code >= DEFLATE_LITERALS ||
            !symbol_read(reader, code, &batch->symbols[batch->count]) || reader->is_cut) {
            return DEFLATE_FAULT;
        }
        batch->count++;
    }
    return DEFLATE_SYMBOLS;
}

/* The next item of a begun block. */
static enum deflate_item block_read(struct deflate_reader *reader, struct deflate_batch *batch)
{
    bool has_ended = reader->type == DEFLATE_STORED ? reader->stored_left == 0 : reader->has_ended;
    enum deflate_item item;

    if (!has_ended) {
        item = reader->type == DEFLATE_STORED ? stored_read(reader, batch) : coded_read(reader, batch);
        if (item != DEFLATE_SYMBOLS || batch->count > 0) {
            return item;
        }
    }
    reader->state = reader->is_last ? AT_END : BETWEEN_BLOCKS;
    return DEFLATE_BLOCK_END;
}

enum deflate_item deflate_reader_next(struct deflate_reader *reader, struct deflate_batch *batch)
{
    enum deflate_item item = DEFLATE_FAULT;

    batch->count = 0;
    batch->run = bytes_of(NULL, 0);
    if (reader->state == BETWEEN_BLOCKS) {
        block_begin(reader);
    }
    switch (reader->state) {
    case IN_BLOCK:
        item = block_read(reader, batch);
        break;
    case AT_END:
        return DEFLATE_END;
    case BETWEEN_BLOCKS:
    case AT_FAULT:
        return DEFLATE_FAULT;
    }
    if (item == DEFLATE_FAULT || reader->is_cut) {
        reader->state = AT_FAULT;
        return DEFLATE_FAULT;
    }
    return item;
}

enum deflate_block deflate_reader_block(const struct deflate_reader *reader)
{
    return reader->type;
}

uint64_t deflate_reader_used(const struct deflate_reader *reader)
{
    return reader->taken - reader->bit_count / 8;
}
