/* Archives: what is none, what is damaged, what is in them that may not be. */
#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/kit/import.h"

static void add_special(struct archive *archive, const char *name, mode_t type, const char *link)
{
    struct archive_entry *entry = archive_entry_new();

    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, type);
    archive_entry_set_perm(entry, 0644);
    if (type == AE_IFLNK) {
        archive_entry_set_symlink(entry, link);
    } else if (link) {
        archive_entry_set_hardlink(entry, link);
    }
    assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
    archive_entry_free(entry);
}

static void what_is_no_archive_is_called_so(void **state)
{
    struct kit_import *import = *state;

    kit_file_write(import->path, "", 0);
    kit_import_refused(import, "not an archive: the file is empty");
    kit_file_write(import->path, "TEST", 4);
    kit_import_refused(import, "not an archive: it is neither a zip, a tar nor a tar.gz");
    kit_file_write(import->path, "\x1f\x8bgarbage garbage garbage", 26);
    kit_import_refused(import, "gzip");
    unlink(import->path);
    kit_import_refused(import, "cannot open");
}

static void a_truncated_archive_is_called_so(void **state)
{
    struct kit_import *import = *state;
    static char noise[300000];
    struct kit_random random;
    struct stat stat_of;

    kit_random_seed(&random, 1);
    for (size_t i = 0; i < sizeof noise; i++) {
        noise[i] = (char)kit_random_u64(&random);
    }
    for (enum kit_archive kind = KIT_ZIP; kind <= KIT_TAR_GZ; kind++) {
        struct archive *archive = kit_archive_open(import->path, kind);

        kit_archive_add(archive, "index.html", noise, sizeof noise);
        kit_archive_close(archive);
        assert_int_equal(stat(import->path, &stat_of), 0);
        assert_int_equal(truncate(import->path, stat_of.st_size / 2), 0);
        kit_import_refused(import, "truncated");
    }
}

static void links_devices_and_pipes_are_refused(void **state)
{
    static const struct {
        mode_t type;
        const char *link, *part;
    } cases[] = {
        {AE_IFLNK, "/etc/passwd", "entry \"odd\" is a symbolic link"},
        {AE_IFREG, "index.html", "entry \"odd\" is a hard link"},
        {AE_IFCHR, NULL, "entry \"odd\" is a device"},
        {AE_IFIFO, NULL, "entry \"odd\" is a pipe"},
    };
    struct kit_import *import = *state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct archive *archive = kit_archive_open(import->path, KIT_TAR);

        kit_archive_add(archive, "index.html", "x", 1);
        add_special(archive, "odd", cases[i].type, cases[i].link);
        kit_archive_close(archive);
        kit_import_refused(import, cases[i].part);
    }
    struct archive *archive = kit_archive_open(import->path, KIT_ZIP);
    add_special(archive, "odd", AE_IFLNK, "/etc/passwd");
    kit_archive_close(archive);
    kit_import_refused(import, "symbolic link");
}

static void an_encrypted_entry_is_refused(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file files[] = {{"index.html", "x"}, {NULL, NULL}};
    uint8_t data[4096];
    size_t size;

    kit_archive_write(import->path, KIT_ZIP, files);
    size = kit_file_read(import->path, data, sizeof data);
    data[6] |= 1; /* the flag, in the local header and in the central directory */
    ((uint8_t *)memmem(data, size, "PK\1\2", 4))[8] |= 1;
    kit_file_write(import->path, data, size);
    kit_import_refused(import, "entry \"index.html\" is encrypted");
}

/* A zip whose directory names `count` entries, none of which is there. */
static void directory_write(struct kit_import *import, size_t count)
{
    enum { CENTRAL_SIZE = 46, NAME_SIZE = 6, END_SIZE = 22 };
    const size_t size = 4 + count * (CENTRAL_SIZE + NAME_SIZE) + END_SIZE;
    uint8_t *data = calloc(size, 1), *at = data + 4;

    assert_non_null(data);
    memcpy(data, "PK\3\4", 4);
    for (size_t i = 0; i < count; i++, at += CENTRAL_SIZE + NAME_SIZE) {
        char name[NAME_SIZE + 1];

        memcpy(at, "PK\1\2", 4);
        at[28] = NAME_SIZE;
        snprintf(name, sizeof name, "%06zu", i);
        memcpy(at + CENTRAL_SIZE, name, NAME_SIZE);
    }
    memcpy(at, "PK\5\6", 4); /* its own count has 16 bits, and is not asked */
    for (int i = 0; i < 4; i++) {
        at[12 + i] = (uint8_t)(count * (CENTRAL_SIZE + NAME_SIZE) >> (8 * i));
    }
    at[16] = 4;
    kit_file_write(import->path, data, size);
    free(data);
}

static void too_many_entries_are_refused_before_one_is_read(void **state)
{
    struct kit_import *import = *state;

    directory_write(import, PACKAGE_ENTRIES_MAX + 1);
    kit_import_refused(import, "the package has more than 100000 entries");
    directory_write(import, PACKAGE_ENTRIES_MAX);
    kit_import_refused(import, "entry \""); /* as many may be: they are looked at */
}

/* An archive of index.html and two more, whose names the archive does not say to be UTF-8. */
static void foreign_write(struct kit_import *import, const char *first, const char *second)
{
    const struct kit_file files[] = {{"index.html", "x"}, {"Abcd.html", "y"}, {"Efgh.html", "z"}, {NULL, NULL}};
    static const char *const made[] = {"Abcd", "Efgh"};
    const char *wanted[] = {first, second};
    uint8_t data[4096];

    kit_archive_write(import->path, KIT_ZIP, files);
    size_t size = kit_file_read(import->path, data, sizeof data);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(strlen(wanted[i]), strlen(made[i]));
        for (uint8_t *at = memmem(data, size, made[i], 4); at; at = memmem(data, size, made[i], 4)) {
            memcpy(at, wanted[i], 4);
        }
    }
    kit_file_write(import->path, data, size);
}

static void made_by_dos(struct kit_import *import)
{
    uint8_t data[4096], *at = data;
    size_t size = kit_file_read(import->path, data, sizeof data);

    while ((at = memmem(at, size - (size_t)(at - data), "PK\1\2", 4))) {
        at[5] = 0; /* the system */
        at += 4;
    }
    kit_file_write(import->path, data, size);
}

static void becomes(struct kit_import *import, const char *lang, const char *name)
{
    bool is_there = false;

    import->lang = lang;
    assert_int_equal(kit_import_read(import), S_OK);
    for (size_t i = 0; i < import->package.manifest.member_count; i++) {
        is_there = is_there || bytes_equal(import->package.manifest.members[i].path, bytes_text(name));
    }
    assert_true(is_there);
    import_package_release(&import->package);
}

static void names_are_read_in_the_page_in_which_all_look_like_names(void **state)
{
    struct kit_import *import = *state;

    foreign_write(import, "\xbf\xce\xb3\xcc", "\xca\xd7\xd2\xb3"); /* GBK: course, first page */
    becomes(import, "zh", "\xe8\xaf\xbe\xe7\xa8\x8b.html");
    becomes(import, "zh", "\xe9\xa6\x96\xe9\xa1\xb5.html");
    becomes(import, NULL, "\xe2\x94\x90\xe2\x95\xac\xe2\x94\x82\xe2\x95\xa0.html"); /* as the zip standard says */
    foreign_write(import, "\x93\xe0\xae\xaa", "\xd3\xf0\xee\xea"); /* no page of Russian has both */
    becomes(import, "ru", "\xc3\xb4\xce\xb1\xc2\xab\xc2\xac.html");
    foreign_write(import, "\xf3\xf0\xee\xea", "\xd1\xf0\xee\xea"); /* the first alone looks like a name of DOS, the second does not */
    becomes(import, "ru", "\xd1\x83\xd1\x80\xd0\xbe\xd0\xba.html");
}

/* 功課 in Big5, 表紙 in Shift JIS: both hold a byte 0x5c. */
static void a_byte_of_a_letter_is_no_backslash(void **state)
{
    struct kit_import *import = *state;

    foreign_write(import, "\xa5\x5c\xbd\xd2", "\xad\xba\xad\xb6");
    becomes(import, "zh-TW", "\xe5\x8a\x9f\xe8\xaa\xb2.html");
    made_by_dos(import); /* whose backslashes libarchive makes slashes of */
    becomes(import, "zh-TW", "\xe5\x8a\x9f\xe8\xaa\xb2.html");
    foreign_write(import, "\x95\x5c\x8e\x86", "else");
    becomes(import, "ja", "\xe8\xa1\xa8\xe7\xb4\x99.html");
    foreign_write(import, "\x95\x5c\x8e\x86", "else"); /* of a language that has no such letters it is one */
    import->lang = "en";
    kit_import_refused(import, "holds a backslash");
}

static void backslashes_part_folders(void **state)
{
    struct kit_import *import = *state;

    foreign_write(import, "\x93\xe0\xae\xaa", "a\\bc");
    becomes(import, "ru", "a/bc.html");
    const struct kit_file files[] = {{"index.html", "x"}, {"media\\", ""}, {"media\\film\\one.html", "y"}, {NULL, NULL}};
    kit_archive_write(import->path, KIT_ZIP, files);
    becomes(import, "en", "media/film/one.html");
    const struct kit_file climbing[] = {{"index.html", "x"}, {"..\\..\\etc\\x.html", "y"}, {NULL, NULL}};
    kit_archive_write(import->path, KIT_ZIP, climbing);
    kit_import_refused(import, "climbs out of the package");
    kit_archive_write(import->path, KIT_TAR_GZ, files); /* where it is a letter like others */
    kit_import_refused(import, "holds a backslash");
}

/* A course of which all units lie elsewhere is its structure alone. */
static void a_manifest_comes_without_an_archive(void **state)
{
    static const char structure[] = "\xef\xbb\xbf<?xml version='1.0'?>\n<!-- <manifest> -->\n"
                                    "<c:courseStructure xmlns:c='https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd'>"
                                    "<c:course id='urn:c'/><c:au id='urn:a'><c:url>%s</c:url></c:au></c:courseStructure>";
    struct kit_import *import = *state;
    char text[1024];

    int size = snprintf(text, sizeof text, structure, "https://example.org/one");
    kit_file_write(import->path, text, (size_t)size);
    becomes(import, "en", "cmi5.xml");
    size = snprintf(text, sizeof text, structure, "/one.html");
    kit_file_write(import->path, text, (size_t)size);
    kit_import_refused(import, "opens \"/one.html\", which is not in the package");
    kit_file_write(import->path, "<manifesto/>", 12);
    kit_import_refused(import, "not an archive");
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_IMPORT_TEST(names_are_read_in_the_page_in_which_all_look_like_names),
        KIT_IMPORT_TEST(backslashes_part_folders),
        KIT_IMPORT_TEST(a_manifest_comes_without_an_archive),
        KIT_IMPORT_TEST(a_byte_of_a_letter_is_no_backslash),
        KIT_IMPORT_TEST(what_is_no_archive_is_called_so),
        KIT_IMPORT_TEST(a_truncated_archive_is_called_so),
        KIT_IMPORT_TEST(links_devices_and_pipes_are_refused),
        KIT_IMPORT_TEST(an_encrypted_entry_is_refused),
        KIT_IMPORT_TEST(too_many_entries_are_refused_before_one_is_read),
    };
    return KIT_RUN(tests);
}
