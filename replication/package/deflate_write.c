/* Writes blocks as the family does. Huffman codes: a heap of the symbols used, the rarer first and of equal
 * ones the one with the lower tree; two least become one, until one is left. Lengths over the limit are
 * pushed up at the deepest place that has room. At least two symbols get a code. The lengths of both
 * alphabets go out run by run (16: again, 17 and 18: zeros) under a third code. RFC 1951, sections 3.2.2
 * and 3.2.7. */
#include <string.h>

#include "replication/base/check.h"
#include "replication/package/deflate.h"

enum {
    END_OF_BLOCK = 256,
    CODE_BITS_MAX = 15,
    LENGTHS_BITS_MAX = 7,
    LENGTHS = 19,
    SYMBOL_BYTES_MAX = 6, /* 48 bits: a length, a distance and the extra bits of both */
    NODES_MAX = 2 * DEFLATE_LITERALS + 1,
    AGAIN = 16,
    ZEROS = 17,
    MANY_ZEROS = 18,
};

struct code {
    uint16_t bits;
    uint8_t length;
};

/* --- Huffman trees --- */

struct tree {
    uint32_t frequency[NODES_MAX];
    uint16_t parent[NODES_MAX];
    uint8_t depth[NODES_MAX];
    uint8_t length[NODES_MAX];
    uint16_t
        heap[NODES_MAX + 1]; /* from 1; behind it, from `top` on, the nodes in the order they were taken */
    int size, top;
};

static bool is_smaller(const struct tree *tree, unsigned a, unsigned b)
{
    return tree->frequency[a] < tree->frequency[b] ||
           (tree->frequency[a] == tree->frequency[b] && tree->depth[a] <= tree->depth[b]);
}

static void sift_down(struct tree *tree, int at)
{
    uint16_t moved = tree->heap[at];

    for (int child = 2 * at; child <= tree->size; child = 2 * at) {
        if (child < tree->size && is_smaller(tree, tree->heap[child + 1], tree->heap[child])) {
            child++;
        }
        if (is_smaller(tree, moved, tree->heap[child])) {
            break;
        }
        tree->heap[at] = tree->heap[child];
        at = child;
    }
    tree->heap[at] = moved;
}

/* The leaves into the heap; returns the highest symbol used. */
static int leaves_gather(struct tree *tree, const uint32_t *counts, int symbols)
{
    int highest = -1;

    tree->size = 0;
    tree->top = NODES_MAX;
    for (int i = 0; i < symbols; i++) {
        tree->frequency[i] = counts[i];
        tree->depth[i] = 0;
        tree->length[i] = 0;
        if (counts[i] > 0) {
            tree->heap[++tree->size] = (uint16_t)i;
            highest = i;
        }
    }
    while (tree->size < 2) {
        int added = highest < 2 ? ++highest : 0;
        tree->heap[++tree->size] = (uint16_t)added;
        tree->frequency[added] = 1;
        tree->depth[added] = 0;
    }
    return highest;
}

static void join_all(struct tree *tree, int symbols)
{
    uint16_t node = (uint16_t)symbols;

    for (int i = tree->size / 2; i >= 1; i--) {
        sift_down(tree, i);
    }
    do {
        uint16_t least = tree->heap[1], next;
        tree->heap[1] = tree->heap[tree->size--];
        sift_down(tree, 1);
        next = tree->heap[1];
        tree->heap[--tree->top] = least;
        tree->heap[--tree->top] = next;
        tree->frequency[node] = tree->frequency[least] + tree->frequency[next];
        tree->depth[node] =
            (uint8_t)((tree->depth[least] >= tree->depth[next] ? tree->depth[least] : tree->depth[next]) + 1);
        tree->parent[least] = tree->parent[next] = node;
        tree->heap[1] = node++;
        sift_down(tree, 1);
    } while (tree->size >= 2);
    tree->heap[--tree->top] = tree->heap[1];
}

/* Gives lengths over `max` back where there is room, the deepest first. */
static void lengths_bound(struct tree *tree, unsigned counts[CODE_BITS_MAX + 1], int overflow, int symbols,
                          unsigned max)
{
    int at = NODES_MAX;

    do {
        unsigned bits = max - 1;
        while (counts[bits] == 0) {
            bits--;
        }
        counts[bits]--;
        counts[bits + 1] += 2;
        counts[max]--;
        overflow -= 2;
    } while (overflow > 0);
    for (unsigned bits = max; bits != 0; bits--) {
        for (unsigned left = counts[bits]; left > 0;) {
            uint16_t node = tree->heap[--at];
            if (node < symbols) {
                tree->length[node] = (uint8_t)bits;
                left--;
            }
        }
    }
}

static void lengths_find(struct tree *tree, int symbols, unsigned max)
{
    unsigned counts[CODE_BITS_MAX + 1] = {0};
    int overflow = 0;

    tree->length[tree->heap[tree->top]] = 0; /* the root */
    for (int i = tree->top + 1; i < NODES_MAX; i++) {
        uint16_t node = tree->heap[i];
        unsigned bits = tree->length[tree->parent[node]] + 1u;
        if (bits > max) {
            bits = max;
            overflow++;
        }
        tree->length[node] = (uint8_t)bits;
        if (node < symbols) {
            counts[bits]++;
        }
    }
    if (overflow > 0) {
        lengths_bound(tree, counts, overflow, symbols, max);
    }
}

static void codes_number(struct code *codes, int count)
{
    unsigned counts[CODE_BITS_MAX + 1] = {0}, next[CODE_BITS_MAX + 1] = {0}, code = 0;

    for (int i = 0; i < count; i++) {
        counts[codes[i].length]++;
    }
    counts[0] = 0;
    for (unsigned bits = 1; bits <= CODE_BITS_MAX; bits++) {
        code = (code + counts[bits - 1]) << 1;
        next[bits] = code;
    }
    for (int i = 0; i < count; i++) {
        unsigned value = next[codes[i].length]++, reversed = 0;
        for (unsigned bit = 0; bit < codes[i].length; bit++) {
            reversed |= (value >> bit & 1) << (codes[i].length - 1u - bit);
        }
        codes[i].bits = (uint16_t)reversed;
    }
}

/* The codes of an alphabet by how often each symbol comes; returns the highest symbol that has one. */
static int codes_build(const uint32_t *counts, int symbols, unsigned max, struct code *codes)
{
    struct tree tree;
    int highest = leaves_gather(&tree, counts, symbols);

    join_all(&tree, symbols);
    lengths_find(&tree, symbols, max);
    for (int i = 0; i < symbols; i++) {
        codes[i].length = tree.length[i];
    }
    codes_number(codes, symbols);
    return highest;
}

/* --- bits --- */

static void put(struct deflate_writer *writer, uint32_t value, unsigned count)
{
    writer->bits |= (uint64_t)value << writer->bit_count;
    writer->bit_count += count;
    while (writer->bit_count >= 8) {
        buffer_append_u8(&writer->out, (uint8_t)writer->bits);
        writer->bits >>= 8;
        writer->bit_count -= 8;
    }
}

static void fill_byte(struct deflate_writer *writer)
{
    if (writer->bit_count > 0) {
        put(writer, 0, 8 - writer->bit_count);
    }
}

static unsigned log_of(unsigned value)
{
    return 31u - (unsigned)__builtin_clz(value);
}

/* Codes go in fours, each four twice as wide as the one before. */
static inline unsigned length_code(unsigned length)
{
    unsigned from = length - DEFLATE_MATCH_MIN;

    if (from < 8) {
        return from;
    }
    unsigned log = log_of(from);
    return length == DEFLATE_MATCH_MAX ? 28 /* has a code of its own */
                                       : 4 * (log - 1) + (from >> (log - 2) & 3);
}

/* In twos. */
static inline unsigned distance_code(unsigned distance)
{
    unsigned from = distance - 1;

    if (from < 4) {
        return from;
    }
    unsigned log = log_of(from);
    return 2 * log + (from >> (log - 1) & 1);
}

/* Bits on their way; the buffer has room for them. */
struct bit_run {
    uint8_t *at;
    uint64_t bits;
    unsigned count;
};

/* Up to 32 more; four bytes go out when they are full. */
static inline void run_put(struct bit_run *run, uint32_t value, unsigned count)
{
    run->bits |= (uint64_t)value << run->count;
    run->count += count;
    if (run->count >= 32) {
        for (unsigned i = 0; i < 4; i++) {
            run->at[i] = (uint8_t)(run->bits >> 8 * i);
        }
        run->at += 4;
        run->bits >>= 32;
        run->count -= 32;
    }
}

static void put_symbols(struct deflate_writer *writer, const struct deflate_symbol *symbols, size_t count,
                        const struct code *literals, const struct code *distances)
{
    struct bit_run run = {buffer_reserve(&writer->out, SYMBOL_BYTES_MAX * count + 8), writer->bits,
                          writer->bit_count};

    for (size_t i = 0; i < count; i++) {
        const struct deflate_symbol *symbol = &symbols[i];
        if (symbol->length == 0) {
            run_put(&run, literals[symbol->value].bits, literals[symbol->value].length);
            continue;
        }
        unsigned code = length_code(symbol->length), far = distance_code(symbol->value);
        const struct code *literal = &literals[END_OF_BLOCK + 1 + code];
        run_put(&run, literal->bits, literal->length);
        run_put(&run, symbol->length - deflate_length_base[code], deflate_length_extra[code]);
        run_put(&run, distances[far].bits, distances[far].length);
        run_put(&run, symbol->value - deflate_distance_base[far], deflate_distance_extra[far]);
    }
    writer->out.size = (size_t)(run.at - writer->out.data);
    writer->bits = run.bits;
    writer->bit_count = run.count;
    put(writer, literals[END_OF_BLOCK].bits, literals[END_OF_BLOCK].length);
}

/* --- the head of a dynamic block --- */

/* The lengths of both alphabets as runs. */
struct runs {
    uint8_t symbol[DEFLATE_LITERALS + DEFLATE_DISTANCES];
    uint8_t extra[DEFLATE_LITERALS + DEFLATE_DISTANCES];
    size_t count;
    uint32_t counts[LENGTHS];
};

static void run_add(struct runs *runs, unsigned symbol, unsigned extra)
{
    runs->symbol[runs->count] = (uint8_t)symbol;
    runs->extra[runs->count++] = (uint8_t)extra;
    runs->counts[symbol]++;
}

/* A run never goes from one alphabet into the other. */
static void runs_gather(struct runs *runs, const struct code *codes, int highest)
{
    int previous = -1, count = 0;
    int next = codes[0].length, most = next == 0 ? 138 : 7, least = next == 0 ? 3 : 4;

    for (int i = 0; i <= highest; i++) {
        int current = next;
        next = i == highest ? 0xff : codes[i + 1].length;
        if (++count < most && current == next) {
            continue;
        }
        if (count < least) {
            for (int k = 0; k < count; k++) {
                run_add(runs, (unsigned)current, 0);
            }
        } else if (current != 0) {
            if (current != previous) {
                run_add(runs, (unsigned)current, 0);
                count--;
            }
            run_add(runs, AGAIN, (unsigned)count - 3);
        } else {
            run_add(runs, count <= 10 ? ZEROS : MANY_ZEROS, (unsigned)count - (count <= 10 ? 3 : 11));
        }
        count = 0;
        previous = current;
        most = next == 0 ? 138 : current == next ? 6 : 7;
        least = next == 0 || current == next ? 3 : 4;
    }
}

static void put_dynamic_head(struct deflate_writer *writer, const struct code *literals, int highest_literal,
                             const struct code *distances, int highest_distance)
{
    static const uint8_t extra_bits[] = {[AGAIN] = 2, [ZEROS] = 3, [MANY_ZEROS] = 7};
    struct code codes[LENGTHS];
    struct runs runs = {.count = 0};
    int last = LENGTHS - 1;

    runs_gather(&runs, literals, highest_literal);
    runs_gather(&runs, distances, highest_distance);
    (void)codes_build(runs.counts, LENGTHS, LENGTHS_BITS_MAX, codes);
    while (last > 3 && codes[deflate_order[last]].length == 0) {
        last--;
    }
    put(writer, (uint32_t)(highest_literal + 1 - 257), 5);
    put(writer, (uint32_t)highest_distance, 5);
    put(writer, (uint32_t)(last + 1 - 4), 4);
    for (int i = 0; i <= last; i++) {
        put(writer, codes[deflate_order[i]].length, 3);
    }
    for (size_t i = 0; i < runs.count; i++) {
        unsigned symbol = runs.symbol[i];
        put(writer, codes[symbol].bits, codes[symbol].length);
        put(writer, runs.extra[i], extra_bits[symbol < AGAIN ? 0 : symbol]);
    }
}

/* --- blocks --- */

static void put_dynamic(struct deflate_writer *writer, const struct deflate_symbol *symbols, size_t count)
{
    uint32_t literal_counts[DEFLATE_LITERALS] = {0}, distance_counts[DEFLATE_DISTANCES] = {0};
    struct code literals[DEFLATE_LITERALS], distances[DEFLATE_DISTANCES];

    literal_counts[END_OF_BLOCK] = 1;
    for (size_t i = 0; i < count; i++) {
        if (symbols[i].length == 0) {
            literal_counts[symbols[i].value]++;
        } else {
            literal_counts[END_OF_BLOCK + 1 + length_code(symbols[i].length)]++;
            distance_counts[distance_code(symbols[i].value)]++;
        }
    }
    int highest_literal = codes_build(literal_counts, DEFLATE_LITERALS, CODE_BITS_MAX, literals);
    int highest_distance = codes_build(distance_counts, DEFLATE_DISTANCES, CODE_BITS_MAX, distances);
    put_dynamic_head(writer, literals, highest_literal, distances, highest_distance);
    put_symbols(writer, symbols, count, literals, distances);
}

static void put_fixed(struct deflate_writer *writer, const struct deflate_symbol *symbols, size_t count)
{
    struct code literals[288], distances[DEFLATE_DISTANCES];

    for (int i = 0; i < 288; i++) {
        literals[i].length = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    }
    for (int i = 0; i < DEFLATE_DISTANCES; i++) {
        distances[i].length = 5;
    }
    codes_number(literals, 288);
    codes_number(distances, DEFLATE_DISTANCES);
    put_symbols(writer, symbols, count, literals, distances);
}

void deflate_write_block(struct deflate_writer *writer, enum deflate_block type, bool is_last,
                         const struct deflate_symbol *symbols, size_t count, struct bytes stored)
{
    put(writer, is_last, 1);
    put(writer, type, 2);
    switch (type) {
    case DEFLATE_STORED:
        CHECK(stored.size <= DEFLATE_BLOCK_MAX);
        fill_byte(writer);
        put(writer, (uint32_t)stored.size, 16);
        put(writer, (uint32_t)stored.size ^ 0xffff, 16);
        buffer_append(&writer->out, stored.data, stored.size);
        break;
    case DEFLATE_FIXED:
        put_fixed(writer, symbols, count);
        break;
    case DEFLATE_DYNAMIC:
        put_dynamic(writer, symbols, count);
        break;
    }
    if (is_last) {
        fill_byte(writer);
    }
}
