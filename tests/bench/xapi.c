/* xapi [STATEMENTS [BATCH [THREADS]]]: statements a second, durable, through decoding, rules, index and group
 * commit; beside it plain SQLite (WAL, synchronous=FULL) that stores the same texts under their ids in
 * transactions of the same size. Both in one run, on the disk of TMPDIR. */
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "node/store/people/record.h"
#include "replication/base/check.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_lrs.h"

struct work {
    struct kit_lrs *kit;
    unsigned seed, batches, batch_size;
};

struct storing {
    struct lrs_client *client;
    struct batch batch;
};

/* Of CLOCK_MONOTONIC, or of CLOCK_PROCESS_CPUTIME_ID: processor time of all threads. */
static double clock_s(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* A statement as published content sends it, about 700 bytes; 5,000 learners, 200 activities. */
static size_t statement_write(struct kit_random *random, char *out, size_t size)
{
    unsigned who = (unsigned)kit_random_below(random, 5000), what = (unsigned)kit_random_below(random, 200);
    uint8_t id[LRS_UUID_SIZE];
    char text[LRS_UUID_TEXT_SIZE];

    lrs_uuid_make(id);
    lrs_uuid_text(id, text);
    return (size_t)snprintf(
        out, size,
        "{\"id\":\"%s\",\"actor\":{\"objectType\":\"Agent\",\"name\":\"Learner "
        "%u\",\"account\":{\"homePage\":\"https://lms.example.com\",\"name\":\"p%05u\"}},"
        "\"verb\":{\"id\":\"http://adlnet.gov/expapi/verbs/answered\",\"display\":{\"en\":\"answered\"}},"
        "\"object\":{\"objectType\":\"Activity\",\"id\":\"https://lms.example.com/course/7/item/"
        "%u\",\"definition\":{\"type\":"
        "\"http://adlnet.gov/expapi/activities/cmi.interaction\",\"name\":{\"en\":\"Question %u\"}}},"
        "\"result\":{\"score\":{\"scaled\":0.%02u},\"success\":true,\"duration\":\"PT12.5S\",\"response\":"
        "\"answer-%u\"},"
        "\"context\":{\"registration\":\"00000000-0000-4000-8000-%012u\",\"contextActivities\":{\"parent\":[{"
        "\"id\":\"https://lms.example.com/course/7\"}]}}}",
        text, who, who, what, what, what % 100, what, who);
}

static enum status store_run(struct db *db, void *arg)
{
    struct storing *storing = arg;
    struct report report;
    struct timespec now;

    report_clear(&report);
    clock_gettime(CLOCK_REALTIME, &now);
    return lrs_batch_store(&storing->batch, db, (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000, &report);
}

static void *work_run(void *arg)
{
    struct work *work = arg;
    size_t room = (size_t)work->batch_size * 1024 + 16;
    char *json = malloc(room);
    struct kit_random random;
    struct report report;

    CHECK(json);
    kit_random_seed(&random, work->seed);
    for (unsigned i = 0; i < work->batches; i++) {
        struct storing storing = {.client = &work->kit->client};
        size_t size = 0;
        for (unsigned k = 0; k < work->batch_size; k++) {
            json[size++] = k ? ',' : '[';
            size += statement_write(&random, json + size, room - size);
        }
        strcpy(json + size, "]");
        report_clear(&report);
        lrs_batch_open(&storing.batch, &work->kit->lrs, storing.client, LRS_2_0);
        CHECK(lrs_batch_decode(&storing.batch, bytes_of(json, size + 1), NULL, NULL, &report) == S_OK);
        CHECK(store_write_wait(work->kit->kit.store, store_run, &storing) == S_OK);
        lrs_batch_close(&storing.batch);
    }
    free(json);
    return NULL;
}

static double lrs_measure(unsigned count, unsigned batch_size, unsigned thread_count, double *cost_us_out)
{
    pthread_t threads[16];
    struct work works[16];
    struct kit_lrs kit;

    kit_lrs_open(&kit);
    double start = clock_s(CLOCK_MONOTONIC), used = clock_s(CLOCK_PROCESS_CPUTIME_ID);
    for (unsigned i = 0; i < thread_count; i++) {
        works[i] = (struct work){&kit, i + 1, count / batch_size / thread_count, batch_size};
        pthread_create(&threads[i], NULL, work_run, &works[i]);
    }
    for (unsigned i = 0; i < thread_count; i++) {
        pthread_join(threads[i], NULL);
    }
    double seconds = clock_s(CLOCK_MONOTONIC) - start;
    *cost_us_out = (clock_s(CLOCK_PROCESS_CPUTIME_ID) - used) / count * 1e6;
    struct db *db = store_read_begin(kit.kit.store);
    CHECK(record_count(db) == (int64_t)(count / batch_size / thread_count) * batch_size * thread_count);
    store_read_end(kit.kit.store, db);
    kit_lrs_close(&kit);
    return count / seconds;
}

static double plain_measure(unsigned count, unsigned batch_size, double *cost_us_out)
{
    char dir[256], path[300], json[1024];
    struct kit_random random;
    sqlite3_stmt *insert;
    sqlite3 *db;

    kit_scratch_make(dir, sizeof dir);
    snprintf(path, sizeof path, "%s/plain.db", dir);
    CHECK(sqlite3_open(path, &db) == SQLITE_OK);
    CHECK(sqlite3_exec(db,
                       "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE s (id INTEGER PRIMARY "
                       "KEY, uuid BLOB UNIQUE, body BLOB)",
                       NULL, NULL, NULL) == SQLITE_OK);
    CHECK(sqlite3_prepare_v2(db, "INSERT INTO s (uuid, body) VALUES (?1, ?2)", -1, &insert, NULL) ==
          SQLITE_OK);
    kit_random_seed(&random, 1);
    double start = clock_s(CLOCK_MONOTONIC), used = clock_s(CLOCK_PROCESS_CPUTIME_ID);
    for (unsigned i = 0; i < count; i++) {
        if (i % batch_size == 0) {
            sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
        }
        size_t size = statement_write(&random, json, sizeof json);
        sqlite3_bind_blob(insert, 1, json + 7, 36, SQLITE_STATIC);
        sqlite3_bind_blob(insert, 2, json, (int)size, SQLITE_STATIC);
        CHECK(sqlite3_step(insert) == SQLITE_DONE);
        sqlite3_reset(insert);
        if (i % batch_size == batch_size - 1) {
            CHECK(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK);
        }
    }
    double seconds = clock_s(CLOCK_MONOTONIC) - start;
    *cost_us_out = (clock_s(CLOCK_PROCESS_CPUTIME_ID) - used) / count * 1e6;
    sqlite3_finalize(insert);
    sqlite3_close(db);
    kit_scratch_remove(dir);
    return count / seconds;
}

int main(int argc, char **argv)
{
    unsigned count = argc > 1 ? (unsigned)atoi(argv[1]) : 100000,
             batch_size = argc > 2 ? (unsigned)atoi(argv[2]) : 500;
    unsigned thread_count = argc > 3 ? (unsigned)atoi(argv[3]) : 2;

    kit_setup();
    CHECK(batch_size > 0 && thread_count > 0 && thread_count <= 16);
    double own_us, plain_us, own = lrs_measure(count, batch_size, thread_count, &own_us),
                             plain = plain_measure(count, batch_size, &plain_us);
    printf("%u statements in batches of %u from %u threads: %.0f/s durable, %.0f us of processor each; "
           "plain SQLite %.0f/s, %.0f us; ratio %.2f\n",
           count, batch_size, thread_count, own, own_us, plain, plain_us, own / plain);
    return 0;
}
