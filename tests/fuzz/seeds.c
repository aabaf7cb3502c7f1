/* Writes the fuzzers' first inputs: seeds FOLDER. Inputs that a fuzzer found on its own are kept beside them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "replication/wire/frame.h"
#include "tests/replication/wire/batches.h"
#include "tests/replication/wire/samples.h"

static void seed_write(const char *folder, const char *target, const char *name, struct bytes data)
{
    char path[4096];

    snprintf(path, sizeof path, "%s/%s", folder, target);
    if (mkdir(path, 0777) < 0 && errno != EEXIST) {
        perror(path);
        exit(1);
    }
    snprintf(path, sizeof path, "%s/%s/%s", folder, target, name);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(data.data, 1, data.size, file) != data.size || fclose(file) != 0) {
        perror(path);
        exit(1);
    }
}

/* Each small message as a frame and as type and body. */
static void seed_messages(const char *folder, struct arena *arena)
{
    struct message messages[SAMPLES_MAX];
    struct kit_random random;
    struct buffer out;
    struct frame frame;
    char name[64];

    kit_random_seed(&random, 1);
    buffer_init(&out);
    size_t count = samples_make(&random, false, arena, messages);
    for (size_t i = 0; i < count; i++) {
        buffer_clear(&out);
        if (message_encode(&messages[i], &out) != S_OK ||
            frame_decode(buffer_bytes(&out), arena, &frame) != S_OK) {
            abort();
        }
        snprintf(name, sizeof name, "seed-%02zu-%s", i, message_name(messages[i].type));
        seed_write(folder, "frame", name, buffer_bytes(&out));
        struct bytes body = arena_copy(arena, frame.body);
        buffer_clear(&out);
        buffer_append_u8(&out, frame.type);
        buffer_append(&out, body.data, body.size);
        seed_write(folder, "message", name, buffer_bytes(&out));
    }
    buffer_release(&out);
}

static void seed_batches(const char *folder, struct arena *arena)
{
    struct kit_random random;
    struct buffer body;
    char name[64];

    kit_random_seed(&random, 2);
    buffer_init(&body);
    for (size_t i = 0; i < 8; i++) {
        static const size_t counts[] = {0, 1, 8, 60};
        size_t count = counts[i / 2];
        struct batch batch = i % 2 ? batches_odd(&random, count > 20 ? 20 : count, 24, arena)
                                   : batches_results(&random, count, arena);
        batch.has_certificate = i % 4 < 2;
        buffer_clear(&body);
        if (batch_encode(&batch, &body) != S_OK) {
            abort();
        }
        snprintf(name, sizeof name, "seed-%zu-%s-%zu", i, i % 2 ? "odd" : "results", count);
        seed_write(folder, "batch", name, buffer_bytes(&body));
    }
    buffer_clear(&body);
    struct batch batch = batches_results(&random, 700, arena);
    size_t guess = 0, taken;
    if (batch_frame(&batch, &guess, &body, &taken) != S_OK) {
        abort();
    }
    seed_write(folder, "frame", "seed-batch-700", buffer_bytes(&body));
    buffer_release(&body);
}

int main(int argc, char **argv)
{
    struct arena arena;

    if (argc != 2) {
        fprintf(stderr, "usage: seeds FOLDER\n");
        return 2;
    }
    arena_init(&arena, SAMPLES_ARENA_SIZE);
    seed_messages(argv[1], &arena);
    seed_batches(argv[1], &arena);
    arena_release(&arena);
    return 0;
}
