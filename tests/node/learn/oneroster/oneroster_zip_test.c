/* What a OneRoster archive may be, and what comes out of it. */
#include "node/learn/oneroster/oneroster_zip.h"

#include <archive.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/learn/import/import_members.h"
#include "tests/kit/import.h"

static const char users[] = "sourcedId,givenName,familyName\nu1,A,B\n";

static void text_is(struct oneroster_zip *zip, const char *name, const char *wanted)
{
    char text[256] = "";
    FILE *in = oneroster_zip_find(zip, name);

    assert_non_null(in);
    text[fread(text, 1, sizeof text - 1, in)] = '\0';
    assert_string_equal(text, wanted);
}

/* Opens, and checks that it is refused with `status` and a text that holds `part`; nothing stays in tmp/. */
static void refused(struct kit_import *import, enum status status, const char *part)
{
    struct oneroster_zip *zip;

    report_clear(&import->report);
    assert_int_equal(oneroster_zip_open(import->path, import->node.dir, &zip, &import->report), status);
    assert_null(zip);
    if (!strstr(import->report.text, part)) {
        fail_msg("\"%s\" does not say \"%s\"", import->report.text, part);
    }
    assert_int_equal(kit_count_files(import->node.dir, "tmp"), 0);
}

static void opens(struct kit_import *import, const struct kit_file *files, struct oneroster_zip **zip)
{
    kit_archive_write(import->path, KIT_ZIP, files);
    report_clear(&import->report);
    assert_int_equal(oneroster_zip_open(import->path, import->node.dir, zip, &import->report), S_OK);
    assert_int_equal(kit_count_files(import->node.dir, "tmp"), 0);
}

static void files_stand_at_the_top_or_in_one_folder(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file top[] = {{"users.csv", users}, {"Orgs.CSV", "o"}, {"categories.csv", "c"}, {NULL, NULL}};
    const struct kit_file folder[] = {{"school 2026/", NULL},
                                      {"school 2026/users.csv", users},
                                      {"school 2026/roles.csv", ""},
                                      {"old/roles.csv", "r"},
                                      {"__MACOSX/school 2026/._users.csv", "x"},
                                      {"__MACOSX/users.csv", "x"},
                                      {NULL, NULL}};
    struct oneroster_zip *zip;

    opens(import, top, &zip);
    text_is(zip, "users.csv", users);
    text_is(zip, "users.csv", users); /* from the beginning each time */
    text_is(zip, "orgs.csv", "o");
    assert_null(oneroster_zip_find(zip, "roles.csv"));
    oneroster_zip_close(zip);
    opens(import, folder, &zip);
    text_is(zip, "users.csv", users);
    text_is(zip, "roles.csv", "");
    oneroster_zip_close(zip);
}

static void what_is_no_export_is_called_so(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file none[] = {{"people.csv", users}, {NULL, NULL}};
    const struct kit_file two[] = {{"a/users.csv", users}, {"b/users.csv", users}, {NULL, NULL}};
    const struct kit_file twice[] = {
        {"users.csv", users}, {"roles.csv", "a"}, {"ROLES.csv", "b"}, {NULL, NULL}};
    const struct kit_file climbs[] = {{"../users.csv", users}, {NULL, NULL}};

    refused(import, S_NOT_FOUND, "cannot be opened");
    kit_archive_write(import->path, KIT_ZIP, none);
    refused(import, S_NOT_FOUND, "holds no users.csv");
    kit_archive_write(import->path, KIT_ZIP, two);
    refused(import, S_INVALID, "holds users.csv more than once");
    kit_archive_write(import->path, KIT_ZIP, twice);
    refused(import, S_INVALID, "holds roles.csv more than once");
    kit_archive_write(import->path, KIT_ZIP, climbs);
    refused(import, S_INVALID, "..");
    kit_file_write(import->path, "id,name\n", 8);
    refused(import, S_INVALID, "not an archive");
    kit_file_write(import->path, "PK\3\4", 4);
    refused(import, S_INVALID, "truncated");
}

static void damage_is_found_before_anything_is_taken(void **state)
{
    struct kit_import *import = *state;
    static char noise[200000];
    static uint8_t data[sizeof noise + 4096];
    struct kit_random random;
    struct archive *archive = kit_archive_open(import->path, KIT_ZIP);

    kit_random_seed(&random, 1);
    for (size_t i = 0; i < sizeof noise; i++) {
        noise[i] = (char)kit_random_u64(&random);
    }
    kit_archive_add(archive, "users.csv", noise, sizeof noise);
    kit_archive_close(archive);
    size_t size = kit_file_read(import->path, data, sizeof data);
    data[size / 2] ^= 1;
    kit_file_write(import->path, data, size);
    refused(import, S_INVALID, "users.csv");
}

/* A MiB at any ratio is a short text repeated; beyond it the ratio counts. */
static void a_bomb_is_stopped(void **state)
{
    enum { SIZE = 8 * 1024 * 1024 };
    struct kit_import *import = *state;
    char *zeros = calloc(1, SIZE);
    struct archive *archive = kit_archive_open(import->path, KIT_ZIP);

    assert_non_null(zeros);
    kit_archive_add(archive, "readme", zeros, SIZE); /* in a file that is passed over, too */
    kit_archive_add(archive, "users.csv", users, strlen(users));
    kit_archive_close(archive);
    refused(import, S_TOO_LARGE, "a bomb?");
    free(zeros);
}

/* Two GiB are not unpacked for it: this is what looks at each piece. */
static void the_size_is_bounded_whatever_the_ratio(void **state)
{
    const uint64_t most = (uint64_t)ONEROSTER_SIZE_MAX;
    struct kit_import *import = *state;

    report_clear(&import->report);
    assert_int_equal(oneroster_zip_size_check(most, most, &import->report), S_OK);
    assert_int_equal(oneroster_zip_size_check(most + 1, most, &import->report), S_TOO_LARGE);
    assert_string_equal(import->report.text, "the archive unpacks to more than 2 GiB");
    report_clear(&import->report);
    assert_int_equal(oneroster_zip_size_check(IMPORT_RATIO_FREE, 1, &import->report), S_OK);
    assert_int_equal(oneroster_zip_size_check((uint64_t)PACKAGE_RATIO_MAX * IMPORT_RATIO_FREE - 1, IMPORT_RATIO_FREE, &import->report), S_OK);
    assert_int_equal(oneroster_zip_size_check((uint64_t)PACKAGE_RATIO_MAX * IMPORT_RATIO_FREE, IMPORT_RATIO_FREE, &import->report), S_TOO_LARGE);
}

static void the_number_of_entries_is_bounded(void **state)
{
    struct kit_import *import = *state;
    struct oneroster_zip *zip;

    for (int extra = 0; extra < 2; extra++) {
        struct archive *archive = kit_archive_open(import->path, KIT_ZIP);
        char name[32];
        for (int i = 1; i < ONEROSTER_ENTRIES_MAX + extra; i++) {
            snprintf(name, sizeof name, "%d", i);
            kit_archive_add(archive, name, "", 0);
        }
        kit_archive_add(archive, "users.csv", users, strlen(users));
        kit_archive_close(archive);
        if (extra) {
            refused(import, S_TOO_LARGE, "more than 1000 entries");
        } else {
            assert_int_equal(oneroster_zip_open(import->path, import->node.dir, &zip, &import->report), S_OK);
            oneroster_zip_close(zip);
        }
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_IMPORT_TEST(files_stand_at_the_top_or_in_one_folder),
        KIT_IMPORT_TEST(what_is_no_export_is_called_so),
        KIT_IMPORT_TEST(damage_is_found_before_anything_is_taken),
        KIT_IMPORT_TEST(a_bomb_is_stopped),
        KIT_IMPORT_TEST(the_size_is_bounded_whatever_the_ratio),
        KIT_IMPORT_TEST(the_number_of_entries_is_bounded),
    };
    return KIT_RUN(tests);
}
