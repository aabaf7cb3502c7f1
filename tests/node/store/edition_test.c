#include "node/store/edition.h"

#include <string.h>

#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"

struct version {
    const char *lang, *version;
    int is_current;
};

static enum status version_put(struct db *db, void *arg)
{
    const struct version *version = arg;
    struct statement *insert = db_statement(db, STATEMENT_course_insert);

    statement_bind_string(insert, 1, "dmu");
    statement_bind_string(insert, 2, version->lang);
    statement_bind_string(insert, 3, version->version);
    for (int i = 4; i <= 23; i++) {
        bool is_text = i == 5 || i == 6 || i == 7 || i == 16 || i == 18, is_blob = i == 4 || i == 9;
        if (is_text) {
            statement_bind_string(insert, i, "");
        } else if (is_blob) {
            statement_bind_blob(insert, i, bytes_of("x", 1));
        } else {
            statement_bind_int(insert, i, i == 19 ? version->is_current : 0);
        }
    }
    return statement_run(insert);
}

static struct edition find(struct kit_store *kit, const char *course, const char *lang)
{
    struct db *db = store_read_begin(kit->store);
    struct edition edition;

    edition_find(db, bytes_text(course), bytes_text(lang), &edition);
    store_read_end(kit->store, db);
    return edition;
}

static void the_current_version_is_the_edition_when_there_is_one(void **state)
{
    struct version old = {"ar", "1", 0}, arabic = {"ar", "2", 1}, french = {"fr", "1", 1};
    struct kit_store kit;
    (void)state;

    kit_store_open(&kit);
    assert_false(find(&kit, "dmu", "").is_known);
    assert_int_equal(store_write_wait(kit.store, version_put, &old), S_OK);
    assert_true(find(&kit, "dmu", "").is_known);
    assert_string_equal(find(&kit, "dmu", "").lang, "");
    assert_int_equal(store_write_wait(kit.store, version_put, &arabic), S_OK);
    assert_string_equal(find(&kit, "dmu", "").lang, "ar");
    assert_string_equal(find(&kit, "dmu", "").version, "2");
    assert_int_equal(store_write_wait(kit.store, version_put, &french), S_OK);
    assert_string_equal(find(&kit, "dmu", "").lang, ""); /* which of the two, nobody said */
    assert_true(find(&kit, "dmu", "").is_known);
    assert_string_equal(find(&kit, "dmu", "fr").version, "1");
    assert_string_equal(find(&kit, "dmu", "en").version, "");
    assert_false(find(&kit, "other", "").is_known);
    kit_store_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_current_version_is_the_edition_when_there_is_one),
    };
    return KIT_RUN(tests);
}
