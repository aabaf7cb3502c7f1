#include "replication/package/media_type.h"

#include <string.h>

#include "tests/kit/kit.h"

static const char *type_of(const char *path)
{
    return media_type_of(bytes_text(path));
}

static void the_last_extension_decides_in_any_case(void **state)
{
    (void)state;
    assert_string_equal(type_of("index.html"), "text/html; charset=utf-8");
    assert_string_equal(type_of("a/b.c/INDEX.HTM"), "text/html; charset=utf-8");
    assert_string_equal(type_of("x.tar.gz"), "application/gzip");
    assert_string_equal(type_of("a.webmanifest"), "application/manifest+json");
    assert_string_equal(type_of("font.woff2"), "font/woff2");
    assert_string_equal(type_of("a.aac"), "audio/aac");
    assert_string_equal(type_of("a.zip"), "application/zip");
}

static void what_is_unknown_is_octets(void **state)
{
    (void)state;
    assert_string_equal(type_of(""), "application/octet-stream");
    assert_string_equal(type_of("README"), "application/octet-stream");
    assert_string_equal(type_of("html"), "application/octet-stream");
    assert_string_equal(type_of(".html"), "application/octet-stream");
    assert_string_equal(type_of("a/.html"), "application/octet-stream");
    assert_string_equal(type_of("a.html/b"), "application/octet-stream");
    assert_string_equal(type_of("a."), "application/octet-stream");
    assert_string_equal(type_of("a.webmanifests"), "application/octet-stream");
    assert_string_equal(media_type_of(bytes_of("a.ht\0l", 6)), "application/octet-stream");
}

/* Each is found only if the table is sorted. */
static void every_type_a_course_is_made_of_is_known(void **state)
{
    static const char *const extensions[] = {
        "html", "css",  "js",   "mjs",  "json", "png",  "jpg",   "jpeg", "gif",  "svg",  "webp",
        "mp4",  "webm", "mp3",  "m4a",  "ogg",  "ogv",  "wav",   "vtt",  "srt",  "pdf",  "woff",
        "ttf",  "otf",  "eot",  "xml",  "xsd",  "dtd",  "txt",   "md",   "csv",  "zip",  "wasm",
        "ico",  "swf",  "docx", "pptx", "xlsx", "epub", "xhtml", "map",  "bmp",  "avif", "tiff",
        "opus", "flac", "mpeg", "m3u8", "ts",   "tsv",  "odt",   "rtf",  "weba", "xsl",
    };
    (void)state;

    for (size_t i = 0; i < sizeof extensions / sizeof extensions[0]; i++) {
        char path[32] = "a.";
        strcat(path, extensions[i]);
        if (strcmp(type_of(path), "application/octet-stream") == 0) {
            fail_msg("%s is not known", path);
        }
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_extension_decides_in_any_case),
        cmocka_unit_test(what_is_unknown_is_octets),
        cmocka_unit_test(every_type_a_course_is_made_of_is_known),
    };
    return KIT_RUN(tests);
}
