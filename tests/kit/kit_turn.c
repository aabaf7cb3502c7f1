#include "tests/kit/kit_turn.h"

#include <string.h>

#include "node/store/stream/own.h"
#include "node/store/stream/roster.h"
#include "node/store/stream/stream.h"
#include "replication/trust/roster_keys.h"
#include "tests/kit/kit.h"

/* One cell for a job. */
struct put {
    enum topic topic;
    struct bytes key, content;
};

static enum status put_run(struct db *db, void *arg)
{
    const struct put *put = arg;
    struct buffer value;

    buffer_init(&value);
    cell_value_register(&value, hlc_tick(0, 1000), put->content);
    enum status status = own_cell_put(db, put->topic, put->key, buffer_bytes(&value));
    buffer_release(&value);
    return status;
}

static void statement_put(struct kit_turn *turn, struct buffer *statement)
{
    struct put put = {.topic = TOPIC_ROSTER, .content = buffer_bytes(statement)};
    struct buffer key;

    buffer_init(&key);
    assert_int_equal(statement_cell_key(put.content, &key), S_OK);
    put.key = buffer_bytes(&key);
    assert_int_equal(store_write_wait(turn->kit.store, put_run, &put), S_OK);
    buffer_release(&key);
    buffer_release(statement);
}

static struct signer authority_of(const struct kit_turn *turn)
{
    struct signer signer = {0};

    memcpy(signer.sign_secret, turn->authority.sign_secret, sizeof signer.sign_secret);
    return signer;
}

void kit_turn_open(struct kit_turn *turn)
{
    struct kit_store *kit = &turn->kit;
    struct roster_node hub = {.kind = NODE_HUB, .name = "hub", .admitted_ms = 1000};
    struct put first = {.topic = TOPIC_RESULTS, .key = bytes_text("k"), .content = bytes_text("1")};
    struct signer signer;
    struct buffer statement;
    uint8_t seed[IDENTITY_SEED_SIZE] = {1};

    kit_store_open(kit);
    identity_derive(&turn->authority, seed);
    seed[0] = 2;
    identity_derive(&turn->next, seed);
    turn->next.node = kit->identity.node;
    memcpy(kit->federation.authority_public, turn->authority.sign_public, SIGN_PUBLIC_SIZE);
    hub.node = kit->identity.node;
    memcpy(hub.sign_public, kit->identity.sign_public, sizeof hub.sign_public);
    memcpy(hub.curve_public, kit->identity.curve_public, sizeof hub.curve_public);
    signer = authority_of(turn);
    buffer_init(&statement);
    assert_int_equal(statement_admit(&kit->federation.id, &hub, &signer, &statement), S_OK);
    statement_put(turn, &statement);
    assert_int_equal(store_write_wait(kit->store, put_run, &first), S_OK);
    assert_int_equal(dir_save_identity(kit->dir, &kit->identity, NULL), S_OK);
}

static struct identity second_identity(void)
{
    const uint8_t seed[IDENTITY_SEED_SIZE] = {9};
    struct identity identity;

    identity_derive(&identity, seed);
    return identity;
}

/* The second hub, as `hub` says what it is. */
static void second_admit(struct kit_turn *turn, struct roster_node *hub)
{
    struct signer signer = authority_of(turn);
    struct identity identity = second_identity();
    struct buffer statement;

    hub->node = identity.node;
    memcpy(hub->sign_public, identity.sign_public, sizeof hub->sign_public);
    memcpy(hub->curve_public, identity.curve_public, sizeof hub->curve_public);
    buffer_init(&statement);
    assert_int_equal(statement_admit(&turn->kit.federation.id, hub, &signer, &statement), S_OK);
    statement_put(turn, &statement);
}

void kit_turn_join_hub(struct kit_turn *turn, struct id *hub_out)
{
    struct roster_node hub = {.kind = NODE_HUB, .name = "second", .admitted_ms = 1500};

    second_admit(turn, &hub);
    *hub_out = hub.node;
}

void kit_turn_demote_hub(struct kit_turn *turn, const struct id *hub)
{
    struct roster_node centre = {.kind = NODE_NATIONAL, .name = "second", .admitted_ms = 1600, .parent = turn->kit.identity.node};

    second_admit(turn, &centre);
    assert_true(id_equal(&centre.node, hub));
}

void kit_turn_revoke(struct kit_turn *turn, const struct id *node)
{
    const struct revoke_terms terms = {.reason = "gone"};
    struct signer signer = authority_of(turn);
    struct buffer statement;

    buffer_init(&statement);
    assert_int_equal(statement_revoke(&turn->kit.federation.id, node, 8000, &terms, &signer, &statement), S_OK);
    statement_put(turn, &statement);
}

void kit_turn_close(struct kit_turn *turn)
{
    kit_store_close(&turn->kit);
}

void kit_turn_ask(struct kit_turn *turn)
{
    struct rotation rotation = {.federation = &turn->kit.federation,
                                .identity = &turn->kit.identity,
                                .next = &turn->next,
                                .now_ms = 5000};

    assert_int_equal(dir_save_next_identity(turn->kit.dir, &turn->next, NULL), S_OK);
    assert_int_equal(store_write_wait(turn->kit.store, rotation_ask, &rotation), S_OK);
}

static struct roster *roster_get(struct kit_turn *turn)
{
    struct roster *roster;
    struct db *db = store_read_begin(turn->kit.store);

    assert_int_equal(roster_load(db, &turn->kit.federation, &roster, NULL), S_OK);
    store_read_end(turn->kit.store, db);
    return roster;
}

static void grant_by(struct kit_turn *turn, const struct signer *signer)
{
    struct roster *roster = roster_get(turn);
    struct statement asked;
    struct buffer statement;

    statement_read(roster_rekey_asked(roster, &turn->next.node), &asked);
    buffer_init(&statement);
    assert_int_equal(
        statement_grant(&turn->kit.federation.id, &turn->next.node, &asked.hash, 6000, signer, &statement),
        S_OK);
    roster_free(roster);
    statement_put(turn, &statement);
}

void kit_turn_grant(struct kit_turn *turn)
{
    struct signer signer = authority_of(turn);

    grant_by(turn, &signer);
}

void kit_turn_grant_in_vain(struct kit_turn *turn)
{
    struct identity second = second_identity();
    struct signer signer = {.node = second.node};

    memcpy(signer.sign_secret, second.sign_secret, sizeof signer.sign_secret);
    grant_by(turn, &signer);
}

void kit_turn_close_say(struct kit_turn *turn, const struct close_terms *terms, const struct signer *signer)
{
    struct buffer statement;

    buffer_init(&statement);
    assert_int_equal(statement_close(&turn->kit.federation.id, terms, signer, &statement), S_OK);
    statement_put(turn, &statement);
}

enum rotation_state kit_turn_state(struct kit_turn *turn)
{
    struct roster *roster = roster_get(turn);
    enum rotation_state state = rotation_state_of(roster, &turn->next.node, &turn->next);

    roster_free(roster);
    return state;
}

int kit_turn_streams(struct kit_turn *turn, int *present_out)
{
    struct roster *roster = roster_get(turn);
    const struct roster_node *self = roster_find(roster, &turn->next.node);
    struct db *db = store_read_begin(turn->kit.store);
    struct certificate certificate;
    struct stream_head head;
    int former = 0;

    *present_out = 0;
    for (bool more = stream_next(db, NULL, &head); more; more = stream_next(db, &head.stream, &head)) {
        assert_true(stream_find(db, &head.stream, &certificate));
        if (certificate_verify(&certificate, &turn->kit.federation.id, self->sign_public) == S_OK) {
            (*present_out)++;
        } else {
            former++;
            *present_out =
                roster_certificate_check(roster, &certificate, true) == S_OK ? *present_out : -1000;
        }
    }
    store_read_end(turn->kit.store, db);
    roster_free(roster);
    return former;
}
