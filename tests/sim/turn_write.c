#include "tests/sim/turn_write.h"

#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/stream/adoption.h"
#include "replication/trust/roster_keys.h"
#include "tests/sim/writes.h"

enum turn_state turn_state(const struct node *node)
{
    const struct identity *next = node->turn.is_closing ? &node->turn.present : &node->turn.next;
    const struct roster_node *self = roster_find(node->roster, &node->identity->node);

    if (!self) {
        return TURN_NONE;
    }
    if (memcmp(self->sign_public, next->sign_public, SIGN_PUBLIC_SIZE) != 0) {
        return roster_rekey_asked(node->roster, &self->node).size > 0 ? TURN_ASKED : TURN_NONE;
    }
    bool is_ended = self->former_count == 0 || self->former[self->former_count - 1].closing.size > 0;
    return is_ended ? TURN_CLOSED : TURN_GRANTED;
}

static struct signer signer_of(const struct identity *identity)
{
    struct signer signer = {.node = identity->node};

    memcpy(signer.sign_secret, identity->sign_secret, sizeof signer.sign_secret);
    return signer;
}

static enum status statement_say(struct world *world, struct node *node, enum status status,
                                 struct buffer *statement)
{
    if (status == S_OK) {
        statement_cell_write(world, node, buffer_bytes(statement));
        (void)roster_add(node->roster, buffer_bytes(statement), NULL);
    }
    buffer_release(statement);
    return status;
}

enum status turn_ask(struct world *world, struct node *node)
{
    const struct roster_node *self = roster_find(node->roster, &node->identity->node);
    struct signer signer = signer_of(node->identity);
    struct buffer statement;

    if (!self || self->is_revoked ||
        memcmp(self->sign_public, node->identity->sign_public, SIGN_PUBLIC_SIZE) != 0) {
        return S_STALE;
    }
    struct bytes asked = roster_rekey_asked(node->roster, &self->node);
    struct rekey_terms terms = {.node = self->node,
                                .turn = (uint32_t)self->former_count + 1,
                                .next = &node->turn.next,
                                .at_ms = node_wall_ms(world, node)};
    buffer_init(&statement);
    enum status status = S_OK;
    if (asked.size > 0) {
        buffer_append(&statement, asked.data, asked.size);
    } else {
        status = statement_rekey(&world->federation->id, &terms, &signer, &statement);
    }
    return statement_say(world, node, status, &statement);
}

enum status turn_grant(struct world *world, struct node *node, const struct node *about)
{
    const struct id *id = &about->identity->node;
    struct signer signer =
        node == about ? federation_signer(world->federation, FEDERATION_AUTHORITY) : signer_of(node->identity);
    struct buffer rekey, grant;
    struct statement asked;

    buffer_init(&rekey);
    buffer_init(&grant);
    struct bytes found = roster_rekey_asked(node->roster, id);
    buffer_append(&rekey, found.data, found.size);
    statement_read(buffer_bytes(&rekey), &asked);
    enum status status =
        statement_grant(&world->federation->id, id, &asked.hash, node_wall_ms(world, node), &signer, &grant);
    status = statement_say(world, node, status, &rekey);
    return statement_say(world, node, status, &grant);
}

/* A word in the results of the living incarnation: whoever says that it holds it was heard of since that began. */
static void sign_write(struct world *world, struct node *node)
{
    struct stream_id stream = node_stream(world, node, TOPIC_RESULTS);
    struct bytes key = bytes_text("n\x1fsoftware"), known;
    struct buffer value;

    if (memory_store_find(node->store, &stream, key, &known)) {
        return;
    }
    buffer_init(&value);
    cell_value_register(&value, 0, bytes_text("1"));
    struct memory_cell cell = {key, buffer_bytes(&value)};
    memory_store_write(node->store, &stream, &cell, 1, node->identity, node_stamp(world, node));
    truth_wrote(world, &stream, node_seq(node, &stream), 0, -1, 0);
    buffer_release(&value);
}

bool turn_sign_is_due(struct node *node)
{
    const struct stream_id stream = {node->identity->node, node->living, TOPIC_ROSTER};
    struct view view = node_view(node);
    struct certificate certificate;
    bool is_due = false;

    for (size_t i = 0; i < roster_count(node->roster); i++) {
        const struct id *other = &roster_at(node->roster, i)->node;
        is_due = is_due || (roster_was_hub(node->roster, other) && !id_equal(other, &node->identity->node));
    }
    return is_due && !view.ops->stream_find(view.ctx, &stream, &certificate);
}

/* The same for a former hub, which holds roster streams only. */
static enum status sign_former_write(struct world *world, struct node *node)
{
    struct bytes granted = roster_rekey_granted(node->roster, &node->identity->node);
    struct buffer statement;

    if (!turn_sign_is_due(node) || granted.size == 0) {
        return S_OK;
    }
    buffer_init(&statement);
    buffer_append(&statement, granted.data, granted.size);
    return statement_say(world, node, S_OK, &statement);
}

enum status turn_wait(struct world *world, struct node *node)
{
    struct bytes asked = roster_rekey_asked(node->roster, &node->identity->node);

    if (asked.size > 0) {
        return turn_ask(world, node);
    }
    if (turn_state(node) == TURN_GRANTED) {
        sign_write(world, node);
        return sign_former_write(world, node);
    }
    return S_STALE;
}

/* --- closing --- */

/* Everybody who may hold this node's results holds the closed stream as it is held here. */
static bool is_acknowledged(const struct view *view, const struct node *node, const struct stream_head *head)
{
    for (size_t i = 0; i < roster_count(node->roster); i++) {
        const struct roster_node *member = roster_at(node->roster, i);
        if (adopt_is_holder(node->roster, member, &node->identity->node) && view->ops->held_seq(view->ctx, &head->stream, &member->node) != head->seq) {
            return false;
        }
    }
    return true;
}

bool turn_is_safe(struct node *node)
{
    struct view view = node_view(node);
    struct stream_head head;

    if (id_is_none(&node->living) || adopt_missing(view.roster, &node->identity->node, &view.living, view.ops->held_seq, view.ctx)) {
        return false;
    }
    for (bool more = view.ops->stream_next(view.ctx, NULL, &head); more;) {
        struct stream_id last = head.stream;
        if (id_equal(&last.node, &node->identity->node) && last.topic != TOPIC_ROSTER &&
            !id_equal(&last.incarnation, &node->living) && !roster_is_before_end(node->roster, &last, head.seq) &&
            !is_acknowledged(&view, node, &head)) {
            return false;
        }
        more = view.ops->stream_next(view.ctx, &last, &head);
    }
    return true;
}

struct closing {
    struct stream_end ends[STATEMENT_ENDS_MAX];
    size_t end_count;
    struct hash kept[CLOSE_KEPT_MAX];
    size_t kept_count;
    uint64_t at_ms;
};

/* Was it signed with a key that no CLOSE ended? */
static bool is_of_open_key(const struct node *node, const struct roster_node *self,
                           const struct certificate *certificate)
{
    for (size_t i = 0; i < self->former_count; i++) {
        if (self->former[i].closing.size == 0 &&
            certificate_verify(certificate, roster_federation(node->roster), self->former[i].sign_public) == S_OK) {
            return true;
        }
    }
    return false;
}

static enum status ends_collect(struct node *node, const struct id *living, hlc since, struct closing *closing)
{
    const struct roster_node *self = roster_find(node->roster, &node->identity->node);
    struct view view = node_view(node);
    struct certificate certificate;
    struct stream_head head;

    for (bool more = view.ops->stream_next(view.ctx, NULL, &head); more;) {
        struct stream_id last = head.stream;
        bool is_foreign = !id_equal(&last.incarnation, living) && head.stamp > since;
        if (id_equal(&last.node, &self->node) && !is_foreign &&
            view.ops->stream_find(view.ctx, &last, &certificate) && is_of_open_key(node, self, &certificate) &&
            view.ops->adopted_seq(view.ctx, &last) < head.seq) {
            if (closing->end_count == STATEMENT_ENDS_MAX) {
                return S_TOO_LARGE;
            }
            world_trace(node->world, "  closes %s .%02x at %llu", topic_name(last.topic), last.incarnation.b[0], (unsigned long long)head.seq);
            closing->ends[closing->end_count++] = (struct stream_end){last, head.seq, head.digest};
        }
        more = view.ops->stream_next(view.ctx, &last, &head);
    }
    return S_OK;
}

/* What was adopted is named as far as there is room: where the CLOSE is heard of what adopted it may not have come yet. */
static void covered_collect(struct node *node, struct closing *closing)
{
    const struct roster_node *self = roster_find(node->roster, &node->identity->node);
    struct view view = node_view(node);
    struct certificate certificate;
    struct stream_id stream;

    for (size_t at = 0; closing->end_count < STATEMENT_ENDS_MAX && memory_store_kept(node->store, at, &stream); at++) {
        if (id_equal(&stream.node, &self->node) && view.ops->stream_find(view.ctx, &stream, &certificate) &&
            is_of_open_key(node, self, &certificate)) {
            closing->ends[closing->end_count++] = (struct stream_end){stream, certificate.head.seq, certificate.head.digest};
        }
    }
}

/* --- a key that was admitted in vain -------------------------------------------------------------------- */

/* The next stream of `writer` that is held here, signed with its present key and counted, which the CLOSE does not name; false at the end. */
static bool unnamed_next(struct node *node, const struct roster_node *writer, const struct statement *closing, struct stream_id *after,
                         struct stream_head *head)
{
    struct view view = node_view(node);
    struct certificate certificate;

    while (view.ops->stream_next(view.ctx, id_is_none(&after->node) ? NULL : after, head)) {
        *after = head->stream;
        if (id_equal(&head->stream.node, &writer->node) && view.ops->stream_find(view.ctx, &head->stream, &certificate) &&
            certificate_verify(&certificate, roster_federation(node->roster), writer->sign_public) == S_OK &&
            view.ops->adopted_seq(view.ctx, &head->stream) < head->seq && !rekey_names(closing, head, true)) {
            return true;
        }
    }
    return false;
}

enum key_vain turn_vain(struct node *by, const struct node *about, const uint8_t key[SIGN_PUBLIC_SIZE])
{
    const struct id *id = &about->identity->node;
    struct stream_id after = {.node = id_none};
    struct stream_head head;
    struct statement closing;
    struct bytes raw;

    if (!by->roster || !roster_key_in_vain(by->roster, id, key, &raw)) {
        return KEY_VAIN_NOT;
    }
    if (raw.size == 0) {
        return KEY_VAIN_UNKNOWN;
    }
    statement_read(raw, &closing);
    return unnamed_next(by, roster_find(by->roster, id), &closing, &after, &head) ? KEY_VAIN_SHORT : KEY_VAIN_NAMED;
}

static void kept_collect(const struct node *node, struct closing *closing)
{
    uint64_t last_ms;

    closing->kept_count = roster_kept(node->roster, roster_find(node->roster, &node->identity->node), closing->kept, &last_ms);
    closing->at_ms = last_ms > closing->at_ms ? last_ms : closing->at_ms;
}

/* Does it keep less of what this node said with its key of before, and is in effect? */
static bool keeps_less(const struct statement *closing, const struct closing *more)
{
    bool is_less = false;

    for (size_t i = 0; i < more->kept_count && more->kept_count <= CLOSE_KEPT_MAX; i++) {
        is_less = is_less || !rekey_keeps(closing, &more->kept[i]);
    }
    return is_less;
}

void turn_amend(struct world *world, struct node *node)
{
    const struct roster_node *self = node->roster ? roster_find(node->roster, &node->identity->node) : NULL;
    struct signer signer = signer_of(node->identity);
    struct stream_id after = {.node = id_none};
    struct stream_head head;
    struct statement first;
    struct buffer statement;
    struct bytes raw;

    if (!self || memcmp(self->sign_public, node->identity->sign_public, SIGN_PUBLIC_SIZE) == 0 ||
        !roster_key_in_vain(node->roster, &self->node, node->identity->sign_public, &raw) || raw.size == 0) {
        return;
    }
    struct closing *closing = calloc(1, sizeof *closing);
    CHECK(closing);
    statement_read(raw, &first);
    while (closing->end_count < STATEMENT_ENDS_MAX && unnamed_next(node, self, &first, &after, &head)) {
        if (head.stamp <= node->living_since) {
            closing->ends[closing->end_count++] = (struct stream_end){head.stream, head.seq, head.digest};
        }
    }
    kept_collect(node, closing);
    buffer_init(&statement);
    if ((closing->end_count > 0 || keeps_less(&first, closing)) && closing->kept_count <= CLOSE_KEPT_MAX) {
        struct close_terms more = {.ends = closing->ends,
                                   .end_count = closing->end_count,
                                   .has_kept = true,
                                   .kept = bytes_of(closing->kept, closing->kept_count * sizeof *closing->kept)};
        enum status status = statement_amend(&world->federation->id, raw, &more, &signer, &statement);
        world_trace(world, "node %d names %zu more streams in its CLOSE: %s", node->index, closing->end_count, status_text(status));
        if (status == S_OK) {
            statement_cell_write(world, node, buffer_bytes(&statement));
            (void)roster_add(node->roster, buffer_bytes(&statement), NULL);
        }
    }
    buffer_release(&statement);
    free(closing);
}

enum status turn_close(struct world *world, struct node *node)
{
    struct closing *closing = calloc(1, sizeof *closing);
    struct signer signer = signer_of(node->identity);
    struct id living = node->living;
    struct buffer statement;

    CHECK(closing);
    closing->at_ms = node_wall_ms(world, node);
    enum status status = ends_collect(node, &living, node->living_since, closing);
    covered_collect(node, closing);
    kept_collect(node, closing);
    bool has_kept = closing->kept_count <= CLOSE_KEPT_MAX;
    struct close_terms terms = {
        .node = node->identity->node,
        .turn = (uint32_t)roster_find(node->roster, &node->identity->node)->former_count,
        .ends = closing->ends,
        .end_count = closing->end_count,
        .has_kept = has_kept,
        .kept = bytes_of(closing->kept, has_kept ? closing->kept_count * sizeof *closing->kept : 0),
        .at_ms = closing->at_ms};
    buffer_init(&statement);
    if (status == S_OK) {
        status = statement_close(&world->federation->id, &terms, &signer, &statement);
    }
    if (status == S_OK) { /* a fresh incarnation */
        memset(&node->living, 0, sizeof node->living);
        memory_store_renew(node->store);
    }
    free(closing);
    return statement_say(world, node, status, &statement);
}
