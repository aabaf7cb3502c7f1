/* Reads a deflate stream symbol by symbol. Codes are looked up in one table of 2^15 entries for each
 * alphabet: symbol << 4 | length under every 15 bits that begin with the code, which the stream holds
 * bit-reversed. */
#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/package/deflate.h"

enum { CODE_BITS_MAX = 15, CODE_LENGTHS = 19, INPUT_SIZE = 32 * 1024, END_OF_BLOCK = 256 };

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

enum reader_state { BETWEEN_BLOCKS, IN_STORED, IN_CODED, AT_END, AT_FAULT };

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
    bool is_last;
    uint32_t stored_left;
    uint16_t literals[1 << CODE_BITS_MAX], distances[1 << CODE_BITS_MAX];
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

/* At least `count` bits (up to 32) are in `bits` afterwards, zeros where the input has ended. */
static void need(struct deflate_reader *reader, unsigned count)
{
    while (reader->bit_count < count) {
        if (reader->at == reader->size) {
            reader->at = 0;
            reader->size = reader->fill(reader->ctx, reader->input, sizeof reader->input);
            CHECK(reader->size <= sizeof reader->input);
        }
        if (reader->size == 0) {
            return;
        }
        reader->bits |= (uint64_t)reader->input[reader->at++] << reader->bit_count;
        reader->bit_count += 8;
        reader->taken++;
    }
}

static void drop(struct deflate_reader *reader, unsigned count)
{
    if (count > reader->bit_count) {
        reader->is_cut = true;
        return;
    }
    reader->bits >>= count;
    reader->bit_count -= count;
}

static uint32_t take(struct deflate_reader *reader, unsigned count)
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

/* Fills the table; false when the lengths claim more codes than there are. An incomplete set is allowed: the
 * codes that are missing are faults when they come. */
static bool table_fill(uint16_t table[1 << CODE_BITS_MAX], const uint8_t *lengths, size_t count)
{
    unsigned counts[CODE_BITS_MAX + 1] = {0}, next[CODE_BITS_MAX + 2] = {0}, code = 0;

    for (size_t i = 0; i < count; i++) {
        counts[lengths[i]]++;
    }
    counts[0] = 0;
    for (unsigned bits = 1; bits <= CODE_BITS_MAX; bits++) {
        code = (code + counts[bits - 1]) << 1;
        next[bits] = code;
        if (code + counts[bits] > 1u << bits) {
            return false;
        }
    }
    memset(table, 0, sizeof *table << CODE_BITS_MAX);
    for (size_t i = 0; i < count; i++) {
        unsigned length = lengths[i];
        if (length == 0) {
            continue;
        }
        unsigned first = reversed(next[length]++, length);
        for (unsigned slot = first; slot < 1u << CODE_BITS_MAX; slot += 1u << length) {
            table[slot] = (uint16_t)(i << 4 | length);
        }
    }
    return true;
}

/* The next coded value, or -1. */
static int decode(struct deflate_reader *reader, const uint16_t table[1 << CODE_BITS_MAX])
{
    need(reader, CODE_BITS_MAX);
    uint16_t entry = table[reader->bits & ((1u << CODE_BITS_MAX) - 1)];
    if ((entry & 15) == 0) {
        return -1;
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
    bool is_filled = table_fill(reader->literals, lengths, sizeof lengths);
    memset(lengths, 5, 30);
    return table_fill(reader->distances, lengths, 30) && is_filled;
}

/* Reads the code lengths of both alphabets, run by run. */
static bool lengths_read(struct deflate_reader *reader, uint8_t *lengths, size_t count)
{
    size_t at = 0;

    while (at < count) {
        int value = decode(reader, reader->literals);
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
           table_fill(reader->literals, code_lengths, CODE_LENGTHS) &&
           lengths_read(reader, lengths, literals + distances) && lengths[END_OF_BLOCK] != 0 &&
           table_fill(reader->literals, lengths, literals) &&
           table_fill(reader->distances, lengths + literals, distances);
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
    reader->state = reader->type == DEFLATE_STORED ? IN_STORED : IN_CODED;
    if (!is_sound || reader->is_cut) {
        reader->state = AT_FAULT;
    }
}

static enum deflate_item block_end(struct deflate_reader *reader)
{
    reader->state = reader->is_last ? AT_END : BETWEEN_BLOCKS;
    return DEFLATE_BLOCK_END;
}

static enum deflate_item stored_next(struct deflate_reader *reader, struct deflate_symbol *symbol_out)
{
    if (reader->stored_left == 0) {
        return block_end(reader);
    }
    reader->stored_left--;
    *symbol_out = (struct deflate_symbol){0, (uint16_t)take(reader, 8)};
    return DEFLATE_SYMBOL;
}

static enum deflate_item coded_next(struct deflate_reader *reader, struct deflate_symbol *symbol_out)
{
    int code = decode(reader, reader->literals);

    if (code == END_OF_BLOCK) {
        return block_end(reader);
    }
    if (code < 0 || code >= DEFLATE_LITERALS) {
        return DEFLATE_FAULT;
    }
    if (code < END_OF_BLOCK) {
        *symbol_out = (struct deflate_symbol){0, (uint16_t)code};
        return DEFLATE_SYMBOL;
    }
    code -= END_OF_BLOCK + 1;
    symbol_out->length = (uint16_t)(deflate_length_base[code] + take(reader, deflate_length_extra[code]));
    code = decode(reader, reader->distances);
    if (code < 0 || code >= DEFLATE_DISTANCES) {
        return DEFLATE_FAULT;
    }
    symbol_out->value = (uint16_t)(deflate_distance_base[code] + take(reader, deflate_distance_extra[code]));
    return DEFLATE_SYMBOL;
}

enum deflate_item deflate_reader_next(struct deflate_reader *reader, struct deflate_symbol *symbol_out)
{
    enum deflate_item item = DEFLATE_FAULT;

    if (reader->state == BETWEEN_BLOCKS) {
        block_begin(reader);
    }
    switch (reader->state) {
    case IN_STORED:
        item = stored_next(reader, symbol_out);
        break;
    case IN_CODED:
        item = coded_next(reader, symbol_out);
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
