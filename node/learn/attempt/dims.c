#include "node/learn/attempt/dims.h"

#include <stdlib.h>
#include <string.h>

#include "node/learn/vocabulary.h"
#include "node/store/stream/figure.h"
#include "node/store/stream/known.h"
#include "node/store/stream/share.h"
#include "replication/base/check.h"

struct dims_entry {
    uint32_t hash;
    int64_t row;
};

struct dims {
    struct buffer entries; /* struct dims_entry, by hash */
    int64_t last; /* newest row when they were loaded */
    bool is_loaded;
    bool has_figures; /* those that are only in figures were added */
};

struct dims *dims_new(void)
{
    struct dims *dims = calloc(1, sizeof *dims);

    CHECK(dims);
    buffer_init(&dims->entries);
    return dims;
}

void dims_free(struct dims *dims)
{
    if (dims) {
        buffer_release(&dims->entries);
        free(dims);
    }
}

uint32_t dims_hash(struct db *db, const struct event_group *group)
{
    const struct bytes texts[] = {group->course, group->lang, group->version, group->cohort};
    struct buffer text;

    buffer_init(&text);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        buffer_append_varint(&text, texts[i].size);
        buffer_append(&text, texts[i].data, texts[i].size);
    }
    buffer_append_u8(&text, (uint8_t)group->role);
    buffer_append_u8(&text, (uint8_t)group->gender);
    uint64_t hash = known_hash(db, buffer_bytes(&text));
    buffer_release(&text);
    return (uint32_t)hash;
}

/* --- loading -------------------------------------------------------------------------------------------- */

struct loading {
    struct dims *dims;
    struct db *db;
    enum status status;
};

static void group_note(void *ctx, int64_t row, const struct event_group *group)
{
    struct loading *loading = ctx;
    struct dims_entry entry = {dims_hash(loading->db, group), row};

    buffer_append(&loading->dims->entries, &entry, sizeof entry);
}

static int entry_compare(const void *a, const void *b)
{
    const struct dims_entry *left = a, *right = b;

    return left->hash < right->hash ? -1 : left->hash > right->hash;
}

static void load(struct dims *dims, struct db *db)
{
    struct loading loading = {.dims = dims, .db = db};

    buffer_clear(&dims->entries);
    dims->last = event_group_last(db);
    (void)event_group_list(db, group_note, &loading);
    if (dims->entries.size > 0) {
        qsort(dims->entries.data, dims->entries.size / sizeof(struct dims_entry), sizeof(struct dims_entry), entry_compare);
    }
    dims->is_loaded = true;
}

/* The dimensions of a figure become a row. */
static enum status figure_take(void *ctx, const struct cell *cell)
{
    struct loading *loading = ctx;
    struct figure figure;
    enum gender gender;
    enum role role;
    int64_t row;

    if (!figure_parse(cell->key, &figure) || figure.metric == METRIC_REGISTERED || !role_parse(figure.part[PART_ROLE], &role) ||
        !gender_parse(figure.part[PART_GENDER], &gender)) {
        return S_OK;
    }
    const struct event_group group = {.course = figure.part[PART_COURSE],
                                      .lang = figure.part[PART_LANG],
                                      .version = figure.part[PART_VERSION],
                                      .cohort = figure.part[PART_COHORT],
                                      .role = (int)role,
                                      .gender = (int)gender};
    return event_group_get(loading->db, &group, &row);
}

/* --- finding -------------------------------------------------------------------------------------------- */

static int64_t entry_find(const struct dims *dims, uint32_t hash)
{
    const struct dims_entry wanted = {.hash = hash};
    size_t count = dims->entries.size / sizeof wanted;
    const struct dims_entry *entry = count ? bsearch(&wanted, dims->entries.data, count, sizeof wanted, entry_compare) : NULL;

    return entry ? entry->row : 0;
}

int64_t dims_find(struct dims *dims, struct db *db, uint32_t hash)
{
    struct loading loading = {.dims = dims, .db = db};

    if (!dims->is_loaded) {
        load(dims, db);
    }
    int64_t row = entry_find(dims, hash);
    if (row == 0 && event_group_last(db) != dims->last) { /* made since, in this very run */
        load(dims, db);
        row = entry_find(dims, hash);
    }
    if (row == 0 && !dims->has_figures) {
        dims->has_figures = true;
        if (share_cells_each(db, figure_take, &loading) == S_OK) {
            load(dims, db);
        }
        row = entry_find(dims, hash);
    }
    return row;
}
