/* Bytes and time per cell on the wire: a million result cells from 20 origins, then one in a hundred of them
 * changed.
 *
 * Values are uniform in 0 to 5,000 (12.3 bits: a floor of 1.54 bytes per cell). Every origin's stream goes
 * out in frames with a certificate at its end, as a session sends it, and is decoded again. Time is processor
 * time of this process. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "replication/wire/message.h"
#include "tests/replication/wire/batches.h"
#include "tests/replication/wire/samples.h"

enum {
    ORIGINS = 20,
    CELLS = 50000,
    COURSES = 50,
    METRICS = 5,
    GROUPS = 10,
    VALUE_MAX = 5000,
    CHANGED_OF = 100
};

struct totals {
    size_t cells, frames, bytes;
    double encode_s, decode_s;
    struct arena arena, frame_arena;
};

static double cpu_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static struct bytes number_value(struct kit_random *random, struct arena *arena)
{
    struct buffer value;

    buffer_init(&value);
    buffer_append_u8(&value, CELL_COUNT);
    buffer_append_varint(&value, zigzag_encode((int64_t)kit_random_below(random, VALUE_MAX + 1)));
    struct bytes copy = arena_copy(arena, buffer_bytes(&value));
    buffer_release(&value);
    return copy;
}

/* The cells of one origin: by period, course, metric and group; ten campuses share its courses. */
static struct cell *origin_cells(struct kit_random *random, unsigned origin, struct arena *arena)
{
    static const char *const metrics[METRICS] = {"enrolled", "completed", "certified", "score_sum",
                                                 "minutes"};
    static const char *const groups[GROUPS] = {"all",    "female",  "male",    "age18_24", "age25_44",
                                               "age45p", "fac_sci", "fac_eng", "fac_edu",  "fac_med"};
    struct cell *cells = arena_alloc(arena, CELLS * sizeof *cells);
    char key[256];

    for (unsigned i = 0; cells && i < CELLS; i++) {
        unsigned metric = i / GROUPS % METRICS, course = i / (GROUPS * METRICS) % COURSES,
                 month = i / (GROUPS * METRICS * COURSES);
        int size = snprintf(key, sizeof key,
                            "r\x1f"
                            "course-%04u\x1f"
                            "en\x1f"
                            "1.0\x1f"
                            "nc%02u-campus%u\x1fstudent\x1f%s\x1f%u-%02u\x1f%s",
                            course * 14, origin, course % 10, groups[i % GROUPS], 2020 + month / 12,
                            month % 12 + 1, metrics[metric]);
        cells[i].seq = i + 1;
        cells[i].key = arena_copy(arena, bytes_of(key, (size_t)size));
        cells[i].value = number_value(random, arena);
    }
    return cells;
}

/* Moves what changed to the front, with new values and seqs; how many those are. */
static size_t cells_change(struct kit_random *random, struct cell *cells, struct arena *arena)
{
    size_t count = 0;

    for (size_t i = 0; i < CELLS; i++) {
        if (kit_random_below(random, CHANGED_OF) == 0) {
            cells[count] = cells[i];
            cells[count].seq = CELLS + 1 + count;
            cells[count].value = number_value(random, arena);
            count++;
        }
    }
    return count;
}

static void frame_receive(struct totals *totals, struct bytes frame, size_t expected)
{
    struct message message;
    struct batch batch;

    arena_clear(&totals->arena);
    arena_clear(&totals->frame_arena);
    if (message_decode(frame, &totals->frame_arena, &message) != S_OK ||
        batch_decode(message.batch_body, &totals->arena, &batch) != S_OK || batch.count != expected) {
        fprintf(stderr, "a frame does not come back\n");
        exit(1);
    }
}

static void stream_move(struct totals *totals, struct kit_random *random, const struct cell *cells,
                        size_t count, uint64_t after_seq)
{
    struct batch left = {
        .stream = samples_stream(random), .after_seq = after_seq, .cells = cells, .count = count};
    size_t guess = 0, taken;
    struct buffer frame;

    left.has_certificate = true;
    left.certificate.head =
        (struct stream_head){.stream = left.stream, .seq = after_seq + count, .count = CELLS};
    samples_random(random, &left.certificate.head.digest, sizeof left.certificate.head.digest);
    samples_random(random, left.certificate.signature, sizeof left.certificate.signature);
    buffer_init(&frame);
    while (left.count > 0) {
        double start = cpu_s();
        buffer_clear(&frame);
        if (batch_frame(&left, &guess, &frame, &taken) != S_OK) {
            exit(1);
        }
        double middle = cpu_s();
        frame_receive(totals, buffer_bytes(&frame), taken);
        totals->encode_s += middle - start;
        totals->decode_s += cpu_s() - middle;
        totals->frames++;
        totals->bytes += frame.size;
        totals->cells += taken;
        left.after_seq = left.cells[taken - 1].seq;
        left.cells += taken;
        left.count -= taken;
    }
    buffer_release(&frame);
}

static void totals_print(const char *name, const struct totals *totals)
{
    printf("%-8s %8zu cells %4zu frames %8zu bytes: %.3f bytes a cell; encode %.2f, decode %.2f million "
           "cells a second\n",
           name, totals->cells, totals->frames, totals->bytes, (double)totals->bytes / (double)totals->cells,
           (double)totals->cells / totals->encode_s * 1e-6, (double)totals->cells / totals->decode_s * 1e-6);
}

int main(void)
{
    struct totals first = {0}, changed = {0};
    struct totals *both[] = {&first, &changed};
    struct kit_random random;
    struct arena arena;

    kit_random_seed(&random, 42);
    arena_init(&arena, 64 * 1024 * 1024);
    for (int i = 0; i < 2; i++) {
        arena_init(&both[i]->arena, BATCH_ARENA_SIZE);
        arena_init(&both[i]->frame_arena, MESSAGE_ARENA_SIZE);
    }
    for (unsigned origin = 0; origin < ORIGINS; origin++) {
        arena_clear(&arena);
        struct cell *cells = origin_cells(&random, origin, &arena);
        if (!cells) {
            return 1;
        }
        stream_move(&first, &random, cells, CELLS, 0);
        stream_move(&changed, &random, cells, cells_change(&random, cells, &arena), CELLS);
    }
    totals_print("all", &first);
    totals_print("changed", &changed);
    for (int i = 0; i < 2; i++) {
        arena_release(&both[i]->arena);
        arena_release(&both[i]->frame_arena);
    }
    arena_release(&arena);
    return 0;
}
