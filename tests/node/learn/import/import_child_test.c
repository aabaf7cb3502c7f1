/* The child process: it answers, it can be stopped, and nothing of it stays. */
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kit/import.h"

static void the_child_unpacks_what_it_is_given(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file files[] = {{"index.html", "hello"}, {NULL, NULL}};
    struct import_child child;
    enum import_frame type;
    struct bytes payload;

    kit_archive_write(import->path, KIT_ZIP, files);
    int fd = open(import->path, O_RDONLY);
    assert_int_equal(import_child_start(IMPORT_TASK_UNPACK, "", fd, &child, &import->report), S_OK);
    assert_int_equal(import_frame_read(&child.reader, &type, &payload), S_OK);
    assert_int_equal(type, IMPORT_FRAME_ENTRY);
    kit_text_is(payload, "index.html");
    assert_int_equal(import_frame_read(&child.reader, &type, &payload), S_OK);
    kit_text_is(payload, "hello");
    assert_int_equal(import_frame_read(&child.reader, &type, &payload), S_OK);
    assert_int_equal(type, IMPORT_FRAME_ENTRY_END);
    assert_int_equal(import_frame_read(&child.reader, &type, &payload), S_OK);
    assert_int_equal(type, IMPORT_FRAME_DONE);
    import_child_end(&child, &import->report);
    assert_int_equal(import->report.status, S_OK);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
    close(fd);
}

static void a_child_nobody_listens_to_ends(void **state)
{
    struct kit_import *import = *state;
    static char text[1000000];
    struct archive *archive = kit_archive_open(import->path, KIT_TAR);
    struct import_child child;

    kit_archive_add(archive, "index.html", text, sizeof text);
    kit_archive_close(archive);
    int fd = open(import->path, O_RDONLY);
    assert_int_equal(import_child_start(IMPORT_TASK_UNPACK, "", fd, &child, &import->report), S_OK);
    import_child_end(&child, &import->report);
    assert_int_equal(import->report.status, S_OK);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    close(fd);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_IMPORT_TEST(the_child_unpacks_what_it_is_given),
        KIT_IMPORT_TEST(a_child_nobody_listens_to_ends),
    };
    return KIT_RUN(tests);
}
