/* The authority and the roster are functions of the set of statements: any order, any repetition, and what is in effect alone. */
#include "replication/trust/authority.h"

#include <stdlib.h>
#include <string.h>

#include "tests/kit/kit.h"
#include "tests/kit/presidency.h"

/* Members are nodes 0 to 7; the authority's later keys are those of nodes 20 to 25. */
enum { AUTHORITY = FEDERATION_AUTHORITY, A = 20 };

static struct federation fed;
static struct buffer out;

static struct roster *roster_empty(void)
{
    return roster_new(&fed.id, fed.authority.sign_public);
}

enum { STATEMENTS = 120, ROUNDS = 25 };

struct draw {
    struct buffer statements[STATEMENTS];
    struct hash hashes[STATEMENTS];
    struct hash successions[STATEMENTS];
    uint64_t generations[STATEMENTS];
    size_t count, succession_count;
};

/* An AUTHORITY statement after one that was drawn before, keeping some of what there is. */
static void succession_draw(struct kit_random *random, struct draw *draw)
{
    size_t at = (size_t)kit_random_below(random, draw->succession_count);
    struct hash kept[8];
    size_t kept_count = 0;
    int who[3];
    int first = (int)kit_random_below(random, 4);

    for (int i = 0; i < 3; i++) {
        who[i] = A + first + i;
    }
    for (size_t i = 0; i < draw->count && kept_count < 8; i++) {
        bool is_there = false;
        for (size_t k = 0; k < kept_count; k++) {
            is_there |= hash_equal(&kept[k], &draw->hashes[i]);
        }
        if (!is_there && kit_random_below(random, 3) > 0) {
            kept[kept_count++] = draw->hashes[i];
        }
    }
    int signer = draw->generations[at] == 0 ? AUTHORITY : A + (int)kit_random_below(random, 6);
    const struct presidency presidency = {draw->generations[at] + 1, draw->successions[at], 1 + (uint32_t)kit_random_below(random, 2), who, 3, kept,
                                          kept_count, kit_random_below(random, 60)};
    presidency_write(&fed, &presidency, signer, &out);
}

static void cosign_draw(struct kit_random *random, const struct draw *draw, const struct signer *by)
{
    bool is_succession = draw->succession_count > 1 && kit_random_below(random, 4) > 0;
    const struct hash *about = is_succession ? &draw->successions[1 + kit_random_below(random, draw->succession_count - 1)]
                                             : &draw->hashes[kit_random_below(random, draw->count)];

    buffer_clear(&out);
    assert_int_equal(statement_cosign(&fed.id, about, kit_random_below(random, 3), by, &out), S_OK);
}

static void adopt_draw(struct kit_random *random, const struct draw *draw, const struct signer *by)
{
    struct roster_node parent = {.node = fed.nodes[kit_random_below(random, 8)].node};
    struct hash admission = draw->hashes[kit_random_below(random, draw->count)];

    presidency_adopt(&fed, kit_random_below(random, 4) ? &parent : NULL, bytes_of(&admission, sizeof admission),
                     kit_random_below(random, 60), by, &out);
}

static void admission_draw(struct kit_random *random, const struct signer *authority)
{
    int who = (int)kit_random_below(random, 8), signer = (int)kit_random_below(random, 8);
    struct roster_node node = federation_node(&fed, who, signer, NODE_HUB + (enum node_kind)kit_random_below(random, 5));
    struct signer by = *authority;

    node.admitted_ms = kit_random_below(random, 50);
    if (who == signer || kit_random_below(random, 3) == 0) {
        memset(&node.parent, 0, sizeof node.parent);
        memset(node.consent, 0, sizeof node.consent);
    } else {
        by = federation_signer(&fed, signer);
    }
    buffer_clear(&out);
    assert_int_equal(statement_admit(&fed.id, &node, &by, &out), S_OK);
}

static void statement_draw(struct kit_random *random, struct draw *draw)
{
    struct signer by = presidency_signer(&fed, kit_random_below(random, 3) ? A + (int)kit_random_below(random, 6) : AUTHORITY,
                                         kit_random_below(random, 3));
    uint64_t what = draw->count < 6 ? 9 : kit_random_below(random, 10);

    if (what < 2) {
        succession_draw(random, draw);
    } else if (what < 6) {
        cosign_draw(random, draw, &by);
    } else if (what == 6) {
        adopt_draw(random, draw, &by);
    } else if (what == 7) {
        buffer_clear(&out);
        const struct revoke_terms terms = {.reason = "", .has_ends = kit_random_below(random, 2) == 0};
        assert_int_equal(statement_revoke(&fed.id, &fed.nodes[kit_random_below(random, 8)].node, kit_random_below(random, 60), &terms, &by, &out),
                         S_OK);
    } else {
        admission_draw(random, &by);
    }
}

static void draw_keep(struct draw *draw)
{
    struct statement statement;

    statement_read(buffer_bytes(&out), &statement);
    buffer_init(&draw->statements[draw->count]);
    buffer_append(&draw->statements[draw->count], out.data, out.size);
    draw->hashes[draw->count++] = statement.hash;
    if (statement.kind == STATEMENT_AUTHORITY) {
        draw->generations[draw->succession_count] = statement.generation;
        draw->successions[draw->succession_count++] = statement.hash;
    }
}

static void rosters_compare(const struct roster *a, const struct roster *b)
{
    const struct authority *left = roster_authority(a), *right = roster_authority(b);

    assert_int_equal(roster_version(a), roster_version(b));
    assert_int_equal(roster_count(a), roster_count(b));
    for (size_t i = 0; i < roster_count(a); i++) {
        assert_true(federation_node_equal(roster_at(a, i), roster_at(b, i)));
    }
    assert_true(hash_equal(&left->hash, &right->hash));
    assert_int_equal(left->generation, right->generation);
}

static uint64_t generations_seen, members_seen, rivals_seen;

static void check_seed(uint64_t seed)
{
    struct draw *draw = calloc(1, sizeof *draw);
    struct roster *plain = roster_empty(), *shuffled = roster_empty(), *newcomer = roster_empty();
    struct kit_random random;

    assert_non_null(draw);
    kit_random_seed(&random, seed);
    draw->successions[draw->succession_count++] = authority_genesis(fed.authority.sign_public);
    while (draw->count < STATEMENTS) {
        statement_draw(&random, draw);
        draw_keep(draw);
        enum status status = roster_add(plain, buffer_bytes(&draw->statements[draw->count - 1]), NULL);
        assert_true(status == S_OK || status == S_DENIED);
    }
    for (size_t i = STATEMENTS; i > 0; i--) {
        size_t j = (size_t)kit_random_below(&random, i);
        struct buffer swap = draw->statements[i - 1];
        draw->statements[i - 1] = draw->statements[j];
        draw->statements[j] = swap;
        roster_add(shuffled, buffer_bytes(&draw->statements[i - 1]), NULL);
        roster_add(shuffled, buffer_bytes(&draw->statements[i - 1]), NULL);
        if (kit_random_below(&random, 4) == 0) {
            roster_version(shuffled);
        }
    }
    rosters_compare(plain, shuffled);
    assert_int_equal(roster_authority(plain)->rival_count, roster_authority(shuffled)->rival_count);
    for (size_t i = 0; i < roster_statement_count(plain); i++) {
        assert_int_equal(roster_add(newcomer, roster_statement_at(plain, i), NULL), S_OK);
    }
    rosters_compare(plain, newcomer);
    generations_seen += roster_authority(plain)->generation;
    rivals_seen += roster_authority(plain)->rival_count;
    members_seen += roster_count(plain);
    for (size_t i = 0; i < STATEMENTS; i++) {
        buffer_release(&draw->statements[i]);
    }
    roster_free(plain);
    roster_free(shuffled);
    roster_free(newcomer);
    free(draw);
}

static void any_order_gives_the_same_authority_and_roster(void **state)
{
    uint64_t seed = kit_fresh_seed();
    (void)state;

    for (uint64_t round = 0; round < ROUNDS; round++) {
        check_seed(seed + round);
    }
    print_message("# %llu generations, %llu rivals, %llu members in %d rounds\n", (unsigned long long)generations_seen,
                  (unsigned long long)rivals_seen, (unsigned long long)members_seen, ROUNDS);
    assert_true(generations_seen > 0 && members_seen > 0);
}

static int setup(void **state)
{
    (void)state;
    federation_make(&fed, 1);
    buffer_init(&out);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    buffer_release(&out);
    return 0;
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_order_gives_the_same_authority_and_roster),
    };
    kit_setup();
    return cmocka_run_group_tests(tests, setup, teardown);
}
