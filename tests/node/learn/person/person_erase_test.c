/* Somebody is erased: the log names them no more, and no byte of theirs is left in the files of the database. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/learn/person/person.h"
#include "node/store/operation/act.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"

static void people_import(struct kit_store *kit, const char *text)
{
    struct report report = {.status = S_OK};
    struct person_outcome outcome;
    FILE *in = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    const struct person_import import = {.store = kit->store, .in = in, .now_ms = 1760000000000};

    person_outcome_init(&outcome);
    assert_int_equal(person_import(&import, &outcome, &report), S_OK);
    person_outcome_release(&outcome);
    fclose(in);
}

/* Many people, so that pages split and rows move, changed in between. */
static void many_import(struct kit_store *kit, int round)
{
    enum { PEOPLE = 2000 };
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    fputs("id,name\n", out);
    for (int i = 0; i < PEOPLE; i++) {
        fprintf(out, "p%05d,Person number %d of round %.*s%d\n", i * 7919 % 100000, i, round * 9, "##################", round);
    }
    fclose(out);
    people_import(kit, text);
    free(text);
}

static enum status act_note(struct db *db, void *arg)
{
    return act_add(db, arg);
}

static bool file_holds(const char *dir, const char *name, const char *words[])
{
    char path[320];
    bool holds = false;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *in = fopen(path, "rb");
    if (!in) {
        return false;
    }
    assert_int_equal(fseek(in, 0, SEEK_END), 0);
    const size_t size = (size_t)ftell(in);
    char *data = malloc(size + 1);
    rewind(in);
    assert_int_equal(fread(data, 1, size, in), size);
    for (; *words; words++) {
        holds = holds || memmem(data, size, *words, strlen(*words));
    }
    free(data);
    fclose(in);
    return holds;
}

static bool are_held(const struct kit_store *kit)
{
    static const char *words[] = {"zq7-ubay", "ubaydah", "wertzuiop", NULL}; /* ids and names as they are, and folded in the index */

    return file_holds(kit->dir, "qanat.db", words) || file_holds(kit->dir, "qanat.db-wal", words);
}

static void acts_read(struct kit_store *kit, struct act acts[], size_t count)
{
    struct db *db = store_read_begin(kit->store);
    int64_t before = 0;

    for (size_t i = 0; i < count; i++) {
        assert_true(act_find_before(db, before, &acts[i]));
        before = acts[i].number;
    }
    store_read_end(kit->store, db);
}

static void no_byte_of_somebody_erased_is_left(void **state)
{
    struct act acts[] = {{.who = "", .words = "[\"person\",\"add\",\"--id\",\"zzq7-ubaydah\",\"--name\",\"Old wertzuiop\"]"},
                         {.who = "zzq7-ubaydah", .words = "[\"enrol\",\"--person=zzq7-ubaydah\"]"},
                         {.who = "root", .words = "[\"person\",\"add\",\"--id\",\"zzq7\"]"}};
    struct report report = {.status = S_OK};
    struct kit_store kit;
    int64_t events;
    (void)state;

    kit_store_open(&kit);
    for (int round = 0; round < 2; round++) { /* the second time nothing is built anew */
        people_import(&kit, "id,name\nzzq7-ubaydah,Zubaydah Qwertzuiop\n");
        many_import(&kit, 1 + round);
        people_import(&kit, "id,name\nzzq7-ubaydah,Other Qwertzuiop of a longer name\n");
        many_import(&kit, 0);
        for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
            assert_int_equal(store_write_wait(kit.store, act_note, &acts[i]), S_OK);
        }
        kit_store_reopen(&kit);
        assert_true(are_held(&kit));
        assert_int_equal(person_erase(kit.store, &kit.federation, bytes_text("zzq7-ubaydah"), &events, &report), S_OK);
        assert_false(are_held(&kit));
        many_import(&kit, 2);
        assert_false(are_held(&kit));
        kit_store_reopen(&kit);
        assert_false(are_held(&kit));
    }
    struct act found[3];
    acts_read(&kit, found, 3);
    assert_string_equal(found[0].words, acts[2].words);
    assert_string_equal(found[0].who, "root");
    assert_string_equal(found[1].words, "[\"enrol\",\"(erased)\"]");
    assert_string_equal(found[1].who, "(erased)");
    assert_string_equal(found[2].words, "[\"person\",\"add\",\"(erased)\"]");
    assert_string_equal(found[2].who, "");
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_byte_of_somebody_erased_is_left)};
    return KIT_RUN(tests);
}
