#include "tests/kit/stream_writer.h"

#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"

void stream_writer_init(struct stream_writer *writer, const struct id *federation, uint8_t number,
                        enum topic topic)
{
    uint8_t seed[IDENTITY_SEED_SIZE];

    memset(writer, 0, sizeof *writer);
    memset(seed, number, sizeof seed);
    identity_derive(&writer->identity, seed);
    writer->federation = *federation;
    writer->head.stream.node = writer->identity.node;
    writer->head.stream.topic = topic;
    memset(writer->head.stream.incarnation.b, number + 1, sizeof writer->head.stream.incarnation.b);
    writer->key = lthash_key(federation, &writer->head.stream);
    lthash_init(&writer->state);
    writer->cells = calloc(STREAM_WRITER_CELLS_MAX, sizeof *writer->cells);
    CHECK(writer->cells);
}

void stream_writer_release(struct stream_writer *writer)
{
    for (size_t i = 0; i < writer->count; i++) {
        free((void *)writer->cells[i].key.data);
        free((void *)writer->cells[i].value.data);
    }
    free(writer->cells);
}

static struct bytes copy_of(struct bytes bytes)
{
    uint8_t *data = malloc(bytes.size + 1);

    CHECK(data);
    memcpy(data, bytes.data, bytes.size);
    return bytes_of(data, bytes.size);
}

void stream_writer_put(struct stream_writer *writer, struct bytes key, struct bytes value)
{
    size_t i = 0;

    while (i < writer->count && !bytes_equal(writer->cells[i].key, key)) {
        i++;
    }
    struct cell *cell = &writer->cells[i];
    if (i < writer->count) {
        lthash_subtract(&writer->state, &writer->key, cell);
        free((void *)cell->value.data);
    } else {
        CHECK(writer->count < STREAM_WRITER_CELLS_MAX);
        writer->count++;
        writer->head.count++;
        cell->key = copy_of(key);
    }
    cell->value = copy_of(value);
    cell->seq = ++writer->head.seq;
    lthash_add(&writer->state, &writer->key, cell);
}

void stream_writer_put_number(struct stream_writer *writer, const char *key, int64_t number)
{
    struct buffer value;

    buffer_init(&value);
    cell_value_number(&value, CELL_COUNT, number);
    stream_writer_put(writer, bytes_text(key), buffer_bytes(&value));
    buffer_release(&value);
}

struct certificate stream_writer_certify(const struct stream_writer *writer)
{
    struct stream_head head = writer->head;

    head.digest = lthash_digest(&writer->state);
    head.stamp = (hlc)(1000 + head.seq) << 16;
    return certificate_sign(&writer->federation, &head, writer->identity.sign_secret);
}

static int by_seq(const void *a, const void *b)
{
    const struct cell *x = a, *y = b;
    return x->seq < y->seq ? -1 : x->seq > y->seq;
}

size_t stream_writer_cells(const struct stream_writer *writer, uint64_t after_seq, uint64_t upto_seq,
                           struct cell *cells_out)
{
    size_t count = 0;

    for (size_t i = 0; i < writer->count; i++) {
        if (writer->cells[i].seq > after_seq && writer->cells[i].seq <= upto_seq) {
            cells_out[count++] = writer->cells[i];
        }
    }
    qsort(cells_out, count, sizeof *cells_out, by_seq);
    return count;
}

void stream_writer_body(const struct stream_writer *writer, uint64_t after_seq, uint64_t upto_seq,
                        const struct certificate *certificate, struct buffer *out)
{
    struct cell *cells = calloc(STREAM_WRITER_CELLS_MAX, sizeof *cells);
    struct batch batch = {.stream = writer->head.stream, .after_seq = after_seq, .cells = cells};

    CHECK(cells);
    batch.count = stream_writer_cells(writer, after_seq, upto_seq, cells);
    if (certificate) {
        batch.has_certificate = true;
        batch.certificate = *certificate;
    }
    enum status status = batch_encode(&batch, out);
    CHECK(status == S_OK);
    free(cells);
}
