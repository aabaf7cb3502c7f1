#include "node/store/stream/unheard.h"

#include <stdio.h>
#include <string.h>

#include "node/store/stream/stream.h"
#include "replication/crdt/cell.h"
#include "replication/trust/authority.h"
#include "replication/trust/statement.h"

#define DAY_MS (24ULL * 3600 * 1000)

struct search {
    const struct roster *roster;
    const struct id *self;
    uint64_t now_ms;
    struct unheard *found;
    size_t count;
    struct unheard_late late;
};

/* Signed by a key of a generation that is past, and not kept by the present one. */
static bool is_left(const struct authority *authority, const struct statement *said)
{
    if (said->generation >= authority->generation || authority_speaks(authority, said)) {
        return false;
    }
    for (size_t i = 0; i < authority->former_key_count; i++) {
        if (memcmp(authority->former_keys[i], said->signer_public, SIGN_PUBLIC_SIZE) == 0) {
            return true;
        }
    }
    return false;
}

/* Neither long ago nor far ahead, so that it ends whatever stamp was chosen. */
static bool is_recent(const struct search *search, uint64_t at_ms)
{
    return at_ms <= search->now_ms ? search->now_ms - at_ms <= UNHEARD_TOLD_DAYS * DAY_MS : at_ms - search->now_ms <= DAY_MS;
}

/* Would the node stand otherwise, if it held? */
static bool has_difference(const struct roster *roster, const struct statement *said)
{
    const struct roster_node *member = roster_find(roster, &said->node);

    if (member && (member->admitted_ms >= said->at_ms || member->placed_ms >= said->at_ms)) {
        return false;
    }
    if (said->kind == STATEMENT_REVOKE) {
        return member && !member->is_revoked;
    }
    return !member || (!member->is_revoked && (member->kind != said->admitted.kind || !id_equal(&member->parent, &said->admitted.parent)));
}

/* The place of what is told of `node`: one for each; NULL where there is no room. */
static struct unheard *place_of(struct search *search, const struct id *node)
{
    for (size_t i = 0; i < search->count; i++) {
        if (id_equal(&search->found[i].node, node)) {
            return &search->found[i];
        }
    }
    if (search->count == UNHEARD_MAX) {
        return NULL;
    }
    search->found[search->count] = (struct unheard){.node = *node};
    return &search->found[search->count++];
}

static void take(struct search *search, const struct statement *said, bool is_said_here)
{
    const struct roster_node *member = roster_find(search->roster, &said->node);
    struct unheard *place = place_of(search, &said->node);

    if (place && place->at_ms <= said->at_ms) {
        bool is_ours = is_said_here || id_equal(&said->node, search->self) || (place->at_ms == said->at_ms && place->is_ours);
        *place = (struct unheard){.node = said->node, .is_revocation = said->kind == STATEMENT_REVOKE, .at_ms = said->at_ms, .is_ours = is_ours};
        snprintf(place->name, sizeof place->name, "%s", member ? member->name : said->admitted.name);
        if (!place->is_revocation) {
            place->kind = said->admitted.kind;
            place->parent = said->admitted.parent;
        }
    }
}

/* A recent word of a former generation that is not kept; who signed it is not looked at yet. */
static bool left_claim(const struct search *search, const struct cell *cell, struct bytes *content_out, struct statement *said_out)
{
    hlc stamp;

    return cell_value_get_register(cell->value, &stamp, content_out) && statement_claim(*content_out, said_out) == S_OK &&
           id_equal(&said_out->federation, roster_federation(search->roster)) && is_recent(search, said_out->at_ms) &&
           is_left(roster_authority(search->roster), said_out);
}

static enum status cell_look(void *ctx, const struct stream_head *head, const struct cell *cell)
{
    struct search *search = ctx;
    struct bytes content;
    struct statement said;

    if (left_claim(search, cell, &content, &said) && (said.kind == STATEMENT_ADMIT || said.kind == STATEMENT_REVOKE) &&
        has_difference(search->roster, &said) && statement_decode(content, &said, NULL) == S_OK) {
        take(search, &said, id_equal(&head->stream.node, search->self));
    }
    return S_OK;
}

size_t unheard_find(struct db *db, const struct roster *roster, const struct id *self, uint64_t now_ms, struct unheard out[UNHEARD_MAX])
{
    struct search search = {.roster = roster, .self = self, .now_ms = now_ms, .found = out};

    if (roster_authority(roster)->left_count > 0) {
        (void)stream_cells_each(db, TOPIC_ROSTER, cell_look, &search);
    }
    return search.count;
}

static enum status late_look(void *ctx, const struct stream_head *head, const struct cell *cell)
{
    struct search *search = ctx;
    struct bytes content;
    struct statement said;

    (void)head;
    if (left_claim(search, cell, &content, &said) && (statement_is_plain(said.kind) || said.kind == STATEMENT_ADOPT) &&
        said.at_ms > roster_authority(search->roster)->at_ms && statement_decode(content, &said, NULL) == S_OK) {
        search->late.count++;
        search->late.last_ms = said.at_ms > search->late.last_ms ? said.at_ms : search->late.last_ms;
    }
    return S_OK;
}

struct unheard_late unheard_late(struct db *db, const struct roster *roster, uint64_t now_ms)
{
    struct search search = {.roster = roster, .now_ms = now_ms};

    if (roster_authority(roster)->late_count > 0) {
        (void)stream_cells_each(db, TOPIC_ROSTER, late_look, &search);
    }
    return search.late;
}

/* "hub below nobody" */
static void place_text(const struct roster *roster, enum node_kind kind, const struct id *parent, char out[UNHEARD_TEXT_MAX])
{
    const struct roster_node *above = roster_find(roster, parent);
    const char *nobody = id_is_none(parent) ? "nobody" : "somebody unknown";

    snprintf(out, UNHEARD_TEXT_MAX, "%s below %s", node_kind_name(kind), above ? above->name : nobody);
}

void unheard_text(const struct roster *roster, const struct unheard *unheard, char out[UNHEARD_TEXT_MAX])
{
    char place[UNHEARD_TEXT_MAX];

    if (unheard->is_revocation) {
        snprintf(out, UNHEARD_TEXT_MAX, "to be revoked");
    } else {
        place_text(roster, unheard->kind, &unheard->parent, place);
        snprintf(out, UNHEARD_TEXT_MAX, "to be a %.*s", UNHEARD_TEXT_MAX - 16, place);
    }
}

void unheard_holds_text(const struct roster *roster, const struct unheard *unheard, char out[UNHEARD_TEXT_MAX])
{
    const struct roster_node *member = roster_find(roster, &unheard->node);
    char place[UNHEARD_TEXT_MAX];

    if (member) {
        place_text(roster, member->kind, &member->parent, place);
        snprintf(out, UNHEARD_TEXT_MAX, "it is a %.*s", UNHEARD_TEXT_MAX - 16, place);
    } else {
        snprintf(out, UNHEARD_TEXT_MAX, "it is no member");
    }
}
