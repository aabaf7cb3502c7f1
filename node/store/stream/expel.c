#include "node/store/stream/expel.h"

#include <stdlib.h>
#include <string.h>

#include "node/log.h"
#include "node/store/operation/act.h"
#include "node/store/stream/adopt.h"
#include "node/store/stream/adopted.h"
#include "node/store/stream/audit.h"
#include "node/store/stream/head.h"
#include "node/store/stream/own.h"
#include "node/store/stream/past.h"
#include "node/store/stream/roster.h"
#include "node/store/stream/stream.h"
#include "node/timestamp.h"
#include "replication/base/check.h"
#include "replication/trust/roster_end.h"
#include "replication/trust/roster_keys.h"

/* The ends to be named, those of streams with the most cells first. */
struct choice {
    struct stream_end end;
    uint64_t count;
};

static int choice_compare(const void *a, const void *b)
{
    const struct choice *left = a, *right = b;

    if (left->count != right->count) {
        return left->count > right->count ? -1 : 1;
    }
    return stream_id_compare(&left->end.stream, &right->end.stream);
}

/* What is held of the node, by topic; *choices_out is owned by the caller. */
static size_t ends_read(struct db *db, const struct id *node, struct choice **choices_out)
{
    size_t count = 0, capacity = 0;
    struct stream_head head;

    *choices_out = NULL;
    for (int topic = TOPIC_FIRST; topic <= TOPIC_LAST; topic++) {
        struct stream_id after = {.node = *node, .topic = (enum topic)topic};
        while (topic != TOPIC_ROSTER && stream_next(db, &after, &head) && head.stream.topic == after.topic &&
               id_equal(&head.stream.node, node)) {
            if (count == capacity) {
                capacity = capacity ? 2 * capacity : 16;
                *choices_out = reallocarray(*choices_out, capacity, sizeof **choices_out);
                CHECK(*choices_out);
            }
            (*choices_out)[count++] = (struct choice){{head.stream, head.seq, head.digest}, head.count};
            after = head.stream;
        }
    }
    return count;
}

size_t expel_ends(struct db *db, const struct id *node, struct stream_end ends[STATEMENT_ENDS_MAX],
                  size_t *left_out_out)
{
    struct choice *choices;
    size_t count = ends_read(db, node, &choices);

    *left_out_out = 0;
    if (count > STATEMENT_ENDS_MAX) {
        qsort(choices, count, sizeof *choices, choice_compare);
        *left_out_out = count - STATEMENT_ENDS_MAX;
        count = STATEMENT_ENDS_MAX;
    }
    for (size_t i = 0; i < count; i++) {
        ends[i] = choices[i].end;
    }
    free(choices);
    return count;
}

/* The latest stamp of what a node said of others. */
struct last_said {
    const struct id *node;
    uint64_t at_ms;
};

static enum status said_look(void *ctx, const struct stream_head *head, const struct cell *cell)
{
    struct last_said *last = ctx;
    struct statement said;
    struct bytes content;
    hlc stamp;

    bool is_its = id_equal(&head->stream.node, last->node) && cell_value_get_register(cell->value, &stamp, &content) &&
                  statement_claim(content, &said) == S_OK;
    bool is_by_a_clock = is_its && said.at_ms <= (uint64_t)TIMESTAMP_MS_MAX; /* none goes beyond: that was chosen, and nothing could be later */
    if (is_by_a_clock && (said.kind == STATEMENT_ADMIT || said.kind == STATEMENT_REVOKE || said.kind == STATEMENT_GRANT)) {
        last->at_ms = said.at_ms > last->at_ms ? said.at_ms : last->at_ms;
    }
    return S_OK;
}

/* What a revoked node said later than its revocation is void. What is known of it here was said before, also where the clock is behind, here, or was ahead
 * there: else the nodes that it admitted would be gone with it. (Who means to be believed can date back anyhow.) */
uint64_t expel_stamp(struct db *db, const struct id *node, uint64_t now_ms)
{
    struct last_said last = {node, now_ms};

    (void)stream_cells_each(db, TOPIC_ROSTER, said_look, &last);
    return last.at_ms;
}

enum status expel_put(struct db *db, struct expulsion *expulsion)
{
    struct stream_end ends[STATEMENT_ENDS_MAX];
    struct revoke_terms terms = {
        .reason = expulsion->reason, .ends = ends, .has_ends = true, .successor = expulsion->successor};
    struct signer signer = {.node = expulsion->by->node};
    struct buffer statement;

    terms.end_count = expel_ends(db, &expulsion->node, ends, &expulsion->left_out);
    memcpy(signer.sign_secret, expulsion->by->sign_secret, sizeof signer.sign_secret);
    buffer_init(&statement);
    enum status status = statement_revoke(expulsion->federation, &expulsion->node, expel_stamp(db, &expulsion->node, expulsion->now_ms), &terms,
                                          &signer, &statement);
    if (status == S_OK) {
        status = roster_statement_put(db, buffer_bytes(&statement), expulsion->now_ms);
    }
    buffer_release(&statement);
    return status == S_OK ? db_status(db) : status;
}

/* Signed with a key that its writer gave up, and not of what that left: a thief of the key wrote it
 * (trust/rekey.h). Of this node's own streams, too. */
static bool is_of_ended_key(struct db *db, const struct roster *roster, const struct stream_head *head)
{
    const struct roster_node *writer = roster_find(roster, &head->stream.node);
    struct certificate certificate;

    return writer && writer->former_count > 0 && writer->former[0].closing.size > 0 &&
           stream_find(db, &head->stream, &certificate) &&
           roster_certificate_check(roster, &certificate, true) == S_STALE;
}

/* When the node last gave up a key. */
static uint64_t closed_ms(const struct roster_node *writer)
{
    struct statement statement;
    size_t last = writer->former_count;

    while (last > 0 && writer->former[last - 1].closing.size == 0) {
        last--;
    }
    if (last == 0) {
        return UINT64_MAX;
    }
    statement_read(writer->former[last - 1].closing, &statement);
    return statement.at_ms;
}

/* Of an ended key, and of this very machine, which was put back to a state from before its keys changed and recorded on: the CLOSE was written without it, so
 * it counts nowhere. What is older than the CLOSE may have been adopted by what that names. */
static bool is_of_this_life(struct db *db, const struct roster *roster, const struct stream_head *head)
{
    const struct roster_node *writer = roster_find(roster, &head->stream.node);

    return head->stream.topic != TOPIC_ROSTER && own_is_self(db, &head->stream.node) && past_drew(db, &head->stream.incarnation) &&
           !roster_is_of_former_key(roster, &head->stream) && hlc_wall_ms(head->stamp) > closed_ms(writer);
}

static bool has_present_key(struct db *db, const struct roster *roster)
{
    const struct identity *identity = own_identity(db, NULL);
    const struct roster_node *self = roster_find(roster, &identity->node);

    return self && memcmp(self->sign_public, identity->sign_public, sizeof self->sign_public) == 0;
}

/* Nothing was written, and the next time it would be the same. */
static bool is_hopeless(enum status status)
{
    return status == S_DENIED || status == S_INVALID || status == S_EXISTS || status == S_TOO_LARGE || status == S_CORRUPT;
}

/* Its values become the living stream's. */
static enum status life_take(struct db *db, const struct stream_head *head)
{
    struct adopt_plan *plan = calloc(1, sizeof *plan);
    struct id living;

    CHECK(plan);
    enum status status = own_incarnation(db, &living);
    if (status == S_OK && id_equal(&living, &head->stream.incarnation)) {
        status = own_renew(db);
        status = status == S_OK ? own_incarnation(db, &living) : status;
    }
    plan->living = head->stream;
    plan->living.incarnation = living;
    plan->items[0] = (struct adopt_choice){.stream = head->stream, .seq = head->seq, .count = head->count};
    plan->count = 1;
    status = status == S_OK ? adopt_run(db, plan) : status;
    free(plan);
    return status;
}

/* The first stream above `after` that is to go. */
static bool trim_next(struct db *db, const struct roster *roster, struct stream_id *after,
                      struct stream_head *head_out)
{
    bool is_begun = false;

    while (stream_next(db, is_begun || after->topic ? after : NULL, head_out)) {
        is_begun = true;
        *after = head_out->stream;
        if (roster_must_drop(roster, head_out) && !own_is_self(db, &head_out->stream.node)) {
            return true;
        }
        if (is_of_ended_key(db, roster, head_out) && (!is_of_this_life(db, roster, head_out) || has_present_key(db, roster))) {
            return true;
        }
    }
    return false;
}

bool expel_is_due(struct db *db, const struct roster *roster)
{
    struct stream_id after = {.topic = (enum topic)0};
    struct stream_head head;

    for (size_t i = 0; i < roster_count(roster); i++) { /* mostly nobody is revoked: no walk then */
        const struct roster_node *node = roster_at(roster, i);
        if (node->revocation.size > 0 || node->former_count > 0) {
            return trim_next(db, roster, &after, &head);
        }
    }
    return false;
}

/* What `dropped` said of its writer's others is said no more: what no other stream says is counted in it counts for itself again. Once for each writer and
 * topic: when the next that goes, `next`, is of another (or NULL). */
static enum status said_recount(struct db *db, const struct stream_id *dropped, const struct stream_id *next)
{
    bool is_last = !next || !id_equal(&next->node, &dropped->node) || next->topic != dropped->topic;

    return is_last && !id_is_none(&dropped->node) ? adopted_recount(db, &dropped->node, dropped->topic) : S_OK;
}

enum status expel_trim(struct db *db, const struct roster *roster, size_t *count_out)
{
    struct stream_id after = {.topic = (enum topic)0}, dropped = {.topic = (enum topic)0};
    struct stream_head head;
    struct head_row row;
    enum status status = S_OK;

    *count_out = 0;
    while (status == S_OK && trim_next(db, roster, &after, &head)) {
        status = said_recount(db, &dropped, &head.stream);
        if (status == S_OK && is_of_this_life(db, roster, &head)) {
            status = life_take(db, &head);
            status = is_hopeless(status) ? S_OK : status;
        }
        if (status != S_OK) {
            break;
        }
        status = head_find(db, &head.stream, &row) ? audit_drop(db, row.number) : db_status(db);
        dropped = head.stream;
        if (status == S_OK) {
            char node[ID_HEX_SIZE];
            id_hex(&head.stream.node, node);
            (*count_out)++;
            status = act_decided(db, "dropped: not what its writer's revocation, or change of keys, left",
                                 node, topic_name(head.stream.topic));
            log_event(LOG_WARNING, "stream_trimmed",
                      "node=%s topic=%s seq=%llu reason=\"its writer was revoked as of an earlier state, or "
                      "gave up the key that signed it\"",
                      node, topic_name(head.stream.topic), (unsigned long long)head.seq);
        }
    }
    status = status == S_OK ? said_recount(db, &dropped, NULL) : status;
    return status == S_OK ? db_status(db) : status;
}

enum status expel_leave(struct db *db, const struct id *node, enum topic topic)
{
    struct stream_id at = {.node = *node, .topic = topic};
    struct stream_head head;
    struct head_row row;
    enum status status = S_OK;

    while (status == S_OK && stream_next(db, &at, &head) && head.stream.topic == topic && id_equal(&head.stream.node, node)) {
        at = head.stream;
        status = head_find(db, &head.stream, &row) ? audit_drop(db, row.number) : db_status(db);
    }
    at = (struct stream_id){.node = *node, .topic = topic};
    while (status == S_OK && head_said_after(db, &at, &row)) {
        at = row.certificate.head.stream;
        status = audit_drop(db, row.number);
    }
    return status == S_OK ? db_status(db) : status;
}
