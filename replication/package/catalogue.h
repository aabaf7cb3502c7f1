/* catalogue.h: the catalogue cell: one published version of one localisation of a course.
 *
 * Key: course / <course id> / <language> / <version>. Value: a register (cell_value_register()) whose content
 * is the protobuf of schema/wire/package.proto. */
#ifndef QANAT_PACKAGE_CATALOGUE_H
#define QANAT_PACKAGE_CATALOGUE_H

#include "replication/crdt/cell.h"
#include "replication/package/manifest.h"

struct catalogue_entry {
    struct bytes course; /* id */
    struct bytes lang;   /* BCP 47 */
    struct bytes version;
    struct bytes title;
    struct bytes series;
    struct bytes localises; /* course id this one is a localisation of, or "" */
    enum package_format format;
    struct hash manifest; /* address */
    uint64_t manifest_size;
    const struct chunk *manifest_chunks; /* when the manifest is over MEMBER_WHOLE_MAX */
    size_t manifest_chunk_count;
    uint64_t size; /* sum of members */
    uint64_t member_count;
    uint64_t published_ms;
    bool is_withdrawn;
    struct bytes source_lang; /* a translation: made from this version of `localises`, or of the course itself; or "" */
    struct bytes source_version;
};

/* Writes the cell's key into `out`, cleared first. S_INVALID or S_TOO_LARGE when id, language or version are
 * outside the format. */
enum status catalogue_key(const struct catalogue_entry *entry, struct buffer *out);

/* Appends the register's content. S_INVALID, S_TOO_LARGE (a text, or the cell as a whole); `out` is as before
 * unless S_OK. */
enum status catalogue_encode(const struct catalogue_entry *entry, struct buffer *out);

/* Reads a register's content; chunks live in `arena`, texts borrow from `in`. S_INVALID, S_TOO_LARGE. */
enum status catalogue_decode(struct bytes in, struct arena *arena, struct catalogue_entry *out);

/* S_OK for an id or version of 1 to `size_max` bytes of UTF-8 without control characters; S_INVALID,
 * S_TOO_LARGE. */
enum status catalogue_id_check(struct bytes id, size_t size_max);

#endif
