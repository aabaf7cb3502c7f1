/* Two nodes over loopback in one loop: dialing, sessions, the roster, results, and a revocation in
 * mid-session. */
#include "tests/kit/kit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sodium.h>

#include "node/link/join.h"
#include "node/link/link.h"
#include "node/store/stream/own.h"
#include "node/store/stream/stream.h"
#include "replication/crdt/cell.h"
#include "replication/trust/consent.h"
#include "replication/trust/rekey.h"
#include "replication/trust/statement.h"

enum { TURN_MS_MAX = 20000 };

struct side {
    char dir[256], anchors[256];
    struct identity identity;
    struct config config;
    struct store *store;
    struct link *link;
};

struct world {
    uv_loop_t loop;
    uv_async_t woken;
    uv_timer_t tick;
    struct federation federation;
    struct signer authority;
    struct side hub, centre;
};

static void on_woken(uv_async_t *woken)
{
    struct world *world = woken->data;

    store_drain(world->hub.store);
    store_drain(world->centre.store);
    if (world->hub.link != NULL && world->centre.link != NULL) {
        link_poke(world->hub.link);
        link_poke(world->centre.link);
    }
}

static void wake(void *ctx)
{
    struct world *world = ctx;

    uv_async_send(&world->woken);
}

static void on_tick(uv_timer_t *tick)
{
    (void)tick; /* so that UV_RUN_ONCE comes back */
}

static void on_progress(void *ctx)
{
    (void)ctx;
}

/* Runs the loop until `holds`, or fails. */
static void run_until(struct world *world, bool (*holds)(struct world *world))
{
    uint64_t end = uv_hrtime() / 1000000 + TURN_MS_MAX;

    while (!holds(world)) {
        assert_true(uv_hrtime() / 1000000 < end);
        uv_run(&world->loop, UV_RUN_ONCE);
    }
}

static void side_make(struct world *world, struct side *side, uint8_t number)
{
    struct store_options options = {.must_create = true, .anchor_dir = side->anchors};
    struct report report = {.status = S_OK};
    uint8_t seed[IDENTITY_SEED_SIZE];

    memset(seed, number, sizeof seed);
    identity_derive(&side->identity, seed);
    config_init(&side->config);
    side->config.retry_min_ms = 10;
    side->config.retry_max_ms = 50;
    kit_scratch_make(side->dir, sizeof side->dir);
    kit_scratch_make(side->anchors, sizeof side->anchors);
    assert_int_equal(store_open(side->dir, &options, &side->store, &report), S_OK);
    store_set_identity(side->store, &side->identity, &world->federation.id);
    store_set_wake(side->store, wake, world);
}

/* The admission of `side`, signed by `signer`. */
static void statement_make(struct world *world, struct side *side, const char *name,
                           const struct side *parent, struct buffer *out)
{
    struct roster_node node = {
        .node = side->identity.node, .kind = parent != NULL ? NODE_NATIONAL : NODE_HUB, .admitted_ms = 1000};
    struct signer signer = world->authority;

    snprintf(node.name, sizeof node.name, "%s", name);
    memcpy(node.sign_public, side->identity.sign_public, sizeof node.sign_public);
    memcpy(node.curve_public, side->identity.curve_public, sizeof node.curve_public);
    if (parent != NULL) {
        node.parent = parent->identity.node;
        signer.node = parent->identity.node;
        memcpy(signer.sign_secret, parent->identity.sign_secret, sizeof signer.sign_secret);
        consent_sign(&world->federation.id, &node, side->identity.sign_secret);
    }
    assert_int_equal(statement_admit(&world->federation.id, &node, &signer, out), S_OK);
}

static void side_link(struct world *world, struct side *side, bool is_listening)
{
    struct report report = {.status = S_OK};
    struct link_options options = {
        .loop = &world->loop,
        .store = side->store,
        .federation = &world->federation,
        .identity = &side->identity,
        .config = &side->config,
        .is_listening = is_listening,
        .on_progress = on_progress,
    };

    if (link_open(&options, &side->link, &report) != S_OK) {
        fail_msg("%s", report.text);
    }
}

/* The hub took up its next keys; the centre knows that they were admitted, not that those before were given up. */
static void hub_turn(struct world *world)
{
    struct identity *hub = &world->hub.identity, next;
    struct signer by = {.node = hub->node}, authority = world->authority;
    struct welcome_message welcome = {.count = 2};
    struct buffer rekey, grant;
    struct statement asked;

    identity_derive(&next, (const uint8_t[IDENTITY_SEED_SIZE]){77});
    next.node = hub->node;
    memcpy(by.sign_secret, hub->sign_secret, sizeof by.sign_secret);
    buffer_init(&rekey), buffer_init(&grant);
    const struct rekey_terms terms = {.node = hub->node, .turn = 1, .next = &next, .at_ms = 2000};
    assert_int_equal(statement_rekey(&world->federation.id, &terms, &by, &rekey), S_OK);
    statement_read(buffer_bytes(&rekey), &asked);
    assert_int_equal(statement_grant(&world->federation.id, &hub->node, &asked.hash, 2001, &authority, &grant), S_OK);
    const struct bytes both[] = {buffer_bytes(&rekey), buffer_bytes(&grant)};
    welcome.statements = both;
    assert_int_equal(store_write_wait(world->centre.store, join_put, &welcome), S_OK);
    buffer_release(&rekey), buffer_release(&grant);
    memcpy(next.former[0].seed, hub->seed, sizeof next.former[0].seed);
    memcpy(next.former[0].curve_public, hub->curve_public, sizeof next.former[0].curve_public);
    memcpy(next.former[0].curve_secret, hub->curve_secret, sizeof next.former[0].curve_secret);
    next.former_count = 1;
    *hub = next;
}

/* A port that is free, as a number: several doors need one. */
static void address_draw(char *out, size_t size)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    close(fd);
    snprintf(out, size, "tcp://127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
}

static void world_make(struct world *world)
{
    struct welcome_message welcome = {.count = 2};
    struct buffer statements[2];
    struct bytes bytes[2];

    memset(&world->federation.id, 9, sizeof world->federation.id);
    snprintf(world->federation.name, sizeof world->federation.name, "test");
    crypto_sign_keypair(world->federation.authority_public, world->authority.sign_secret);
    uv_loop_init(&world->loop);
    uv_async_init(&world->loop, &world->woken, on_woken);
    uv_timer_init(&world->loop, &world->tick);
    uv_timer_start(&world->tick, on_tick, 20, 20);
    world->woken.data = world;
    side_make(world, &world->hub, 1);
    side_make(world, &world->centre, 2);
    buffer_init(&statements[0]);
    buffer_init(&statements[1]);
    statement_make(world, &world->hub, "hub", NULL, &statements[0]);
    statement_make(world, &world->centre, "centre", &world->hub, &statements[1]);
    bytes[0] = buffer_bytes(&statements[0]);
    bytes[1] = buffer_bytes(&statements[1]);
    welcome.statements = bytes;
    assert_int_equal(store_write_wait(world->hub.store, join_put, &welcome), S_OK);
    assert_int_equal(store_write_wait(world->centre.store, join_put, &welcome), S_OK);
    buffer_release(&statements[0]);
    buffer_release(&statements[1]);
}

static void world_link(struct world *world)
{
    side_link(world, &world->hub, true);
    snprintf(world->centre.config.uplink, sizeof world->centre.config.uplink, "%s",
             link_bound(world->hub.link));
    side_link(world, &world->centre, false);
}

static int world_open(void **state)
{
    struct world *world = test_calloc(1, sizeof *world);

    world_make(world);
    snprintf(world->hub.config.listen, sizeof world->hub.config.listen, "tcp://127.0.0.1:*");
    world_link(world);
    *state = world;
    return 0;
}

static int turned_open(void **state)
{
    struct world *world = test_calloc(1, sizeof *world);

    world_make(world);
    hub_turn(world);
    address_draw(world->hub.config.listen, sizeof world->hub.config.listen);
    world->centre.config.retry_min_ms = world->centre.config.retry_max_ms = 3600 * 1000; /* as one that has failed for long */
    world_link(world);
    *state = world;
    return 0;
}

static bool both_idle(struct world *world)
{
    return link_is_idle(world->hub.link) && link_is_idle(world->centre.link);
}

static void side_close(struct side *side)
{
    store_close(side->store);
    kit_scratch_remove(side->dir);
    kit_scratch_remove(side->anchors);
}

static int world_close(void **state)
{
    struct world *world = *state;

    link_stop(world->centre.link);
    link_stop(world->hub.link);
    run_until(world, both_idle);
    link_close(world->centre.link);
    link_close(world->hub.link);
    store_set_wake(world->hub.store, NULL, NULL);
    store_set_wake(world->centre.store, NULL, NULL);
    uv_close((uv_handle_t *)&world->woken, NULL);
    uv_close((uv_handle_t *)&world->tick, NULL);
    uv_run(&world->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&world->loop), 0);
    side_close(&world->hub);
    side_close(&world->centre);
    test_free(world);
    return 0;
}

static bool both_in_step(struct world *world)
{
    struct link_peer up, down;

    link_peer_get(world->centre.link, &world->hub.identity.node, &up);
    link_peer_get(world->hub.link, &world->centre.identity.node, &down);
    return up.is_connected && down.is_connected && up.progress.state == PEER_IN_STEP &&
           down.progress.state == PEER_IN_STEP;
}

static bool nobody_connected(struct world *world)
{
    struct id node;

    return link_peers(world->hub.link, &node, 1) == 0 && link_peers(world->centre.link, &node, 1) == 0;
}

/* Cells of `topic` that `node` wrote, as `side` holds them. */
static uint64_t cells_held(struct side *side, const struct id *node, enum topic topic)
{
    struct stream_head head;
    struct stream_id after;
    uint64_t count = 0;
    struct db *db = store_read_begin(side->store);

    for (bool more = stream_next(db, NULL, &head); more; more = stream_next(db, &after, &head)) {
        after = head.stream;
        count += id_equal(&head.stream.node, node) && head.stream.topic == topic ? head.count : 0;
    }
    store_read_end(side->store, db);
    return count;
}

static enum status results_put(struct db *db, void *arg)
{
    struct buffer value;
    enum status status = S_OK;

    (void)arg;
    buffer_init(&value);
    for (int i = 0; i < 5000 && status == S_OK; i++) {
        char key[32];
        snprintf(key, sizeof key, "r\x1f%06d", i);
        buffer_clear(&value);
        cell_value_number(&value, CELL_COUNT, i);
        status = own_cell_put(db, TOPIC_RESULTS, bytes_text(key), buffer_bytes(&value));
    }
    buffer_release(&value);
    return status;
}

static bool hub_has_results(struct world *world)
{
    return cells_held(&world->hub, &world->centre.identity.node, TOPIC_RESULTS) == 5000 &&
           both_in_step(world);
}

static void test_a_centre_dials_the_hub_and_both_come_in_step(void **state)
{
    struct world *world = *state;

    run_until(world, both_in_step);
    assert_int_equal(cells_held(&world->hub, &world->centre.identity.node, TOPIC_ROSTER), 2);
    assert_int_equal(cells_held(&world->centre, &world->hub.identity.node, TOPIC_ROSTER), 2);
}

/* The door at which it comes first is not that of the key that it tries first. */
static void test_a_hub_with_several_doors_is_found_behind_one_of_them_at_once(void **state)
{
    run_until(*state, both_in_step);
}

static void test_results_written_during_a_session_go_up_and_not_down(void **state)
{
    struct world *world = *state;

    run_until(world, both_in_step);
    store_write(world->centre.store, results_put, NULL, NULL);
    store_write(world->hub.store, results_put, NULL, NULL);
    run_until(world, hub_has_results);
    assert_int_equal(cells_held(&world->centre, &world->hub.identity.node, TOPIC_RESULTS), 0);
}

static enum status revocation_put(struct db *db, void *arg)
{
    struct world *world = arg;
    struct signer signer = {.node = world->hub.identity.node};
    struct buffer statement, key, value;

    memcpy(signer.sign_secret, world->hub.identity.sign_secret, sizeof signer.sign_secret);
    buffer_init(&statement);
    buffer_init(&key);
    buffer_init(&value);
    assert_int_equal(
        statement_revoke(&world->federation.id, &world->centre.identity.node, 2000, &(struct revoke_terms){.reason = ""}, &signer, &statement),
        S_OK);
    assert_int_equal(statement_cell_key(buffer_bytes(&statement), &key), S_OK);
    cell_value_register(&value, hlc_tick(0, 2000), buffer_bytes(&statement));
    enum status status = own_cell_put(db, TOPIC_ROSTER, buffer_bytes(&key), buffer_bytes(&value));
    buffer_release(&statement);
    buffer_release(&key);
    buffer_release(&value);
    return status;
}

static void test_a_revoked_peer_is_cut_off_in_mid_session(void **state)
{
    struct world *world = *state;

    run_until(world, both_in_step);
    assert_int_equal(store_write_wait(world->hub.store, revocation_put, world), S_OK);
    run_until(world, nobody_connected);
    struct link_peer up;
    link_peer_get(world->centre.link, &world->hub.identity.node, &up);
    assert_true(up.is_dialed);
}

static void test_a_node_that_is_no_member_is_not_dialed(void **state)
{
    struct world *world = *state;
    struct report report = {.status = S_OK};
    struct id stranger = {{42}};

    assert_int_equal(link_dial(world->hub.link, &stranger, &report), S_NOT_FOUND);
    report_clear(&report);
    /* The centre does not listen: the hub knows no address of it. */
    assert_int_equal(link_dial(world->hub.link, &world->centre.identity.node, &report),
                     both_in_step(world) ? S_OK : S_NOT_FOUND);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_centre_dials_the_hub_and_both_come_in_step, world_open,
                                        world_close),
        cmocka_unit_test_setup_teardown(test_a_hub_with_several_doors_is_found_behind_one_of_them_at_once, turned_open, world_close),
        cmocka_unit_test_setup_teardown(test_results_written_during_a_session_go_up_and_not_down, world_open,
                                        world_close),
        cmocka_unit_test_setup_teardown(test_a_revoked_peer_is_cut_off_in_mid_session, world_open,
                                        world_close),
        cmocka_unit_test_setup_teardown(test_a_node_that_is_no_member_is_not_dialed, world_open, world_close),
    };

    return KIT_RUN(tests);
}
