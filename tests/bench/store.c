/* What the store alone does with a million result cells from 20 origins: staged in batches, folded under
 * certificates (all of them, then one in a hundred changed), written as own cells; each as a ratio to plain
 * SQLite upserting the same rows in the same run. Wall clock and processor time, synchronous=FULL throughout,
 * one transaction per 50,000 rows on the plain side. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "node/store/store.h"
#include "node/store/stream/own.h"
#include "node/store/stream/stream.h"
#include "replication/base/check.h"
#include "replication/stream/lthash.h"
#include "replication/wire/batch.h"
#include "tests/kit/kit.h"

enum {
    ORIGINS = 20,
    CELLS = 50000, /* of each origin */
    BATCH = 4000,
    VALUE_MAX = 5000,
    CHANGED_OF = 100,
    KEY_MAX = 80,
    PER_TRANSACTION = 50000,
};

struct row {
    char column[4][24]; /* centre, course, period, dimension */
    char key[KEY_MAX];
    uint8_t value[8];
    int64_t number;
    struct cell cell;
};

struct origin {
    struct identity identity;
    struct stream_head head;
    struct hash key;
    struct lthash state;
    struct row *rows;
};

static struct origin origins[ORIGINS];
static struct id federation;
static struct kit_random dice;

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Processor time of all threads. */
static double cpu_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* What something cost: on the wall and on the processor. */
struct cost {
    double wall, cpu;
};

static struct cost cost_start(void)
{
    return (struct cost){now_s(), cpu_s()};
}

static void cost_add(struct cost *cost, const struct cost *start)
{
    cost->wall += now_s() - start->wall;
    cost->cpu += cpu_s() - start->cpu;
}

static void row_set(struct row *row, int64_t number)
{
    struct buffer value;

    buffer_init(&value);
    cell_value_number(&value, CELL_COUNT, number);
    memcpy(row->value, value.data, value.size);
    row->number = number;
    row->cell.value = bytes_of(row->value, value.size);
    buffer_release(&value);
}

/* Rows in key order: centre, course, period, dimension. */
static void origin_make(struct origin *origin, int number)
{
    static const char *const metrics[] = {"enrolled", "completed", "certified", "minutes", "attended"};
    uint8_t seed[IDENTITY_SEED_SIZE] = {(uint8_t)(number + 1)};

    identity_derive(&origin->identity, seed);
    origin->head.stream.node = origin->identity.node;
    origin->head.stream.topic = TOPIC_RESULTS;
    origin->head.stream.incarnation.b[0] = 1;
    origin->key = lthash_key(&federation, &origin->head.stream);
    origin->rows = calloc(CELLS, sizeof *origin->rows);
    CHECK(origin->rows);
    for (int i = 0; i < CELLS; i++) {
        struct row *row = &origin->rows[i];
        snprintf(row->column[0], sizeof row->column[0], "nc%02d-campus%d", number, i / 5000);
        snprintf(row->column[1], sizeof row->column[1], "course-%04d", i / 1000 % 5 * 140 + i / 5000);
        snprintf(row->column[2], sizeof row->column[2], "%d-%02d", 2020 + i / 50 % 20 / 12,
                 i / 50 % 20 % 12 + 1);
        snprintf(row->column[3], sizeof row->column[3], "%s.g%d", metrics[i / 10 % 5], i % 10);
        int size = snprintf(row->key, sizeof row->key, "%s\x1f%s\x1f%s\x1f%s", row->column[0], row->column[1],
                            row->column[2], row->column[3]);
        row->cell.key = bytes_of(row->key, (size_t)size);
        row_set(row, (int64_t)kit_random_below(&dice, VALUE_MAX + 1));
    }
}

static sqlite3 *plain_open(const char *dir)
{
    static const char setup[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = "
                                "-16384; PRAGMA mmap_size = 0;"
                                "CREATE TABLE result (origin TEXT NOT NULL, centre TEXT NOT NULL, course "
                                "TEXT NOT NULL, period TEXT NOT NULL,"
                                " dim TEXT NOT NULL, value INTEGER NOT NULL, PRIMARY KEY (origin, centre, "
                                "course, period, dim)) STRICT";
    char path[300];
    sqlite3 *db;

    snprintf(path, sizeof path, "%s/plain.db", dir);
    CHECK(sqlite3_open(path, &db) == SQLITE_OK);
    CHECK(sqlite3_exec(db, setup, NULL, NULL, NULL) == SQLITE_OK);
    return db;
}

/* Upserts every row, or those that changed (seq above `base`); seconds. */
static struct cost plain_run(sqlite3 *db, uint64_t base)
{
    static const char upsert[] =
        "INSERT INTO result VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
        " ON CONFLICT (origin, centre, course, period, dim) DO UPDATE SET value = excluded.value";
    struct cost start = cost_start(), spent = {0, 0};
    sqlite3_stmt *put;
    char origin[8];
    int rows = 0;

    CHECK(sqlite3_prepare_v2(db, upsert, -1, &put, NULL) == SQLITE_OK);
    sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
    for (int i = 0; i < ORIGINS * CELLS; i++) {
        const struct row *row = &origins[i / CELLS].rows[i % CELLS];
        if (row->cell.seq <= base) {
            continue;
        }
        snprintf(origin, sizeof origin, "nc%02d", i / CELLS);
        sqlite3_bind_text(put, 1, origin, -1, SQLITE_STATIC);
        for (int column = 0; column < 4; column++) {
            sqlite3_bind_text(put, 2 + column, row->column[column], -1, SQLITE_STATIC);
        }
        sqlite3_bind_int64(put, 6, row->number);
        CHECK(sqlite3_step(put) == SQLITE_DONE);
        sqlite3_reset(put);
        if (++rows % PER_TRANSACTION == 0) {
            CHECK(sqlite3_exec(db, "COMMIT; BEGIN", NULL, NULL, NULL) == SQLITE_OK);
        }
    }
    CHECK(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK);
    sqlite3_finalize(put);
    cost_add(&spent, &start);
    return spent;
}

struct request {
    const struct stream_id *stream;
    uint64_t after_seq, seq;
    struct buffer body;
};

static enum status stage_run(struct db *db, void *arg)
{
    struct request *request = arg;
    return stream_stage(db, request->stream, request->after_seq, request->seq, buffer_bytes(&request->body));
}

static enum status apply_run(struct db *db, void *arg)
{
    struct request *request = arg;
    return stream_apply_body(db, &federation, request->stream, buffer_bytes(&request->body));
}

/* One origin's delta above `base` as it comes from a session: batches staged, the last one applied. Seconds
 * spent in the store. */
static struct cost origin_send(struct store *store, struct origin *origin, uint64_t base)
{
    struct cell *cells = calloc(CELLS, sizeof *cells);
    struct request request = {.stream = &origin->head.stream, .after_seq = base};
    struct cost spent = {0, 0};
    size_t count = 0;

    CHECK(cells);
    for (size_t i = 0; i < CELLS; i++) { /* seqs were given in row order */
        if (origin->rows[i].cell.seq > base) {
            cells[count++] = origin->rows[i].cell;
        }
    }
    struct certificate certificate =
        certificate_sign(&federation, &origin->head, origin->identity.sign_secret);
    for (size_t at = 0; at < count; at += BATCH) {
        bool is_last = at + BATCH >= count;
        struct batch batch = {origin->head.stream,          request.after_seq, cells + at,
                              is_last ? count - at : BATCH, is_last,           certificate};
        buffer_clear(&request.body);
        CHECK(batch_encode(&batch, &request.body) == S_OK);
        request.seq = cells[at + batch.count - 1].seq;
        struct cost start = cost_start();
        enum status status = store_write_wait(store, is_last ? apply_run : stage_run, &request);
        cost_add(&spent, &start);
        CHECK(status == S_OK);
        request.after_seq = request.seq;
    }
    buffer_release(&request.body);
    free(cells);
    return spent;
}

/* Gives every `of`-th row the next seq (and, unless it is the first time, another value). */
static size_t origin_change(struct origin *origin, size_t of)
{
    size_t changed = 0;

    for (size_t i = 0; i < CELLS; i += of) {
        struct row *row = &origin->rows[i];
        if (row->cell.seq) {
            lthash_subtract(&origin->state, &origin->key, &row->cell);
            row_set(row, row->number + 1 + (int64_t)kit_random_below(&dice, 50));
        } else {
            origin->head.count++;
        }
        row->cell.seq = ++origin->head.seq;
        lthash_add(&origin->state, &origin->key, &row->cell);
        changed++;
    }
    origin->head.digest = lthash_digest(&origin->state);
    origin->head.stamp++;
    return changed;
}

static enum status own_run(struct db *db, void *arg)
{
    const struct origin *origin = arg;
    enum status status = S_OK;

    for (size_t i = 0; i < CELLS && status == S_OK; i++) {
        status = own_cell_put(db, TOPIC_RESULTS, origin->rows[i].cell.key, origin->rows[i].cell.value);
    }
    return status;
}

static void print(const char *what, size_t cells, struct cost spent, struct cost plain)
{
    printf("%-28s %7zu cells: wall %6.2f s, plain %6.2f s, ratio %.2f; processor %6.2f s, plain %6.2f s, "
           "ratio %.2f\n",
           what, cells, spent.wall, plain.wall, plain.wall / spent.wall, spent.cpu, plain.cpu,
           plain.cpu / spent.cpu);
}

static struct cost round_run(struct store *store, size_t of, size_t *count_out)
{
    uint64_t base = origins[0].head.seq;
    struct cost spent = {0, 0};

    *count_out = 0;
    for (int i = 0; i < ORIGINS; i++) {
        *count_out += origin_change(&origins[i], of);
        struct cost one = origin_send(store, &origins[i], base);
        spent.wall += one.wall;
        spent.cpu += one.cpu;
    }
    return spent;
}

int main(void)
{
    struct store_options options = {.must_create = true};
    struct report report = {.status = S_OK};
    struct store *store;
    struct rusage usage;
    struct stat info;
    char dir[256], path[300];
    size_t count;

    kit_setup();
    kit_random_seed(&dice, 42);
    kit_scratch_make(dir, sizeof dir);
    for (int i = 0; i < ORIGINS; i++) {
        origin_make(&origins[i], i);
    }
    if (store_open(dir, &options, &store, &report) != S_OK) {
        fprintf(stderr, "%s\n", report.text);
        return 1;
    }
    store_set_identity(store, &origins[0].identity, &federation);
    sqlite3 *plain = plain_open(dir);
    struct cost spent = round_run(store, 1, &count);
    print("applied, all new", count, spent, plain_run(plain, 0));
    uint64_t base = origins[0].head.seq;
    spent = round_run(store, CHANGED_OF, &count);
    print("applied, one in 100 changed", count, spent, plain_run(plain, base));
    sqlite3_close(plain);
    struct cost start = cost_start(), own = {0, 0};
    CHECK(store_write_wait(store, own_run, &origins[1]) == S_OK);
    cost_add(&own, &start);
    printf("%-28s %7d cells: wall %6.2f s; processor %6.2f s\n", "own, all new", CELLS, own.wall, own.cpu);
    store_close(store);
    snprintf(path, sizeof path, "%s/qanat.db", dir);
    stat(path, &info);
    getrusage(RUSAGE_SELF, &usage);
    printf("%.1f B per cell on disk; the rows, this bench and the store together: %ld MiB at most\n",
           (double)info.st_size / ((ORIGINS + 1) * CELLS), usage.ru_maxrss / 1024);
    kit_scratch_remove(dir);
    return 0;
}
