#include "replication/package/manifest_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/kit/kit.h"

static enum status path_check(const char *path)
{
    return member_path_check(bytes_text(path));
}

static void safe_paths_pass_and_others_do_not(void **state)
{
    char path[PATH_SIZE_MAX + 2];
    (void)state;

    assert_int_equal(path_check("a"), S_OK);
    assert_int_equal(path_check("a/b/c.html"), S_OK);
    assert_int_equal(path_check("...a/..b"), S_OK);
    assert_int_equal(path_check("دروس/الأول.html"), S_OK);
    static const char *const unsafe[] = {"",     "/",     "/a",       "a/",   "a//b",  ".",
                                         "..",   "./a",   "../a",     "a/..", "a/./b", "a\\b",
                                         "a\nb", "a\x7f", "\xc0\xaf", "C:\\a"};
    for (size_t i = 0; i < sizeof unsafe / sizeof unsafe[0]; i++) {
        assert_int_equal(path_check(unsafe[i]), S_INVALID);
    }
    assert_int_equal(member_path_check(bytes_of("a\0b", 3)), S_INVALID);
    memset(path, 'p', sizeof path);
    assert_int_equal(member_path_check(bytes_of(path, PATH_SIZE_MAX)), S_OK);
    assert_int_equal(member_path_check(bytes_of(path, PATH_SIZE_MAX + 1)), S_TOO_LARGE);
}

static void language_tags_are_written_in_one_way(void **state)
{
    static const struct {
        const char *said, *kept;
    } cases[] = {{"en", "en"}, {"EN", "en"}, {"PT-br", "pt-BR"}, {"zh-hANT-tw", "zh-Hant-TW"}, {"sl-ROZAJ", "sl-rozaj"},
                 {"en-CA-X-CA", "en-CA-x-ca"}, {"X-EN-latn", "x-en-latn"}, {"es-419", "es-419"}, {"", ""}};
    char lang[32];
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(lang, sizeof lang, "%s", cases[i].said);
        lang_normalise(lang);
        assert_string_equal(lang, cases[i].kept);
    }
}

static void language_tags_have_their_form(void **state)
{
    (void)state;
    assert_int_equal(lang_check(bytes_text("en")), S_OK);
    assert_int_equal(lang_check(bytes_text("pt-BR")), S_OK);
    assert_int_equal(lang_check(bytes_text("zh-Hant-TW")), S_OK);
    assert_int_equal(lang_check(bytes_text("x-whatever")), S_OK);
    assert_int_equal(lang_check(bytes_text("")), S_INVALID);
    assert_int_equal(lang_check(bytes_text("1a")), S_INVALID);
    assert_int_equal(lang_check(bytes_text("en_GB")), S_INVALID);
    assert_int_equal(lang_check(bytes_text("en-")), S_INVALID);
    assert_int_equal(lang_check(bytes_text("-en")), S_INVALID);
    assert_int_equal(lang_check(bytes_text("en--GB")), S_INVALID);
    assert_int_equal(lang_check(bytes_text("abcdefghi")), S_INVALID);
    assert_int_equal(lang_check(bytes_text("aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa")), S_OK);
    assert_int_equal(lang_check(bytes_text("aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa-")), S_TOO_LARGE);
    assert_int_equal(lang_check(bytes_text("f")), S_OK); /* others may hold it */
    assert_int_equal(lang_check_said(bytes_text("f")), S_INVALID);
    assert_int_equal(lang_check_said(bytes_text("f-BE")), S_INVALID);
    assert_int_equal(lang_check_said(bytes_text("x")), S_INVALID);
    assert_int_equal(lang_check_said(bytes_text("")), S_INVALID);
    assert_int_equal(lang_check_said(bytes_text("fr")), S_OK);
    assert_int_equal(lang_check_said(bytes_text("x-whatever")), S_OK);
}

static struct manifest manifest_of(const struct member *members, size_t count)
{
    struct manifest manifest = {.format = PACKAGE_PLAIN, .mastery_percent = -1};

    manifest.members = members;
    manifest.member_count = count;
    return manifest;
}

static enum status two_paths(const char *first, const char *second)
{
    const struct member members[] = {{.path = bytes_text(first)}, {.path = bytes_text(second)}};
    struct manifest manifest = manifest_of(members, 2);
    return manifest_check(&manifest);
}

static void members_are_sorted_unique_and_no_folders_of_others(void **state)
{
    (void)state;
    assert_int_equal(two_paths("a", "b"), S_OK);
    assert_int_equal(two_paths("b", "a"), S_INVALID);
    assert_int_equal(two_paths("a", "a"), S_INVALID);
    assert_int_equal(two_paths("a", "a/b"), S_INVALID);
    assert_int_equal(two_paths("a.b", "a/b"), S_OK);
    assert_int_equal(two_paths("a/b", "a/b/c/d"), S_INVALID);
    assert_int_equal(two_paths("..", "a"), S_INVALID);
}

static void sizes_hold_at_their_edges(void **state)
{
    static struct chunk chunk; /* too few chunks: told apart from the limit by the status */
    struct member members[] = {{.path = bytes_text("a"), .chunks = &chunk, .chunk_count = 1},
                               {.path = bytes_text("b")}};
    struct manifest manifest = manifest_of(members, 2);
    (void)state;

    members[0].size = (uint64_t)PACKAGE_SIZE_MAX;
    assert_int_equal(manifest_check(&manifest), S_INVALID);
    members[0].size = (uint64_t)PACKAGE_SIZE_MAX + 1;
    assert_int_equal(manifest_check(&manifest), S_TOO_LARGE);
}

static void the_sum_of_members_is_bounded(void **state)
{
    enum { CHUNKS = 40 * 1024, MEMBERS = 2 };
    struct chunk *chunks = calloc(CHUNKS, sizeof *chunks);
    struct member members[MEMBERS] = {{.path = bytes_text("a")}, {.path = bytes_text("b")}};
    struct manifest manifest = manifest_of(members, MEMBERS);
    (void)state;

    assert_non_null(chunks);
    for (size_t i = 0; i < CHUNKS; i++) {
        chunks[i].size = CHUNK_SIZE_MAX;
    }
    for (size_t i = 0; i < MEMBERS; i++) {
        members[i].chunks = chunks;
        members[i].chunk_count = 32 * 1024;
        members[i].size = 32ULL * 1024 * CHUNK_SIZE_MAX;
    }
    assert_int_equal(manifest_check(&manifest), S_OK);
    members[1].chunk_count++;
    members[1].size += CHUNK_SIZE_MAX;
    assert_int_equal(manifest_check(&manifest), S_TOO_LARGE);
    free(chunks);
}

static void counts_hold_at_their_edges(void **state)
{
    struct member *members = calloc(PACKAGE_ENTRIES_MAX + 1, sizeof *members);
    struct course_item *items = calloc(COURSE_ITEMS_MAX + 1, sizeof *items);
    char *names = malloc((PACKAGE_ENTRIES_MAX + 1) * 8);
    (void)state;

    assert_true(members && items && names);
    for (size_t i = 0; i <= PACKAGE_ENTRIES_MAX; i++) {
        snprintf(names + 8 * i, 8, "%07zu", i);
        members[i].path = bytes_of(names + 8 * i, 7);
    }
    struct manifest manifest = manifest_of(members, PACKAGE_ENTRIES_MAX);
    manifest.items = items;
    manifest.item_count = COURSE_ITEMS_MAX;
    assert_int_equal(manifest_check(&manifest), S_OK);
    manifest.member_count++;
    assert_int_equal(manifest_check(&manifest), S_TOO_LARGE);
    manifest.member_count--;
    manifest.item_count++;
    assert_int_equal(manifest_check(&manifest), S_TOO_LARGE);
    free(names);
    free(items);
    free(members);
}

/* The status when `*place`, a text of `manifest`, is as long as it may be, and one longer. */
static void text_edge(const struct manifest *manifest, struct bytes *place, size_t size_max)
{
    static char text[4096];
    struct bytes before = *place;

    memset(text, 'x', sizeof text);
    *place = bytes_of(text, size_max);
    assert_int_equal(manifest_check(manifest), S_OK);
    *place = bytes_of(text, size_max + 1);
    assert_int_equal(manifest_check(manifest), S_TOO_LARGE);
    *place = bytes_of("\xff", 1);
    assert_int_equal(manifest_check(manifest), S_INVALID);
    *place = before;
}

static void texts_hold_at_their_edges(void **state)
{
    struct course_item item = {.mastery_percent = -1};
    struct member member = {.path = bytes_text("a")};
    struct manifest manifest = manifest_of(&member, 1);
    (void)state;

    manifest.items = &item;
    manifest.item_count = 1;
    text_edge(&manifest, &manifest.title, COURSE_TEXT_MAX);
    text_edge(&manifest, &manifest.entry, COURSE_ENTRY_MAX);
    text_edge(&manifest, &item.id, COURSE_TEXT_MAX);
    text_edge(&manifest, &item.title, COURSE_TEXT_MAX);
    text_edge(&manifest, &item.entry, COURSE_ENTRY_MAX);
    text_edge(&manifest, &item.kind, ITEM_KIND_MAX);
    text_edge(&manifest, &member.media_type, MEDIA_TYPE_MAX);
    member.media_type = bytes_text("text/html\r\nX: y");
    assert_int_equal(manifest_check(&manifest), S_INVALID);
    member.media_type = bytes_text("");
    item.depth = COURSE_DEPTH_MAX;
    assert_int_equal(manifest_check(&manifest), S_OK);
    item.depth++;
    assert_int_equal(manifest_check(&manifest), S_TOO_LARGE);
}

static void mastery_is_a_percentage_or_not_stated(void **state)
{
    struct manifest manifest = manifest_of(NULL, 0);
    (void)state;

    for (int32_t mastery = -2; mastery <= 101; mastery++) {
        manifest.mastery_percent = mastery;
        assert_int_equal(manifest_check(&manifest), mastery >= -1 && mastery <= 100 ? S_OK : S_INVALID);
    }
    manifest.mastery_percent = -1;
    manifest.format = (enum package_format)0;
    assert_int_equal(manifest_check(&manifest), S_INVALID);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(safe_paths_pass_and_others_do_not),
        cmocka_unit_test(language_tags_are_written_in_one_way),
        cmocka_unit_test(language_tags_have_their_form),
        cmocka_unit_test(members_are_sorted_unique_and_no_folders_of_others),
        cmocka_unit_test(sizes_hold_at_their_edges),
        cmocka_unit_test(the_sum_of_members_is_bounded),
        cmocka_unit_test(counts_hold_at_their_edges),
        cmocka_unit_test(texts_hold_at_their_edges),
        cmocka_unit_test(mastery_is_a_percentage_or_not_stated),
    };
    return KIT_RUN(tests);
}
