#include "node/learn/attempt/satisfied.h"

#include <string.h>

#include "replication/base/check.h"

/* The satisfied parts of a version for one registration: blocks before what they are in. */
struct parts {
    struct item_sums sums;
    struct bytes course;    /* by its id here */
    struct bytes publisher; /* IRI of the course in its structure */
    struct buffer activity; /* of the part at hand */
};

static bool is_unit(const struct item_sum *sum)
{
    return bytes_equal(sum->item.kind, bytes_text("au"));
}

/* The first item behind the block, or what is in it. */
static size_t block_end(const struct item_sums *sums, size_t block)
{
    size_t end = block + 1;

    while (end < sums->count && sums->items[end].item.depth > sums->items[block].item.depth) {
        end++;
    }
    return end;
}

static bool are_satisfied(const struct item_sums *sums, size_t from, size_t end)
{
    bool has_unit = false, is_open = false;

    for (size_t i = from; i < end; i++) {
        const struct item_sum *sum = &sums->items[i];
        has_unit = has_unit || is_unit(sum);
        is_open = is_open || (is_unit(sum) && sum->has_rule && !sum->is_done);
    }
    return has_unit && !is_open;
}

/* Its id here: its publisher's may be of another course, too. `block` NULL: the course. */
static struct lrs_satisfied part_name(struct parts *parts, const struct item_sum *block)
{
    buffer_clear(&parts->activity);
    lrs_activity_write(parts->course, block ? block->item.id : bytes_of("", 0), &parts->activity);
    return (struct lrs_satisfied){
        .activity = buffer_bytes(&parts->activity), .publisher = block ? block->item.id : parts->publisher, .is_course = !block};
}

static enum status parts_load(struct db *db, int64_t version, int64_t registration, struct parts *parts)
{
    buffer_init(&parts->activity);
    return item_sums_load(db, version, registration, &parts->sums);
}

static void parts_release(struct parts *parts)
{
    buffer_release(&parts->activity);
    item_sums_release(&parts->sums);
}

static size_t unit_find(const struct item_sums *sums, const char *id)
{
    size_t at = 0;

    while (at < sums->count && !(is_unit(&sums->items[at]) && bytes_equal(sums->items[at].item.id, bytes_text(id)))) {
        at++;
    }
    return at;
}

enum status satisfied_say(const struct lrs *lrs, struct db *db, const struct lrs_session *session, const struct launch_row *row)
{
    struct lrs_session speaker = *session;
    struct registration_row registration;
    struct parts parts = {.publisher = session->course};
    struct lrs_satisfied part;

    if (!registration_row_get(db, row->registration, &registration)) {
        return db_status(db);
    }
    parts.course = bytes_text(registration.course);
    enum status status = parts_load(db, row->course, row->registration, &parts);
    const struct item_sums *sums = &parts.sums;
    const size_t unit = status == S_OK ? unit_find(sums, row->item) : 0;
    for (size_t at = unit; at-- > 0 && unit < sums->count && status == S_OK;) {
        if (sums->items[at].is_heading && block_end(sums, at) > unit && are_satisfied(sums, at, block_end(sums, at))) {
            part = part_name(&parts, &sums->items[at]);
            status = lrs_session_satisfy(lrs, db, &speaker, &part);
        }
    }
    if (status == S_OK && unit < sums->count && are_satisfied(sums, 0, sums->count)) {
        part = part_name(&parts, NULL);
        status = lrs_session_satisfy(lrs, db, &speaker, &part);
    }
    parts_release(&parts);
    return status;
}

static struct bytes keep(struct launch_open *open, struct bytes text)
{
    struct bytes copy = arena_copy(open->arena, text);

    CHECK(copy.data); /* some KiB of an arena of megabytes */
    return copy;
}

static void list_add(struct launch_open *open, struct parts *parts, const struct item_sum *block, struct lrs_session *session)
{
    struct lrs_satisfied *list = arena_alloc(open->arena, sizeof *list), part = part_name(parts, block);

    CHECK(list);
    *list = (struct lrs_satisfied){.activity = keep(open, part.activity), .publisher = keep(open, part.publisher), .is_course = part.is_course};
    list->next = session->satisfied;
    session->satisfied = list;
}

enum status satisfied_before(struct db *db, struct launch_open *open, struct lrs_session *session)
{
    struct parts parts = {.course = bytes_text(open->version_row.course), .publisher = session->course};

    if (open->registration.started_ms > 0) {
        return S_OK;
    }
    enum status status = parts_load(db, open->version_row.id, open->registration.id, &parts);
    const struct item_sums *sums = &parts.sums;
    if (status == S_OK && are_satisfied(sums, 0, sums->count)) {
        list_add(open, &parts, NULL, session);
    }
    for (size_t at = 0; status == S_OK && at < sums->count; at++) { /* each before what is already in the list: inner ones come first */
        if (sums->items[at].is_heading && are_satisfied(sums, at, block_end(sums, at))) {
            list_add(open, &parts, &sums->items[at], session);
        }
    }
    parts_release(&parts);
    return status;
}
