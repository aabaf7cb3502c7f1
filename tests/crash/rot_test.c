/* Bits that flip in the files of a node: no figure is wrong without being told, and with a peer at hand the
 * node is made whole again.
 *
 * QANAT_FLIPS: how many (60, 20 with sanitizers); QANAT_SEED repeats a run. In turn one bit in the database at rest, in a database
 * with its log as a power cut leaves them, in the contents of courses, several bits in one page of the database,
 * and one bit in the files of the node (key, federation, configuration). */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "node/cmd/command.h"
#include "node/learn/import/import_child.h"
#include "node/log.h"
#include "node/store/disk/page_seal.h"
#include "node/store/stream/held.h"
#include "node/store/stream/stream.h"
#include "replication/base/check.h"
#include "tests/kit/courses.h"
#include "tests/kit/kit_command.h"
#include "tests/kit/stream_writer.h"

#ifdef WITH_SANITIZER
enum { FLIPS = 20 }; /* each costs six times as much */
#else
enum { FLIPS = 60 };
#endif
enum { FOREIGN = 3, FOREIGN_CELLS = 150, CHILD_ENDED = 100 };
enum rot_place { ROT_REST, ROT_LOG, ROT_CONTENT, ROT_PAGE, ROT_FILES, ROT_PLACES };

/* What a peer can make whole again; a page of local rows and a key it cannot. */
static bool is_mendable(enum rot_place place)
{
    return place == ROT_REST || place == ROT_LOG || place == ROT_CONTENT;
}

struct bench {
    struct kit_command kit; /* dir: the node that rots */
    char whole[300], logged[300], file[400];
    char *figures;
    struct federation federation;
    struct identity identity;
};

static struct bench bench;

/* What came of one flip. */
enum outcome { OUTCOME_HARMLESS, OUTCOME_REPAIRED, OUTCOME_TOLD, OUTCOME_WRONG, OUTCOME_CRASHED };

/* --- the node --- */

static void shell(const char *format, const char *a, const char *b)
{
    char command[1200];

    snprintf(command, sizeof command, format, a, b);
    if (system(command) != 0) {
        fail_msg("%s", command);
    }
}

static void say(const char *words)
{
    if (kit_command(&bench.kit, words) != EXIT_DONE) {
        fail_msg("%s: %s", words, bench.kit.err);
    }
}

static enum status foreign_run(struct db *db, void *arg)
{
    struct stream_writer writer;
    struct buffer body;
    char key[64];
    (void)arg;

    buffer_init(&body);
    enum status status = S_OK;
    for (uint8_t i = 0; i < FOREIGN && status == S_OK; i++) {
        stream_writer_init(&writer, &bench.federation.id, (uint8_t)(40 + i), TOPIC_RESULTS);
        for (int k = 0; k < FOREIGN_CELLS; k++) {
            snprintf(key, sizeof key, "r\x1f%d\x1f%d", k % 12, k);
            stream_writer_put_number(&writer, key, k);
        }
        struct certificate certificate = stream_writer_certify(&writer);
        buffer_clear(&body);
        stream_writer_body(&writer, 0, writer.head.seq, &certificate, &body);
        status = stream_apply_body(db, &bench.federation.id, &writer.head.stream, buffer_bytes(&body));
        stream_writer_release(&writer);
    }
    buffer_release(&body);
    return status;
}

/* A peer has everything. */
static enum status receipts_run(struct db *db, void *arg)
{
    struct stream_head head;
    struct stream_id after;
    enum status status = S_OK;
    (void)arg;

    for (bool more = stream_next(db, NULL, &head); more && status == S_OK;
         more = stream_next(db, &after, &head)) {
        struct held held = {.stream = head.stream, .seq = head.seq, .at_ms = 1};
        memset(held.holder.b, 8, sizeof held.holder.b);
        status = held_put(db, &held);
        after = head.stream;
    }
    return status;
}

static void node_open(const char *dir, struct kit_courses *node)
{
    const struct store_options options = {.anchor_dir = bench.kit.scratch};

    memset(node, 0, sizeof *node);
    snprintf(node->node.dir, sizeof node->node.dir, "%s", dir);
    if (store_open(dir, &options, &node->node.store, &node->node.report) != S_OK ||
        blobs_open(dir, node->node.store, &node->node.blobs, &node->node.report) != S_OK) {
        fail_msg("%s", node->node.report.text);
    }
    node->identity = bench.identity;
    node->federation = bench.federation.id;
    config_init(&node->config);
    node->config.disk_floor_mib = 0;
    store_set_identity(node->node.store, &bench.identity, &bench.federation.id);
    courses_init(&node->courses, node->node.store, node->node.blobs, &bench.identity, NULL, &node->config);
}

static void node_shut(struct kit_courses *node)
{
    blobs_close(node->node.blobs);
    store_close(node->node.store);
}

static void results_make(const char *name, int first)
{
    char text[20000] = "event_id,person,course,kind,at,score,minutes\n";
    size_t size = strlen(text);

    for (int i = 0; i < 200; i++) {
        size += (size_t)snprintf(text + size, sizeof text - size,
                                 "e%d,p%d,c%d,%s,2026-%02d-02T10:00:00Z,%s,%d\n", first + i, i % 40, i % 5,
                                 i % 2 ? "completed" : "enrolled", i % 9 + 1, i % 2 ? "80" : "", i);
    }
    kit_command_file(&bench.kit, name, text);
}

static void import(const char *name)
{
    char words[500];

    snprintf(words, sizeof words, "result import '%s/%s'", bench.kit.scratch, name);
    say(words);
}

static void people_make(void)
{
    char text[4000] = "id,name,gender\n", words[500];
    size_t size = strlen(text);

    for (int i = 0; i < 40; i++) {
        size += (size_t)snprintf(text + size, sizeof text - size, "p%d,Person number %d,%s\n", i, i,
                                 i % 2 ? "male" : "female");
    }
    kit_command_file(&bench.kit, "people.csv", text);
    snprintf(words, sizeof words, "person import '%s/people.csv'", bench.kit.scratch);
    say(words);
}

static void course_make(void)
{
    char words[500];

    shell("mkdir '%s/course' && echo '<h1>Water</h1>' >'%s/course/index.html'", bench.kit.scratch,
          bench.kit.scratch);
    shell("head -c 1500000 /dev/urandom >'%s/course/film.mp4'; head -c 40000 /dev/urandom "
          ">'%s/course/page.jpg'",
          bench.kit.scratch, bench.kit.scratch);
    snprintf(words, sizeof words, "course import '%s/course' --id water --lang en --title Water",
             bench.kit.scratch);
    say(words);
    say("course publish water");
}

static char *figures_read(void)
{
    return kit_command(&bench.kit, "stats --by course,gender,period --format csv") == EXIT_DONE
               ? strdup(bench.kit.out)
               : NULL;
}

static void bench_make(void)
{
    struct kit_courses node;

    kit_command_open(&bench.kit);
    snprintf(bench.whole, sizeof bench.whole, "%s/whole", bench.kit.scratch);
    snprintf(bench.logged, sizeof bench.logged, "%s/logged", bench.kit.scratch);
    CHECK(dir_load_identity(bench.kit.dir, &bench.identity, NULL) == S_OK);
    CHECK(dir_load_federation(bench.kit.dir, &bench.federation, NULL) == S_OK);
    people_make();
    results_make("a.csv", 0);
    results_make("b.csv", 200);
    import("a.csv");
    course_make();
    node_open(bench.kit.dir, &node);
    kit_job(&node, foreign_run, NULL);
    kit_job(&node, receipts_run, NULL);
    node_shut(&node);
    import("b.csv");
    node_open(bench.kit.dir, &node);
    kit_job(&node, receipts_run, NULL); /* what stands in the log */
    shell("cp -a '%s' '%s'", bench.kit.dir, bench.logged);
    node_shut(&node);
    shell("cp -a '%s' '%s'", bench.kit.dir, bench.whole);
    bench.figures = figures_read();
    CHECK(bench.figures);
}

/* --- a peer that has everything --- */

struct transfer {
    struct stream_id stream;
    struct buffer body;
};

static enum status apply_run(struct db *db, void *arg)
{
    struct transfer *transfer = arg;
    return stream_apply_body(db, &bench.federation.id, &transfer->stream, buffer_bytes(&transfer->body));
}

static void stream_pull(struct kit_courses *from, struct kit_courses *to, const struct stream_head *head)
{
    static struct cell cells[4096];
    struct transfer transfer = {.stream = head->stream};
    struct certificate held;
    struct arena arena;
    struct db *db = store_read_begin(to->node.store);
    uint64_t after = stream_find(db, &head->stream, &held) ? held.head.seq : 0;

    store_read_end(to->node.store, db);
    if (after >= head->seq) {
        return;
    }
    struct batch batch = {
        .stream = head->stream, .after_seq = after, .cells = cells, .has_certificate = true};
    arena_init(&arena, 64 << 20);
    buffer_init(&transfer.body);
    db = store_read_begin(from->node.store);
    CHECK(stream_find(db, &head->stream, &batch.certificate));
    batch.count = stream_cells_scan(db, &head->stream, after, 4096, &arena, cells);
    CHECK(batch_encode(&batch, &transfer.body) == S_OK);
    store_read_end(from->node.store, db);
    (void)store_write_wait(to->node.store, apply_run, &transfer); /* the figures will tell */
    buffer_release(&transfer.body);
    arena_release(&arena);
}

static enum status refresh_run(struct db *db, void *arg)
{
    return course_refresh(arg, db);
}

static enum status sync_from_peer(void)
{
    struct kit_courses peer, node;
    struct stream_head head;
    struct stream_id after;

    node_open(bench.whole, &peer);
    node_open(bench.kit.dir, &node);
    struct db *db = store_read_begin(peer.node.store);
    for (bool more = stream_next(db, NULL, &head); more; more = stream_next(db, &after, &head)) {
        stream_pull(&peer, &node, &head);
        after = head.stream;
    }
    store_read_end(peer.node.store, db);
    enum status status = store_write_wait(node.node.store, refresh_run, &node.courses);
    if (status == S_OK) {
        kit_objects_move(&peer, &node, 1000);
    }
    node_shut(&node);
    node_shut(&peer);
    return status;
}

/* --- one flip --- */

static void file_choose(enum rot_place place, struct kit_random *random)
{
    const char *dir = bench.kit.dir;
    char command[500];

    if (place == ROT_CONTENT) {
        snprintf(command, sizeof command, "find '%s/blobs' -type f | sort | sed -n %dp", dir,
                 (int)kit_random_below(random, 4) + 1);
        FILE *found = popen(command, "r");
        CHECK(found && fgets(bench.file, sizeof bench.file, found));
        bench.file[strcspn(bench.file, "\n")] = '\0';
        pclose(found);
        return;
    }
    if (place == ROT_FILES) {
        static const char *const files[] = {"node.key", "federation.json", "qanat.conf"};
        snprintf(bench.file, sizeof bench.file, "%s/%s", dir, files[kit_random_below(random, 3)]);
        return;
    }
    bool is_log = place == ROT_LOG && kit_random_below(random, 2) == 0;
    snprintf(bench.file, sizeof bench.file, "%s/qanat.db%s", dir, is_log ? "-wal" : "");
}

static void bit_flip_at(int fd, uint64_t bit)
{
    uint8_t byte;

    CHECK(pread(fd, &byte, 1, (off_t)(bit / 8)) == 1);
    byte = (uint8_t)(byte ^ 1 << bit % 8);
    CHECK(pwrite(fd, &byte, 1, (off_t)(bit / 8)) == 1);
}

static uint64_t bit_flip(enum rot_place place, struct kit_random *random)
{
    int fd = open(bench.file, O_RDWR | O_CLOEXEC);
    struct stat info;

    CHECK(fd >= 0 && fstat(fd, &info) == 0 && info.st_size > 0);
    uint64_t bit = kit_random_below(random, 8 * (uint64_t)info.st_size);
    bit_flip_at(fd, bit);
    for (uint64_t more = place == ROT_PAGE ? 1 + kit_random_below(random, 5) : 0; more > 0; more--) {
        bit_flip_at(fd, bit / (8 * PAGE_SIZE) * 8 * PAGE_SIZE + kit_random_below(random, 8 * PAGE_SIZE));
    }
    close(fd);
    return bit;
}

static bool figures_are_right(void)
{
    char *figures = figures_read();
    bool is_right = figures && strcmp(figures, bench.figures) == 0;

    free(figures);
    return is_right;
}

static enum outcome flip_try(enum rot_place place, struct kit_random *random)
{
    char command[1000];

    snprintf(command, sizeof command, "rm -rf '%s' && cp -a '%s' '%s'", bench.kit.dir,
             place == ROT_LOG ? bench.logged : bench.whole, bench.kit.dir);
    shell("%s%s", command, "");
    file_choose(place, random);
    uint64_t bit = bit_flip(place, random);
    bool is_told = kit_command(&bench.kit, "verify") != EXIT_DONE, is_log = strstr(bench.file, "-wal");
    char *said = strdup(bench.kit.out);
    char *now = place == ROT_LOG ? NULL : figures_read(); /* a log that ends early gives older ones */
    bool is_wrong = now && strcmp(now, bench.figures) != 0;
    enum outcome outcome = OUTCOME_HARMLESS;

    free(now);
    if (is_wrong) {
        outcome = OUTCOME_WRONG;
    } else if (place == ROT_FILES && is_told) {
        outcome = OUTCOME_TOLD;
    } else if (!is_told && !is_log) {
        outcome = figures_are_right() ? OUTCOME_HARMLESS : OUTCOME_WRONG;
    } else {
        kit_command(&bench.kit, "scrub --repair");
        char *repaired = strdup(bench.kit.out);
        enum status synced = kit_command(&bench.kit, "digest") == EXIT_DONE ? sync_from_peer() : S_CORRUPT;
        bool is_whole = figures_are_right() && kit_command(&bench.kit, "course verify water") == EXIT_DONE &&
                        kit_command(&bench.kit, "verify") == EXIT_DONE;
        outcome = is_whole ? OUTCOME_REPAIRED : OUTCOME_TOLD;
        if (!is_whole && is_mendable((enum rot_place)place)) {
            printf("# bit %llu of %s: %s# repair: %s# sync: %s\n# left: %s%s\n", (unsigned long long)bit,
                   bench.file + strlen(bench.kit.dir) + 1, said, repaired, status_text(synced), bench.kit.out,
                   bench.kit.err);
        }
        free(repaired);
    }
    if (outcome == OUTCOME_WRONG) {
        printf("# bit %llu of %s gave wrong figures\n", (unsigned long long)bit,
               bench.file);
    }
    free(said);
    return outcome;
}

static const char *const place_names[ROT_PLACES] = {"database", "database with log", "contents", "pages of the database",
                                                    "files"};

/* In a process of its own: a node that ends itself over what it reads would be the worst answer. */
static enum outcome flip_apart(enum rot_place place, struct kit_random *random)
{
    int code = 0;

    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        enum outcome outcome = flip_try(place, random);
        fflush(NULL);
        _exit(CHILD_ENDED + (int)outcome);
    }
    kit_random_u64(random);
    CHECK(child > 0 && waitpid(child, &code, 0) == child);
    if (!WIFEXITED(code) || WEXITSTATUS(code) < CHILD_ENDED) {
        printf("# a node ended (%d) over a flip in the %s\n", code, place_names[place]);
        return OUTCOME_CRASHED;
    }
    return (enum outcome)(WEXITSTATUS(code) - CHILD_ENDED);
}

static void no_flipped_bit_gives_a_wrong_figure_and_a_peer_makes_whole(void **state)
{
    static const char *const names[] = {"harmless", "repaired", "told", "wrong", "crashed"};
    int counts[ROT_PLACES][OUTCOME_CRASHED + 1] = {0};
    const char *text = getenv("QANAT_FLIPS");
    int flips = text ? atoi(text) : FLIPS, told = 0, repaired = 0, wrong = 0;
    struct kit_random random;
    (void)state;

    bench_make();
    kit_random_seed(&random, kit_fresh_seed());
    for (int i = 0; i < flips; i++) {
        enum rot_place place = (enum rot_place)(i % ROT_PLACES);
        counts[place][flip_apart(place, &random)]++;
    }
    for (int place = 0; place < ROT_PLACES; place++) {
        printf("# %s:", place_names[place]);
        for (int outcome = 0; outcome <= OUTCOME_CRASHED; outcome++) {
            printf(" %d %s", counts[place][outcome], names[outcome]);
        }
        printf("\n");
        told += is_mendable((enum rot_place)place) ? counts[place][OUTCOME_TOLD] : 0;
        repaired += is_mendable((enum rot_place)place) ? counts[place][OUTCOME_REPAIRED] : 0;
        wrong += counts[place][OUTCOME_WRONG] + counts[place][OUTCOME_CRASHED];
    }
    assert_int_equal(wrong, 0);
    assert_true(told <= 1 + (told + repaired) / 100); /* 99 of 100, and one of a small number */
    free(bench.figures);
    kit_command_close(&bench.kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_flipped_bit_gives_a_wrong_figure_and_a_peer_makes_whole),
    };

    log_set_level((enum log_level) - 1);
    return KIT_RUN(tests);
}
