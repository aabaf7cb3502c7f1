/* A stream of the roster that tells the key with which it is signed. */
#include "replication/trust/key_news.h"

#include <string.h>

#include "replication/trust/rekey.h"
#include "replication/trust/roster_keys.h"
#include "replication/trust/statement.h"
#include "tests/kit/federation.h"
#include "tests/kit/kit.h"

enum { HUB, CENTRE, OTHER, UNKNOWN, CAMPUS, NEW_KEY = 10, NEXT_KEY, STRANGER };

/* What a stream of the centre's roster says, as cells. */
struct told {
    struct federation federation;
    struct roster *roster; /* of somebody who knows the centre's first key */
    struct cell cells[8];
    struct buffer keys[8], values[8];
    size_t count;
    struct key_news news;
};

static int setup(void **state)
{
    struct told *told = test_calloc(1, sizeof *told);

    federation_make(&told->federation, STRANGER + 1);
    told->roster = roster_new(&told->federation.id, told->federation.authority.sign_public);
    federation_enter(&told->federation, told->roster, HUB, FEDERATION_AUTHORITY, NODE_HUB);
    federation_enter(&told->federation, told->roster, CENTRE, HUB, NODE_NATIONAL);
    key_news_init(&told->news);
    *state = told;
    return 0;
}

static int teardown(void **state)
{
    struct told *told = *state;

    for (size_t i = 0; i < told->count; i++) {
        buffer_release(&told->keys[i]);
        buffer_release(&told->values[i]);
    }
    key_news_release(&told->news);
    roster_free(told->roster);
    test_free(told);
    return 0;
}

static void tell(struct told *told, struct buffer *statement)
{
    size_t at = told->count++;

    assert_int_equal(statement_cell_key(buffer_bytes(statement), &told->keys[at]), S_OK);
    cell_value_register(&told->values[at], 1, buffer_bytes(statement));
    told->cells[at] = (struct cell){at + 1, buffer_bytes(&told->keys[at]), buffer_bytes(&told->values[at])};
    buffer_release(statement);
}

/* `signer` says that `who` stands below `parent`. */
static void tell_admission(struct told *told, int who, int parent, int signer, enum node_kind kind)
{
    struct roster_node node = federation_node(&told->federation, who, parent, kind);
    struct buffer statement;

    node.admitted_ms = 5000;
    buffer_init(&statement);
    federation_admit(&told->federation, &node, signer, &statement);
    tell(told, &statement);
}

/* The centre goes from the key of `from` to that of `next`; `granter` admits it. */
static void tell_turn_by(struct told *told, int granter, uint32_t turn, int from, int next)
{
    const struct id *id = &told->federation.nodes[CENTRE].node;
    struct signer by = {.node = *id}, hub = federation_signer(&told->federation, granter);
    struct rekey_terms terms = {
        .node = *id, .turn = turn, .next = &told->federation.nodes[next], .at_ms = 5000 + turn};
    struct statement asked;
    struct buffer statement;

    memcpy(by.sign_secret, told->federation.nodes[from].sign_secret, sizeof by.sign_secret);
    buffer_init(&statement);
    assert_int_equal(statement_rekey(&told->federation.id, &terms, &by, &statement), S_OK);
    statement_read(buffer_bytes(&statement), &asked);
    struct hash hash = asked.hash;
    tell(told, &statement);
    buffer_init(&statement);
    assert_int_equal(statement_grant(&told->federation.id, id, &hash, 6000 + turn, &hub, &statement), S_OK);
    tell(told, &statement);
}

static void tell_turn(struct told *told, uint32_t turn, int from, int next)
{
    tell_turn_by(told, HUB, turn, from, next);
}

static struct stream_id stream_of(const struct told *told, enum topic topic, uint8_t incarnation)
{
    return (struct stream_id){told->federation.nodes[CENTRE].node, {{incarnation}}, topic};
}

static enum status check_of(const struct told *told, enum topic topic, uint8_t incarnation, int key)
{
    struct stream_head head = {
        .stream = stream_of(told, topic, incarnation), .seq = 9, .count = 9, .stamp = 1};
    struct certificate certificate =
        certificate_sign(&told->federation.id, &head, told->federation.nodes[key].sign_secret);

    return key_news_check(&told->news, told->roster, &certificate);
}

static void note(struct told *told, uint8_t incarnation, size_t first, size_t count)
{
    struct stream_id stream = stream_of(told, TOPIC_ROSTER, incarnation);

    key_news_note(&told->news, &stream, told->cells + first, count);
}

static void a_stream_that_tells_of_its_key_is_believed(void **state)
{
    struct told *told = *state;
    uint64_t version = roster_version(told->roster);

    tell_turn(told, 1, CENTRE, NEW_KEY);
    assert_int_equal(check_of(told, TOPIC_ROSTER, 7, CENTRE), S_OK);
    assert_int_equal(check_of(told, TOPIC_ROSTER, 7, NEW_KEY), S_BAD_SIGNATURE);
    note(told, 7, 0, 1);
    assert_int_equal(check_of(told, TOPIC_ROSTER, 7, NEW_KEY), S_BAD_SIGNATURE); /* asked for, not admitted */
    note(told, 7, 0, 2);                                                         /* and again: no harm */
    assert_int_equal(check_of(told, TOPIC_ROSTER, 7, NEW_KEY), S_OK);
    assert_int_equal(check_of(told, TOPIC_ROSTER, 7, STRANGER), S_BAD_SIGNATURE);
    assert_true(roster_version(told->roster) == version);
    assert_int_equal(roster_find(told->roster, &told->federation.nodes[CENTRE].node)->former_count, 0);
}

static void several_turns_follow_each_other(void **state)
{
    struct told *told = *state;

    tell_turn(told, 1, CENTRE, NEW_KEY);
    tell_turn(told, 2, NEW_KEY, NEXT_KEY);
    note(told, 7, 0, 3);
    assert_int_equal(check_of(told, TOPIC_ROSTER, 7, NEXT_KEY), S_BAD_SIGNATURE);
    note(told, 7, 3, 1); /* in the next frame */
    assert_int_equal(check_of(told, TOPIC_ROSTER, 7, NEXT_KEY), S_OK);
}

/* Whoever took another one for it would hold what it cannot prove after a restart. */
static void no_other_stream_is_believed_for_it(void **state)
{
    struct told *told = *state;

    tell_turn(told, 1, CENTRE, NEW_KEY);
    note(told, 7, 0, 2);
    assert_int_equal(check_of(told, TOPIC_RESULTS, 7, NEW_KEY), S_BAD_SIGNATURE);
    assert_int_equal(check_of(told, TOPIC_ROSTER, 8, NEW_KEY), S_BAD_SIGNATURE);
    note(told, 8, 0, 0); /* another one comes between */
    assert_int_equal(check_of(told, TOPIC_ROSTER, 7, NEW_KEY), S_BAD_SIGNATURE);
    note(told, 7, 0, 2);
    key_news_clear(&told->news);
    assert_int_equal(check_of(told, TOPIC_ROSTER, 7, NEW_KEY), S_BAD_SIGNATURE);
}

static void a_grant_without_the_right_to_it_counts_for_nothing(void **state)
{
    struct told *told = *state;
    const struct id *id = &told->federation.nodes[CENTRE].node;
    struct signer stranger = federation_signer(&told->federation, STRANGER);
    struct statement asked;
    struct buffer statement;
    struct bytes content;
    hlc stamp;

    tell_turn(told, 1, CENTRE, NEW_KEY);
    assert_true(cell_value_get_register(told->cells[0].value, &stamp, &content));
    statement_read(content, &asked);
    buffer_init(&statement);
    assert_int_equal(statement_grant(&told->federation.id, id, &asked.hash, 6000, &stranger, &statement),
                     S_OK);
    tell(told, &statement);
    note(told, 7, 0, 1), note(told, 7, 2, 1);
    assert_int_equal(check_of(told, TOPIC_ROSTER, 7, NEW_KEY), S_BAD_SIGNATURE);
}

/* Nobody here has heard of the hub that admitted the key: the stream says what it is (simulator seed 47074604). */
static void a_grant_by_a_hub_that_the_stream_tells_of_counts(void **state)
{
    struct told *told = *state;

    tell_turn_by(told, OTHER, 1, CENTRE, NEW_KEY);
    tell_admission(told, OTHER, FEDERATION_AUTHORITY, FEDERATION_AUTHORITY, NODE_HUB);
    note(told, 7, 0, 2);
    assert_int_equal(check_of(told, TOPIC_ROSTER, 7, NEW_KEY), S_BAD_SIGNATURE);
    note(told, 7, 2, 1);
    assert_int_equal(check_of(told, TOPIC_ROSTER, 7, NEW_KEY), S_OK);
    assert_null(roster_find(told->roster, &told->federation.nodes[OTHER].node));
}

/* Nor of the centre below which the writer stands now, as the stream says. */
static void a_grant_by_a_parent_that_the_stream_tells_of_counts(void **state)
{
    struct told *told = *state;

    tell_admission(told, CENTRE, OTHER, OTHER, NODE_REGIONAL);
    tell_admission(told, OTHER, HUB, HUB, NODE_NATIONAL);
    tell_turn_by(told, OTHER, 1, CENTRE, NEW_KEY);
    note(told, 7, 0, 1);
    note(told, 7, 2, 2);
    assert_int_equal(check_of(told, TOPIC_ROSTER, 7, NEW_KEY), S_BAD_SIGNATURE);
    note(told, 7, 1, 1);
    assert_int_equal(check_of(told, TOPIC_ROSTER, 7, NEW_KEY), S_OK);
}

static void who_says_of_itself_that_it_is_a_hub_has_no_right(void **state)
{
    struct told *told = *state;

    tell_turn_by(told, OTHER, 1, CENTRE, NEW_KEY);
    tell_admission(told, OTHER, FEDERATION_AUTHORITY, OTHER, NODE_HUB);
    note(told, 7, 0, 3);
    assert_int_equal(check_of(told, TOPIC_ROSTER, 7, NEW_KEY), S_BAD_SIGNATURE);
}

/* A cell of that admission again, with other bytes behind it: another statement, as far as anybody looks. */
static void note_again(struct told *told, size_t at, unsigned number)
{
    struct stream_id stream = stream_of(told, TOPIC_ROSTER, 7);
    uint8_t field[] = {0xf8, 0x07, (uint8_t)(0x80 | (number & 0x7f)), (uint8_t)(number >> 7)}; /* 127: a number nobody knows */
    struct buffer statement, value;
    struct bytes content;
    hlc stamp;

    buffer_init(&statement);
    buffer_init(&value);
    assert_true(cell_value_get_register(told->cells[at].value, &stamp, &content));
    buffer_append(&statement, content.data, content.size);
    buffer_append(&statement, field, sizeof field);
    cell_value_register(&value, 1, buffer_bytes(&statement));
    struct cell cell = {1, told->cells[at].key, buffer_bytes(&value)};
    key_news_note(&told->news, &stream, &cell, 1);
    buffer_release(&value);
    buffer_release(&statement);
}

/* There may be thousands of members in a stream of the roster. */
static void admissions_leave_room_for_keys(void **state)
{
    struct told *told = *state;

    tell_admission(told, CAMPUS, HUB, HUB, NODE_CAMPUS);
    tell_admission(told, UNKNOWN, HUB, HUB, NODE_NATIONAL);
    tell_admission(told, OTHER, FEDERATION_AUTHORITY, FEDERATION_AUTHORITY, NODE_HUB);
    tell_turn_by(told, OTHER, 1, CENTRE, NEW_KEY);
    note(told, 7, 0, 1);
    assert_int_equal(told->news.statements.size, 0); /* a campus admits nobody */
    for (unsigned i = 0; i < 1000; i++) {
        note_again(told, 1, i);
    }
    size_t full = told->news.statements.size;
    assert_true(full <= KEY_NEWS_PLACES_MAX && full > KEY_NEWS_PLACES_MAX - STATEMENT_SIZE_MAX);
    note(told, 7, 2, 3);
    assert_true(told->news.statements.size > full);
    assert_int_equal(check_of(told, TOPIC_ROSTER, 7, NEW_KEY), S_OK);
}

static void what_is_noted_is_bounded(void **state)
{
    struct told *told = *state;
    static uint8_t junk[STATEMENT_SIZE_MAX + 1];
    struct stream_id stream = stream_of(told, TOPIC_ROSTER, 7);

    for (unsigned i = 0; i < 2 * KEY_NEWS_MAX / STATEMENT_SIZE_MAX; i++) {
        struct buffer value;
        junk[0] = (uint8_t)i;
        buffer_init(&value);
        cell_value_register(&value, 1, bytes_of(junk, STATEMENT_SIZE_MAX - i % 2));
        struct cell cell = {1, bytes_text("grant\x1fx"), buffer_bytes(&value)};
        key_news_note(&told->news, &stream, &cell, 1);
        buffer_release(&value);
    }
    assert_true(told->news.statements.size <= KEY_NEWS_MAX &&
                told->news.statements.size > KEY_NEWS_MAX - 2 * STATEMENT_SIZE_MAX);
    assert_int_equal(check_of(told, TOPIC_ROSTER, 7, NEW_KEY), S_BAD_SIGNATURE);
    key_news_clear(&told->news);
    struct buffer value, no_statement;
    buffer_init(&value);
    buffer_init(&no_statement);
    cell_value_register(&value, 1, bytes_of(junk, sizeof junk));
    cell_value_register(&no_statement, 1, bytes_text("no statement"));
    struct cell cells[] = {{1, bytes_text("grant\x1fx"), buffer_bytes(&value)},
                           {2, bytes_text("admit\x1fx"), bytes_text("no register")},
                           {3, bytes_text("admit\x1fx"), buffer_bytes(&no_statement)}};
    key_news_note(&told->news, &stream, cells, 3);
    assert_int_equal(told->news.statements.size, 0);
    buffer_release(&no_statement);
    buffer_release(&value);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_stream_that_tells_of_its_key_is_believed, setup, teardown),
        cmocka_unit_test_setup_teardown(several_turns_follow_each_other, setup, teardown),
        cmocka_unit_test_setup_teardown(no_other_stream_is_believed_for_it, setup, teardown),
        cmocka_unit_test_setup_teardown(a_grant_without_the_right_to_it_counts_for_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_grant_by_a_hub_that_the_stream_tells_of_counts, setup, teardown),
        cmocka_unit_test_setup_teardown(a_grant_by_a_parent_that_the_stream_tells_of_counts, setup, teardown),
        cmocka_unit_test_setup_teardown(admissions_leave_room_for_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(who_says_of_itself_that_it_is_a_hub_has_no_right, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_noted_is_bounded, setup, teardown),
    };
    return KIT_RUN(tests);
}
