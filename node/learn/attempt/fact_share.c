#include "node/learn/attempt/fact_share.h"

#include <string.h>

#include "node/learn/result/event_tally.h"
#include "node/learn/vocabulary.h"
#include "node/store/stream/known.h"
#include "node/store/stream/share.h"

/* --- what is counted ------------------------------------------------------------------------------------ */

struct loading {
    struct fact_standing *standing;
    uint32_t life;
};

static void row_take(void *ctx, const struct share_row *row)
{
    struct loading *loading = ctx;
    struct fact_standing *standing = loading->standing;
    struct share_sum *sum = row->life == loading->life ? &standing->own : &standing->others;

    standing->is_any = true;
    standing->is_recovered = standing->is_recovered || row->is_recovered;
    if (row->is_closed || !share_sum_decode(row->content, sum)) {
        standing->is_closed = true;
    } else if (row->life == SHARE_LIFE_BASE) {
        standing->has_base = share_sum_decode(row->content, &standing->base);
        standing->is_frozen = standing->base.count == 0;
    }
}

/* Revisions of the base: what is known goes before what is not. */
enum { BASE_UNKNOWN = 1, BASE_KNOWN = 2 };

enum status fact_base_put(struct db *db, uint64_t fingerprint, const struct share *base)
{
    struct share_sum sum = {.count = 0};
    struct buffer content;

    if (base) {
        share_sum_add(&sum, 1, base);
    }
    buffer_init(&content);
    share_sum_encode(&sum, &content);
    enum status status = share_base_put(db, fingerprint, buffer_bytes(&content), base ? BASE_KNOWN : BASE_UNKNOWN);
    buffer_release(&content);
    return status;
}

enum status fact_standing_load(struct db *db, struct fact_figures *figures, uint64_t fingerprint, struct fact_standing *out)
{
    struct loading loading = {.standing = out};
    enum status status = share_life(db, &loading.life);

    memset(out, 0, sizeof *out);
    out->fingerprint = fingerprint;
    status = status == S_OK ? share_list(db, fingerprint, row_take, &loading) : status;
    for (size_t i = 0; out->is_recovered && i < out->others.count; i++) {
        out->is_closed = out->is_closed || dims_find(figures->dims, db, out->others.entries[i].share.dims) == 0;
    }
    out->is_closed = out->is_closed || out->others.is_full || out->own.is_full;
    return status;
}

/* --- and what should be --------------------------------------------------------------------------------- */

struct counting {
    struct tally *tally;
    const struct share_entry *entry;
};

static void entry_tally(void *ctx, const struct event_group *group)
{
    const struct counting *counting = ctx;
    const struct share *share = &counting->entry->share;
    const struct event event = {.kind = share->kind,
                                .at_ms = share_month_begin(share->month),
                                .score = share->score,
                                .minutes = share_minutes(share)};

    if (dims_are_known(group->role, group->gender)) {
        event_tally(counting->tally, group, &event, counting->entry->sign);
    }
}

static enum status change_count(struct db *db, struct fact_figures *figures, const struct share_sum *change)
{
    for (size_t i = 0; i < change->count; i++) {
        struct counting counting = {figures->tally, &change->entries[i]};
        int64_t row = dims_find(figures->dims, db, change->entries[i].share.dims);
        if (row == 0 || !event_group_find(db, row, entry_tally, &counting)) {
            return db_status(db) == S_OK ? S_CORRUPT : db_status(db);
        }
    }
    return S_OK;
}

enum status fact_standing_become(struct db *db, struct fact_figures *figures, const struct fact_standing *standing,
                                 const struct share *wanted, const struct share *before)
{
    struct share_sum next = {.count = 0}, change;
    struct buffer content;

    if (!standing->is_closed && !standing->is_frozen && wanted) {
        share_sum_add(&next, 1, wanted);
    }
    if (!standing->is_closed) {
        share_sum_add_all(&next, -1, &standing->others);
    }
    change = next;
    share_sum_add_all(&change, -1, &standing->own);
    bool is_changed = change.count > 0;
    if (before) {
        share_sum_add(&change, -1, before);
    }
    if (next.is_full || change.is_full) {
        return S_OK; /* rather no change than a wrong one */
    }
    enum status status = change_count(db, figures, &change);
    if (status != S_OK || !is_changed) {
        return status;
    }
    buffer_init(&content);
    share_sum_encode(&next, &content);
    status = share_put(db, standing->fingerprint, buffer_bytes(&content));
    buffer_release(&content);
    return status;
}

/* --- what came back ------------------------------------------------------------------------------------- */

bool fact_is_due(struct db *db)
{
    uint64_t fingerprint;

    return share_due(db, &fingerprint);
}

/* What versions before counted stands, and nothing besides. */
static enum status frozen_settle(struct db *db, struct fact_figures *figures, const struct fact_standing *standing, size_t *corrected_out)
{
    struct share_sum all = standing->others;

    share_sum_add_all(&all, 1, &standing->own);
    *corrected_out += all.count > 0;
    return fact_standing_become(db, figures, standing, NULL, NULL);
}

static enum status due_settle(struct db *db, struct fact_figures *figures, uint64_t fingerprint, size_t *corrected_out)
{
    struct fact_standing standing;
    struct share_sum all;
    struct share wanted, mine;
    enum status status = fact_standing_load(db, figures, fingerprint, &standing);

    if (status == S_OK && standing.is_frozen && !standing.is_closed) {
        status = frozen_settle(db, figures, &standing, corrected_out);
        return status == S_OK ? share_settle(db, fingerprint) : status;
    }
    if (status != S_OK) {
        return status;
    }
    all = standing.others;
    share_sum_add_all(&all, 1, &standing.own);
    bool is_wrong = standing.is_closed ? standing.own.count > 0 : !share_sum_is_single(&all);
    bool is_counted = share_sum_counted(&standing.others, &wanted);
    if (is_wrong && share_sum_counted(&standing.own, &mine)) {
        if (is_counted) {
            share_merge(&wanted, &mine);
        } else {
            wanted = mine;
        }
        is_counted = true;
    }
    if (is_wrong && is_counted) {
        (*corrected_out)++;
        status = fact_standing_become(db, figures, &standing, &wanted, NULL);
    }
    return status == S_OK ? share_settle(db, fingerprint) : status;
}

enum status fact_settle_all(struct db *db, struct tally *tally, size_t *corrected_out)
{
    struct fact_figures figures = {.tally = tally, .dims = dims_new()};
    enum status status = S_OK;
    uint64_t fingerprint;

    while (status == S_OK && share_due(db, &fingerprint)) {
        status = due_settle(db, &figures, fingerprint, corrected_out);
    }
    dims_free(figures.dims);
    return status;
}

/* Of completions and minutes the share alone is looked at. */
static bool is_attendance(const struct fact_standing *standing)
{
    const struct share_sum *sum = standing->own.count ? &standing->own : &standing->others;

    return sum->count > 0 && sum->entries[0].share.kind == EVENT_ATTENDED;
}

/* Two lives counted it so, neither knowing of the other: once is taken back, as what it was. */
static enum status base_take_back(struct db *db, struct fact_figures *figures, const struct fact_standing *standing)
{
    const struct known item = {.fingerprint = standing->fingerprint};
    struct share_sum change = {.count = 0};

    share_sum_add_all(&change, -1, &standing->base);
    enum status status = change_count(db, figures, &change);
    return status == S_OK ? known_publish(db, KNOWN_EVENT, -1, &item, 1) : status;
}

enum status fact_fingerprint_settle(struct db *db, struct tally *tally, uint64_t fingerprint, int net, bool *has_share_out)
{
    struct fact_figures figures = {.tally = tally, .dims = dims_new()};
    struct fact_standing standing;
    size_t corrected = 0;
    enum status status = fact_standing_load(db, &figures, fingerprint, &standing);

    *has_share_out = status == S_OK && (standing.has_base || is_attendance(&standing));
    if (*has_share_out && !standing.has_base && net > 0) {
        status = fact_base_put(db, fingerprint, NULL);
        standing.has_base = standing.is_frozen = true;
        status = status == S_OK ? frozen_settle(db, &figures, &standing, &corrected) : status;
    }
    for (; standing.base.count > 0 && net > 1 && status == S_OK; net--) {
        status = base_take_back(db, &figures, &standing);
    }
    dims_free(figures.dims);
    return status;
}

/* --- all anew ------------------------------------------------------------------------------------------- */

/* The shares of one fact: those that stay counted elsewhere, and the lives of which the others are. */
struct parting {
    struct db *db;
    struct share_sum elsewhere, mine;
    struct buffer lives; /* uint32_t each */
};

static void row_part(void *ctx, const struct share_row *row)
{
    struct parting *parting = ctx;
    bool is_elsewhere = known_is_elsewhere(parting->db, row->life);

    (void)share_sum_decode(row->content, is_elsewhere ? &parting->elsewhere : &parting->mine); /* which a standing was made of */
    if (!is_elsewhere) {
        buffer_append(&parting->lives, &row->life, sizeof row->life);
    }
}

static enum status parting_count(struct parting *parting, struct fact_figures *figures, uint64_t fingerprint)
{
    struct fact_standing standing = {.fingerprint = fingerprint, .others = parting->elsewhere, .is_any = true};
    struct share_sum all = parting->elsewhere;
    struct share counted;
    enum status status = S_OK;

    share_sum_add_all(&all, 1, &parting->mine);
    if (parting->mine.count == 0 || !share_sum_is_single(&all) || !share_sum_counted(&all, &counted)) {
        return S_OK;
    }
    for (size_t at = 0; at < parting->lives.size && status == S_OK; at += sizeof(uint32_t)) {
        uint32_t life;
        memcpy(&life, parting->lives.data + at, sizeof life);
        status = share_forget_life(parting->db, fingerprint, life);
    }
    return status == S_OK ? fact_standing_become(parting->db, figures, &standing, &counted, NULL) : status;
}

static enum status one_anew(struct db *db, struct fact_figures *figures, uint64_t fingerprint)
{
    struct parting parting = {.db = db};
    struct fact_standing standing;
    enum status status = fact_standing_load(db, figures, fingerprint, &standing);

    if (status != S_OK || standing.is_closed) {
        return status;
    }
    if (standing.is_frozen) { /* what the event says counts anew, by its fingerprint */
        return known_is_elsewhere(db, SHARE_LIFE_BASE) ? S_OK : share_forget(db, fingerprint);
    }
    buffer_init(&parting.lives);
    status = share_list(db, fingerprint, row_part, &parting);
    status = status == S_OK ? parting_count(&parting, figures, fingerprint) : status;
    buffer_release(&parting.lives);
    return status;
}

enum status fact_count_anew(struct db *db, struct tally *tally)
{
    struct fact_figures figures = {.tally = tally, .dims = dims_new()};
    enum status status = S_OK;
    uint64_t fingerprint;

    for (int64_t at = -1; status == S_OK && share_after(db, at, &fingerprint); at = (int64_t)fingerprint) {
        status = one_anew(db, &figures, fingerprint);
    }
    dims_free(figures.dims);
    return status == S_OK ? db_status(db) : status;
}
