/* Lies about cells, for rogue.c. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/store/stream/delta.h"
#include "replication/crdt/cell.h"
#include "replication/crdt/people.h"
#include "replication/wire/frame.h"
#include "tests/system/rogue.h"

enum { WRITER_CELLS = 400, PILE_BODIES = 20 };

/* A stream of its own whose cells are figures: `metric` of the months of many years, each of that value. */
static void writer_make(struct rogue *rogue, const char *metric, struct bytes value)
{
    char key[96];

    stream_writer_init(&rogue->writer, &rogue->federation.id, 1, TOPIC_RESULTS);
    rogue->writer.identity = rogue->identity;
    rogue->writer.head.stream.node = rogue->identity.node;
    randombytes_buf(rogue->writer.head.stream.incarnation.b, 14);
    memset(rogue->writer.head.stream.incarnation.b + 14, 0, 2);
    rogue->writer.key = lthash_key(&rogue->federation.id, &rogue->writer.head.stream);
    for (int i = 0; i < WRITER_CELLS; i++) {
        snprintf(key, sizeof key, "r\x1fwells\x1f" "en\x1f" "1\x1f\x1flearner\x1f" "female\x1f%04d-%02d\x1f%s", 2026 + i / 12, 1 + i % 12, metric);
        stream_writer_put(&rogue->writer, bytes_text(key), value);
    }
}

static void batch_send(struct rogue *rogue, const struct batch *batch)
{
    struct buffer body;

    buffer_init(&body);
    if (batch_encode(batch, &body) == S_OK) {
        send_body(rogue, MESSAGE_BATCH, CHANNEL_BULK, buffer_bytes(&body));
    }
    buffer_release(&body);
}

static void run_cells(struct rogue *rogue, const char *mode)
{
    static struct cell cells[STREAM_WRITER_CELLS_MAX];
    struct certificate certificate = stream_writer_certify(&rogue->writer);
    struct batch batch = {.stream = rogue->writer.head.stream, .cells = cells, .has_certificate = true, .certificate = certificate};
    uint8_t other[12] = {CELL_COUNT, 1};

    batch.count = stream_writer_cells(&rogue->writer, 0, rogue->writer.head.seq, cells);
    if (strcmp(mode, "forged") == 0) {
        batch.stream.node = batch.certificate.head.stream.node = rogue->victim.node;
        batch.certificate = certificate_sign(&rogue->federation.id, &batch.certificate.head, rogue->identity.sign_secret);
    } else if (strcmp(mode, "altered") == 0) {
        cells[batch.count / 2].value = bytes_of(other, 2);
    } else if (strcmp(mode, "mixed") == 0) {
        batch.certificate.head.digest.b[0] ^= 1; /* well signed, of other cells */
        batch.certificate = certificate_sign(&rogue->federation.id, &batch.certificate.head, rogue->identity.sign_secret);
    }
    if (++rogue->steps % 3 == 0) { /* what was refused thrice is left alone for this session */
        rogue_open(rogue);
        say_hello(rogue, NULL);
    }
    advertise(rogue, &batch.stream, batch.certificate.head.seq, 1);
    for (int i = 0; i < 40 && !hear(rogue); i++) {
        pause_ms(PUMP_MS);
    }
    batch_send(rogue, &batch);
    if (strcmp(mode, "replayed") == 0) {
        for (int i = 0; i < 50; i++) {
            batch_send(rogue, &batch);
        }
    }
}

static void run_truncated(struct rogue *rogue)
{
    struct buffer body, frame;
    struct certificate certificate = stream_writer_certify(&rogue->writer);

    buffer_init(&body);
    buffer_init(&frame);
    advertise(rogue, &rogue->writer.head.stream, rogue->writer.head.seq, 1);
    stream_writer_body(&rogue->writer, 0, rogue->writer.head.seq, &certificate, &body);
    if (frame_encode(MESSAGE_BATCH, buffer_bytes(&body), &frame) == S_OK) {
        send_frame(rogue, CHANNEL_BULK, bytes_of(frame.data, randombytes_uniform((uint32_t)frame.size)));
    }
    send_body(rogue, MESSAGE_BATCH, CHANNEL_BULK, bytes_of(body.data, randombytes_uniform((uint32_t)body.size)));
    (void)hear(rogue);
    buffer_release(&body);
    buffer_release(&frame);
}

/* Each made-up stream of the victim gets batches as long as it is asked for; nothing ever certifies them. */
static void run_withheld(struct rogue *rogue)
{
    static struct cell cells[60];
    static uint8_t value[CELL_VALUE_MAX];
    struct stream_id stream = {.node = rogue->victim.node, .topic = TOPIC_RESULTS};
    char keys[60][32];

    randombytes_buf(stream.incarnation.b, 14);
    value[0] = 200; /* a kind of nobody: zeros pack well, so that little on the wire is much on the disk */
    for (int i = 0; i < 60; i++) {
        snprintf(keys[i], sizeof keys[i], "w\x1f%d", i);
        cells[i] = (struct cell){.key = bytes_text(keys[i]), .value = bytes_of(value, sizeof value), .seq = (uint64_t)i + 1};
    }
    if (++rogue->steps % 3 == 0) {
        rogue_open(rogue);
        say_hello(rogue, NULL);
    }
    advertise(rogue, &stream, SEQ_MAX, 64);
    for (int i = 0; i < 40 && !hear(rogue); i++) {
        pause_ms(PUMP_MS);
    }
    for (unsigned k = 0; k < 64; k++) {
        stream.incarnation.b[15] = (uint8_t)k;
        for (uint64_t after = 0; after < 5 * 60; after += 60) {
            struct batch batch = {.stream = stream, .after_seq = after, .cells = cells, .count = 60};
            for (int i = 0; i < 60; i++) {
                cells[i].seq = after + (uint64_t)i + 1;
            }
            batch_send(rogue, &batch);
        }
    }
}

/* As many cells of `stream` as a batch holds, all of one key: some fifty bytes of a frame. */
static enum status bomb_make(struct rogue *rogue, const struct stream_id *stream, uint64_t after_seq)
{
    static struct cell cells[BATCH_CELLS_MAX];
    static uint8_t value[2] = {CELL_COUNT, 1};
    struct batch batch = {.stream = *stream, .after_seq = after_seq, .cells = cells, .count = BATCH_CELLS_MAX};
    struct buffer body;

    for (uint64_t i = 0; i < BATCH_CELLS_MAX; i++) {
        cells[i] = (struct cell){.key = bytes_text("p"), .value = bytes_of(value, sizeof value), .seq = after_seq + i + 1};
    }
    buffer_init(&body);
    buffer_clear(&rogue->frame);
    enum status status = batch_encode(&batch, &body);
    status = status == S_OK ? frame_encode(MESSAGE_BATCH, buffer_bytes(&body), &rogue->frame) : status;
    buffer_release(&body);
    return status;
}

/* A stream of its own in which a million changes wait for a certificate, and then a certificate of something else: next to nothing on the wire. */
static void run_pile(struct rogue *rogue)
{
    static uint8_t value[2] = {CELL_COUNT, 1};
    struct stream_head head = {.stream = rogue->writer.head.stream, .count = DELTA_COUNT_MAX, .seq = (uint64_t)DELTA_COUNT_MAX << 1};
    struct cell cell = {.key = bytes_text("p"), .value = bytes_of(value, sizeof value), .seq = head.seq};

    randombytes_buf(head.stream.incarnation.b, 14);
    rogue_open(rogue);
    say_hello(rogue, NULL);
    advertise(rogue, &head.stream, head.seq, 1);
    for (int i = 0; i < 100 && !hear(rogue); i++) {
        pause_ms(PUMP_MS);
    }
    for (uint64_t i = 0; i < PILE_BODIES && bomb_make(rogue, &head.stream, i * BATCH_CELLS_MAX) == S_OK; i++) {
        send_frame(rogue, CHANNEL_BULK, buffer_bytes(&rogue->frame));
        (void)hear(rogue);
    }
    struct batch last = {.stream = head.stream, .after_seq = (uint64_t)PILE_BODIES * BATCH_CELLS_MAX, .cells = &cell, .count = 1, .has_certificate = true};
    last.certificate = certificate_sign(&rogue->federation.id, &head, rogue->identity.sign_secret);
    batch_send(rogue, &last);
    for (int i = 0; i < 200; i++) { /* it is being folded in */
        (void)hear(rogue);
        pause_ms(PUMP_MS);
    }
}

/* Batches that nobody asked for, as many cells in as few bytes as can be. */
static void run_bombs(struct rogue *rogue)
{
    if (bomb_make(rogue, &rogue->writer.head.stream, 0) == S_OK) {
        for (int i = 0; i < 200; i++) {
            send_frame(rogue, CHANNEL_BULK, buffer_bytes(&rogue->frame));
        }
    }
    (void)hear(rogue);
}

void cells_prepare(struct rogue *rogue, const char *mode)
{
    struct people people;
    struct buffer value;

    buffer_init(&value);
    if (strcmp(mode, "sketch") == 0) {
        people_init(&people);
        people.registers = malloc(PEOPLE_REGISTERS);
        memset(people.registers, PEOPLE_RANK_MAX, PEOPLE_REGISTERS);
        people_encode(&people, &value);
        writer_make(rogue, "people", buffer_bytes(&value));
        people_release(&people);
    } else {
        bool is_lowest = strcmp(mode, "lowest") == 0;
        cell_value_number(&value, CELL_COUNT, is_lowest ? INT64_MIN : INT64_MAX);
        writer_make(rogue, is_lowest ? "enrolled" : "completed", buffer_bytes(&value));
    }
    buffer_release(&value);
}


bool cells_step(struct rogue *rogue, const char *mode)
{
    static const char *const of_cells[] = {"forged", "altered", "replayed", "mixed", "sketch", "greatest", "lowest"};
    static const struct {
        const char *name;
        void (*run)(struct rogue *rogue);
    } others[] = {{"truncated", run_truncated}, {"withheld", run_withheld}, {"pile", run_pile}, {"bombs", run_bombs}};

    for (size_t i = 0; i < sizeof of_cells / sizeof *of_cells; i++) {
        if (strcmp(mode, of_cells[i]) == 0) {
            run_cells(rogue, mode);
            return true;
        }
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (strcmp(mode, others[i].name) == 0) {
            others[i].run(rogue);
            return true;
        }
    }
    return false;
}
