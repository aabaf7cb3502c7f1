#include "node/store/disk/scour.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "node/store/connection.h"
#include "node/store/engine.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"

enum { SECRETS = 40, SECRET_SIZE = 9000 };

static enum status secrets_put(struct db *db, void *arg)
{
    static uint8_t secret[SECRET_SIZE];
    enum status status = S_OK;
    char name[32];

    (void)arg;
    for (size_t i = 0; i + 8 <= SECRET_SIZE; i += 8) {
        memcpy(secret + i, "a secret", 8);
    }
    for (int i = 0; i < SECRETS && status == S_OK; i++) {
        snprintf(name, sizeof name, "secret %d", i);
        status = property_put(db, name, bytes_of(secret, sizeof secret));
    }
    return status;
}

/* As other jobs delete: without overwriting. */
static enum status secrets_drop(struct db *db, void *arg)
{
    enum status status = S_OK;
    char name[32];

    (void)arg;
    for (int i = 0; i < SECRETS && status == S_OK; i++) {
        struct statement *drop = db_statement(db, STATEMENT_property_drop);
        snprintf(name, sizeof name, "secret %d", i);
        statement_bind_string(drop, 1, name);
        status = statement_run(drop);
    }
    return status;
}

static bool file_holds(const char *dir, const char *name)
{
    char path[320];
    struct stat info;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *in = fopen(path, "rb");
    if (!in || fstat(fileno(in), &info) != 0) {
        return false;
    }
    const size_t size = (size_t)info.st_size;
    char *data = malloc(size + 1);
    assert_int_equal(fread(data, 1, size, in), size);
    const bool holds = memmem(data, size, "a secret", 8) != NULL;
    free(data);
    fclose(in);
    return holds;
}

static bool is_held(const struct kit_store *kit)
{
    return file_holds(kit->dir, "qanat.db") || file_holds(kit->dir, "qanat.db-wal");
}

static void what_was_deleted_is_in_no_file_afterwards(void **state)
{
    struct kit_store kit;
    (void)state;

    kit_store_open(&kit);
    for (int round = 0; round < 3; round++) { /* built anew at first, then the free pages alone */
        assert_int_equal(store_write_wait(kit.store, secrets_put, NULL), S_OK);
        kit_store_reopen(&kit);
        assert_int_equal(store_write_wait(kit.store, secrets_drop, NULL), S_OK);
        assert_true(is_held(&kit));
        assert_int_equal(store_scour(kit.store), S_OK);
        assert_false(is_held(&kit));
    }
    struct db *db = store_read_begin(kit.store);
    assert_true(db_query_is_ok(db, "PRAGMA integrity_check"));
    store_read_end(kit.store, db);
    kit_store_close(&kit);
}

static void nothing_is_lost_beside_it(void **state)
{
    struct kit_store kit;
    uint8_t found[SECRET_SIZE];
    (void)state;

    kit_store_open(&kit);
    assert_int_equal(store_write_wait(kit.store, secrets_put, NULL), S_OK);
    assert_int_equal(store_scour(kit.store), S_OK);
    assert_int_equal(store_scour(kit.store), S_OK);
    kit_store_reopen(&kit);
    struct db *db = store_read_begin(kit.store);
    assert_true(property_get(db, "secret 7", found, sizeof found));
    assert_memory_equal(found, "a secret", 8);
    store_read_end(kit.store, db);
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_deleted_is_in_no_file_afterwards),
        cmocka_unit_test(nothing_is_lost_beside_it),
    };
    return KIT_RUN(tests);
}
