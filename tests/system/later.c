/* later NODE_DIR: writes into a stopped node what a later version might: a stream of a topic that has no name yet, and cells of kinds, figures and
 * keys that nobody knows, all well signed with the node's key. For versions.sh: today's nodes must store and relay it byte for byte. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "node/dir.h"
#include "node/store/store.h"
#include "node/store/stream/stream.h"
#include "tests/kit/stream_writer.h"

enum { LATER_TOPIC = 9, LATER_KIND = 200, CELLS = 300 };

struct job {
    const struct id *federation;
    const struct stream_id *stream;
    struct bytes body;
};

static enum status apply_run(struct db *db, void *arg)
{
    const struct job *job = arg;
    return stream_apply_body(db, job->federation, job->stream, job->body);
}

static void cells_make(struct stream_writer *writer)
{
    uint8_t value[64] = {LATER_KIND};
    char key[96];

    for (int i = 0; i < CELLS; i++) {
        randombytes_buf(value + 1, sizeof value - 1);
        snprintf(key, sizeof key, "later\x1f%d\x1fwhat nobody knows yet", i);
        stream_writer_put(writer, bytes_text(key), bytes_of(value, 1 + (size_t)i % sizeof value));
    }
}

int main(int argc, char **argv)
{
    struct store_options options = {.read_only = false};
    struct report report = {.status = S_OK};
    struct federation federation;
    struct identity identity;
    struct stream_writer writer;
    struct store *store;
    struct buffer body;

    if (argc != 2 || sodium_init() < 0 || dir_load_identity(argv[1], &identity, &report) != S_OK ||
        dir_load_federation(argv[1], &federation, &report) != S_OK || store_open(argv[1], &options, &store, &report) != S_OK) {
        fprintf(stderr, "later NODE_DIR: %s\n", report.text);
        return 2;
    }
    stream_writer_init(&writer, &federation.id, 1, (enum topic)LATER_TOPIC);
    writer.identity = identity;
    writer.head.stream.node = identity.node;
    randombytes_buf(writer.head.stream.incarnation.b, sizeof writer.head.stream.incarnation.b);
    writer.key = lthash_key(&federation.id, &writer.head.stream);
    cells_make(&writer);
    struct certificate certificate = stream_writer_certify(&writer);
    buffer_init(&body);
    stream_writer_body(&writer, 0, writer.head.seq, &certificate, &body);
    struct job job = {&federation.id, &writer.head.stream, buffer_bytes(&body)};
    enum status status = store_write_wait(store, apply_run, &job);
    store_close(store);
    printf("%zu cells of topic %d: %s\n", writer.count, LATER_TOPIC, status_text(status));
    return status == S_OK ? 0 : 1;
}
