#include "tests/replication/wire/batches.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/replication/wire/samples.h"

static void *room(struct arena *arena, size_t size)
{
    void *data = arena_alloc(arena, size + 1);
    if (!data) {
        abort();
    }
    return data;
}

static struct batch batch_start(struct kit_random *random, size_t count)
{
    struct batch batch = {.stream = samples_stream(random), .count = count};

    batch.has_certificate = true;
    batch.certificate.head.stream = batch.stream;
    batch.certificate.head.count = count + 1;
    samples_random(random, &batch.certificate.head.digest, sizeof batch.certificate.head.digest);
    samples_random(random, batch.certificate.signature, sizeof batch.certificate.signature);
    return batch;
}

struct batch batches_results(struct kit_random *random, size_t count, struct arena *arena)
{
    static const char *const metrics[] = {"attended", "certified", "completed", "enrolled", "minutes"};
    static const char *const genders[] = {"female", "male", "other"};
    struct batch batch = batch_start(random, count);
    struct cell *cells = room(arena, count * sizeof *cells);

    for (size_t i = 0; i < count; i++) {
        size_t metric = i % 5, gender = i / 5 % 3, course = i / 15 % 50, month = i / 750;
        char key[128];
        uint8_t value[11] = {CELL_COUNT};
        struct bytes number = bytes_of(value, 2);
        uint64_t total = kit_random_below(random, 64);
        int size = snprintf(key, sizeof key,
                            "r\x1f"
                            "course-%03zu\x1f"
                            "en\x1f"
                            "1.0\x1f\x1fstudent\x1f%s\x1f%zu-%02zu\x1f%s",
                            course, genders[gender], 2020 + month / 12, month % 12 + 1, metrics[metric]);
        value[1] = (uint8_t)total;
        cells[i].seq = i + 1;
        cells[i].key = arena_copy(arena, bytes_of(key, (size_t)size));
        cells[i].value = arena_copy(arena, number);
    }
    batch.cells = cells;
    batch.certificate.head.seq = count + 1;
    return batch;
}

/* Any bytes, with many separators. */
static struct bytes odd_key(struct kit_random *random, struct arena *arena)
{
    size_t size = 1 + kit_random_below(random, kit_random_below(random, 8) ? 24 : CELL_KEY_MAX);
    uint8_t *key = room(arena, size);

    for (size_t i = 0; i < size; i++) {
        key[i] = kit_random_below(random, 4) ? (uint8_t)kit_random_below(random, 256) : KEY_SEPARATOR;
    }
    return bytes_of(key, size);
}

static struct bytes odd_value(struct kit_random *random, size_t value_max, struct arena *arena)
{
    size_t size = 1 + kit_random_below(random, kit_random_below(random, 8) ? 12 : value_max);
    uint8_t *value = room(arena, size);

    samples_random(random, value, size);
    value[0] = (uint8_t)kit_random_below(random, 11); /* unknown kinds and numbers in any form among them */
    return bytes_of(value, size);
}

struct batch batches_odd(struct kit_random *random, size_t count, size_t value_max, struct arena *arena)
{
    struct batch batch = batch_start(random, count);
    struct cell *cells = room(arena, count * sizeof *cells);
    uint64_t seq = batch.after_seq = kit_random_below(random, 1 << 20);

    for (size_t i = 0; i < count; i++) {
        seq += 1 + (kit_random_below(random, 3) ? 0 : kit_random_below(random, 1 << 16));
        cells[i].seq = seq;
        cells[i].key = odd_key(random, arena);
        cells[i].value = odd_value(random, value_max, arena);
    }
    batch.cells = cells;
    batch.certificate.head.seq = seq + 1 + kit_random_below(random, 5);
    return batch;
}

void batches_assert_equal(const struct batch *a, const struct batch *b)
{
    assert_int_equal(stream_id_compare(&a->stream, &b->stream), 0);
    assert_int_equal(a->after_seq, b->after_seq);
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->has_certificate, b->has_certificate);
    if (a->has_certificate) {
        assert_int_equal(a->certificate.head.seq, b->certificate.head.seq);
        assert_true(hash_equal(&a->certificate.head.digest, &b->certificate.head.digest));
        assert_memory_equal(a->certificate.signature, b->certificate.signature, SIGNATURE_SIZE);
    }
    for (size_t i = 0; i < a->count; i++) {
        assert_int_equal(a->cells[i].seq, b->cells[i].seq);
        assert_true(bytes_equal(a->cells[i].key, b->cells[i].key));
        assert_true(bytes_equal(a->cells[i].value, b->cells[i].value));
    }
}
