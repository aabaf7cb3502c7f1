/* A version goes into the catalogue: one cell of this node's catalogue stream. */
#include <string.h>

#include "node/learn/course/course_choose.h"
#include "node/store/course/blob.h"
#include "node/store/stream/own.h"

/* The chunks of the manifest, when it is over MEMBER_WHOLE_MAX. */
static void list_chunks(struct db *db, const struct hash *manifest, struct buffer *chunks)
{
    struct blob_row blob;
    struct chunk_row row = {.number = -1};

    if (!blob_row_find(db, manifest, &blob)) {
        return;
    }
    while (chunk_row_next(db, blob.id, row.number, &row)) {
        const struct chunk chunk = {.hash = row.hash, .size = row.size};

        buffer_append(chunks, &chunk, sizeof chunk);
    }
}

static enum status put_cell(struct db *db, const struct catalogue_entry *entry, hlc stamp)
{
    struct buffer key, content, value;
    enum status status;

    buffer_init(&key);
    buffer_init(&content);
    buffer_init(&value);
    status = catalogue_key(entry, &key);
    if (status == S_OK) {
        status = catalogue_encode(entry, &content);
    }
    if (status == S_OK) {
        cell_value_register(&value, stamp, buffer_bytes(&content));
        status = own_cell_put(db, TOPIC_CATALOGUE, buffer_bytes(&key), buffer_bytes(&value));
    }
    buffer_release(&key);
    buffer_release(&content);
    buffer_release(&value);
    return status;
}

enum status course_publish(struct courses *courses, struct db *db, struct course_row *row, bool is_withdrawn)
{
    uint64_t now_ms = course_wall_ms();
    struct buffer chunks;
    enum status status;

    if (!id_equal(&row->publisher, &courses->self) || (!is_withdrawn && !course_is_held(row))) {
        return S_DENIED;
    }
    row->stamp = hlc_tick(course_latest(db, row).stamp, now_ms);
    row->published_ms = now_ms;
    row->is_withdrawn = is_withdrawn;
    row->state = COURSE_PUBLISHED;
    buffer_init(&chunks);
    list_chunks(db, &row->manifest, &chunks);
    const struct catalogue_entry entry = {
        .course = bytes_text(row->course),
        .lang = bytes_text(row->lang),
        .version = bytes_text(row->version),
        .title = bytes_text(row->title),
        .series = bytes_text(row->series),
        .localises = bytes_text(row->localises),
        .format = row->format,
        .manifest = row->manifest,
        .manifest_size = row->manifest_size,
        .manifest_chunks = (const struct chunk *)(const void *)chunks.data,
        .manifest_chunk_count = chunks.size / sizeof(struct chunk),
        .size = row->size,
        .member_count = row->member_count,
        .published_ms = now_ms,
        .is_withdrawn = is_withdrawn,
        .source_lang = bytes_text(row->source_lang),
        .source_version = bytes_text(row->source_version),
    };
    status = put_cell(db, &entry, row->stamp);
    buffer_release(&chunks);
    if (status == S_OK) {
        status = course_row_update(db, row);
    }
    return status == S_OK ? course_choose(db, row->course, row->lang) : status;
}

/* Is `row` an own version that `ref` can mean? */
static bool is_meant(const struct courses *courses, const struct course_row *row,
                     const struct course_ref *ref)
{
    return id_equal(&row->publisher, &courses->self) && course_is_held(row) &&
           (!ref->lang[0] || strcmp(ref->lang, row->lang) == 0) &&
           (!ref->version[0] || strcmp(ref->version, row->version) == 0);
}

/* Was another one meant by `ref` imported later, in the same language? */
static bool is_overtaken(const struct courses *courses, struct db *db, const struct buffer *all,
                         const struct course_row *row, const struct course_ref *ref)
{
    struct course_row other;
    int64_t id;

    for (size_t at = 0; at < all->size; at += sizeof id) {
        memcpy(&id, all->data + at, sizeof id);
        if (id != row->id && course_row_get(db, id, &other) && is_meant(courses, &other, ref) &&
            strcmp(other.lang, row->lang) == 0 &&
            (other.imported_ms > row->imported_ms ||
             (other.imported_ms == row->imported_ms && other.id > row->id))) {
            return true;
        }
    }
    return false;
}

enum status course_publish_ref(struct courses *courses, struct db *db, const struct course_ref *ref,
                               struct buffer *ids)
{
    struct course_row row;
    struct buffer all;
    enum status status;
    int64_t id;

    buffer_init(&all);
    status = course_row_list_of(db, bytes_text(ref->course), &all);
    for (size_t at = 0; at < all.size && status == S_OK; at += sizeof id) {
        memcpy(&id, all.data + at, sizeof id);
        if (!course_row_get(db, id, &row) || !is_meant(courses, &row, ref) ||
            is_overtaken(courses, db, &all, &row, ref)) {
            continue;
        }
        buffer_append(ids, &id, sizeof id);
        if (row.state == COURSE_IMPORTED || row.is_withdrawn) {
            status = course_publish(courses, db, &row, false);
        }
    }
    buffer_release(&all);
    return status == S_OK && ids->size == 0 ? S_NOT_FOUND : status;
}
