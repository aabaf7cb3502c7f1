/* Writing: the name appears with the whole file, or not at all. */
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/bundle/file.h"
#include "node/shortfall.h"
#include "tests/kit/kit.h"
#include "tests/kit/package.h"

static const struct bundle_head head = {.created_ms = 1};

static void nothing_has_the_name_before_the_end(void **state)
{
    char scratch[256], path[300];
    const uint8_t seed[IDENTITY_SEED_SIZE] = {1};
    struct identity identity;
    struct bundle_counts counts = {.cells = 0};
    struct bundle_out out;
    struct report report = {.status = S_OK};
    struct stat info;
    (void)state;

    identity_derive(&identity, seed);
    kit_scratch_make(scratch, sizeof scratch);
    snprintf(path, sizeof path, "%s/bundle", scratch);
    assert_int_equal(bundle_out_open(&out, path, &head, &report), S_OK);
    assert_int_equal(bundle_out_frame(&out, bytes_text("frame"), &report), S_OK);
    assert_int_not_equal(access(path, F_OK), 0);
    bundle_out_abort(&out);
    assert_int_equal(kit_count_files(scratch, "."), 0);
    assert_int_equal(bundle_out_open(&out, path, &head, &report), S_OK);
    mode_t before = umask(077);
    assert_int_equal(bundle_out_finish(&out, &counts, &(struct bundle_signer){&identity, "hub"}, &report),
                     S_OK);
    umask(before);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0644); /* on the other machine another user reads it */
    strcat(path, ".minisig");
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0644);
    assert_int_equal(out.size, BUNDLE_HEAD_SIZE + 4 + BUNDLE_TRAILER_SIZE);
    assert_int_equal(kit_count_files(scratch, "."), 2); /* with its .minisig */
    kit_scratch_remove(scratch);
}

struct maker {
    char path[300];
    uint32_t number;
};

/* Writes the bundle of that number, which stands in it and in its signature. */
static void *bundle_make(void *arg)
{
    const struct maker *maker = arg;
    const uint8_t seed[IDENTITY_SEED_SIZE] = {1};
    const struct bundle_counts counts = {.volume = maker->number};
    struct report report = {.status = S_OK};
    struct identity identity;
    struct bundle_out out;
    char frame[32];

    identity_derive(&identity, seed);
    snprintf(frame, sizeof frame, "frame %u,", maker->number);
    if (bundle_out_open(&out, maker->path, &head, &report) == S_OK && bundle_out_frame(&out, bytes_text(frame), &report) == S_OK) {
        (void)bundle_out_finish(&out, &counts, &(struct bundle_signer){&identity, "hub"}, &report);
    }
    return NULL;
}

/* Which bundle stands at `path`; its signature must be of the same. */
static uint32_t whole_of(const char *path)
{
    char data[1024], text[1024], signature[310], said[64];
    uint32_t number;

    snprintf(signature, sizeof signature, "%s.minisig", path);
    FILE *bundle = fopen(path, "r"), *file = fopen(signature, "r");
    assert_true(bundle && file);
    size_t size = fread(data, 1, sizeof data, bundle), length = fread(text, 1, sizeof text - 1, file);
    text[length] = '\0';
    fclose(bundle);
    fclose(file);
    const char *frame = memmem(data, size, "frame ", 6);
    assert_non_null(frame);
    assert_int_equal(sscanf(frame, "frame %u,", &number), 1);
    snprintf(said, sizeof said, "volume %u,", number);
    assert_non_null(strstr(text, said));
    return number;
}

static void a_bundle_and_its_signature_are_of_one_maker(void **state)
{
    enum { MAKERS = 4, ROUNDS = 20 };
    struct maker makers[MAKERS];
    pthread_t threads[MAKERS];
    struct shortfall watch;
    char scratch[256];
    (void)state;

    kit_scratch_make(scratch, sizeof scratch);
    for (uint32_t i = 0; i < MAKERS; i++) {
        makers[i].number = i + 1;
        snprintf(makers[i].path, sizeof makers[i].path, "%s/bundle", scratch);
    }
    bundle_make(&makers[0]);
    shortfall_begin(&watch); /* what fails leaves the one that was there, with its own */
    shortfall_note(S_IO);
    bundle_make(&makers[1]);
    shortfall_end(&watch);
    assert_int_equal(whole_of(makers[0].path), 1);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < MAKERS; i++) {
            assert_int_equal(pthread_create(&threads[i], NULL, bundle_make, &makers[i]), 0);
        }
        for (int i = 0; i < MAKERS; i++) {
            pthread_join(threads[i], NULL);
        }
        (void)whole_of(makers[0].path);
    }
    assert_int_equal(kit_count_files(scratch, "."), 2);
    kit_scratch_remove(scratch);
}

static void a_folder_that_is_not_there_is_named(void **state)
{
    struct bundle_out out;
    struct report report = {.status = S_OK};
    (void)state;

    assert_int_equal(bundle_out_open(&out, "/nonexistent/folder/bundle", &head, &report), S_IO);
    assert_non_null(strstr(report.text, "/nonexistent/folder/bundle"));
}

/* As `flock FOLDER qanat bundle export …` in a script does. */
static void a_folder_that_is_locked_meanwhile_holds_it_up_for_a_moment_only(void **state)
{
    const uint8_t seed[IDENTITY_SEED_SIZE] = {1};
    struct bundle_counts counts = {.cells = 0};
    struct report report = {.status = S_OK};
    char scratch[256], path[300];
    struct identity identity;
    struct bundle_out out;
    (void)state;

    identity_derive(&identity, seed);
    kit_scratch_make(scratch, sizeof scratch);
    int lock = open(scratch, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(flock(lock, LOCK_EX), 0);
    snprintf(path, sizeof path, "%s/bundle", scratch);
    assert_int_equal(bundle_out_open(&out, path, &head, &report), S_OK);
    assert_int_equal(bundle_out_finish(&out, &counts, &(struct bundle_signer){&identity, "hub"}, &report), S_OK);
    assert_int_equal(kit_count_files(scratch, "."), 2);
    close(lock);
    kit_scratch_remove(scratch);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_has_the_name_before_the_end),
        cmocka_unit_test(a_bundle_and_its_signature_are_of_one_maker),
        cmocka_unit_test(a_folder_that_is_locked_meanwhile_holds_it_up_for_a_moment_only),
        cmocka_unit_test(a_folder_that_is_not_there_is_named),
    };
    return KIT_RUN(tests);
}
