#include "node/http/shelf.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/kit/kit.h"

static const struct shelf_now start = {.generation = 7, .at_ms = 1000, .wall_ms = 5000};

static struct shelf_now later(uint64_t generation, uint64_t ms)
{
    return (struct shelf_now){.generation = start.generation + generation,
                              .at_ms = start.at_ms + ms,
                              .wall_ms = start.wall_ms + (int64_t)ms};
}

/* A file of `size` bytes `fill`; the memory is static. */
static struct shelf_file file_of(char fill, size_t size)
{
    static uint8_t data[SHELF_FILE_MAX];
    struct shelf_file file = {.media_type = "text/html", .size = size, .data = data};

    assert_true(size <= sizeof data);
    memset(data, fill, size);
    file.hash = hash_of(bytes_of(NULL, 0), bytes_of(data, size));
    return file;
}

static struct shelf_file *add(struct shelf *shelf, int64_t course, const char *path,
                              const struct shelf_now *now, char fill, size_t size)
{
    const struct shelf_file file = file_of(fill, size);

    return shelf_add(shelf, course, path, now, &file);
}

static void a_root_is_believed_until_a_commit_or_its_end(void **state)
{
    struct shelf *shelf = shelf_new(SHELF_SIZE_MAX);
    struct shelf_now at_end = later(0, 3000), before_end = later(0, 2999), committed = later(1, 0);
    int64_t course = 0;
    (void)state;

    assert_false(shelf_find_root(shelf, "token", &start, &course));
    shelf_put_root(shelf, "token", &start, 42, start.wall_ms + 3000);
    assert_true(shelf_find_root(shelf, "token", &start, &course));
    assert_int_equal(course, 42);
    assert_false(shelf_find_root(shelf, "toke", &start, &course));
    assert_false(shelf_find_root(shelf, "tokens", &start, &course));
    assert_false(shelf_find_root(shelf, "", &start, &course));
    assert_true(shelf_find_root(shelf, "token", &before_end, &course));
    assert_false(shelf_find_root(shelf, "token", &at_end, &course));
    assert_false(shelf_find_root(shelf, "token", &committed, &course));
    shelf_put_root(shelf, "token", &committed, 43,
                   start.wall_ms + 3000); /* looked up again: it opened another one */
    assert_true(shelf_find_root(shelf, "token", &committed, &course));
    assert_int_equal(course, 43);
    assert_false(shelf_find_root(shelf, "token", &start, &course));
    shelf_free(shelf);
}

static void a_place_is_believed_until_a_commit_and_its_file_stays(void **state)
{
    struct shelf *shelf = shelf_new(SHELF_SIZE_MAX);
    struct shelf_now committed = later(1, 0);
    const struct shelf_file page = file_of('a', 5000);
    (void)state;

    struct shelf_file *file = add(shelf, 1, "page.html", &start, 'a', 5000);
    assert_non_null(file);
    assert_int_equal(file->size, 5000);
    assert_true(file->data[0] == 'a' && file->data[4999] == 'a');
    assert_ptr_equal(shelf_find_place(shelf, 1, "page.html", &start), file);
    assert_null(shelf_find_place(shelf, 2, "page.html", &start));
    assert_null(shelf_find_place(shelf, 1, "page.htm", &start));
    assert_null(shelf_find_place(shelf, 1, "page.html", &committed));
    assert_ptr_equal(shelf_find_file(shelf, &page.hash, "text/html"), file);
    assert_null(shelf_find_file(shelf, &page.hash, "text/plain"));
    shelf_put_place(shelf, 1, "page.html", &committed, file);
    assert_ptr_equal(shelf_find_place(shelf, 1, "page.html", &committed), file);
    shelf_free(shelf);
}

static void a_file_stands_once_and_goes_with_its_last_place(void **state)
{
    struct shelf *shelf = shelf_new(SHELF_SIZE_MAX);
    struct shelf_now committed = later(1, 0);
    const struct shelf_file first = file_of('a', SHELF_FILE_MAX), second = file_of('b', 10);
    (void)state;

    struct shelf_file *file = add(shelf, 1, "one", &start, 'a', SHELF_FILE_MAX);
    size_t with_one = shelf_size(shelf);
    shelf_put_place(shelf, 1, "two", &start, file);
    shelf_put_place(shelf, 2, "one", &start, file);
    assert_true(with_one > SHELF_FILE_MAX);
    assert_true(shelf_size(shelf) < with_one + 1000);
    assert_ptr_equal(shelf_find_place(shelf, 2, "one", &start), file);
    add(shelf, 1, "one", &committed, 'b', 10); /* another version of it */
    shelf_put_place(shelf, 1, "two", &committed, shelf_find_file(shelf, &second.hash, "text/html"));
    assert_non_null(shelf_find_file(shelf, &first.hash, "text/html"));
    shelf_put_place(shelf, 2, "one", &committed, shelf_find_file(shelf, &second.hash, "text/html"));
    assert_null(shelf_find_file(shelf, &first.hash, "text/html"));
    assert_true(shelf_size(shelf) < SHELF_FILE_MAX);
    assert_int_equal(shelf_find_place(shelf, 1, "two", &committed)->size, 10);
    shelf_free(shelf);
}

/* The room is exact: what fills it to the last byte stays, one byte less of it and the longest unasked goes.
 */
static void what_was_not_asked_for_longest_makes_room(void **state)
{
    struct shelf *probe = shelf_new(SHELF_SIZE_MAX);
    static const char paths[] = "abcdefgh";
    (void)state;

    for (size_t i = 0; i < 8; i++) {
        add(probe, 1, (const char[]){paths[i], 0}, &start, paths[i], 4096);
    }
    size_t full = shelf_size(probe);
    shelf_free(probe);
    for (size_t less = 0; less < 2; less++) {
        struct shelf *shelf = shelf_new(full - less);
        for (size_t i = 0; i < 8; i++) {
            add(shelf, 1, (const char[]){paths[i], 0}, &start, paths[i], 4096);
            shelf_find_place(shelf, 1, "a", &start); /* always wanted */
        }
        assert_true(shelf_size(shelf) <= full - less);
        assert_non_null(shelf_find_place(shelf, 1, "a", &start));
        assert_int_equal(shelf_find_place(shelf, 1, "b", &start) == NULL, less == 1);
        for (size_t i = 2; i < 8; i++) {
            assert_non_null(shelf_find_place(shelf, 1, (const char[]){paths[i], 0}, &start));
        }
        shelf_free(shelf);
    }
}

/* Files, launches and places come by the thousand: never more stands here than may. */
static void a_shelf_is_never_larger_than_its_room(void **state)
{
    struct shelf *shelf = shelf_new(1024 * 1024);
    char name[64];
    (void)state;

    for (int i = 0; i < 3000; i++) {
        snprintf(name, sizeof name, "token-%d", i);
        shelf_put_root(shelf, name, &start, i % 7, 9999);
        snprintf(name, sizeof name, "img/%d.png", i);
        if (i % 3) {
            add(shelf, i % 7, name, &start, (char)(i % 100), (size_t)(i * 37 % SHELF_FILE_MAX) + 1);
        }
        assert_true(shelf_size(shelf) <= 1024 * 1024);
    }
    assert_true(shelf_size(shelf) > 512 * 1024);
    shelf_free(shelf);
}

/* Its name alone, which costs next to nothing. */
static void a_large_file_stays_on_the_disk(void **state)
{
    struct shelf *shelf = shelf_new(SHELF_SIZE_MAX);
    const struct shelf_file film = {.hash = hash_of(bytes_of(NULL, 0), bytes_text("film")),
                                    .media_type = "video/mp4",
                                    .size = SHELF_FILE_MAX + 1};
    (void)state;

    struct shelf_file *file = shelf_add(shelf, 1, "film.mp4", &start, &film);
    assert_ptr_equal(shelf_find_place(shelf, 1, "film.mp4", &start), file);
    assert_null(file->data);
    assert_int_equal(file->size, SHELF_FILE_MAX + 1);
    assert_true(shelf_size(shelf) < 8192);
    assert_non_null(add(shelf, 1, "edge", &start, 'a', SHELF_FILE_MAX)->data);
    shelf_free(shelf);
}

static void what_nobody_asks_for_is_given_back(void **state)
{
    struct shelf *shelf = shelf_new(SHELF_SIZE_MAX);
    struct shelf_now half = later(0, SHELF_IDLE_MS / 2);
    int64_t course;
    (void)state;

    assert_false(shelf_tidy(shelf, start.at_ms));
    shelf_put_root(shelf, "token", &start, 1, INT64_MAX);
    add(shelf, 1, "a", &start, 'a', 100);
    add(shelf, 1, "b", &start, 'b', 0);
    assert_non_null(shelf_find_place(shelf, 1, "b", &half));
    size_t all = shelf_size(shelf);
    assert_true(shelf_tidy(shelf, start.at_ms + SHELF_IDLE_MS - 1));
    assert_int_equal(shelf_size(shelf), all);
    assert_true(shelf_tidy(shelf, start.at_ms + SHELF_IDLE_MS));
    assert_false(shelf_find_root(shelf, "token", &start, &course));
    assert_null(shelf_find_place(shelf, 1, "a", &start));
    assert_non_null(shelf_find_place(shelf, 1, "b", &half));
    assert_false(shelf_tidy(shelf, half.at_ms + SHELF_IDLE_MS));
    assert_int_equal(shelf_size(shelf), 0);
    shelf_free(shelf);
    shelf_free(NULL);
}

static void a_path_without_end_is_not_kept(void **state)
{
    struct shelf *shelf = shelf_new(SHELF_SIZE_MAX);
    char *path = calloc(1, 8192);
    int64_t course;
    (void)state;

    assert_non_null(path);
    memset(path, 'x', 8000);
    assert_null(add(shelf, 1, path, &start, 'a', 10));
    shelf_put_root(shelf, path, &start, 1, INT64_MAX);
    assert_false(shelf_find_root(shelf, path, &start, &course));
    assert_null(shelf_find_place(shelf, 1, path, &start));
    assert_int_equal(shelf_size(shelf), 0);
    free(path);
    shelf_free(shelf);
}

static void an_answer_is_made_once_for_a_variant(void **state)
{
    struct shelf *shelf = shelf_new(SHELF_SIZE_MAX);
    struct shelf_file *file = add(shelf, 1, "a", &start, 'a', 100);
    (void)state;

    assert_null(shelf_answer(file, "host a"));
    struct MHD_Response *answer = shelf_answer_new(file, "host a");
    assert_ptr_equal(shelf_answer(file, "host a"), answer);
    assert_null(shelf_answer(file, "host b"));
    shelf_answer_new(file, "host b");
    assert_non_null(shelf_answer(file, "host b"));
    assert_null(shelf_answer(file, "host a"));
    struct shelf_file *empty = add(shelf, 1, "empty", &start, 'a', 0);
    assert_non_null(shelf_answer_new(empty, ""));
    shelf_free(shelf);
}

/* --- an answer under way: a real server on one end of a pair of sockets --- */

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **state)
{
    (void)url, (void)method, (void)version, (void)upload, (void)upload_size;
    if (!*state) {
        *state = cls;
        return MHD_YES;
    }
    return MHD_queue_response(connection, MHD_HTTP_OK, shelf_answer(cls, ""));
}

static void an_answer_under_way_outlives_the_shelf(void **state)
{
    struct shelf *shelf = shelf_new(SHELF_SIZE_MAX);
    struct shelf_file *file = add(shelf, 1, "a", &start, 'z', SHELF_FILE_MAX);
    const struct sockaddr address = {.sa_family = AF_UNIX};
    static const char request[] = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
    static uint8_t got[SHELF_FILE_MAX + 4096];
    int ends[2], small = 4096;
    size_t size = 0;
    (void)state;

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    shelf_answer_new(file, "");
    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_NO_LISTEN_SOCKET, 0, NULL, NULL, on_request, file, MHD_OPTION_END);
    assert_non_null(daemon);
    assert_int_equal(MHD_add_connection(daemon, ends[0], &address, sizeof address), MHD_YES);
    assert_int_equal(write(ends[1], request, sizeof request - 1), (ssize_t)sizeof request - 1);
    for (int i = 0; i < 1000 && size < 1000; i++) {
        MHD_run(daemon);
        ssize_t n = read(ends[1], got + size, 1000 - size);
        size += n > 0 ? (size_t)n : 0;
    }
    assert_int_equal(size, 1000);
    shelf_free(shelf);
    for (int i = 0; i < 10000 && size < SHELF_FILE_MAX + 1; i++) {
        MHD_run(daemon);
        ssize_t n = read(ends[1], got + size, sizeof got - size);
        size += n > 0 ? (size_t)n : 0;
    }
    for (int i = 0; i < 10; i++) {
        MHD_run(daemon);
        ssize_t n = read(ends[1], got + size, sizeof got - size);
        size += n > 0 ? (size_t)n : 0;
    }
    const uint8_t *body = memmem(got, size, "\r\n\r\n", 4);
    assert_non_null(body);
    assert_int_equal(size - (size_t)(body + 4 - got), SHELF_FILE_MAX);
    for (size_t i = (size_t)(body + 4 - got); i < size; i++) {
        assert_int_equal(got[i], 'z');
    }
    MHD_stop_daemon(daemon);
    close(ends[1]);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_root_is_believed_until_a_commit_or_its_end),
        cmocka_unit_test(a_place_is_believed_until_a_commit_and_its_file_stays),
        cmocka_unit_test(a_file_stands_once_and_goes_with_its_last_place),
        cmocka_unit_test(what_was_not_asked_for_longest_makes_room),
        cmocka_unit_test(a_shelf_is_never_larger_than_its_room),
        cmocka_unit_test(a_large_file_stays_on_the_disk),
        cmocka_unit_test(what_nobody_asks_for_is_given_back),
        cmocka_unit_test(a_path_without_end_is_not_kept),
        cmocka_unit_test(an_answer_is_made_once_for_a_variant),
        cmocka_unit_test(an_answer_under_way_outlives_the_shelf),
    };
    return KIT_RUN(tests);
}
