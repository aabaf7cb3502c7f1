/* What is held here and resembles what is wanted: the bases that a session names, so that peers send what
 * differs.
 *
 * A version is compared with one other that is held: an earlier one of the same localisation, else another
 * language of the same course, else what it localises. Member by member: the same path, else the neighbours
 * in the same folder (a renamed page, or at least the same template). Large members by their chunks: what
 * lies between the same two chunks in the other. All of it is a hint: a bad one costs some bytes, nothing
 * else. */
#include <stdlib.h>
#include <string.h>

#include "node/learn/course/course_choose.h"
#include "node/store/course/blob.h"
#include "replication/base/check.h"

enum { ALIGN_CHUNKS_MAX = 65536, BLOB_BASES_MAX = 3 };

/* --- which version --- */

/* How near `other` is to `row`; 0: not at all. */
static int nearness(const struct course_row *row, const struct course_row *other)
{
    bool is_course = strcmp(row->course, other->course) == 0;
    bool is_lang = strcmp(row->lang, other->lang) == 0;
    bool is_source = row->localises[0] != '\0' && strcmp(row->localises, other->course) == 0;
    bool is_version = strcmp(row->version, other->version) == 0;

    if (other->id == row->id || !course_is_held(other) || !other->is_listed || (!is_course && !is_source)) {
        return 0;
    }
    if (is_course && is_lang) {
        return id_equal(&row->publisher, &other->publisher) ? 6 : 5;
    }
    return (is_course ? 3 : 1) + is_version;
}

static void consider(struct db *db, const struct course_row *row, const char *course, int *best,
                     struct course_row *base_out)
{
    struct course_row other;
    struct buffer ids;

    buffer_init(&ids);
    (void)course_row_list_of(db, bytes_text(course), &ids);
    for (size_t at = 0; course_row_next(db, &ids, &at, &other);) {
        int near = nearness(row, &other);
        if (near > *best || (near > 0 && near == *best && other.stamp > base_out->stamp)) {
            *best = near;
            *base_out = other;
        }
    }
    buffer_release(&ids);
}

static bool find_version(struct db *db, const struct course_row *row, struct course_row *base_out)
{
    int best = 0;

    consider(db, row, row->course, &best, base_out);
    if (row->localises[0] != '\0') {
        consider(db, row, row->localises, &best, base_out);
    }
    return best > 0;
}

/* --- chunks --- */

struct chunk_place {
    struct hash hash;
    uint32_t size;
    uint32_t at; /* its number */
};

struct chunk_table {
    struct chunk_place *items; /* in order */
    struct chunk_place *sorted;
    size_t count;
};

static int compare_places(const void *a, const void *b)
{
    const struct chunk_place *x = a, *y = b;
    return memcmp(x->hash.b, y->hash.b, sizeof x->hash.b);
}

/* The chunks of a blob, or itself as the only one when it is small. */
static void table_load(struct chunk_table *table, struct db *db, const struct blob_row *blob)
{
    struct chunk_row row = {.number = -1};
    struct buffer list;

    buffer_init(&list);
    while (list.size < ALIGN_CHUNKS_MAX * sizeof(struct chunk_place) &&
           chunk_row_next(db, blob->id, row.number, &row)) {
        struct chunk_place place = {row.hash, row.size, (uint32_t)(list.size / sizeof place)};
        buffer_append(&list, &place, sizeof place);
    }
    if (list.size == 0 && blob->size <= MEMBER_WHOLE_MAX) {
        struct chunk_place place = {blob->hash, (uint32_t)blob->size, 0};
        buffer_append(&list, &place, sizeof place);
    }
    table->count = list.size / sizeof(struct chunk_place);
    table->items = (struct chunk_place *)(void *)list.data; /* now the table's */
    table->sorted = malloc(list.size + 1);
    CHECK(table->sorted);
    if (list.size > 0) {
        memcpy(table->sorted, table->items, list.size);
        qsort(table->sorted, table->count, sizeof *table->sorted, compare_places);
    }
}

static void table_release(struct chunk_table *table)
{
    free(table->items);
    free(table->sorted);
}

/* The number of a chunk in `table`, -1 when it is not there. */
static int64_t table_find(const struct chunk_table *table, const struct hash *hash)
{
    struct chunk_place key = {.hash = *hash};
    const struct chunk_place *found = bsearch(&key, table->sorted, table->count, sizeof key, compare_places);

    return found ? (int64_t)found->at : -1;
}

/* A run of chunks, [first, end). */
struct run {
    const struct chunk_table *table;
    size_t first, end;
};

/* Bases of the chunks of `fresh`, which lie between the same landmarks as those of `old`. */
static enum status set_run(struct db *db, const struct run *fresh, const struct run *old)
{
    enum status status = S_OK;

    for (size_t i = fresh->first; i < fresh->end && status == S_OK && old->first < old->end; i++) {
        struct hash bases[BLOB_BASES_MAX];
        size_t count = 0, gap = old->end - old->first;
        /* as far into the one as into the other */
        size_t middle = old->first + (i - fresh->first) * gap / (fresh->end - fresh->first);
        size_t begin = gap <= BLOB_BASES_MAX || middle == old->first ? old->first : middle - 1;
        uint64_t total = 0;

        for (size_t k = begin; k < old->end && count < BLOB_BASES_MAX && total < CHUNK_SIZE_MAX; k++) {
            bases[count++] = old->table->items[k].hash;
            total += old->table->items[k].size;
        }
        status = want_set_bases(db, &fresh->table->items[i].hash, bases, count);
    }
    return status;
}

/* Goes through the chunks of both: those they share are the landmarks. */
static enum status set_aligned(struct db *db, const struct chunk_table *fresh, const struct chunk_table *old)
{
    struct run new_run = {.table = fresh}, old_run = {.table = old};
    enum status status = S_OK;

    for (size_t i = 0; i < fresh->count && status == S_OK; i++) {
        int64_t at = table_find(old, &fresh->items[i].hash);

        if (at < 0 || (size_t)at < old_run.first) {
            continue; /* not shared, or moved back: no landmark */
        }
        new_run.end = i;
        old_run.end = (size_t)at;
        status = set_run(db, &new_run, &old_run);
        new_run.first = i + 1;
        old_run.first = (size_t)at + 1;
    }
    new_run.end = fresh->count;
    old_run.end = old->count;
    return status == S_OK ? set_run(db, &new_run, &old_run) : status;
}

enum status course_base_set(struct db *db, const struct hash *fresh, const struct hash *old)
{
    struct blob_row fresh_row, old_row;
    struct chunk_table fresh_table, old_table;
    enum status status;

    if (!blob_row_find(db, fresh, &fresh_row) || fresh_row.is_whole || !blob_row_find(db, old, &old_row) ||
        !old_row.is_whole) {
        return S_OK;
    }
    table_load(&fresh_table, db, &fresh_row);
    table_load(&old_table, db, &old_row);
    status = set_aligned(db, &fresh_table, &old_table);
    table_release(&fresh_table);
    table_release(&old_table);
    return status;
}

/* --- members --- */

/* One member, copied out of the store's hands. */
struct found {
    struct hash hash;
    bool is_whole;
    size_t path_size;
    uint8_t path[PATH_SIZE_MAX];
};

static void take_member(void *ctx, const struct course_member_row *row)
{
    struct found *found = ctx;

    found->hash = row->hash;
    found->is_whole = row->is_whole;
    found->path_size = row->path.size <= sizeof found->path ? row->path.size : 0;
    memcpy(found->path, row->path.data, found->path_size);
}

/* How much of the path is its folder. */
static size_t folder_size(struct bytes path)
{
    size_t size = path.size;

    while (size > 0 && path.data[size - 1] != '/') {
        size--;
    }
    return size;
}

static struct bytes ending(struct bytes path)
{
    size_t at = path.size;

    while (at > 0 && path.data[at - 1] != '.' && path.data[at - 1] != '/') {
        at--;
    }
    return bytes_of(path.data + at, path.size - at);
}

/* Do two members look like pages of one kind: the same folder, the same ending? */
static bool is_sibling(struct bytes a, struct bytes b)
{
    size_t folder = folder_size(a);

    return folder == folder_size(b) && memcmp(a.data, b.data, folder) == 0 &&
           bytes_equal(ending(a), ending(b));
}

/* The member of `base` that resembles the one at `path` most; false when none does. */
static bool find_member(struct db *db, int64_t base, struct bytes path, struct found *found_out)
{
    if (course_member_find(db, base, path, take_member, found_out)) {
        return found_out->is_whole;
    }
    if (course_member_next(db, base, path, take_member, found_out) && found_out->is_whole &&
        is_sibling(path, bytes_of(found_out->path, found_out->path_size))) {
        return true;
    }
    return course_member_before(db, base, path, take_member, found_out) && found_out->is_whole &&
           is_sibling(path, bytes_of(found_out->path, found_out->path_size));
}

/* The recipe of a first version has the names of the files in common with its manifest. */
static enum status base_of_recipe(struct db *db, const struct course_row *row)
{
    char name[COURSE_PART_NAME_MAX];
    struct found recipe;

    return row->is_listed && course_member_find(db, row->id, course_part_name(0, name), take_member, &recipe)
               ? course_base_set(db, &recipe.hash, &row->manifest)
               : S_OK;
}

enum status course_base_all(struct db *db, const struct course_row *row)
{
    struct course_row base;
    struct found member, other;
    size_t after_size = 0;
    uint8_t after[PATH_SIZE_MAX];
    enum status status = S_OK;

    if (!find_version(db, row, &base)) {
        return base_of_recipe(db, row);
    }
    if (!row->is_listed) {
        return course_base_set(db, &row->manifest, &base.manifest);
    }
    while (status == S_OK &&
           course_member_next(db, row->id, bytes_of(after, after_size), take_member, &member)) {
        struct bytes path = bytes_of(member.path, member.path_size);

        if (member.path_size == 0 || bytes_compare(path, bytes_of(after, after_size)) <= 0) {
            return S_CORRUPT; /* a damaged tree leads back */
        }
        memcpy(after, member.path, after_size = member.path_size);
        if (!member.is_whole && find_member(db, base.id, path, &other)) {
            status = course_base_set(db, &member.hash, &other.hash);
        }
    }
    return status;
}
