#include "replication/peer/activity.h"
#include "replication/trust/rekey.h"
#include "tests/kit/kit.h"
#include "tests/replication/peer/duet.h"

#include <string.h>

static struct held receipt_of(struct duet *duet, uint64_t seq)
{
    return (struct held){duet_stream(duet, 1, TOPIC_RESULTS), seq, 1234, duet->federation->nodes[3].node};
}

static void equal_digests_are_a_receipt_without_a_word(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    duet_write(duet, 1, TOPIC_RESULTS, "r", 1);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 60000);
    const char *transcript = duet_transcript(duet);
    assert_non_null(strstr(transcript, "campus learns that f89d holds results/18ff to 1"));
    assert_null(strstr(transcript, "says held"));
    duet_free(duet);
}

/* What was said may not have been stored (a full disk): then the session is opened once more (node/link/session.c), and says it again. */
static void equal_digests_are_a_receipt_in_each_opening(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    duet_write(duet, 1, TOPIC_RESULTS, "r", 1);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 60000);
    assert_non_null(strstr(duet_transcript(duet), "campus learns that f89d holds results/18ff to 1"));
    duet_changed(duet, 1);
    duet_run(duet, duet->now_ms + 60000);
    assert_null(strstr(duet_transcript(duet), "learns"));
    duet_step(duet, 1, &(struct peer_event){.kind = EVENT_CLOSED});
    duet_step(duet, 1, &(struct peer_event){.kind = EVENT_OPEN});
    duet_run(duet, duet->now_ms + 60000);
    assert_non_null(strstr(duet_transcript(duet), "campus learns that f89d holds results/18ff to 1"));
    assert_true(duet_is_in_step(duet));
    duet_free(duet);
}

/* Two hubs: what is below one of them dials that, and is to hear what the other holds of it, too. */
static void what_another_hub_holds_of_those_below_is_known(void **state)
{
    struct duet *duet = duet_new_siblings();
    const struct stream_id below = {duet->federation->nodes[2].node, {{7}}, TOPIC_RESULTS};
    struct view views[2];
    (void)state;

    duet_write_stream(duet, duet->players[1].store, &below, &duet->federation->nodes[2], "r", 1);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 60000);
    assert_true(duet_is_in_step(duet));
    for (int i = 0; i < 2; i++) {
        views[i] = memory_store_view(duet->players[i].store, duet->roster, &duet->players[i].living);
    }
    assert_int_equal(views[1].ops->held_seq(views[1].ctx, &below, &duet->federation->nodes[0].node), 1);
    assert_int_equal(views[0].ops->held_seq(views[0].ctx, &below, &duet->federation->nodes[1].node), 0); /* nobody below it asks */
    duet_free(duet);
}

static void results_forget(struct duet *duet)
{
    const struct stream_id results = duet_stream(duet, 1, TOPIC_RESULTS);

    for (int i = 0; i < 2; i++) {
        memory_store_forget(duet->players[i].store, &results);
        memory_store_flush(duet->players[i].store);
        duet_changed(duet, i);
    }
    duet_run(duet, duet->now_ms + 60000);
}

/* Counted in a later stream it was dropped with its receipts; then that was taken back (stream/adoption.h), and it counts for itself again. */
static void what_was_compared_no_more_for_a_while_is_told_again_in_the_same_session(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    duet_write(duet, 1, TOPIC_CATALOGUE, "c", 1);
    duet_write(duet, 1, TOPIC_RESULTS, "r", 1);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 60000);
    assert_non_null(strstr(duet_transcript(duet), "campus learns that f89d holds results/18ff to 1"));
    results_forget(duet);
    assert_true(duet_is_in_step(duet));
    duet_transcript(duet);
    duet_write(duet, 1, TOPIC_RESULTS, "r", 1);
    duet_changed(duet, 1);
    duet_run(duet, duet->now_ms + 60000);
    const char *transcript = duet_transcript(duet);
    assert_non_null(strstr(transcript, "campus learns that f89d holds results/18ff to 1"));
    assert_null(strstr(transcript, "holds catalogue")); /* that was there all the while */
    duet_free(duet);
}

/* Only the first batch comes through. */
static bool later_batches_are_lost(struct duet *duet, struct duet_frame *frame)
{
    return !message_is_bulk(frame->data[1]) || duet->players[1].frames <= *(size_t *)duet->filter_ctx;
}

static void what_is_durable_is_told_when_equal_digests_are_far_off(void **state)
{
    struct duet *duet = duet_new();
    size_t frames = 3; /* HELLO, VECTOR, the batch of results */
    (void)state;

    duet->filter = later_batches_are_lost;
    duet->filter_ctx = &frames;
    duet_write(duet, 1, TOPIC_RESULTS, "r", 1);
    duet_write(duet, 1, TOPIC_CATALOGUE, "c", 1);
    duet_open(duet);
    duet_run(duet, duet->now_ms + RECEIPTS_MS - 1000);
    assert_int_equal(duet->players[0].kinds[EFFECT_APPLY], 1);
    assert_int_equal(duet->players[1].kinds[EFFECT_HELD], 0);
    duet_run(duet, duet->now_ms + 2000);
    const char *transcript = duet_transcript(duet);
    assert_non_null(strstr(transcript, "hub says held results/18ff to 1 by f89d"));
    assert_non_null(strstr(transcript, "campus learns that f89d holds results/18ff to 1"));
    duet_free(duet);
}

/* The campus's result is at the hub, and both are in step; what another hub holds of it, for the hub to hear. */
static struct held receipt_beside(struct duet *duet)
{
    struct held held = receipt_of(duet, 1);

    duet_write(duet, 1, TOPIC_RESULTS, "r", 1);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 60000);
    return held;
}

/* What another hub holds of a campus goes down one step at a time. */
static void a_receipt_of_the_hub_is_passed_down_once(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    struct held held = receipt_beside(duet);
    duet_transcript(duet);
    memory_store_held_put(duet->players[0].store, &held);
    duet_changed(duet, 0);
    duet_run(duet, duet->now_ms + 60000);
    assert_non_null(strstr(duet_transcript(duet), "hub says held results/18ff to 1 by"));
    duet_changed(duet, 0);
    duet_run(duet, duet->now_ms + 60000);
    assert_null(strstr(duet_transcript(duet), "says held"));
    duet_free(duet);
}

/* Known receipts are not told again in the next session: nothing changed is one greeting each. */
static void a_known_receipt_is_not_passed_down_again(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    struct held held = receipt_of(duet, 1);
    duet_write(duet, 1, TOPIC_RESULTS, "r", 1);
    memory_store_held_put(duet->players[0].store, &held);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 60000);
    size_t frames = duet->players[0].frames + duet->players[1].frames;
    duet_open(duet);
    duet_run(duet, duet->now_ms + 60000);
    assert_int_equal(duet->players[0].frames + duet->players[1].frames, frames + 2);
    duet_free(duet);
}

/* The other's want stands open and no credit is left: news waits behind it, and so does what others hold. A receipt of another hub says that all was
 * given back to whoever forgot (push.c), so whatever came before it goes down before it. */
static void a_receipt_waits_for_news_that_is_untold(void **state)
{
    struct duet *duet = duet_new();
    struct want want = {duet_stream(duet, 0, TOPIC_CATALOGUE), 0};
    struct message message = {.type = MESSAGE_WANT, .want = {.wants = &want, .count = 1, .credit = 0}};
    struct buffer frame;
    (void)state;

    struct held held = receipt_of(duet, 1);
    buffer_init(&frame);
    assert_int_equal(message_encode(&message, &frame), S_OK);
    duet_write(duet, 0, TOPIC_CATALOGUE, "c", 1);
    duet_write(duet, 1, TOPIC_RESULTS, "r", 1);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 60000);
    duet_step(duet, 0, &(struct peer_event){.kind = EVENT_FRAME, .frame = buffer_bytes(&frame)});
    duet_run(duet, duet->now_ms + 60000);
    assert_true(duet_is_in_step(duet) && push_is_busy(duet->players[0].peer));
    duet_write(duet, 0, TOPIC_CATALOGUE, "c", 2);
    memory_store_held_put(duet->players[0].store, &held);
    duet_transcript(duet);
    duet_changed(duet, 0);
    duet_run(duet, duet->now_ms + 60000);
    assert_true(duet_is_in_step(duet));
    assert_null(strstr(duet_transcript(duet), "says held"));
    duet_write(duet, 1, TOPIC_CATALOGUE, "d", 1); /* the other has something to say: a round, in which it hears the news */
    duet_changed(duet, 1);
    duet_run(duet, duet->now_ms + 60000);
    assert_int_equal(duet_read(duet, 1, 0, TOPIC_CATALOGUE, "c"), 2);
    assert_non_null(strstr(duet_transcript(duet), "hub says held results/18ff to 1 by"));
    buffer_release(&frame);
    duet_free(duet);
}

static void campus_reopens(struct duet *duet)
{
    duet_step(duet, 1, &(struct peer_event){.kind = EVENT_CLOSED});
    duet_step(duet, 1, &(struct peer_event){.kind = EVENT_OPEN});
    duet_run(duet, duet->now_ms + 60000);
}

/* A full disk at the campus refused it: its driver opens the session once more (node/link/session.c), and it is said again, until it is known. */
static void what_was_passed_down_and_not_stored_is_said_in_the_next_opening(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    struct held held = receipt_beside(duet);
    memory_store_held_put(duet->players[0].store, &held);
    duet->players[1].disk = S_NO_SPACE;
    duet_changed(duet, 0);
    duet_run(duet, duet->now_ms + 60000);
    assert_non_null(strstr(duet_transcript(duet), "hub says held results/18ff to 1 by"));
    duet_changed(duet, 0);
    duet_run(duet, duet->now_ms + 60000);
    assert_null(strstr(duet_transcript(duet), "says held")); /* not again and again: nobody opened anything */
    duet->players[1].disk = S_OK;
    campus_reopens(duet);
    assert_non_null(strstr(duet_transcript(duet), "hub says held results/18ff to 1 by"));
    campus_reopens(duet);
    assert_null(strstr(duet_transcript(duet), "says held"));
    assert_true(duet_is_in_step(duet));
    duet_free(duet);
}

static void a_receipt_about_others_from_below_is_not_believed(void **state)
{
    struct duet *duet = duet_new();
    struct held held = receipt_of(duet, 1);
    struct message message = {.type = MESSAGE_HELD, .held = {&held, 1}};
    struct buffer frame;
    (void)state;

    held.stream.node = duet->federation->nodes[0].node;
    buffer_init(&frame);
    assert_int_equal(message_encode(&message, &frame), S_OK);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 1000);
    duet_step(duet, 0, &(struct peer_event){.kind = EVENT_FRAME, .frame = buffer_bytes(&frame)});
    assert_int_equal(duet->players[0].kinds[EFFECT_HELD], 0);
    buffer_release(&frame);
    duet_free(duet);
}

/* --- what a former hub says ------------------------------------------------------------------------------- */

static void statement_take(struct duet *duet, enum status status, struct buffer *statement)
{
    assert_int_equal(status, S_OK);
    assert_int_equal(roster_add(duet->roster, buffer_bytes(statement), NULL), S_OK);
    buffer_release(statement);
}

/* The authority admits `who`, `parent` below which, at that time. */
static void admit_at(struct duet *duet, int who, int parent, enum node_kind kind, uint64_t at_ms)
{
    struct roster_node node = federation_node(duet->federation, who, parent, kind);
    struct buffer statement;

    node.admitted_ms = at_ms;
    memset(node.consent, 0, sizeof node.consent);
    buffer_init(&statement);
    federation_admit(duet->federation, &node, FEDERATION_AUTHORITY, &statement);
    statement_take(duet, S_OK, &statement);
}

/* Node 3 is a campus below the hub, and its next key is admitted. */
static void change_keys(struct duet *duet)
{
    const struct id *node = &duet->federation->nodes[3].node;
    struct signer by = federation_signer(duet->federation, 3), authority = federation_signer(duet->federation, FEDERATION_AUTHORITY);
    struct rekey_terms terms = {.node = *node, .turn = 1, .next = &duet->federation->nodes[9], .at_ms = 5000};
    struct statement asked;
    struct buffer rekey, grant;

    admit_at(duet, 3, 0, NODE_CAMPUS, 4000);
    buffer_init(&rekey), buffer_init(&grant);
    assert_int_equal(statement_rekey(&duet->federation->id, &terms, &by, &rekey), S_OK);
    statement_read(buffer_bytes(&rekey), &asked);
    statement_take(duet, statement_grant(&duet->federation->id, node, &asked.hash, 6000, &authority, &grant), &grant);
    statement_take(duet, S_OK, &rekey);
}

static void other_write(struct duet *duet, int who, enum topic topic)
{
    const struct stream_id stream = {duet->federation->nodes[3].node, {{7}}, topic};

    duet_write_stream(duet, duet->players[who].store, &stream, &duet->federation->nodes[3], "r", 5);
}

/* The campus was a hub, and has results of node 3, which changes its keys: it says so when they are durable at the hub. */
static void a_former_hub_says_when_it_gave_back_all_it_held(void **state)
{
    struct duet *duet = duet_new();
    const struct stream_id given = {duet->federation->nodes[3].node, {{7}}, TOPIC_ROSTER};
    (void)state;

    admit_at(duet, 1, FEDERATION_AUTHORITY, NODE_HUB, 500);
    change_keys(duet);
    other_write(duet, 1, TOPIC_ROSTER), other_write(duet, 0, TOPIC_ROSTER);
    other_write(duet, 1, TOPIC_RESULTS);
    duet->players[0].disk = S_NO_SPACE;
    duet_open(duet);
    duet_run(duet, duet->now_ms + 30000);
    assert_null(strstr(duet_transcript(duet), "campus says held"));
    duet->players[0].disk = S_OK;
    duet_open(duet);
    duet_run(duet, duet->now_ms + 30000);
    duet_changed(duet, 1); /* the receipt is stored */
    duet_run(duet, duet->now_ms + 30000);
    const char *transcript = duet_transcript(duet);
    const char *applied = strstr(transcript, "hub applies results/"), *said = strstr(transcript, "campus says held roster/");
    assert_true(applied && said && applied < said);
    struct view view = memory_store_view(duet->players[0].store, duet->roster, &duet->players[0].living);
    assert_true(view.ops->held_seq(view.ctx, &given, &duet->players[1].identity->node) == 1);
    duet_changed(duet, 1);
    duet_run(duet, duet->now_ms + 60000);
    assert_null(strstr(duet_transcript(duet), "says held")); /* once */
    assert_true(duet_is_in_step(duet));
    duet_free(duet);
}

/* Neither one that was none, nor of a node that keeps its keys, nor of one whose change is closed. */
static bool is_said(bool was_hub, bool has_changed, bool is_closed)
{
    struct duet *duet = duet_new();
    struct signer signer = {.node = duet->federation->nodes[3].node};
    struct close_terms terms = {.node = signer.node, .turn = 1, .has_kept = true, .at_ms = 7000};
    struct buffer closing;

    admit_at(duet, 1, FEDERATION_AUTHORITY, was_hub ? NODE_HUB : NODE_TRAINING, 500);
    admit_at(duet, 3, 0, NODE_CAMPUS, 4000);
    if (has_changed) {
        change_keys(duet);
    }
    other_write(duet, 1, TOPIC_ROSTER), other_write(duet, 0, TOPIC_ROSTER);
    if (is_closed) {
        memcpy(signer.sign_secret, duet->federation->nodes[9].sign_secret, sizeof signer.sign_secret);
        buffer_init(&closing);
        statement_take(duet, statement_close(&duet->federation->id, &terms, &signer, &closing), &closing);
    }
    duet_open(duet);
    duet_run(duet, duet->now_ms + 60000);
    bool is_it = strstr(duet_transcript(duet), "says held") != NULL;
    duet_free(duet);
    return is_it;
}

static void nobody_else_says_so_and_of_nobody_else(void **state)
{
    (void)state;
    assert_true(is_said(true, true, false));
    assert_false(is_said(false, true, false));
    assert_false(is_said(true, false, false));
    assert_false(is_said(true, true, true));
}

/* Node 3 says that it holds the campus's roster stream, which the hub heard of. */
static bool is_former_passed(bool was_hub)
{
    struct duet *duet = duet_new();
    struct held held = {duet_stream(duet, 1, TOPIC_ROSTER), 1, 1234, duet->federation->nodes[3].node};

    if (was_hub) { /* it is one at first */
        admit_at(duet, 3, 0, NODE_CAMPUS, 4000);
    }
    duet_write(duet, 1, TOPIC_ROSTER, "r", 1);
    memory_store_held_put(duet->players[0].store, &held);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 60000);
    struct view view = memory_store_view(duet->players[1].store, duet->roster, &duet->players[1].living);
    bool is_it = view.ops->held_seq(view.ctx, &held.stream, &held.holder) == 1;
    assert_int_equal(is_it, strstr(duet_transcript(duet), "hub says held roster/") != NULL);
    campus_reopens(duet);
    assert_null(strstr(duet_transcript(duet), "says held")); /* it is known */
    duet_free(duet);
    return is_it;
}

static void what_a_former_hub_says_is_passed_down(void **state)
{
    (void)state;
    assert_true(is_former_passed(true));
    assert_false(is_former_passed(false));
}

/* Of somebody who was no hub, about somebody else, nothing is kept. */
static void the_same_word_of_a_stranger_is_not_kept(void **state)
{
    struct duet *duet = duet_new();
    struct held held = {{duet->federation->nodes[3].node, {{7}}, TOPIC_ROSTER}, 1, 1234, duet->federation->nodes[1].node};
    struct message message = {.type = MESSAGE_HELD, .held = {&held, 1}};
    struct buffer frame;
    (void)state;

    buffer_init(&frame);
    assert_int_equal(message_encode(&message, &frame), S_OK);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 1000);
    duet_step(duet, 0, &(struct peer_event){.kind = EVENT_FRAME, .frame = buffer_bytes(&frame)});
    assert_int_equal(duet->players[0].kinds[EFFECT_HELD], 0);
    admit_at(duet, 1, FEDERATION_AUTHORITY, NODE_HUB, 500); /* it was one */
    duet_step(duet, 0, &(struct peer_event){.kind = EVENT_FRAME, .frame = buffer_bytes(&frame)});
    assert_int_equal(duet->players[0].kinds[EFFECT_HELD], 1);
    buffer_release(&frame);
    duet_free(duet);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_digests_are_a_receipt_without_a_word),
        cmocka_unit_test(equal_digests_are_a_receipt_in_each_opening),
        cmocka_unit_test(what_another_hub_holds_of_those_below_is_known),
        cmocka_unit_test(what_was_compared_no_more_for_a_while_is_told_again_in_the_same_session),
        cmocka_unit_test(what_is_durable_is_told_when_equal_digests_are_far_off),
        cmocka_unit_test(a_receipt_of_the_hub_is_passed_down_once),
        cmocka_unit_test(a_known_receipt_is_not_passed_down_again),
        cmocka_unit_test(a_receipt_waits_for_news_that_is_untold),
        cmocka_unit_test(what_was_passed_down_and_not_stored_is_said_in_the_next_opening),
        cmocka_unit_test(a_receipt_about_others_from_below_is_not_believed),
        cmocka_unit_test(a_former_hub_says_when_it_gave_back_all_it_held),
        cmocka_unit_test(nobody_else_says_so_and_of_nobody_else),
        cmocka_unit_test(what_a_former_hub_says_is_passed_down),
        cmocka_unit_test(the_same_word_of_a_stranger_is_not_kept),
    };
    return KIT_RUN(tests);
}
