#include "node/cmd/authority_paper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/kit/kit.h"

static char scratch[128], path[160];
static struct id federation = {{1, 2, 3}};

static int setup(void **state)
{
    (void)state;
    kit_scratch_make(scratch, sizeof scratch);
    snprintf(path, sizeof path, "%s/paper", scratch);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_scratch_remove(scratch);
    return 0;
}

static void keys_make(struct authority_keys *keys, size_t count)
{
    struct report report = {0};
    char name[200];

    memset(keys, 0, sizeof *keys);
    for (size_t i = 0; i < count; i++) {
        uint8_t public_key[SIGN_PUBLIC_SIZE], secret[SIGN_SECRET_SIZE];
        snprintf(name, sizeof name, "%s/%zu.key", scratch, i);
        assert_int_equal(authority_key_make(name, public_key, secret, &report), S_OK);
        assert_int_equal(authority_keys_load(keys, name, &report), S_OK);
    }
}

/* A paper with one revocation, signed by the first key; *hash_out is the revocation's. */
static struct paper *paper_make(const struct authority_keys *keys, struct hash *hash_out)
{
    struct paper *paper = paper_new(&federation);
    struct id node = {{9}};
    struct statement statement;
    struct buffer out;

    buffer_init(&out);
    assert_int_equal(statement_revoke(&federation, &node, 5, &(struct revoke_terms){.reason = "test"}, &keys->signers[0], &out), S_OK);
    assert_int_equal(paper_add(paper, buffer_bytes(&out)), S_OK);
    assert_int_equal(paper_add(paper, buffer_bytes(&out)), S_OK);
    assert_int_equal(paper->count, 1);
    statement_read(buffer_bytes(&out), &statement);
    *hash_out = statement.hash;
    buffer_release(&out);
    return paper;
}

static void each_key_signs_once_and_the_file_keeps_it(void **state)
{
    struct authority_keys keys;
    struct paper *paper, *loaded;
    struct report report = {0};
    struct hash hash;
    (void)state;

    keys_make(&keys, 3);
    struct bytes all = bytes_of(keys.public_keys, 3 * SIGN_PUBLIC_SIZE);
    paper = paper_make(&keys, &hash);
    assert_int_equal(paper_signatures(paper, &hash, all), 1);
    assert_int_equal(paper_sign(paper, &keys, 6), S_OK);
    assert_int_equal(paper_sign(paper, &keys, 7), S_OK);
    assert_int_equal(paper->count, 3);
    assert_int_equal(paper_signatures(paper, &hash, all), 3);
    assert_int_equal(paper_save(paper, path, &report), S_OK);
    assert_int_equal(paper_load(path, &loaded, &report), S_OK);
    assert_int_equal(loaded->count, 3);
    assert_true(id_equal(&loaded->federation, &federation));
    assert_int_equal(paper_signatures(loaded, &hash, all), 3);
    paper_free(loaded);
    paper_free(paper);
}

static void load_text(const char *text, enum status status)
{
    struct report report = {0};
    struct paper *paper;
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) != EOF);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(paper_load(path, &paper, &report), status);
    assert_null(paper);
}

static void what_is_no_paper_is_refused(void **state)
{
    struct report report = {0};
    struct paper *paper;
    (void)state;

    assert_int_equal(paper_load(path, &paper, &report), S_NOT_FOUND);
    load_text("", S_INVALID);
    load_text("[]", S_INVALID);
    load_text("{\"authority_paper\":2,\"federation\":\"01020300000000000000000000000000\",\"statements\":[]}", S_INVALID);
    load_text("{\"authority_paper\":1,\"federation\":\"0102\",\"statements\":[]}", S_INVALID);
    load_text("{\"authority_paper\":1,\"federation\":\"01020300000000000000000000000000\",\"statements\":[]}", S_INVALID);
    load_text("{\"authority_paper\":1,\"federation\":\"01020300000000000000000000000000\",\"statements\":[7]}", S_INVALID);
    load_text("{\"authority_paper\":1,\"federation\":\"01020300000000000000000000000000\",\"statements\":[\"abc\"]}", S_INVALID);
    load_text("{\"authority_paper\":1,\"federation\":\"01020300000000000000000000000000\",\"statements\":[\"abcd\"]}", S_INVALID);
}

static void a_changed_byte_or_another_federation_is_refused(void **state)
{
    struct authority_keys keys;
    struct report report = {0};
    struct hash hash;
    struct paper *loaded;
    (void)state;

    keys_make(&keys, 1);
    struct paper *paper = paper_make(&keys, &hash);
    paper->federation.b[0] ^= 1;
    assert_int_equal(paper_save(paper, path, &report), S_OK);
    assert_int_equal(paper_load(path, &loaded, &report), S_INVALID);
    report_clear(&report);
    paper->federation.b[0] ^= 1;
    paper->statements[0].data[60] ^= 1;
    assert_int_equal(paper_save(paper, path, &report), S_OK);
    assert_int_not_equal(paper_load(path, &loaded, &report), S_OK);
    paper_free(paper);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_key_signs_once_and_the_file_keeps_it, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_paper_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_changed_byte_or_another_federation_is_refused, setup, teardown),
    };
    return KIT_RUN(tests);
}
