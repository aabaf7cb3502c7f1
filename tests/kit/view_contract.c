#include "tests/kit/view_contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/kit/federation.h"
#include "tests/kit/kit.h"
#include "tests/kit/stream_writer.h"

static const struct view_maker *maker;

enum { SCAN_MAX = STREAM_WRITER_CELLS_MAX, ARENA_MAX = 1 << 24 };

struct contract {
    struct federation *federation;
    struct roster
        *roster; /* 0 hub, 1 national below it, 2 campus below that, 3 another national; the store is 1's */
    struct stream_writer writer; /* of results */
    void *store;
    struct view view;
    struct arena arena;
    struct buffer body;
    struct cell *cells, *expected;
};

static int setup(void **state)
{
    static const int parents[] = {FEDERATION_AUTHORITY, 0, 1, 0};
    static const enum node_kind kinds[] = {NODE_HUB, NODE_NATIONAL, NODE_CAMPUS, NODE_NATIONAL};
    struct contract *contract = test_calloc(1, sizeof *contract);
    struct buffer statement;

    contract->federation = test_calloc(1, sizeof *contract->federation);
    federation_make(contract->federation, 5);
    contract->roster = roster_new(&contract->federation->id, contract->federation->authority.sign_public);
    buffer_init(&statement);
    for (int i = 0; i < 4; i++) {
        struct roster_node node = federation_node(contract->federation, i, parents[i], kinds[i]);
        federation_admit(contract->federation, &node, FEDERATION_AUTHORITY, &statement);
        assert_int_equal(roster_add(contract->roster, buffer_bytes(&statement), NULL), S_OK);
    }
    buffer_release(&statement);
    assert_int_equal(roster_count(contract->roster), 4);
    stream_writer_init(&contract->writer, &contract->federation->id, 40, TOPIC_RESULTS);
    contract->store = maker->make(&contract->federation->id, &contract->federation->nodes[1].node);
    arena_init(&contract->arena, ARENA_MAX);
    buffer_init(&contract->body);
    contract->cells = test_calloc(SCAN_MAX, sizeof *contract->cells);
    contract->expected = test_calloc(SCAN_MAX, sizeof *contract->expected);
    *state = contract;
    return 0;
}

static int teardown(void **state)
{
    struct contract *contract = *state;

    maker->release(contract->store);
    stream_writer_release(&contract->writer);
    roster_free(contract->roster);
    arena_release(&contract->arena);
    buffer_release(&contract->body);
    test_free(contract->cells);
    test_free(contract->expected);
    test_free(contract->federation);
    test_free(contract);
    return 0;
}

/* --- steps --- */

static void begin(struct contract *contract)
{
    contract->view = maker->view_begin(contract->store, contract->roster);
}

static void end(struct contract *contract)
{
    maker->view_end(contract->store);
}

static enum status stage(struct contract *contract, uint64_t after_seq, uint64_t upto_seq)
{
    buffer_clear(&contract->body);
    stream_writer_body(&contract->writer, after_seq, upto_seq, NULL, &contract->body);
    return maker->stage(contract->store, &contract->writer.head.stream, after_seq, upto_seq,
                        buffer_bytes(&contract->body));
}

static enum status apply_as(struct contract *contract, const struct stream_writer *writer, uint64_t after_seq,
                            const struct certificate *certificate)
{
    buffer_clear(&contract->body);
    stream_writer_body(writer, after_seq, certificate->head.seq, certificate, &contract->body);
    return maker->apply(contract->store, &writer->head.stream, after_seq, buffer_bytes(&contract->body));
}

static enum status apply(struct contract *contract, uint64_t after_seq)
{
    struct certificate certificate = stream_writer_certify(&contract->writer);
    return apply_as(contract, &contract->writer, after_seq, &certificate);
}

static uint64_t staged(struct contract *contract)
{
    begin(contract);
    uint64_t seq = contract->view.ops->staged_seq(contract->view.ctx, &contract->writer.head.stream);
    end(contract);
    return seq;
}

static size_t scan(struct contract *contract, const struct stream_id *stream, uint64_t after_seq, size_t max)
{
    arena_clear(&contract->arena);
    return contract->view.ops->cells_scan(contract->view.ctx, stream, after_seq, max, &contract->arena,
                                          contract->cells);
}

/* The store has exactly what the writer had when it signed: certificate and cells, byte for byte, from every
 * base. */
static void check_equal(struct contract *contract, const struct stream_writer *writer)
{
    struct certificate certificate, expected = stream_writer_certify(writer);
    uint64_t bases[] = {0, 1, writer->head.seq / 2, writer->head.seq - 1, writer->head.seq};

    begin(contract);
    assert_true(contract->view.ops->stream_find(contract->view.ctx, &writer->head.stream, &certificate));
    assert_int_equal(certificate.head.seq, expected.head.seq);
    assert_int_equal(certificate.head.count, expected.head.count);
    assert_int_equal(certificate.head.stamp, expected.head.stamp);
    assert_true(hash_equal(&certificate.head.digest, &expected.head.digest));
    assert_memory_equal(certificate.signature, expected.signature, SIGNATURE_SIZE);
    for (size_t b = 0; b < sizeof bases / sizeof *bases; b++) {
        size_t count = stream_writer_cells(writer, bases[b], writer->head.seq, contract->expected);
        assert_int_equal(scan(contract, &writer->head.stream, bases[b], SCAN_MAX), count);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(contract->cells[i].seq, contract->expected[i].seq);
            assert_true(bytes_equal(contract->cells[i].key, contract->expected[i].key));
            assert_true(bytes_equal(contract->cells[i].value, contract->expected[i].value));
        }
    }
    end(contract);
}

static void put_some(struct stream_writer *writer, int from, int to, int64_t number)
{
    char key[64];

    for (int i = from; i < to; i++) {
        snprintf(key, sizeof key,
                 "r\x1f"
                 "course-%d\x1f"
                 "fr\x1f"
                 "2026-%02d\x1f"
                 "completed",
                 i % 7, i);
        stream_writer_put_number(writer, key, number + i);
    }
}

/* --- the contract --- */

static void an_empty_store_shows_nothing(void **state)
{
    struct contract *contract = *state;
    struct stream_head head;
    struct certificate certificate;
    struct held held;

    begin(contract);
    const struct view *view = &contract->view;
    assert_false(view->ops->stream_next(view->ctx, NULL, &head));
    assert_false(view->ops->stream_find(view->ctx, &contract->writer.head.stream, &certificate));
    assert_int_equal(scan(contract, &contract->writer.head.stream, 0, SCAN_MAX), 0);
    assert_int_equal(view->ops->staged_seq(view->ctx, &contract->writer.head.stream), 0);
    assert_int_equal(view->ops->held_scan(view->ctx, &contract->federation->nodes[2].node, 1, &held), 0);
    end(contract);
}

static void what_is_staged_is_not_shown_before_its_certificate(void **state)
{
    struct contract *contract = *state;
    struct stream_head head;
    struct certificate certificate;

    put_some(&contract->writer, 0, 30, 100);
    assert_int_equal(stage(contract, 0, 10), S_OK);
    assert_int_equal(stage(contract, 10, 20), S_OK);
    assert_int_equal(staged(contract), 20);
    begin(contract);
    const struct view *view = &contract->view;
    assert_false(view->ops->stream_next(view->ctx, NULL, &head));
    assert_false(view->ops->stream_find(view->ctx, &contract->writer.head.stream, &certificate));
    assert_int_equal(scan(contract, &contract->writer.head.stream, 0, SCAN_MAX), 0);
    end(contract);
    assert_int_equal(apply(contract, 20), S_OK);
    assert_int_equal(staged(contract), 0);
    check_equal(contract, &contract->writer);
}

static void a_delta_replaces_what_changed(void **state)
{
    struct contract *contract = *state;

    put_some(&contract->writer, 0, 200, 100);
    assert_int_equal(apply(contract, 0), S_OK);
    check_equal(contract, &contract->writer);
    uint64_t before = contract->writer.head.seq;
    put_some(&contract->writer, 50, 60, 5000);
    put_some(&contract->writer, 200, 210, 1);
    assert_int_equal(apply(contract, before), S_OK);
    check_equal(contract, &contract->writer);
}

static void a_key_may_come_twice_in_one_delta(void **state)
{
    struct contract *contract = *state;

    put_some(&contract->writer, 0, 20, 100);
    assert_int_equal(stage(contract, 0, 20), S_OK);
    put_some(&contract->writer, 5, 15, 900); /* changed between the first batch and the last */
    assert_int_equal(apply(contract, 20), S_OK);
    check_equal(contract, &contract->writer);
}

static void batches_out_of_turn_are_stale(void **state)
{
    struct contract *contract = *state;

    put_some(&contract->writer, 0, 30, 100);
    assert_int_equal(stage(contract, 10, 20), S_STALE);
    assert_int_equal(stage(contract, 0, 10), S_OK);
    assert_int_equal(stage(contract, 0, 10), S_STALE);
    assert_int_equal(stage(contract, 9, 20), S_STALE);
    assert_int_equal(apply(contract, 20), S_STALE);
    assert_int_equal(apply(contract, 0), S_STALE);
    assert_int_equal(staged(contract), 10);
    assert_int_equal(apply(contract, 10), S_OK);
    check_equal(contract, &contract->writer);
    assert_int_equal(stage(contract, 10, 20), S_STALE);
}

static void a_state_that_is_not_the_certified_one_is_refused_whole(void **state)
{
    struct contract *contract = *state;

    put_some(&contract->writer, 0, 20, 100);
    assert_int_equal(apply(contract, 0), S_OK);
    uint64_t before = contract->writer.head.seq;
    put_some(&contract->writer, 10, 15, 700);
    struct certificate wrong = stream_writer_certify(&contract->writer);
    wrong.head.digest.b[7] ^= 1;
    assert_int_equal(stage(contract, before, before + 2), S_OK);
    assert_int_equal(apply_as(contract, &contract->writer, before + 2, &wrong), S_BAD_DIGEST);
    assert_int_equal(staged(contract), 0);
    begin(contract);
    assert_int_equal(scan(contract, &contract->writer.head.stream, before, SCAN_MAX), 0);
    end(contract);
    wrong = stream_writer_certify(&contract->writer);
    wrong.head.count++;
    assert_int_equal(apply_as(contract, &contract->writer, before, &wrong), S_BAD_DIGEST);
    assert_int_equal(apply(contract, before), S_OK);
    check_equal(contract, &contract->writer);
}

static void what_is_staged_can_be_dropped(void **state)
{
    struct contract *contract = *state;

    put_some(&contract->writer, 0, 20, 100);
    assert_int_equal(maker->unstage(contract->store, &contract->writer.head.stream), S_OK);
    assert_int_equal(stage(contract, 0, 10), S_OK);
    assert_int_equal(maker->unstage(contract->store, &contract->writer.head.stream), S_OK);
    assert_int_equal(staged(contract), 0);
    assert_int_equal(apply(contract, 0), S_OK);
    check_equal(contract, &contract->writer);
}

static void keys_and_values_of_any_bytes_come_back(void **state)
{
    struct contract *contract = *state;
    static const char *const keys[] = {
        "a",
        "\x1f",
        "\x1f\x1f",
        "a\x1f",
        "\x1f"
        "a",
        "a\x1f\x1f"
        "b",
        "0123456789abcdef0123456789abcdef",
        "admit\x1f"
        "0123456789abcdef0123456789ABCDEF\x1f"
        "01234567-89ab-cdef-0123-456789abcdef-0000",
        "0123456789abcdef0123456789abcde",
        "\xff\xfe\x80",
        "\xd8\xa7\xd9\x84\xd8\xaf\xd9\x88\xd8\xb1\xd8\xa9",
    };
    uint8_t long_key[CELL_KEY_MAX], *value = test_calloc(1, CELL_VALUE_MAX);

    value[0] = 200; /* a kind of the future */
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        value[1] = (uint8_t)i;
        stream_writer_put(&contract->writer, bytes_text(keys[i]), bytes_of(value, 1 + i));
    }
    stream_writer_put(&contract->writer, bytes_of("\0\0", 2), bytes_of(value, CELL_VALUE_MAX));
    memset(long_key, KEY_SEPARATOR, sizeof long_key);
    stream_writer_put(&contract->writer, bytes_of(long_key, sizeof long_key), bytes_of(value, 3));
    memset(long_key, 'k', sizeof long_key);
    stream_writer_put(&contract->writer, bytes_of(long_key, sizeof long_key), bytes_of(value, 2));
    memset(long_key, 'f', sizeof long_key);
    stream_writer_put(&contract->writer, bytes_of(long_key, sizeof long_key), bytes_of(value, 2));
    test_free(value);
    assert_int_equal(apply(contract, 0), S_OK);
    check_equal(contract, &contract->writer);
}

static void a_scan_stops_at_its_maximum_and_at_the_end_of_the_arena(void **state)
{
    struct contract *contract = *state;
    struct arena small;

    put_some(&contract->writer, 0, 100, 100);
    assert_int_equal(apply(contract, 0), S_OK);
    begin(contract);
    assert_int_equal(scan(contract, &contract->writer.head.stream, 0, 1), 1);
    assert_int_equal(contract->cells[0].seq, 1);
    assert_int_equal(scan(contract, &contract->writer.head.stream, 40, 7), 7);
    assert_int_equal(contract->cells[0].seq, 41);
    assert_int_equal(contract->cells[6].seq, 47);
    arena_init(&small, 1000);
    size_t count = contract->view.ops->cells_scan(contract->view.ctx, &contract->writer.head.stream, 0,
                                                  SCAN_MAX, &small, contract->cells);
    assert_true(count > 0 && count < 100);
    arena_release(&small);
    end(contract);
}

static void streams_come_in_their_order(void **state)
{
    enum { COUNT = 24 };
    struct contract *contract = *state;
    struct stream_head head;
    struct stream_id last;
    size_t count = 0;

    for (uint8_t i = 0; i < COUNT; i++) {
        struct stream_writer writer;
        stream_writer_init(&writer, &contract->federation->id, (uint8_t)(100 + i / 4),
                           (enum topic)(TOPIC_FIRST + (i * 7) % 4));
        put_some(&writer, 0, 1 + i, i);
        struct certificate certificate = stream_writer_certify(&writer);
        assert_int_equal(apply_as(contract, &writer, 0, &certificate), S_OK);
        check_equal(contract, &writer);
        stream_writer_release(&writer);
    }
    begin(contract);
    while (contract->view.ops->stream_next(contract->view.ctx, count ? &last : NULL, &head)) {
        assert_true(!count || stream_id_compare(&head.stream, &last) > 0);
        last = head.stream;
        count++;
    }
    end(contract);
    assert_int_equal(count, COUNT);
}

static void the_generation_changes_with_every_write(void **state)
{
    struct contract *contract = *state;
    uint64_t generations[4];

    put_some(&contract->writer, 0, 20, 100);
    for (int i = 0; i < 4; i++) {
        begin(contract);
        generations[i] = contract->view.ops->generation(contract->view.ctx);
        end(contract);
        assert_true(i == 0 || generations[i] != generations[i - 1]);
        assert_int_equal(i == 0   ? stage(contract, 0, 10)
                         : i == 1 ? maker->unstage(contract->store, &contract->writer.head.stream)
                         : i == 2 ? apply(contract, 0)
                                  : S_OK,
                         S_OK);
    }
}

static struct held receipt(struct contract *contract, int node, uint8_t incarnation, uint64_t seq)
{
    struct held held = {.seq = seq, .at_ms = 1000 + seq, .holder = contract->federation->nodes[0].node};

    held.stream.node = contract->federation->nodes[node].node;
    held.stream.topic = TOPIC_RESULTS;
    memset(held.stream.incarnation.b, incarnation, sizeof held.stream.incarnation.b);
    return held;
}

static void receipts_go_to_the_node_they_concern_and_to_those_above(void **state)
{
    enum { MAX = 8 };
    struct contract *contract = *state;
    const struct federation *federation = contract->federation;
    const struct held receipts[] = {receipt(contract, 2, 1, 7), receipt(contract, 2, 2, 5),
                                    receipt(contract, 1, 1, 9), receipt(contract, 3, 1, 4)};
    struct held older = receipts[0], found[MAX];

    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(maker->held_put(contract->store, &receipts[i]), S_OK);
    }
    older.seq = 6;
    assert_int_equal(maker->held_put(contract->store, &older), S_OK);
    begin(contract);
    const struct view *view = &contract->view;
    assert_int_equal(view->ops->held_scan(view->ctx, &federation->nodes[2].node, MAX, found), 2);
    size_t first = found[0].seq == 7 ? 0 : 1;
    assert_int_equal(found[first].seq, 7);
    assert_int_equal(found[first].at_ms, 1007);
    assert_true(id_equal(&found[first].holder, &federation->nodes[0].node));
    assert_int_equal(found[1 - first].seq, 5);
    assert_int_equal(view->ops->held_scan(view->ctx, &federation->nodes[1].node, MAX, found), 3);
    assert_int_equal(view->ops->held_scan(view->ctx, &federation->nodes[1].node, 2, found), 2);
    assert_int_equal(view->ops->held_scan(view->ctx, &federation->nodes[3].node, MAX, found), 1);
    end(contract);
}

/* Two hubs: whoever is below one of them is to hear what the other holds, or it adopts nothing and keeps its keys. */
static void a_hub_passes_down_what_another_holds(void **state)
{
    struct contract *contract = *state;
    const struct federation *federation = contract->federation;
    struct held held = receipt(contract, 2, 1, 7), found[2];
    void *hub = maker->make(&federation->id, &federation->nodes[0].node);

    held.holder = federation->nodes[3].node;
    assert_int_equal(maker->held_put(hub, &held), S_OK);
    struct view view = maker->view_begin(hub, contract->roster);
    assert_int_equal(view.ops->held_scan(view.ctx, &federation->nodes[2].node, 2, found), 1);
    assert_true(id_equal(&found[0].holder, &federation->nodes[3].node));
    assert_int_equal(found[0].seq, 7);
    maker->view_end(hub);
    maker->release(hub);
}

int view_contract_run(const char *name, const struct view_maker *given)
{
#define CONTRACT_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        CONTRACT_TEST(an_empty_store_shows_nothing),
        CONTRACT_TEST(what_is_staged_is_not_shown_before_its_certificate),
        CONTRACT_TEST(a_delta_replaces_what_changed),
        CONTRACT_TEST(a_key_may_come_twice_in_one_delta),
        CONTRACT_TEST(batches_out_of_turn_are_stale),
        CONTRACT_TEST(a_state_that_is_not_the_certified_one_is_refused_whole),
        CONTRACT_TEST(what_is_staged_can_be_dropped),
        CONTRACT_TEST(keys_and_values_of_any_bytes_come_back),
        CONTRACT_TEST(a_scan_stops_at_its_maximum_and_at_the_end_of_the_arena),
        CONTRACT_TEST(streams_come_in_their_order),
        CONTRACT_TEST(the_generation_changes_with_every_write),
        CONTRACT_TEST(receipts_go_to_the_node_they_concern_and_to_those_above),
        CONTRACT_TEST(a_hub_passes_down_what_another_holds),
    };

    maker = given;
    return _cmocka_run_group_tests(name, tests, sizeof tests / sizeof *tests, NULL, NULL);
}
