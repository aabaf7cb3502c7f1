/* What an archive holds, as the child says it: each entry in its turn, and nothing out of it. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "node/learn/import/import_entries.h"
#include "tests/kit/import.h"

struct taken {
    struct buffer said; /* "(path" for an entry, its data, ")"; "/path" for a folder */
    uint64_t at;
    struct report *report;
    bool refuses; /* the first data */
};

static enum status begin(void *ctx, struct bytes path, bool is_folder)
{
    struct taken *taken = ctx;

    buffer_append(&taken->said, is_folder ? "/" : "(", 1);
    buffer_append(&taken->said, path.data, path.size);
    buffer_append(&taken->said, " ", 1);
    return S_OK;
}

static enum status data(void *ctx, struct bytes data)
{
    struct taken *taken = ctx;

    buffer_append(&taken->said, data.data, data.size);
    return taken->refuses ? report_set(taken->report, S_NO_SPACE, "no room") : S_OK;
}

static enum status end(void *ctx)
{
    buffer_append(&((struct taken *)ctx)->said, ")", 1);
    return S_OK;
}

static void moved(void *ctx, uint64_t at)
{
    ((struct taken *)ctx)->at = at;
}

static enum status entries_read(struct kit_import *import, struct taken *taken)
{
    struct import_entries taker = {taken, begin, data, end, moved};
    int fd = open(import->path, O_RDONLY);

    assert_true(fd >= 0);
    buffer_init(&taken->said);
    taken->report = &import->report;
    enum status status = import_entries_read(fd, "", &taker, &import->report);
    close(fd);
    return status;
}

static void entries_come_one_after_the_other(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file files[] = {{"index.html", "hello"}, {"css/style.css", "p {}"}, {NULL, NULL}};
    struct taken taken = {.at = 0};

    kit_archive_write(import->path, KIT_ZIP, files);
    assert_int_equal(entries_read(import, &taken), S_OK);
    kit_text_is(buffer_bytes(&taken.said), "(index.html hello)(css/style.css p {})");
    assert_true(taken.at > 0);
    buffer_release(&taken.said);
}

static void what_the_taker_refuses_ends_it(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file files[] = {{"index.html", "hello"}, {"second.html", "hello"}, {NULL, NULL}};
    struct taken taken = {.refuses = true};

    kit_archive_write(import->path, KIT_ZIP, files);
    assert_int_equal(entries_read(import, &taken), S_NO_SPACE);
    kit_text_is(buffer_bytes(&taken.said), "(index.html hello");
    assert_string_equal(import->report.text, "no room");
    buffer_release(&taken.said);
}

static void half_an_archive_is_refused(void **state)
{
    struct kit_import *import = *state;
    static char text[100000];
    struct archive *archive = kit_archive_open(import->path, KIT_TAR);
    struct taken taken = {.at = 0};

    kit_archive_add(archive, "index.html", text, sizeof text);
    kit_archive_close(archive);
    assert_int_equal(truncate(import->path, sizeof text / 2), 0);
    assert_int_not_equal(entries_read(import, &taken), S_OK);
    assert_int_not_equal(import->report.status, S_OK);
    buffer_release(&taken.said);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_IMPORT_TEST(entries_come_one_after_the_other),
        KIT_IMPORT_TEST(what_the_taker_refuses_ends_it),
        KIT_IMPORT_TEST(half_an_archive_is_refused),
    };
    return KIT_RUN(tests);
}
