#include "node/http/course_answer.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "node/http/server.h"
#include "tests/kit/courses.h"

enum { LARGE = 200 * 1000 };

static const struct kit_file files[] = {
    {"index.html", "<title>T</title>"}, {"again.html", "<title>T</title>"}, {"empty.js", ""}, {NULL, NULL}};

/* A node with course "c" and an origin that answers of it. */
struct fixture {
    struct kit_pair *pair;
    struct kit_courses *node;
    struct http http;
    struct http_context context;
    struct http_origin origin;
    struct exchange exchange;
    int64_t course;
};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    void *pair = NULL;

    assert_non_null(fixture);
    kit_pair_setup(&pair);
    fixture->pair = pair;
    fixture->node = &fixture->pair->hub;
    kit_course_import(fixture->node, "c", "en", files, NULL);
    fixture->course = kit_course_row(fixture->node, "c", "en", "1").id;
    fixture->context =
        (struct http_context){.store = fixture->node->node.store, .blobs = fixture->node->node.blobs};
    fixture->http.context = &fixture->context;
    fixture->origin = (struct http_origin){.http = &fixture->http, .shelf = shelf_new(SHELF_SIZE_MAX)};
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    void *pair = fixture->pair;

    if (fixture->exchange.file > 0) {
        close(fixture->exchange.file);
    }
    shelf_free(fixture->origin.shelf);
    kit_pair_teardown(&pair);
    free(fixture);
    return 0;
}

/* Another request. */
static struct exchange *ask(struct fixture *fixture)
{
    if (fixture->exchange.file > 0) {
        close(fixture->exchange.file);
    }
    memset(&fixture->exchange, 0, sizeof fixture->exchange);
    fixture->exchange.origin = &fixture->origin;
    fixture->exchange.context = &fixture->context;
    fixture->exchange.file = -1;
    return &fixture->exchange;
}

/* As the routes do. */
static enum status answer(struct fixture *fixture, const char *path, bool *is_shelved_out)
{
    struct exchange *exchange = ask(fixture);
    const struct shelf_now now = course_answer_now(exchange);
    struct course_file found;
    enum status status;

    *is_shelved_out = course_answer_shelved(exchange, "c/en/1", path, &now, &status);
    if (*is_shelved_out) {
        return status;
    }
    struct db *db = store_read_begin(fixture->context.store);
    status = course_file_find(db, fixture->course, bytes_text(path), &found);
    store_read_end(fixture->context.store, db);
    shelf_put_root(fixture->origin.shelf, "c/en/1", &now, fixture->course, INT64_MAX);
    return status == S_OK ? course_answer_found(exchange, fixture->course, path, &now, &found) : status;
}

static void write_over(struct fixture *fixture, const struct hash *hash, const char *text)
{
    char hex[HASH_HEX_SIZE], path[500];

    hash_hex(hash, hex);
    snprintf(path, sizeof path, "%s/blobs/%.2s/%s", fixture->node->node.dir, hex, hex);
    if (!text) {
        assert_int_equal(unlink(path), 0);
        return;
    }
    int fd = open(path, O_WRONLY);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static enum status nothing_run(struct db *db, void *arg)
{
    (void)db, (void)arg;
    return S_OK;
}

static void a_small_file_stands_on_the_shelf_until_a_commit(void **state)
{
    struct fixture *fixture = *state;
    char hex[HASH_HEX_SIZE];
    bool is_shelved;

    assert_int_equal(answer(fixture, "index.html", &is_shelved), S_OK);
    assert_false(is_shelved);
    struct exchange *exchange = &fixture->exchange;
    assert_non_null(exchange->shelved);
    assert_int_equal(exchange->file, -1);
    assert_int_equal(exchange->code, MHD_HTTP_OK);
    assert_int_equal(exchange->file_size, strlen(files[0].content));
    assert_memory_equal(exchange->shelved->data, files[0].content, strlen(files[0].content));
    assert_string_equal(exchange->media_type, "text/html; charset=utf-8");
    hash_hex(&exchange->shelved->hash, hex);
    assert_memory_equal(exchange->etag + 1, hex, HASH_HEX_SIZE - 1);
    struct shelf_file *first = exchange->shelved;
    assert_int_equal(answer(fixture, "index.html", &is_shelved), S_OK);
    assert_true(is_shelved);
    assert_int_equal(answer(fixture, "again.html", &is_shelved), S_OK); /* the same content, another place */
    assert_false(is_shelved);
    assert_ptr_equal(fixture->exchange.shelved, first);
    assert_int_equal(store_write_wait(fixture->context.store, nothing_run, NULL), S_OK);
    assert_int_equal(answer(fixture, "index.html", &is_shelved), S_OK);
    assert_false(is_shelved);
    assert_ptr_equal(fixture->exchange.shelved, first);
    assert_int_equal(answer(fixture, "nothing.html", &is_shelved), S_NOT_FOUND);
    assert_int_equal(answer(fixture, "empty.js", &is_shelved), S_OK);
    assert_int_equal(answer(fixture, "empty.js", &is_shelved), S_OK);
    assert_true(is_shelved);
    assert_int_equal(fixture->exchange.file_size, 0);
}

static void what_is_damaged_on_the_disk_is_never_taken_up(void **state)
{
    struct fixture *fixture = *state;
    struct hash hash = hash_of(bytes_of(NULL, 0), bytes_text(files[0].content));
    bool is_shelved;

    write_over(fixture, &hash, "X");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(answer(fixture, "index.html", &is_shelved), S_CORRUPT);
        assert_false(is_shelved);
        assert_int_equal(fixture->exchange.code, 0);
    }
    write_over(fixture, &hash, "<");
    assert_int_equal(answer(fixture, "index.html", &is_shelved), S_OK);
    write_over(fixture, &hash, NULL);
    assert_int_equal(answer(fixture, "index.html", &is_shelved), S_OK); /* it stands there */
    assert_true(is_shelved);
}

/* Without descriptors it is busy, not damaged. */
static void a_node_without_descriptors_is_busy(void **state)
{
    struct fixture *fixture = *state;
    struct rlimit before, none;
    const struct shelf_now now = course_answer_now(ask(fixture));
    struct course_file page = {.fd = -1, .size = strlen(files[0].content), .media_type = "text/html"},
                       film = page;

    page.hash = hash_of(bytes_of(NULL, 0), bytes_text(files[0].content));
    film.hash = hash_of(bytes_of(NULL, 0), bytes_text("film"));
    film.size = LARGE;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    enum status small = course_answer_found(&fixture->exchange, 1, "a", &now, &page);
    enum status large = course_answer_found(&fixture->exchange, 1, "b", &now, &film);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(small, S_BUSY);
    assert_int_equal(large, S_BUSY);
    assert_int_equal(course_answer_found(&fixture->exchange, 1, "a", &now, &page), S_OK);
    struct exchange *exchange = ask(fixture);
    assert_false(course_answer_trouble(exchange, S_NOT_FOUND, "a"));
    assert_true(course_answer_trouble(exchange, S_BUSY, "a"));
    assert_int_equal(exchange->code, MHD_HTTP_SERVICE_UNAVAILABLE);
    free(exchange->body);
    free(exchange->headers[0].value);
    exchange = ask(fixture);
    assert_true(course_answer_trouble(exchange, S_CORRUPT, "a/b"));
    assert_int_equal(exchange->code, MHD_HTTP_INTERNAL_SERVER_ERROR);
    assert_non_null(strstr(exchange->body, "'a/b' is damaged"));
    free(exchange->body);
}

static void a_large_file_is_opened_each_time(void **state)
{
    struct fixture *fixture = *state;
    char byte;
    bool is_shelved;

    kit_course_import_large(fixture->node, "large", LARGE, 7);
    fixture->course = kit_course_row(fixture->node, "large", "en", "1").id;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(answer(fixture, "large.bin", &is_shelved), S_OK);
        assert_int_equal(is_shelved, i == 1);
        assert_null(fixture->exchange.shelved);
        assert_int_equal(fixture->exchange.file_size, LARGE);
        assert_int_equal(pread(fixture->exchange.file, &byte, 1, LARGE - 1), 1);
        assert_int_equal(pread(fixture->exchange.file, &byte, 1, LARGE), 0);
    }
    char etag[HASH_HEX_SIZE] = "";
    struct hash hash;
    snprintf(etag, sizeof etag, "%.64s", fixture->exchange.etag + 1);
    assert_true(hex_decode(etag, hash.b, sizeof hash.b));
    write_over(fixture, &hash, NULL);
    assert_int_equal(answer(fixture, "large.bin", &is_shelved), S_CORRUPT);
    assert_true(is_shelved);
    assert_int_equal(fixture->exchange.file, -1);
    assert_int_equal(fixture->exchange.code, 0);
}

KIT_TESTS()
{
#define ANSWER_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        ANSWER_TEST(a_small_file_stands_on_the_shelf_until_a_commit),
        ANSWER_TEST(what_is_damaged_on_the_disk_is_never_taken_up),
        ANSWER_TEST(a_node_without_descriptors_is_busy),
        ANSWER_TEST(a_large_file_is_opened_each_time),
    };
    return KIT_RUN(tests);
}
