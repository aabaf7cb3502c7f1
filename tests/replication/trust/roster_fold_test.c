#include "replication/trust/roster_fold.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replication/base/field.h"
#include "replication/trust/identity.h"
#include "tests/kit/kit.h"

/* Entries without signatures: the fold is told that they hold. Node `i` has the key (i + 1, 0, ...). */

static void key_of(uint32_t i, uint8_t key[SIGN_PUBLIC_SIZE])
{
    memset(key, 0, SIGN_PUBLIC_SIZE);
    i++;
    memcpy(key, &i, sizeof i);
}

static struct id node_of(uint32_t i)
{
    uint8_t key[SIGN_PUBLIC_SIZE];

    key_of(i, key);
    return identity_node(key);
}

static void body_write(uint32_t i, uint32_t parent, enum node_kind kind, struct buffer *body)
{
    uint8_t key[SIGN_PUBLIC_SIZE];
    char name[32];
    struct id node = node_of(i), parent_id = node_of(parent);

    key_of(i, key);
    snprintf(name, sizeof name, "n%u", i);
    field_append_bytes(body, 1, bytes_of("0123456789abcdef", 16));
    field_append_bytes(body, 2, bytes_of(key, sizeof key));
    field_append_number(body, 3, STATEMENT_ADMIT);
    field_append_bytes(body, 4, bytes_of(node.b, sizeof node.b));
    if (parent != i) {
        field_append_bytes(body, 6, bytes_of(parent_id.b, sizeof parent_id.b));
    }
    field_append_number(body, 7, kind);
    field_append_bytes(body, 8, bytes_text(name));
    field_append_bytes(body, 11, bytes_of(key, sizeof key));
    field_append_bytes(body, 12, bytes_of(key, sizeof key));
}

/* `parent` == `i`: a root, by the authority. */
static struct roster_entry *entry_make(uint32_t i, uint32_t parent, enum node_kind kind)
{
    static const uint8_t signature[SIGNATURE_SIZE];
    struct buffer body, raw;

    buffer_init(&body);
    buffer_init(&raw);
    body_write(i, parent, kind, &body);
    field_append_bytes(&raw, 1, buffer_bytes(&body));
    field_append_bytes(&raw, 2, bytes_of(signature, sizeof signature));
    struct roster_entry *entry = calloc(1, sizeof *entry + raw.size);
    assert_non_null(entry);
    entry->kind = STATEMENT_ADMIT;
    entry->node_kind = kind;
    entry->by_authority = parent == i;
    entry->node = node_of(i);
    if (parent != i) {
        entry->parent = entry->signer = node_of(parent);
    }
    entry->hash = hash_of(bytes_of(NULL, 0), buffer_bytes(&body));
    entry->size = raw.size;
    memcpy(entry->raw, raw.data, raw.size);
    buffer_release(&body);
    buffer_release(&raw);
    return entry;
}

static void entries_free(struct roster_entry **entries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(entries[i]);
    }
    free(entries);
}

static void nothing_folds_to_nothing(void **state)
{
    struct roster_fold fold = {0};
    (void)state;

    roster_fold_run(&fold, NULL, 0);
    assert_int_equal(fold.count, 0);
    assert_int_equal(fold.version, 0);
    roster_fold_release(&fold);
}

static void the_greatest_federation_folds(void **state)
{
    struct roster_entry **entries = calloc(NODES_MAX, sizeof *entries);
    struct roster_fold fold = {0};
    (void)state;

    assert_non_null(entries);
    for (uint32_t i = 0; i < NODES_MAX; i++) {
        entries[i] = entry_make(i, i == 0 ? 0 : (i - 1) / 16, i == 0 ? NODE_HUB : NODE_NATIONAL);
    }
    roster_fold_run(&fold, entries, NODES_MAX);
    assert_int_equal(fold.count, NODES_MAX);
    for (size_t i = 1; i < fold.count; i++) {
        assert_true(id_compare(&fold.members[i - 1].node, &fold.members[i].node) < 0);
    }
    uint64_t version = fold.version;
    roster_fold_run(&fold, entries, NODES_MAX);
    assert_int_equal(fold.version, version);
    roster_fold_release(&fold);
    entries_free(entries, NODES_MAX);
}

static void a_chain_without_a_root_has_no_members(void **state)
{
    enum { COUNT = 1000 };
    struct roster_entry **entries = calloc(COUNT, sizeof *entries);
    struct roster_fold fold = {0};
    (void)state;

    assert_non_null(entries);
    for (uint32_t i = 0; i < COUNT; i++) {
        entries[i] = entry_make(i, (i + 1) % COUNT, NODE_NATIONAL);
    }
    roster_fold_run(&fold, entries, COUNT);
    assert_int_equal(fold.count, 0);
    assert_int_equal(fold.version, 0);
    roster_fold_release(&fold);
    entries_free(entries, COUNT);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_folds_to_nothing),
        cmocka_unit_test(the_greatest_federation_folds),
        cmocka_unit_test(a_chain_without_a_root_has_no_members),
    };
    return KIT_RUN(tests);
}
