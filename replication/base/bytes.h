/* bytes.h: borrowed slices, growable buffers and fixed 32-byte hashes.
 *
 * `struct bytes` never owns. `struct buffer` owns its memory until buffer_release(). */
#ifndef QANAT_BASE_BYTES_H
#define QANAT_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
    const uint8_t *data;
    size_t size;
};

struct buffer {
    uint8_t *data;
    size_t size;
    size_t capacity;
};

/* A BLAKE2b-256 of something; used as address of members and as state digest. */
struct hash {
    uint8_t b[32];
};

/* A 16-byte identifier: node, federation, incarnation. */
struct id {
    uint8_t b[16];
};

enum { HASH_HEX_SIZE = 65, ID_HEX_SIZE = 33 };

/* A slice over `size` bytes at `data`; nothing is copied. */
struct bytes bytes_of(const void *data, size_t size);

/* A slice over a NUL-terminated text, without the NUL. */
struct bytes bytes_text(const char *text);

bool bytes_equal(struct bytes a, struct bytes b);

/* Lexicographic by unsigned bytes, the shorter first: <0, 0, >0. */
int bytes_compare(struct bytes a, struct bytes b);

/* Starts `buffer` empty; no allocation. */
void buffer_init(struct buffer *buffer);
void buffer_release(struct buffer *buffer);

/* Empties it and keeps its memory. */
void buffer_clear(struct buffer *buffer);

/* Room for `size` more bytes; returns where they start. Aborts when memory is exhausted: callers bound `size`. */
uint8_t *buffer_reserve(struct buffer *buffer, size_t size);

/* Appends a copy. */
void buffer_append(struct buffer *buffer, const void *data, size_t size);
void buffer_append_u8(struct buffer *buffer, uint8_t value);

/* Little-endian, fixed width. */
void buffer_append_u32(struct buffer *buffer, uint32_t value);
void buffer_append_u64(struct buffer *buffer, uint64_t value);

/* LEB128. */
void buffer_append_varint(struct buffer *buffer, uint64_t value);

/* What it holds now, borrowed until the next append. */
struct bytes buffer_bytes(const struct buffer *buffer);

/* Reads one LEB128 value from the front of `in` and moves it on; false when truncated, over 64 bits or not
 * in the shortest form (there is one encoding of a number, so that equal bytes mean equal values). */
bool bytes_take_varint(struct bytes *in, uint64_t *value_out);

/* Takes `size` bytes off the front of `in`; false when there are fewer. */
bool bytes_take(struct bytes *in, size_t size, struct bytes *out);

/* ZigZag: small magnitudes become small unsigned numbers. */
uint64_t zigzag_encode(int64_t value);
int64_t zigzag_decode(uint64_t value);

/* BLAKE2b-256 of `data`; `key` (0 to 64 bytes) may be empty. RFC 7693. */
struct hash hash_of(struct bytes key, struct bytes data);

bool hash_equal(const struct hash *a, const struct hash *b);

/* For qsort() and bsearch() over hashes. */
int hash_order(const void *a, const void *b);
bool id_equal(const struct id *a, const struct id *b);
int id_compare(const struct id *a, const struct id *b);

/* What no node, incarnation or stream is called: all zeros. It stands where there is none. */
extern const struct id id_none;
bool id_is_none(const struct id *id);

/* Lower-case hex with NUL. */
void hash_hex(const struct hash *hash, char out[HASH_HEX_SIZE]);
void id_hex(const struct id *id, char out[ID_HEX_SIZE]);

/* Parses exactly `size` bytes of hex; false on any other character or length. */
bool hex_decode(const char *text, uint8_t *out, size_t size);

enum { UTF8_SIZE_MAX = 4 }; /* bytes of one character */

/* How many bytes at the beginning of `text` are whole characters of well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms), none of them NUL. */
size_t utf8_valid_size(struct bytes text);

/* True when all of them are. */
bool utf8_is_valid(struct bytes text);

/* How many bytes at the beginning of `text` are no text to show: a control character (C0 with NUL, DEL, C1), what turns the direction of the text behind it
 * (U+202A to U+202E, U+2066 to U+2069, with the separators U+2028 and U+2029), or a byte that begins no whole character. 0: a character to show, as are the
 * marks and joiners that Arabic, Persian and Indic texts need (U+200C to U+200F, U+061C). */
size_t utf8_unshown_size(struct bytes text);

/* Makes a text of elsewhere fit for a terminal or a line of a journal, in place: each such becomes a '?', but those of one byte that stand in `kept` (may be
 * ""). What it makes is valid, never longer, and its size is returned; no NUL is put behind it. */
size_t utf8_disarm(uint8_t *text, size_t size, const char *kept);

/* The same for a text with a NUL at its end, which may have been cut inside its last character: that goes. */
void utf8_disarm_line(char *text);

/* The size of `text` without a last character of which the end is missing. */
size_t utf8_whole_size(struct bytes text);

#endif
