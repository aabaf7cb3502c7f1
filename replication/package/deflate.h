/* deflate.h: deflate streams (RFC 1951) taken apart into symbols and blocks, and put together again bit by
 * bit.
 *
 * Almost every archive was compressed by one family of encoders: zlib, gzip and Info-ZIP share one way of
 * searching matches and of building Huffman codes, and differ in where they end a block and in the size of
 * the hash table. So a stream is kept as its settings and the list of its blocks: some bytes for each 20 to
 * 100 kB of content. Reading (deflate_read.c) takes any stream; the search (deflate_match.c) finds the
 * symbols again from the content; writing (deflate_write.c) makes the bits. A stream of another encoder is
 * noticed, as the bits differ, and kept as it is.
 *
 * Everything runs in bounded memory whatever the size of the stream: about 700 kB. */
#ifndef QANAT_PACKAGE_DEFLATE_H
#define QANAT_PACKAGE_DEFLATE_H

#include "replication/base/bytes.h"
#include "replication/base/status.h"

enum {
    DEFLATE_WINDOW = 32768,
    DEFLATE_MATCH_MIN = 3,
    DEFLATE_MATCH_MAX = 258,
    DEFLATE_LITERALS = 286, /* literals, the end of a block, lengths */
    DEFLATE_DISTANCES = 30,
    DEFLATE_BLOCK_MAX = 65535, /* symbols of a block that we keep, or bytes of a stored one */
};

enum deflate_block { DEFLATE_STORED = 0, DEFLATE_FIXED = 1, DEFLATE_DYNAMIC = 2 };

/* A literal (length 0) or a match. */
struct deflate_symbol {
    uint16_t length;
    uint16_t value; /* the byte, or the distance */
};

/* How an encoder searched: levels 1 to 9 of the family; 15 bits of hash, or 16 (memLevel 9 of zlib). */
struct deflate_settings {
    uint8_t level;
    uint8_t hash_bits;
};

/* Base values and extra bits of length codes (257 on) and distance codes. */
extern const uint16_t deflate_length_base[29], deflate_distance_base[DEFLATE_DISTANCES];
extern const uint8_t deflate_length_extra[29], deflate_distance_extra[DEFLATE_DISTANCES];
/* The order in which a dynamic block tells the lengths of its code length codes. */
extern const uint8_t deflate_order[19];

/* --- reading (deflate_read.c) --- */

enum deflate_item {
    DEFLATE_SYMBOLS, /* of a coded block, some */
    DEFLATE_RUN,     /* bytes of a stored block, some */
    DEFLATE_BLOCK_END,
    DEFLATE_END,   /* behind the last block; what follows starts at the next whole byte */
    DEFLATE_FAULT, /* malformed, or cut */
};

enum { DEFLATE_BATCH_MAX = 1024 };

/* What comes next of a stream. */
struct deflate_batch {
    size_t count;
    struct deflate_symbol symbols[DEFLATE_BATCH_MAX];
    struct bytes run; /* borrowed until the next is asked for */
};

/* Gives up to `size` bytes of input; 0 at its end. */
typedef size_t deflate_fill(void *ctx, uint8_t *out, size_t size);

struct deflate_reader;
struct deflate_reader *deflate_reader_open(deflate_fill *fill, void *ctx);
void deflate_reader_close(struct deflate_reader *reader);

/* The next item. Distances are not checked against the content so far: that is for whoever keeps it. */
enum deflate_item deflate_reader_next(struct deflate_reader *reader, struct deflate_batch *batch);

/* Of the block that ended last. */
enum deflate_block deflate_reader_block(const struct deflate_reader *reader);

/* Bytes used so far, a begun one included: after DEFLATE_END the size of the stream. */
uint64_t deflate_reader_used(const struct deflate_reader *reader);

/* --- searching (deflate_match.c) --- */

struct deflate_matcher;
/* NULL for settings outside the family. */
struct deflate_matcher *deflate_matcher_open(const struct deflate_settings *settings);
void deflate_matcher_close(struct deflate_matcher *matcher);
void deflate_matcher_put(struct deflate_matcher *matcher, struct bytes content);
/* No more content comes. */
void deflate_matcher_end(struct deflate_matcher *matcher);
/* The next symbols, up to `max`; how many. None: more content is needed first, or after the end all is said.
 */
size_t deflate_matcher_next(struct deflate_matcher *matcher, struct deflate_symbol *symbols, size_t max);

/* --- writing (deflate_write.c) --- */

struct deflate_writer {
    struct buffer out; /* whole bytes: the caller takes them away */
    uint64_t bits;
    unsigned bit_count;
};

/* Writes one block. For a stored one `stored` is its content, else the symbols count. After the last one the
 * begun byte is filled up. */
void deflate_write_block(struct deflate_writer *writer, enum deflate_block type, bool is_last,
                         const struct deflate_symbol *symbols, size_t count, struct bytes stored);

/* --- all together: from content to stream (deflate_remake.c) --- */

/* Takes a run of the stream; false ends the work. */
typedef bool deflate_sink(void *ctx, struct bytes data);

/* `blocks`: one varint for each, symbols << 2 | type; borrowed. NULL for settings outside the family. */
struct deflate_remake;
struct deflate_remake *deflate_remake_open(const struct deflate_settings *settings, struct bytes blocks,
                                           deflate_sink *sink, void *ctx);
void deflate_remake_close(struct deflate_remake *remake);
/* S_INVALID: the blocks do not fit the content; S_PARTIAL: the sink had enough. */
enum status deflate_remake_put(struct deflate_remake *remake, struct bytes content);
enum status deflate_remake_end(struct deflate_remake *remake);

#endif
