/* catalogue.h: the catalogue cell: one published version of one localisation of a course.
 *
 * Key: course / <course id> / <language> / <version>. Value: a register with the protobuf of schema/wire/package.proto. */
#ifndef QANAT_PACKAGE_CATALOGUE_H
#define QANAT_PACKAGE_CATALOGUE_H

#include "replication/crdt/cell.h"
#include "replication/package/manifest.h"

enum { COURSE_ID_MAX = 128, COURSE_TEXT_MAX = 1024, LANG_MAX = 35, VERSION_MAX = 64 };

struct catalogue_entry {
    struct bytes course;          /* id */
    struct bytes lang;            /* BCP 47 */
    struct bytes version;
    struct bytes title;
    struct bytes series;
    struct bytes localises;       /* course id this one is a localisation of, or "" */
    enum package_format format;
    struct hash manifest;         /* address */
    uint64_t manifest_size;
    const struct chunk *manifest_chunks; /* when the manifest is over MEMBER_WHOLE_MAX */
    size_t manifest_chunk_count;
    uint64_t size;                /* sum of members */
    uint64_t member_count;
    uint64_t published_ms;
    bool is_withdrawn;
};

enum status catalogue_key(const struct catalogue_entry *entry, struct buffer *out);
enum status catalogue_encode(const struct catalogue_entry *entry, struct buffer *out);
enum status catalogue_decode(struct bytes in, struct arena *arena, struct catalogue_entry *out);

#endif
