#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/cmd/command.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_command.h"

static int setup(void **state)
{
    struct kit_command *kit = test_calloc(1, sizeof *kit);

    kit_command_open(kit);
    *state = kit;
    return 0;
}

static int teardown(void **state)
{
    kit_command_close(*state);
    test_free(*state);
    return 0;
}

static void expect(struct kit_command *kit, const char *words, const char *in, int code, const char *said)
{
    kit->in = in;
    kit_command_says(kit, words, code, said);
}

static void people_come_go_out_and_come_back_unchanged(void **state)
{
    static const char csv[] =
        "id,name,gender,role,institution\n1,فاطمة,f,,جامعة\n2,\"O'Neil, Ann\",other,trainer,=cmd()\n";
    struct kit_command *kit = *state;
    char words[512];

    expect(kit, "person import -", csv, EXIT_DONE, "2 added, 0 updated, 0 unchanged, 0 refused");
    snprintf(words, sizeof words, "person export %s/out.csv", kit->scratch);
    expect(kit, words, NULL, EXIT_DONE, "");
    snprintf(words, sizeof words, "person import %s/out.csv", kit->scratch);
    expect(kit, words, NULL, EXIT_DONE, "0 added, 0 updated, 2 unchanged, 0 refused");
    expect(kit, "person export", NULL, EXIT_DONE, "2,\"O'Neil, Ann\",other,trainer,'=cmd(),");
    expect(kit, "person export --json", NULL, EXIT_DONE, "\"people\": [");
    expect(kit, "person export /dev/full", NULL, EXIT_NO_SPACE, "Free some space there");
    snprintf(words, sizeof words, "%s/pipe", kit->scratch);
    assert_int_equal(mkfifo(words, 0600), 0);
    snprintf(words, sizeof words, "person export %s/pipe", kit->scratch);
    expect(kit, words, NULL, EXIT_PROBLEM, "nobody reads from that pipe");
}

/* The pages that hold `text` become such as nobody wrote. */
static void page_spoil(const struct kit_command *kit, const char *text)
{
    enum { PAGE = 4096, DATABASE_MAX = 64 * 1024 * 1024 };
    char path[320], zeros[PAGE / 2] = "";
    char *data = test_malloc(DATABASE_MAX);

    snprintf(path, sizeof path, "%s/qanat.db", kit->dir);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    size_t size = fread(data, 1, DATABASE_MAX, file);
    for (size_t at = 0; at + PAGE <= size; at += PAGE) {
        if (memmem(data + at, PAGE, text, strlen(text))) {
            assert_int_equal(fseek(file, (long)at + PAGE / 4, SEEK_SET), 0);
            assert_int_equal(fwrite(zeros, 1, sizeof zeros, file), sizeof zeros);
        }
    }
    assert_int_equal(fclose(file), 0);
    test_free(data);
}

/* A walk over rows ends at their end, and at a page that cannot be read. */
static void a_list_that_cannot_be_read_to_its_end_is_none(void **state)
{
    struct kit_command *kit = *state;
    char csv[64 * 1024], words[512];
    size_t size = (size_t)snprintf(csv, sizeof csv, "id,name\n");

    for (int i = 0; i < 400; i++) {
        size += (size_t)snprintf(csv + size, sizeof csv - size, "p%03d,A name that takes a good part of a line in a page number %d\n", i, i);
    }
    expect(kit, "person import -", csv, EXIT_DONE, "400 added");
    page_spoil(kit, "in a page number 320");
    expect(kit, "person list --limit 400", NULL, EXIT_PROBLEM, "may be less than there is");
    snprintf(words, sizeof words, "person export %s/part.csv", kit->scratch);
    expect(kit, words, NULL, EXIT_PROBLEM, "part.csv' could not be written whole");
    snprintf(words, sizeof words, "%s/part.csv", kit->scratch);
    assert_int_not_equal(access(words, F_OK), 0);
}

static void faulty_rows_are_shown_with_line_and_advice(void **state)
{
    struct kit_command *kit = *state;

    expect(kit, "person import --dry-run -", "id,name,gender,age\n1,A,woman,7\n2,B,,\n", EXIT_PROBLEM,
           "line 2: gender 'woman'");
    assert_non_null(strstr(kit->err, "the column \"age\" is ignored"));
    assert_non_null(strstr(kit->out, "nothing written; it would be: 1 added"));
    expect(kit, "person import - --json", "id,name,gender\n1,A,woman\n", EXIT_PROBLEM, "\"unknown_gender\"");
    assert_non_null(strstr(kit->out, "\"line\": 2"));
    assert_non_null(strstr(kit->err, "1 row was refused: repair what is named"));
    expect(kit, "person import /nowhere.csv", NULL, EXIT_PROBLEM, "'/nowhere.csv'");
    expect(kit, "person import -", "name\nA\n", EXIT_PROBLEM, "\"id\" is missing");
    expect(kit, "person import", NULL, EXIT_WRONG_USAGE, "");
}

static void one_person_is_added_listed_enrolled_and_erased(void **state)
{
    struct kit_command *kit = *state;

    expect(kit, "person add --id p7 --name 'Amina Sow' --gender female", NULL, EXIT_DONE, "1 added");
    expect(kit, "person add --id p7", NULL, EXIT_WRONG_USAGE, "--name");
    expect(kit, "person add --id p8 --name B --gender woman", NULL, EXIT_PROBLEM, "  gender 'woman'\nqanat person add: it was refused, and nothing changed");
    assert_null(strstr(kit->err, "line")); /* there is no file */
    expect(kit, "person add --id p8 --name B --gender woman --json", NULL, EXIT_PROBLEM, "\"line\": null");
    expect(kit, "person add --id p7 --name 'Amina Sow' --gendre male", NULL, EXIT_WRONG_USAGE, "no option '--gendre'");
    expect(kit, "person add --id p7 --gendre male", NULL, EXIT_WRONG_USAGE, "no option '--gendre'"); /* whatever else is missing */
    expect(kit, "person add --id p7 --name 'Amina Sow' --role trainer", NULL, EXIT_DONE, "1 updated");
    expect(kit, "person export", NULL, EXIT_DONE, "p7,Amina Sow,female,trainer,"); /* what was not said stayed */
    expect(kit, "person list", NULL, EXIT_DONE, "Amina Sow");
    expect(kit, "person list --json", NULL, EXIT_DONE, "\"total\": 1");
    expect(kit, "enrol --person p7 --course dmu --cohort autumn", NULL, EXIT_DONE, "enrolled 'p7' in 'dmu'");
    expect(kit, "enrol --person p7 --course dmu --cohort autumn", NULL, EXIT_DONE, "already");
    expect(kit, "enrol --person p8 --course dmu", NULL, EXIT_PROBLEM, "there is no person 'p8'");
    expect(kit, "enrol --person p7", NULL, EXIT_WRONG_USAGE, "--course");
    expect(kit, "person erase p7", NULL, EXIT_DONE, "1 events stay counted");
    expect(kit, "person erase p7", NULL, EXIT_PROBLEM, "'p7'");
    expect(kit, "stats --format json", NULL, EXIT_DONE, "\"enrolled\": 1");
    assert_non_null(strstr(kit->out, "\"registered\": 0"));
}

static void two_who_are_one_are_merged_and_parted(void **state)
{
    struct kit_command *kit = *state;

    expect(kit, "person import -", "id,name\na1,Amina Sow\na2,A. Sow\nb1,Ben\n", EXIT_DONE, "3 added");
    expect(kit, "person merge a1 a2", NULL, EXIT_DONE, "'a2' means 'a1'");
    expect(kit, "person merge a1 a2", NULL, EXIT_PROBLEM, "already");
    expect(kit, "person merge a1 a1", NULL, EXIT_PROBLEM, "itself");
    expect(kit, "person merge a2 b1", NULL, EXIT_PROBLEM, "merge into 'a1'");
    expect(kit, "person merge b1 a1", NULL, EXIT_PROBLEM, "others were merged");
    expect(kit, "person merge a1 x9", NULL, EXIT_PROBLEM, "'x9'");
    expect(kit, "person list --json", NULL, EXIT_DONE, "\"total\": 2");
    expect(kit, "stats --format json", NULL, EXIT_DONE, "\"registered\": 2");
    expect(kit, "enrol --person a2 --course dmu", NULL, EXIT_DONE, "enrolled");
    expect(kit, "person search a2", NULL, EXIT_DONE, "Amina Sow");
    expect(kit, "person import -", "id,name\na1,Amina Sow\na2,A. Sow\nb1,Ben\n", EXIT_DONE, "3 unchanged");
    expect(kit, "person unmerge a2", NULL, EXIT_DONE, "a person again");
    expect(kit, "person unmerge a2", NULL, EXIT_PROBLEM, "not merged");
    expect(kit, "person list --json", NULL, EXIT_DONE, "\"total\": 3");
    expect(kit, "stats --format json", NULL, EXIT_DONE, "\"registered\": 3");
    expect(kit, "person merge a1 a2", NULL, EXIT_DONE, "");
    expect(kit, "person erase a2", NULL, EXIT_DONE, "erased"); /* one human being: both rows go */
    expect(kit, "person list --json", NULL, EXIT_DONE, "\"total\": 1");
    expect(kit, "stats --format json", NULL, EXIT_DONE, "\"registered\": 1");
}

static void people_are_found_in_any_script(void **state)
{
    struct kit_command *kit = *state;

    expect(kit, "person import -",
           "id,name,institution\n1,فَاطِمَة الزهراء,جامعة\n2,王小明,北京\n3,Zoé Müller,École\n4,Нұрлан "
           "Әбішұлы,Орлеу\n",
           EXIT_DONE, "4 added");
    expect(kit, "person search فاطمه", NULL, EXIT_DONE, "1");
    assert_non_null(strstr(kit->out, "الزهراء"));
    expect(kit, "person search nobody else", NULL, EXIT_DONE, "Nobody here goes by 'nobody else'.");
    expect(kit, "person search 小明", NULL, EXIT_DONE, "王小明");
    expect(kit, "person search mull zoe", NULL, EXIT_DONE, "Zoé");
    expect(kit, "person search нұр --json", NULL, EXIT_DONE, "Әбішұлы");
    expect(kit, "person search nobody --json", NULL, EXIT_DONE, "\"people\": []");
    expect(kit, "person search '\" OR *' --json", NULL, EXIT_DONE, "\"people\": []");
    expect(kit, "person search", NULL, EXIT_WRONG_USAGE, "WORD");
    expect(kit, "person erase 2", NULL, EXIT_DONE, "");
    expect(kit, "person search 小明 --json", NULL, EXIT_DONE, "\"people\": []");
}

static void a_list_has_as_many_rows_as_asked_for(void **state)
{
    struct kit_command *kit = *state;
    char *csv = NULL;
    size_t size;
    FILE *out = open_memstream(&csv, &size);

    fputs("id,name\n", out);
    for (int i = 0; i < 1203; i++) {
        fprintf(out, "p%04d,N\n", i);
    }
    fclose(out);
    expect(kit, "person import -", csv, EXIT_DONE, "1203 added");
    free(csv);
    expect(kit, "person list --limit 1201 --json", NULL, EXIT_DONE, "\"p1200\"");
    json_t *document = json_loads(kit->out, 0, NULL);
    assert_int_equal(json_array_size(json_object_get(document, "people")), 1201);
    json_decref(document);
    expect(kit, "person export", NULL, EXIT_DONE, "p1202,N");
    expect(kit, "person list --limit x", NULL, EXIT_WRONG_USAGE, "--limit");
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(people_come_go_out_and_come_back_unchanged, setup, teardown),
        cmocka_unit_test_setup_teardown(a_list_that_cannot_be_read_to_its_end_is_none, setup, teardown),
        cmocka_unit_test_setup_teardown(faulty_rows_are_shown_with_line_and_advice, setup, teardown),
        cmocka_unit_test_setup_teardown(one_person_is_added_listed_enrolled_and_erased, setup, teardown),
        cmocka_unit_test_setup_teardown(two_who_are_one_are_merged_and_parted, setup, teardown),
        cmocka_unit_test_setup_teardown(people_are_found_in_any_script, setup, teardown),
        cmocka_unit_test_setup_teardown(a_list_has_as_many_rows_as_asked_for, setup, teardown),
    };
    return KIT_RUN(tests);
}
