/* Writes the fuzzers' first inputs: seeds FOLDER. Inputs that a fuzzer found on its own are kept beside them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "replication/package/catalogue.h"
#include "replication/trust/token.h"
#include "replication/wire/frame.h"
#include "replication/trust/authority.h"
#include "tests/kit/federation.h"
#include "tests/kit/presidency.h"
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

static void seed_authority(const char *folder)
{
    static const int next[] = {20, 21, 22};
    static struct federation fed;
    struct hash hash = {{7}};
    struct buffer out;

    buffer_init(&out);
    federation_make(&fed, 1);
    const struct signer by = presidency_signer(&fed, 20, 2);
    const struct presidency presidency = {1, authority_genesis(fed.authority.sign_public), 2, next, 3, &hash, 1, 1000};
    presidency_write(&fed, &presidency, FEDERATION_AUTHORITY, &out);
    seed_write(folder, "statement", "seed-authority", buffer_bytes(&out));
    presidency_adopt(&fed, NULL, bytes_of(hash.b, sizeof hash.b), 1000, &by, &out);
    seed_write(folder, "statement", "seed-adopt", buffer_bytes(&out));
    buffer_clear(&out);
    if (statement_cosign(&fed.id, &hash, 1000, &by, &out) != S_OK) {
        abort();
    }
    seed_write(folder, "statement", "seed-cosign", buffer_bytes(&out));
    buffer_release(&out);
}

static void seed_trust(const char *folder)
{
    static struct federation fed;
    struct token token = {
        .name = "Kituo", .kind = NODE_CAMPUS, .endpoints = {"tcp://h:1"}, .endpoint_count = 1};
    char text[TOKEN_TEXT_MAX];
    struct buffer out;

    buffer_init(&out);
    federation_make(&fed, 1);
    struct roster_node node = federation_node(&fed, 1, 0, NODE_NATIONAL);
    federation_admit(&fed, &node, 0, &out);
    seed_write(folder, "statement", "seed-admit", buffer_bytes(&out));
    federation_revoke(&fed, 1, 1000, 0, &out);
    seed_write(folder, "statement", "seed-revoke", buffer_bytes(&out));
    buffer_release(&out);
    if (token_encode(&token, text) != S_OK) {
        abort();
    }
    seed_write(folder, "token", "seed-line", bytes_text(text));
    token.anchor.b[0] = 1;
    if (token_encode(&token, text) != S_OK) {
        abort();
    }
    seed_write(folder, "token", "seed-anchor", bytes_text(text));
}

static void seed_package(const char *folder)
{
    static const struct chunk chunks[] = {{.hash = {{1}}, .size = CHUNK_SIZE_MAX},
                                          {.hash = {{2}}, .size = 5}};
    const struct member members[] = {
        {.path = bytes_text("a.html"), .size = 3, .media_type = bytes_text("text/html")},
        {.path = bytes_text("b/c.mp4"), .size = CHUNK_SIZE_MAX + 5, .chunks = chunks, .chunk_count = 2},
    };
    const struct course_item item = {.title = bytes_text("One"), .mastery_percent = 80};
    const struct manifest manifest = {.format = PACKAGE_CMI5,
                                      .lang = bytes_text("en"),
                                      .mastery_percent = -1,
                                      .members = members,
                                      .member_count = 2,
                                      .items = &item,
                                      .item_count = 1};
    const struct catalogue_entry entry = {.course = bytes_text("c"),
                                          .lang = bytes_text("en"),
                                          .version = bytes_text("1"),
                                          .format = PACKAGE_CMI5,
                                          .manifest_size = CHUNK_SIZE_MAX + 5,
                                          .manifest_chunks = chunks,
                                          .manifest_chunk_count = 2};
    struct buffer out;

    buffer_init(&out);
    if (manifest_encode(&manifest, &out) != S_OK) {
        abort();
    }
    seed_write(folder, "manifest", "seed-two-members", buffer_bytes(&out));
    buffer_clear(&out);
    if (catalogue_encode(&entry, &out) != S_OK) {
        abort();
    }
    seed_write(folder, "catalogue", "seed-entry", buffer_bytes(&out));
    buffer_release(&out);
}

static void seed_windows(const char *folder)
{
    seed_write(folder, "window", "seed-night", bytes_text("mon-fri 22:00-06:00 rate 2M quota 1G"));
    seed_write(folder, "window", "seed-all",
               bytes_text("sat,sun 00:00-24:00 rate 1.5M quota 1 per month metered for results"));
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
    seed_trust(argv[1]);
    seed_authority(argv[1]);
    seed_package(argv[1]);
    seed_windows(argv[1]);
    arena_release(&arena);
    return 0;
}
