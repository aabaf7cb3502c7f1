/* roster_add(): the input is a tale of admissions and revocations, four bytes each: who signs, about whom, below whom,
 * when. The fold may not depend on the order in which statements come, nor on statements without effect. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "replication/base/check.h"
#include "replication/trust/roster.h"
#include "tests/kit/federation.h"

const char fuzz_name[] = "roster";

enum { PEOPLE = 8, STATEMENTS_MAX = 24, STEP = 4 };

static const struct federation *federation_shared(void)
{
    static struct federation federation;
    static bool is_made;

    if (!is_made) {
        federation_make(&federation, 5);
        is_made = true;
    }
    return &federation;
}

/* One statement of the tale; false when nobody could write it. */
static bool statement_make(const struct federation *federation, const uint8_t step[STEP], struct buffer *out)
{
    int signer = step[0] % (PEOPLE + 1) - 1, about = step[1] % PEOPLE, parent = step[2] % (PEOPLE + 1) - 1;
    struct signer by = federation_signer(federation, signer);

    buffer_clear(out);
    if (step[0] & 0x80) {
        struct revoke_terms terms = {.reason = "fuzz"};
        return statement_revoke(&federation->id, &federation->nodes[about].node, 1000u + step[3], &terms, &by, out) == S_OK;
    }
    enum node_kind kind = (enum node_kind)(NODE_HUB + (step[1] >> 3) % NODE_CAMPUS);
    struct roster_node node = federation_node(federation, about, parent, kind);
    node.admitted_ms = 1000u + step[3];
    if (step[2] & 0x80) {
        memset(node.consent, 0, sizeof node.consent);
    }
    return statement_admit(&federation->id, &node, &by, out) == S_OK;
}

static struct roster *roster_told(const struct federation *federation, const struct buffer *statements, size_t count, bool is_reversed)
{
    struct roster *roster = roster_new(&federation->id, federation->authority.sign_public);

    for (size_t i = 0; i < count; i++) {
        (void)roster_add(roster, buffer_bytes(&statements[is_reversed ? count - 1 - i : i]), NULL);
        if (is_reversed) {
            (void)roster_count(roster); /* folded in between */
        }
    }
    return roster;
}

static void rosters_compare(const struct roster *left, const struct roster *right)
{
    CHECK(roster_version(left) == roster_version(right));
    CHECK(roster_count(left) == roster_count(right));
    for (size_t i = 0; i < roster_count(left); i++) {
        const struct roster_node *a = roster_at(left, i), *b = roster_at(right, i);
        CHECK(federation_node_equal(a, b));
        CHECK(!roster_is_above(left, &a->node, &a->node));
        for (size_t j = 0; j < roster_count(left); j++) {
            const struct id *holder = &roster_at(left, j)->node;
            CHECK(roster_may_hold(left, holder, &a->node, TOPIC_RESULTS) == roster_may_hold(right, holder, &a->node, TOPIC_RESULTS));
            CHECK(roster_may_hold(left, holder, &a->node, TOPIC_ROSTER) || roster_find(left, holder)->is_revoked);
        }
    }
}

/* The statements in effect alone fold to the same. */
static void effect_check(const struct federation *federation, const struct roster *roster)
{
    struct roster *alone = roster_new(&federation->id, federation->authority.sign_public);

    for (size_t i = 0; i < roster_statement_count(roster); i++) {
        CHECK(roster_add(alone, roster_statement_at(roster, i), NULL) == S_OK);
    }
    rosters_compare(roster, alone);
    roster_free(alone);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct federation *federation = federation_shared();
    struct buffer statements[STATEMENTS_MAX];
    size_t count = 0;

    for (size_t at = 0; at + STEP <= size && count < STATEMENTS_MAX; at += STEP) {
        buffer_init(&statements[count]);
        if (statement_make(federation, data + at, &statements[count])) {
            count++;
        } else {
            buffer_release(&statements[count]);
        }
    }
    struct roster *there = roster_told(federation, statements, count, false);
    struct roster *back = roster_told(federation, statements, count, true);
    rosters_compare(there, back);
    effect_check(federation, there);
    roster_free(there);
    roster_free(back);
    for (size_t i = 0; i < count; i++) {
        buffer_release(&statements[i]);
    }
    return 0;
}
