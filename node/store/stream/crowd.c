#include "node/store/stream/crowd.h"

#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/trust/authority.h"
#include "replication/trust/identity.h"
#include "replication/trust/roster_room.h"

enum { PLACES_FIRST = 4096 };

enum place { PLACE_OPEN, PLACE_TAKEN, PLACE_LEFT };

/* What the nodes below a root signed, each with all that is below it. */
struct share {
    struct id node;
    size_t count, bytes;
};

struct crowd {
    struct hash anchor;
    const struct roster *roster;
    uint8_t *places;
    size_t place_count;
    struct share *shares;
    size_t share_count, share_capacity, share_last;
    struct share *asked; /* NULL: what takes what room there is */
    const struct roster_node **turned; /* members that have other keys than their first ones */
    size_t turned_count;
    struct buffer due; /* writer, size, statement */
    size_t due_at;     /* up to where it was asked */
    size_t taken;
};

struct crowd *crowd_new(const struct hash *anchor)
{
    struct crowd *crowd = calloc(1, sizeof *crowd);

    CHECK(crowd);
    crowd->anchor = *anchor;
    buffer_init(&crowd->due);
    return crowd;
}

void crowd_free(struct crowd *crowd)
{
    if (crowd) {
        buffer_release(&crowd->due);
        free(crowd->places);
        free(crowd->shares);
        free(crowd->turned);
        free(crowd);
    }
}

void crowd_round(struct crowd *crowd, const struct roster *roster)
{
    crowd->roster = roster;
    crowd->due_at = 0;
    buffer_clear(&crowd->due);
    crowd->turned_count = 0;
    free(crowd->turned);
    crowd->turned = calloc(roster_count(roster) + 1, sizeof *crowd->turned);
    CHECK(crowd->turned);
    for (size_t i = 0; i < roster_count(roster); i++) {
        const struct roster_node *node = roster_at(roster, i);
        if (node->former_count > 0) {
            crowd->turned[crowd->turned_count++] = node;
        }
    }
}

/* --- places --- */

static enum place place_get(const struct crowd *crowd, size_t at)
{
    return at < crowd->place_count ? (enum place)crowd->places[at] : PLACE_OPEN;
}

static void place_set(struct crowd *crowd, size_t at, enum place place)
{
    if (at >= crowd->place_count) {
        size_t count = crowd->place_count ? crowd->place_count : PLACES_FIRST;
        while (count <= at) {
            count *= 2;
        }
        crowd->places = realloc(crowd->places, count);
        CHECK(crowd->places);
        memset(crowd->places + crowd->place_count, PLACE_OPEN, count - crowd->place_count);
        crowd->place_count = count;
    }
    crowd->places[at] = (uint8_t)place;
}

bool crowd_is_open(const struct crowd *crowd, size_t at)
{
    return place_get(crowd, at) == PLACE_OPEN;
}

void crowd_dismiss(struct crowd *crowd, size_t at)
{
    place_set(crowd, at, PLACE_LEFT);
}

bool crowd_next(struct crowd *crowd, struct id *writer_out, struct bytes *statement_out)
{
    struct bytes rest, writer;
    uint64_t size;

    if (crowd->due_at == crowd->due.size) { /* maybe nothing was ever there */
        return false;
    }
    rest = bytes_of(crowd->due.data + crowd->due_at, crowd->due.size - crowd->due_at);
    bool is_taken = bytes_take(&rest, sizeof writer_out->b, &writer) && bytes_take_varint(&rest, &size) && bytes_take(&rest, (size_t)size, statement_out);
    CHECK(is_taken);
    memcpy(writer_out->b, writer.data, sizeof writer_out->b);
    crowd->due_at = crowd->due.size - rest.size;
    return true;
}

bool crowd_is_left(const struct crowd *crowd, size_t at)
{
    return place_get(crowd, at) != PLACE_TAKEN;
}

/* --- signers --- */

/* By any key that it ever had; NULL: nobody's that is known. */
static const struct roster_node *signer_find(const struct crowd *crowd, const uint8_t sign_public[SIGN_PUBLIC_SIZE])
{
    struct id id = identity_node(sign_public);
    const struct roster_node *member = roster_find(crowd->roster, &id);

    for (size_t i = 0; !member && i < crowd->turned_count; i++) {
        const struct roster_node *node = crowd->turned[i];
        bool has_key = memcmp(node->sign_public, sign_public, SIGN_PUBLIC_SIZE) == 0;
        for (size_t k = 1; !has_key && k < node->former_count; k++) {
            has_key = memcmp(node->former[k].sign_public, sign_public, SIGN_PUBLIC_SIZE) == 0;
        }
        member = has_key ? node : NULL;
    }
    return member;
}

/* A key of the authority that is known, present or former; what the present one keeps; and an AUTHORITY that such a key signed beside its first signer, or at
 * which to begin. */
static bool is_by_authority(const struct crowd *crowd, const struct statement *said)
{
    const struct authority *authority = roster_authority(crowd->roster);
    bool is_its = authority_has_key(authority, said->signer_public);

    for (size_t i = 0; !is_its && i < authority->former_key_count; i++) {
        is_its = memcmp(authority->former_keys[i], said->signer_public, SIGN_PUBLIC_SIZE) == 0;
    }
    for (size_t i = 0; !is_its && i < authority->ratified_count; i++) {
        is_its = hash_equal(&authority->ratified[i], &said->hash);
    }
    return is_its || (said->kind == STATEMENT_AUTHORITY &&
                      (hash_equal(&crowd->anchor, &said->hash) || roster_signatures(crowd->roster, &said->hash) > 0));
}

static struct share *share_get(struct crowd *crowd, const struct id *node)
{
    if (crowd->share_last < crowd->share_count && id_equal(&crowd->shares[crowd->share_last].node, node)) {
        return &crowd->shares[crowd->share_last]; /* what one signed stands together, as a rule */
    }
    for (size_t i = 0; i < crowd->share_count; i++) {
        if (id_equal(&crowd->shares[i].node, node)) {
            crowd->share_last = i;
            return &crowd->shares[i];
        }
    }
    if (crowd->share_count == crowd->share_capacity) {
        crowd->share_capacity = crowd->share_capacity ? 2 * crowd->share_capacity : 64;
        crowd->shares = reallocarray(crowd->shares, crowd->share_capacity, sizeof *crowd->shares);
        CHECK(crowd->shares);
    }
    crowd->share_last = crowd->share_count;
    crowd->shares[crowd->share_count] = (struct share){.node = *node};
    return &crowd->shares[crowd->share_count++];
}

bool crowd_has_room(struct crowd *crowd, size_t at, const struct statement *said)
{
    CHECK(crowd->roster);
    crowd->asked = NULL;
    if (is_by_authority(crowd, said)) {
        return crowd->taken < ROSTER_STATEMENTS_MAX;
    }
    const struct roster_node *signer = signer_find(crowd, said->signer_public);
    if (!signer) {
        return false;
    }
    const struct roster_node *top = roster_room_top(crowd->roster, &signer->node);
    crowd->asked = top ? share_get(crowd, &top->node) : NULL;
    bool has_room = crowd->taken < ROSTER_STATEMENTS_MAX &&
                    (!top || (crowd->asked->count < CROWD_SHARE && crowd->asked->bytes + STATEMENT_SIZE_MAX <= CROWD_SHARE_BYTES));
    if (!has_room) {
        place_set(crowd, at, PLACE_LEFT);
    }
    return has_room;
}

void crowd_admit(struct crowd *crowd, size_t at, const struct id *writer, struct bytes statement)
{
    CHECK(crowd_is_open(crowd, at) && statement.size <= STATEMENT_SIZE_MAX);
    if (crowd->asked) {
        crowd->asked->count++;
        crowd->asked->bytes += statement.size;
    }
    crowd->taken++;
    place_set(crowd, at, PLACE_TAKEN);
    buffer_append(&crowd->due, writer->b, sizeof writer->b);
    buffer_append_varint(&crowd->due, statement.size);
    buffer_append(&crowd->due, statement.data, statement.size);
}
