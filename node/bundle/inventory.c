#include "node/bundle/inventory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/bundle/select.h"
#include "node/learn/course/course_choose.h"
#include "replication/base/check.h"

enum { TEXTS = 4 };

static void text_append(struct buffer *out, const char *text)
{
    buffer_append_varint(out, strlen(text));
    buffer_append(out, text, strlen(text));
}

static bool is_under_way(enum course_state state)
{
    return state == COURSE_FETCHING || state == COURSE_WAITING;
}

static bool is_same_wish(const struct subscription *one, const struct subscription *other)
{
    return strcmp(one->course, other->course) == 0 && strcmp(one->series, other->series) == 0 && strcmp(one->lang, other->lang) == 0 &&
           strcmp(one->publisher, other->publisher) == 0;
}

/* What nodes below asked for and is not here is wanted from whoever reads this, too: a stick's wish goes on by the next stick. */
static size_t wishes_below(struct db *db, const struct roster *roster, struct subscription *list, size_t count)
{
    struct course_row row;
    struct buffer ids;

    buffer_init(&ids);
    (void)course_row_list(db, &ids);
    for (size_t at = 0; count < SUBSCRIPTIONS_MAX && course_row_next(db, &ids, &at, &row);) {
        const struct roster_node *publisher = roster ? roster_find(roster, &row.publisher) : NULL;
        struct subscription *wish = &list[count];
        size_t same = 0;

        if (!row.is_asked || row.is_withdrawn || !is_under_way(row.state)) {
            continue;
        }
        *wish = (struct subscription){.has_all_versions = false};
        snprintf(wish->course, sizeof wish->course, "%s", row.course);
        snprintf(wish->lang, sizeof wish->lang, "%s", row.lang);
        snprintf(wish->publisher, sizeof wish->publisher, "%s", publisher ? publisher->name : "");
        while (same < count && !is_same_wish(&list[same], wish)) {
            same++;
        }
        count += same == count;
    }
    buffer_release(&ids);
    return count;
}

static void wishes_append(struct db *db, const struct roster *roster, struct buffer *out)
{
    struct subscription *list = calloc(SUBSCRIPTIONS_MAX, sizeof *list);

    CHECK(list);
    size_t count = subscription_list(db, list, SUBSCRIPTIONS_MAX);
    count = wishes_below(db, roster, list, count);
    buffer_append_varint(out, count);
    for (size_t i = 0; i < count; i++) {
        const char *texts[TEXTS] = {list[i].course, list[i].series, list[i].lang, list[i].publisher};

        for (size_t text = 0; text < TEXTS; text++) {
            text_append(out, texts[text]);
        }
        buffer_append_u8(out, list[i].has_all_versions);
    }
    free(list);
}

static void held_append(struct buffer *held, const struct hash *hash)
{
    if (held->size < INVENTORY_HELD_MAX * sizeof(struct id)) {
        buffer_append(held, hash->b, sizeof(struct id));
    }
}

/* What is here of a version under way: a stick may be smaller than a course. Its manifest would say that all of it is here. */
static enum status objects_append(struct db *db, const struct course_row *row, struct buffer *held)
{
    struct selected_object selected;
    struct buffer list;

    buffer_init(&list);
    enum status status = select_objects(db, row->id, &list);
    for (size_t at = 0; at < list.size; at += sizeof selected) {
        memcpy(&selected, list.data + at, sizeof selected);
        if (!hash_equal(&selected.object, &row->manifest)) {
            held_append(held, &selected.object);
        }
    }
    buffer_release(&list);
    return status;
}

enum status inventory_collect(struct db *db, const struct roster *roster, struct buffer *out)
{
    struct buffer ids, held;
    struct course_row row;

    buffer_init(&ids);
    buffer_init(&held);
    enum status status = course_row_list(db, &ids);
    for (size_t at = 0; course_row_next(db, &ids, &at, &row);) {
        if (course_is_held(&row)) {
            held_append(&held, &row.manifest);
        }
    }
    for (size_t at = 0; status == S_OK && held.size < INVENTORY_HELD_MAX * sizeof(struct id) && course_row_next(db, &ids, &at, &row);) {
        if (is_under_way(row.state)) {
            status = objects_append(db, &row, &held);
        }
    }
    buffer_append_u8(out, INVENTORY_VERSION);
    wishes_append(db, roster, out);
    buffer_append_varint(out, held.size / sizeof(struct id));
    buffer_append(out, held.data, held.size);
    buffer_release(&held);
    buffer_release(&ids);
    return status == S_OK ? db_status(db) : status;
}

/* --- decoding --- */

static bool text_take(struct bytes *in, char *out, size_t size_max)
{
    uint64_t size;

    if (!bytes_take_varint(in, &size) || size > size_max || size > in->size ||
        memchr(in->data, '\0', (size_t)size)) {
        return false;
    }
    memcpy(out, in->data, (size_t)size);
    out[size] = '\0';
    *in = bytes_of(in->data + size, in->size - (size_t)size);
    return true;
}

static bool wish_take(struct bytes *in, struct subscription *wish)
{
    if (!text_take(in, wish->course, COURSE_ID_MAX) || !text_take(in, wish->series, COURSE_TEXT_MAX) ||
        !text_take(in, wish->lang, LANG_MAX) || !text_take(in, wish->publisher, NODE_NAME_MAX) ||
        in->size < 1) {
        return false;
    }
    wish->has_all_versions = in->data[0] != 0;
    *in = bytes_of(in->data + 1, in->size - 1);
    return true;
}

static int id_order(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct id));
}

static bool held_take(struct bytes *in, struct inventory *out)
{
    uint64_t count;

    if (!bytes_take_varint(in, &count) || count > INVENTORY_HELD_MAX ||
        in->size != count * sizeof(struct id)) {
        return false;
    }
    out->held = malloc(in->size + 1);
    CHECK(out->held);
    memcpy(out->held, in->data, in->size);
    out->held_count = (size_t)count;
    qsort(out->held, out->held_count, sizeof *out->held, id_order);
    return true;
}

enum status inventory_decode(struct bytes in, struct inventory *out)
{
    uint64_t count;
    bool is_sound = in.size > 0 && in.data[0] == INVENTORY_VERSION;

    memset(out, 0, sizeof *out);
    if (in.size > INVENTORY_SIZE_MAX) {
        return S_TOO_LARGE;
    }
    if (is_sound) {
        in = bytes_of(in.data + 1, in.size - 1);
        is_sound = bytes_take_varint(&in, &count) && count <= SUBSCRIPTIONS_MAX && count <= in.size;
    }
    if (is_sound) {
        out->wishes = calloc((size_t)count + 1, sizeof *out->wishes);
        CHECK(out->wishes);
        while (is_sound && out->wish_count < count) {
            is_sound = wish_take(&in, &out->wishes[out->wish_count++]);
        }
    }
    if (!is_sound || !held_take(&in, out)) {
        inventory_release(out);
        return S_INVALID;
    }
    return S_OK;
}

void inventory_release(struct inventory *inventory)
{
    free(inventory->wishes);
    free(inventory->held);
    memset(inventory, 0, sizeof *inventory);
}

bool inventory_holds(const struct inventory *inventory, const struct hash *hash)
{
    return inventory->held_count > 0 && bsearch(hash->b, inventory->held, inventory->held_count,
                                                sizeof *inventory->held, id_order) != NULL;
}

static bool is_meant(const char *wanted, const char *text)
{
    return wanted[0] == '\0' || strcmp(wanted, text) == 0;
}

bool inventory_wishes(const struct inventory *inventory, const struct course_row *row, const char *publisher)
{
    for (size_t i = 0; i < inventory->wish_count; i++) {
        const struct subscription *wish = &inventory->wishes[i];

        if (is_meant(wish->course, row->course) && is_meant(wish->series, row->series) &&
            is_meant(wish->lang, row->lang) && is_meant(wish->publisher, publisher)) {
            return true;
        }
    }
    return false;
}

/* --- what others said --- */

enum status inventory_put(struct db *db, const struct id *node, const struct inventory_said *said)
{
    struct statement *put = db_statement(db, STATEMENT_inventory_put);
    uint64_t now_ms = said->now_ms & INT64_MAX;
    bool is_newer = said->is_newer || said->at_ms < BUNDLE_CLOCK_MIN_MS;

    statement_bind_blob(put, 1, bytes_of(node->b, sizeof node->b));
    statement_bind_int(put, 2, (int64_t)(said->at_ms < now_ms ? said->at_ms : now_ms));
    statement_bind_blob(put, 3, said->body);
    statement_bind_int(put, 4, is_newer);
    statement_bind_int(put, 5, (int64_t)now_ms);
    return statement_run(put);
}

bool inventory_get(struct db *db, const struct id *node, struct inventory *out)
{
    struct statement *get = db_statement(db, STATEMENT_inventory_get);

    memset(out, 0, sizeof *out);
    statement_bind_blob(get, 1, bytes_of(node->b, sizeof node->b));
    bool is_there = statement_step(get) && inventory_decode(statement_blob(get, 0), out) == S_OK;
    statement_reset(get);
    return is_there;
}
