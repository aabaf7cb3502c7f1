/* A revocation names what is held, and what it does not leave is dropped. The store is the centre's; the campus below it wrote two streams. */
#include "node/store/stream/expel.h"

#include <string.h>

#include "node/store/stream/head.h"
#include "node/store/stream/own.h"
#include "node/store/stream/stream.h"
#include "node/timestamp.h"
#include "tests/kit/federation.h"
#include "tests/kit/kit.h"
#include "tests/kit/stream_writer.h"
#include "tests/node/store/desk.h"

enum { HUB, CENTRE, CAMPUS, LATE };

struct fixture {
    struct desk *desk;
    struct federation federation;
    struct roster *roster;
    struct stream_writer writer;
    uint64_t applied; /* up to which seq */
    size_t trimmed;
};

static int setup(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);

    fixture->desk = desk_open();
    federation_make(&fixture->federation, 3);
    fixture->roster = roster_new(&fixture->federation.id, fixture->federation.authority.sign_public);
    federation_enter(&fixture->federation, fixture->roster, HUB, FEDERATION_AUTHORITY, NODE_HUB);
    federation_enter(&fixture->federation, fixture->roster, CENTRE, HUB, NODE_NATIONAL);
    federation_enter(&fixture->federation, fixture->roster, CAMPUS, CENTRE, NODE_CAMPUS);
    fixture->desk->identity = fixture->federation.nodes[CENTRE];
    fixture->desk->federation = fixture->federation.id;
    desk_reopen(fixture->desk);
    stream_writer_init(&fixture->writer, &fixture->federation.id, 9, TOPIC_RESULTS);
    fixture->writer.identity = fixture->federation.nodes[CAMPUS];
    fixture->writer.head.stream.node = fixture->federation.nodes[CAMPUS].node;
    fixture->writer.key = lthash_key(&fixture->federation.id, &fixture->writer.head.stream);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    stream_writer_release(&fixture->writer);
    roster_free(fixture->roster);
    desk_close(fixture->desk);
    test_free(fixture);
    return 0;
}

static enum status apply_run(struct db *db, void *arg)
{
    struct fixture *fixture = arg;
    struct certificate certificate = stream_writer_certify(&fixture->writer);
    struct buffer body;

    buffer_init(&body);
    stream_writer_body(&fixture->writer, fixture->applied, certificate.head.seq, &certificate, &body);
    enum status status = stream_apply_body(db, &fixture->federation.id, &fixture->writer.head.stream, buffer_bytes(&body));
    buffer_release(&body);
    fixture->applied = certificate.head.seq;
    return status;
}

/* The campus writes one more cell, and the centre takes it. */
static void campus_writes(struct fixture *fixture, const char *key)
{
    stream_writer_put_number(&fixture->writer, key, 7);
    assert_int_equal(store_write_wait(fixture->desk->store, apply_run, fixture), S_OK);
}

static enum status expel_run(struct db *db, void *arg)
{
    struct fixture *fixture = arg;
    struct expulsion expulsion = {.federation = &fixture->federation.id,
                                  .by = &fixture->federation.nodes[CENTRE],
                                  .node = fixture->federation.nodes[CAMPUS].node,
                                  .reason = "test",
                                  .now_ms = 9000};
    enum status status = expel_put(db, &expulsion);

    assert_int_equal(expulsion.left_out, 0);
    return status;
}

static enum status statement_take(void *ctx, const struct stream_head *head, const struct cell *cell)
{
    struct bytes statement;
    hlc stamp;
    (void)head;

    assert_true(cell_value_get_register(cell->value, &stamp, &statement));
    assert_int_equal(roster_add(ctx, statement, NULL), S_OK);
    return S_OK;
}

/* What was written into the store's roster stream is heard. */
static void hear(struct fixture *fixture)
{
    struct db *db = store_read_begin(fixture->desk->store);

    assert_int_equal(stream_cells_each(db, TOPIC_ROSTER, statement_take, fixture->roster), S_OK);
    store_read_end(fixture->desk->store, db);
}

static bool is_due(struct fixture *fixture)
{
    struct db *db = store_read_begin(fixture->desk->store);
    bool is_due = expel_is_due(db, fixture->roster);

    store_read_end(fixture->desk->store, db);
    return is_due;
}

static enum status trim_run(struct db *db, void *arg)
{
    struct fixture *fixture = arg;

    return expel_trim(db, fixture->roster, &fixture->trimmed);
}

static uint64_t seq_held(struct fixture *fixture)
{
    struct certificate certificate;
    struct db *db = store_read_begin(fixture->desk->store);
    bool is_held = stream_find(db, &fixture->writer.head.stream, &certificate);

    store_read_end(fixture->desk->store, db);
    return is_held ? certificate.head.seq : 0;
}

static void what_was_accepted_stays(void **state)
{
    struct fixture *fixture = *state;

    campus_writes(fixture, "a");
    campus_writes(fixture, "b");
    assert_int_equal(store_write_wait(fixture->desk->store, expel_run, fixture), S_OK);
    hear(fixture);
    assert_false(is_due(fixture));
    assert_int_equal(store_write_wait(fixture->desk->store, trim_run, fixture), S_OK);
    assert_int_equal(fixture->trimmed, 0);
    assert_int_equal(seq_held(fixture), 2);
}

static void what_came_later_goes_and_comes_again_as_it_was(void **state)
{
    struct fixture *fixture = *state;

    campus_writes(fixture, "a");
    assert_int_equal(store_write_wait(fixture->desk->store, expel_run, fixture), S_OK);
    campus_writes(fixture, "b"); /* as if this node had heard of it before the revocation */
    hear(fixture);
    assert_true(is_due(fixture));
    assert_int_equal(store_write_wait(fixture->desk->store, trim_run, fixture), S_OK);
    assert_int_equal(fixture->trimmed, 1);
    assert_int_equal(seq_held(fixture), 0);
    assert_false(is_due(fixture));
}

static void a_node_of_which_nothing_was_heard_leaves_nothing(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(store_write_wait(fixture->desk->store, expel_run, fixture), S_OK);
    hear(fixture);
    campus_writes(fixture, "a");
    assert_true(is_due(fixture));
}

static uint64_t said_ms;

static enum status centre_says_run(struct db *db, void *arg)
{
    struct fixture *fixture = arg;
    struct roster_node node = federation_node(&fixture->federation, LATE, CENTRE, NODE_CAMPUS);
    struct buffer statement, key, value;

    buffer_init(&statement), buffer_init(&key), buffer_init(&value);
    node.admitted_ms = said_ms;
    federation_admit(&fixture->federation, &node, CENTRE, &statement);
    enum status status = statement_cell_key(buffer_bytes(&statement), &key);
    cell_value_register(&value, 1, buffer_bytes(&statement));
    status = status == S_OK ? own_cell_put(db, TOPIC_ROSTER, buffer_bytes(&key), buffer_bytes(&value)) : status;
    buffer_release(&statement), buffer_release(&key), buffer_release(&value);
    return status;
}

static enum status centre_expel_run(struct db *db, void *arg)
{
    struct fixture *fixture = arg;
    struct expulsion expulsion = {.federation = &fixture->federation.id, .by = &fixture->federation.nodes[HUB],
                                  .node = fixture->federation.nodes[CENTRE].node, .reason = "closed", .now_ms = 9000};

    return expel_put(db, &expulsion);
}

/* Its clock was ahead, or that of who revokes it is behind. */
static void whom_a_revoked_node_had_admitted_stays(void **state)
{
    struct fixture *fixture = *state;

    said_ms = TIMESTAMP_MS_MAX;
    assert_int_equal(store_write_wait(fixture->desk->store, centre_says_run, fixture), S_OK);
    assert_int_equal(store_write_wait(fixture->desk->store, centre_expel_run, fixture), S_OK);
    hear(fixture);
    assert_true(roster_find(fixture->roster, &fixture->federation.nodes[CENTRE].node)->is_revoked);
    assert_non_null(roster_find(fixture->roster, &fixture->federation.nodes[LATE].node));
}

/* It was chosen so that nothing could be said later. */
static void a_stamp_beyond_the_years_moves_no_revocation(void **state)
{
    struct fixture *fixture = *state;

    said_ms = TIMESTAMP_MS_MAX + 1ULL;
    assert_int_equal(store_write_wait(fixture->desk->store, centre_says_run, fixture), S_OK);
    assert_int_equal(store_write_wait(fixture->desk->store, centre_expel_run, fixture), S_OK);
    hear(fixture);
    assert_true(roster_find(fixture->roster, &fixture->federation.nodes[CENTRE].node)->is_revoked);
    const struct roster_node *late = roster_find(fixture->roster, &fixture->federation.nodes[LATE].node);
    assert_true(!late || late->is_revoked);
}

/* Another stream of the campus says that this one is counted in it. */
static enum status cover_run(struct db *db, void *arg)
{
    struct fixture *fixture = arg;
    struct statement *adopt = db_statement(db, STATEMENT_stream_adopt);
    struct head_row row;

    assert_true(head_find(db, &fixture->writer.head.stream, &row));
    statement_bind_int(adopt, 1, row.number);
    statement_bind_int(adopt, 2, (int64_t)row.certificate.head.seq);
    return statement_run(adopt);
}

static enum status leave_run(struct db *db, void *arg)
{
    struct fixture *fixture = arg;
    struct head_row row;
    enum status status = expel_leave(db, &fixture->federation.nodes[CAMPUS].node, TOPIC_RESULTS);

    assert_false(head_find(db, &fixture->writer.head.stream, &row));
    return status;
}

/* Who became another node holds nothing of the one it was: where it was not heard that a stream is counted in another, that stream would be missed. */
static void what_a_node_was_goes_whether_it_counts_in_another_stream_or_not(void **state)
{
    struct fixture *fixture = *state;

    campus_writes(fixture, "a");
    assert_int_equal(store_write_wait(fixture->desk->store, leave_run, fixture), S_OK);
    fixture->applied = 0;
    campus_writes(fixture, "b");
    assert_int_equal(store_write_wait(fixture->desk->store, cover_run, fixture), S_OK);
    assert_int_equal(store_write_wait(fixture->desk->store, leave_run, fixture), S_OK);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_a_node_was_goes_whether_it_counts_in_another_stream_or_not, setup, teardown),
        cmocka_unit_test_setup_teardown(whom_a_revoked_node_had_admitted_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(a_stamp_beyond_the_years_moves_no_revocation, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_accepted_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(what_came_later_goes_and_comes_again_as_it_was, setup, teardown),
        cmocka_unit_test_setup_teardown(a_node_of_which_nothing_was_heard_leaves_nothing, setup, teardown),
    };
    return KIT_RUN(tests);
}
