/* rogue MODE PORT ROGUE_DIR SERVER_DIR VICTIM_DIR SECONDS: a member with a valid key who speaks the wire badly, for hostile.sh.
 *
 *   forged     cells of the victim under a certificate that the rogue signed
 *   altered    its own cells, one changed after the certificate was signed
 *   truncated  its own batches, cut anywhere
 *   replayed   one good batch again and again, and an older state after a newer
 *   mixed      cells of one stream under the certificate of another
 *   withheld   large batches of streams that nobody ever wrote, their certificates never
 *   sketch     its own stream, well signed, every sketch full
 *   greatest   the same with the greatest number there is
 *   lowest     the same with the lowest
 *   pile       a stream of its own in which a million changes wait, of a few hundred bytes in all; then a certificate of something else
 *   bombs      batches that nobody asked for, with as many cells in as few bytes as can be
 *   chunks     pieces and patches of objects that nobody asked for
 *   wants      everything from the beginning, again and again; a thousand objects that do not exist
 *   vectors    greetings and vectors of streams that nobody has
 *   versions   frames of other versions and kinds
 *   ahead      holds later states of what others wrote than they ever wrote, and says so in every way
 *   kinds      every kind of message, as long as it may be, with numbers at their edges
 *   small      tiny frames without an end
 *   endless    one message of frames without an end
 *   squat      connections that ask for routing ids of their own choice
 *   lonely     connections for contents of links that never get a session
 *   braid      more connections for contents than there are, of links that are none, twice, let go and gone on with, with control on them
 * A connection that is closed is opened again at once. Prints one line; exit 0 when it did what it should for all that time. */
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

#include "node/dir.h"
#include "node/link/opening.h"
#include "replication/wire/frame.h"
#include "tests/system/rogue.h"

enum { FLOOD_BODY = 30 * 1024, SQUATTERS = 8, PATIENCE = 100 };

void pause_ms(long ms)
{
    struct timespec wait = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&wait, NULL);
}

/* --- the connection --------------------------------------------------------------------------------------------- */

static void rogue_close(struct rogue *rogue)
{
    for (int i = 0; i < 2; i++) {
        socket_close(rogue->lines[i]);
        rogue->lines[i] = NULL;
    }
}

static struct socket *line_open(struct rogue *rogue, struct opening opening)
{
    struct report report = {.status = S_OK};
    uint8_t packet[OPENING_SIZE];
    struct curve_pair pair;

    memcpy(pair.public_key, rogue->identity.curve_public, CURVE_KEY_SIZE);
    memcpy(pair.secret_key, rogue->identity.curve_secret, CURVE_KEY_SIZE);
    opening_encode(&opening, packet);
    struct socket *socket = socket_dialer_new(rogue->context, &pair, rogue->server.curve_public, &report);
    if (socket == NULL || socket_connect(socket, rogue->endpoint, &report) != S_OK) {
        return socket;
    }
    for (int i = 0; i < 100 && socket_send(socket, NULL, bytes_of(packet, sizeof packet)) != S_OK; i++) {
        pause_ms(10);
    }
    return socket;
}

void rogue_open(struct rogue *rogue)
{
    struct opening opening = {.line = CHANNEL_CONTROL};

    rogue_close(rogue);
    randombytes_buf(opening.number, sizeof opening.number);
    memcpy(rogue->number, opening.number, sizeof rogue->number);
    for (int i = 0; i < 2; i++) {
        opening.line = i == 0 ? CHANNEL_CONTROL : CHANNEL_BULK;
        rogue->lines[i] = line_open(rogue, opening);
    }
    rogue->opened++;
    rogue->failed = 0;
}

void send_frame(struct rogue *rogue, enum channel channel, struct bytes frame)
{
    if (rogue->failed > PATIENCE) {
        rogue_open(rogue);
    }
    enum status status = socket_send(rogue->lines[channel], NULL, frame);
    if (status == S_OK) {
        rogue->sent += frame.size;
        rogue->failed = 0;
    } else {
        rogue->failed++;
        pause_ms(PUMP_MS);
    }
}

void send_body(struct rogue *rogue, uint8_t type, enum channel channel, struct bytes body)
{
    buffer_clear(&rogue->frame);
    if (frame_encode(type, body, &rogue->frame) == S_OK) {
        send_frame(rogue, channel, buffer_bytes(&rogue->frame));
    }
}

static void send_message(struct rogue *rogue, enum channel channel, const struct message *message)
{
    buffer_clear(&rogue->frame);
    if (message_encode(message, &rogue->frame) == S_OK) {
        send_frame(rogue, channel, buffer_bytes(&rogue->frame));
    }
}

void say_hello(struct rogue *rogue, const struct hello *to)
{
    struct message message = {.type = MESSAGE_HELLO};

    message.hello.session = to ? to->session : randombytes_random();
    message.hello.round = to ? to->round : ++rogue->round;
    message.hello.is_reply = to != NULL;
    message.hello.stream_count = 3;
    randombytes_buf(message.hello.digest.b, sizeof message.hello.digest.b);
    send_message(rogue, CHANNEL_CONTROL, &message);
}

bool hear(struct rogue *rogue)
{
    struct message message;
    struct packet packet;
    bool is_wanted = false;

    for (int i = 0; i < 2; i++) {
        while (rogue->lines[i] && socket_receive(rogue->lines[i], &packet)) {
            arena_clear(&rogue->arena);
            if (message_decode(packet.body, &rogue->arena, &message) != S_OK) {
                continue;
            }
            for (size_t k = 0; message.type == MESSAGE_VECTOR && k < message.vector.count && rogue->heard_count < HEARD_MAX; k++) {
                rogue->heard[rogue->heard_count++] = message.vector.entries[k];
            }
            if (message.type == MESSAGE_HELLO && !message.hello.is_reply) {
                say_hello(rogue, &message.hello);
            } else if (message.type == MESSAGE_WANT) {
                rogue->wanted += message.want.count;
                is_wanted = true;
            }
        }
    }
    return is_wanted;
}

void advertise(struct rogue *rogue, const struct stream_id *stream, uint64_t seq, size_t count)
{
    struct vector_entry entries[VECTOR_ENTRIES_MAX];
    struct message message = {.type = MESSAGE_VECTOR};

    for (size_t i = 0; i < count; i++) {
        entries[i] = (struct vector_entry){.stream = *stream, .seq = seq};
        entries[i].stream.incarnation.b[14] = (uint8_t)(i >> 8);
        entries[i].stream.incarnation.b[15] = (uint8_t)i;
    }
    message.vector = (struct vector_message){.round = rogue->round, .entries = entries, .count = count, .is_last = true, .is_reply = true};
    send_message(rogue, CHANNEL_CONTROL, &message);
}

/* --- lies -------------------------------------------------------------------------------------------------------- */

static void run_chunks(struct rogue *rogue)
{
    static uint8_t noise[FLOOD_BODY / 2];
    struct piece piece = {.size = MEMBER_WHOLE_MAX, .data = bytes_of(noise, sizeof noise)};
    struct message message = {.type = MESSAGE_PIECES, .pieces = {.pieces = &piece, .count = 1}};

    randombytes_buf(piece.object.b, sizeof piece.object.b);
    randombytes_buf(noise, sizeof noise);
    send_message(rogue, CHANNEL_BULK, &message);
    struct patched_piece patched = {.object = piece.object, .size = MEMBER_WHOLE_MAX, .length = MEMBER_WHOLE_MAX, .bases = 1};
    message = (struct message){.type = MESSAGE_PATCHES, .patches = {.pieces = &patched, .count = 1, .patch = bytes_of(noise, 5000)}};
    send_message(rogue, CHANNEL_BULK, &message);
    (void)hear(rogue);
}

static void run_wants(struct rogue *rogue)
{
    static struct hash hashes[ASKS_MAX];
    struct want wants[1] = {{.stream = {.node = rogue->victim.node, .topic = TOPIC_RESULTS}}};
    struct message message = {.type = MESSAGE_WANT, .want = {.wants = wants, .count = 1, .credit = UINT32_MAX}};

    randombytes_buf(hashes, sizeof hashes);
    send_message(rogue, CHANNEL_CONTROL, &message);
    message = (struct message){.type = MESSAGE_ASK, .hashes = {.hashes = hashes, .count = ASKS_MAX}};
    send_message(rogue, CHANNEL_CONTROL, &message);
    (void)hear(rogue);
}

static void run_vectors(struct rogue *rogue)
{
    struct stream_id stream = {.node = rogue->victim.node, .topic = TOPIC_RESULTS};

    randombytes_buf(stream.incarnation.b, 14);
    say_hello(rogue, NULL);
    advertise(rogue, &stream, 1 + randombytes_uniform(1000), VECTOR_ENTRIES_MAX);
    (void)hear(rogue);
}

/* Streams of others (the server's own, too), far beyond what was ever written: in the vector, and as a receipt of everybody. */
static void run_ahead(struct rogue *rogue)
{
    struct vector_entry entries[HEARD_MAX];
    struct held held[2 * HEARD_MAX];
    struct message message = {.type = MESSAGE_VECTOR};
    uint64_t by = 1 + randombytes_uniform(1000);

    if (++rogue->steps % 20 == 1) {
        rogue_open(rogue);
        rogue->heard_count = 0;
    }
    say_hello(rogue, NULL);
    for (int i = 0; i < 10; i++) {
        (void)hear(rogue);
        pause_ms(PUMP_MS);
    }
    for (size_t i = 0; i < rogue->heard_count; i++) {
        entries[i] = rogue->heard[i];
        entries[i].seq = rogue->steps % 2 ? SEQ_MAX : entries[i].seq + by;
        held[2 * i] = (struct held){entries[i].stream, entries[i].seq, UINT64_MAX, rogue->identity.node};
        held[2 * i + 1] = (struct held){entries[i].stream, entries[i].seq, 0, rogue->server.node};
    }
    message.vector = (struct vector_message){
        .round = rogue->round, .entries = entries, .count = rogue->heard_count, .is_last = true, .is_reply = rogue->steps % 3 != 0};
    send_message(rogue, CHANNEL_CONTROL, &message);
    message = (struct message){.type = MESSAGE_HELD, .held = {.held = held, .count = 2 * rogue->heard_count}};
    send_message(rogue, CHANNEL_CONTROL, &message);
}

/* Random bytes are ids and hashes; what is said has nothing to do with what was asked. */
static void run_kinds(struct rogue *rogue)
{
    static uint64_t noise[8 * ASKS_MAX];
    static struct ask_from asks[ASK_FROM_HASHES_MAX / 2];
    static struct want wants[WANTS_MAX];
    static struct held held[HELD_MAX];
    struct bytes text = bytes_of((const uint8_t *)noise, REASON_MAX);
    struct hash *hashes = (struct hash *)noise;

    randombytes_buf(noise, sizeof noise);
    randombytes_buf(wants, sizeof wants);
    randombytes_buf(held, sizeof held);
    for (size_t i = 0; i < HELD_MAX; i++) { /* lives of the server that never were */
        held[i].stream.node = rogue->server.node, held[i].stream.topic = TOPIC_RESULTS, held[i].holder = rogue->identity.node;
    }
    randombytes_buf(asks, sizeof asks);
    for (int i = 0; i < ASK_FROM_HASHES_MAX / 2; i++) {
        asks[i].base_count = 1;
    }
    const struct message said[] = {
        {.type = MESSAGE_BUCKETS, .buckets = {.round = rogue->round, .digests = noise, .count = BUCKETS_MAX}},
        {.type = MESSAGE_WANT, .want = {.wants = wants, .count = WANTS_MAX, .credit = UINT64_MAX}},
        {.type = MESSAGE_CREDIT, .credit = UINT64_MAX},
        {.type = MESSAGE_HELD, .held = {.held = held, .count = HELD_MAX}},
        {.type = MESSAGE_ASK, .hashes = {.hashes = hashes, .count = ASKS_MAX, .ask = UINT32_MAX}},
        {.type = MESSAGE_ABSENT, .hashes = {.hashes = hashes, .count = ASKS_MAX, .ask = 1}},
        {.type = MESSAGE_ASK_FROM, .ask_from = {.asks = asks, .count = ASK_FROM_HASHES_MAX / 2, .ask = UINT32_MAX}},
        {.type = MESSAGE_OFFER, .offer = {.hashes = hashes, .have_count = 300, .coming_count = 300, .dropped_count = 300}},
        {.type = MESSAGE_REFUSE, .refuse = {.status = UINT32_MAX, .type = MESSAGE_BATCH, .reason = text}},
        {.type = MESSAGE_WELCOME, .welcome = {.refusal = bytes_text("you are out")}},
        {.type = MESSAGE_RETRY, .retry = {.after_ms = UINT32_MAX}},
    };
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        send_message(rogue, CHANNEL_CONTROL, &said[(i + rogue->steps) % (sizeof said / sizeof *said)]);
    }
    if (++rogue->steps % 10 == 0) {
        rogue_open(rogue);
        say_hello(rogue, NULL);
    }
    (void)hear(rogue);
}

static void run_small(struct rogue *rogue)
{
    struct message credit = {.type = MESSAGE_CREDIT}, ask = {.type = MESSAGE_ASK};

    say_hello(rogue, NULL);
    for (int i = 0; i < 50; i++) {
        send_message(rogue, CHANNEL_CONTROL, &credit);
        send_message(rogue, CHANNEL_CONTROL, &ask);
    }
    (void)hear(rogue);
}

static void run_versions(struct rogue *rogue)
{
    uint8_t noise[400];

    randombytes_buf(noise, sizeof noise);
    noise[0] = (uint8_t)(WIRE_VERSION + 1 + noise[0] % 250);
    send_frame(rogue, CHANNEL_CONTROL, bytes_of(noise, sizeof noise));
    send_body(rogue, (uint8_t)(MESSAGE_OFFER + 1 + noise[1] % 200), CHANNEL_CONTROL, bytes_of(noise, sizeof noise));
    (void)hear(rogue);
}

static void run_endless(struct rogue *rogue)
{
    static uint8_t noise[FLOOD_BODY];

    if (zmq_send(socket_raw(rogue->lines[0]), noise, sizeof noise, ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0) {
        rogue->sent += sizeof noise;
        rogue->failed = 0;
    } else if (++rogue->failed > PATIENCE) {
        rogue_open(rogue);
    } else {
        pause_ms(1);
    }
}

static void run_squat(struct rogue *rogue)
{
    struct report report = {.status = S_OK};
    struct socket *sockets[SQUATTERS] = {NULL};
    struct curve_pair pair;

    memcpy(pair.public_key, rogue->identity.curve_public, CURVE_KEY_SIZE);
    memcpy(pair.secret_key, rogue->identity.curve_secret, CURVE_KEY_SIZE);
    for (int i = 0; i < SQUATTERS; i++) {
        char id[5] = {1, 0, 0, 0, (char)(i / 2)}; /* as long as those the listener gives; each is asked for twice */
        sockets[i] = socket_dialer_new(rogue->context, &pair, rogue->server.curve_public, &report);
        zmq_setsockopt(socket_raw(sockets[i]), ZMQ_ROUTING_ID, id, sizeof id);
        (void)socket_connect(sockets[i], rogue->endpoint, &report);
    }
    pause_ms(300);
    for (int i = 0; i < SQUATTERS; i++) {
        rogue->sent += socket_send(sockets[i], NULL, bytes_text("an opening that is none")) == S_OK;
        socket_close(sockets[i]);
    }
    rogue->opened += SQUATTERS;
}

static void run_lonely(struct rogue *rogue)
{
    struct opening opening = {.line = CHANNEL_BULK};

    if (rogue->steps < LONELY) {
        randombytes_buf(opening.number, sizeof opening.number);
        rogue->more[rogue->steps++] = line_open(rogue, opening);
        rogue->opened++, rogue->sent += OPENING_SIZE;
    } else {
        pause_ms(100);
    }
}

/* Each step one more connection, its number from 2 to beyond the last; a third of them of a link that nobody knows. */
static void run_braid(struct rogue *rogue)
{
    struct socket **at = &rogue->more[rogue->steps % SQUATTERS];
    struct opening opening = {.line = 2 + (unsigned)(rogue->steps % (OPENING_LINES_MAX - 1))};
    uint8_t packet[OPENING_SIZE];

    memcpy(opening.number, rogue->number, sizeof opening.number);
    opening.number[0] ^= rogue->steps % 3 == 0;
    socket_close(*at);
    *at = line_open(rogue, opening);
    opening_encode(&opening, packet);
    for (int i = 0; i < 4 && *at != NULL; i++) {
        say_hello(rogue, NULL); /* what was encoded last goes over the other, too: control where none is taken */
        rogue->sent += socket_send(*at, NULL, buffer_bytes(&rogue->frame)) == S_OK;
        rogue->sent += socket_send(*at, NULL, bytes_of(packet, sizeof packet)) == S_OK;
    }
    rogue->opened++;
    if (++rogue->steps % 20 == 0) {
        rogue_open(rogue);
    }
    (void)hear(rogue);
}

static bool step(struct rogue *rogue, const char *mode)
{
    if (cells_step(rogue, mode)) {
        return true;
    }
    static const struct {
        const char *name;
        void (*run)(struct rogue *rogue);
    } others[] = {{"chunks", run_chunks}, {"wants", run_wants},
                  {"vectors", run_vectors},     {"versions", run_versions}, {"ahead", run_ahead},   {"kinds", run_kinds},
                  {"small", run_small},         {"endless", run_endless},   {"squat", run_squat},
                  {"braid", run_braid},          {"lonely", run_lonely}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (strcmp(mode, others[i].name) == 0) {
            others[i].run(rogue);
            return true;
        }
    }
    return false;
}

int main(int argc, char **argv)
{
    static struct rogue rogue;
    struct report report = {.status = S_OK};

    signal(SIGPIPE, SIG_IGN);
    if (argc != 7 || sodium_init() < 0 || dir_load_identity(argv[3], &rogue.identity, &report) != S_OK ||
        dir_load_federation(argv[3], &rogue.federation, &report) != S_OK || dir_load_identity(argv[4], &rogue.server, &report) != S_OK ||
        dir_load_identity(argv[5], &rogue.victim, &report) != S_OK) {
        fputs("rogue MODE PORT ROGUE_DIR SERVER_DIR VICTIM_DIR SECONDS\n", stderr);
        return 2;
    }
    snprintf(rogue.endpoint, sizeof rogue.endpoint, "tcp://127.0.0.1:%.10s", argv[2]);
    rogue.context = socket_context_new();
    arena_init(&rogue.arena, MESSAGE_ARENA_SIZE);
    buffer_init(&rogue.frame);
    cells_prepare(&rogue, argv[1]);
    rogue_open(&rogue);
    say_hello(&rogue, NULL);
    time_t end = time(NULL) + atoi(argv[6]);
    while (time(NULL) < end) {
        if (!step(&rogue, argv[1])) {
            fprintf(stderr, "rogue: no mode %s\n", argv[1]);
            return 2;
        }
    }
    printf("%s: %.1f MB said, %llu streams wanted of it, %llu times connected\n", argv[1], (double)rogue.sent / 1e6,
           (unsigned long long)rogue.wanted, (unsigned long long)rogue.opened);
    for (int i = 0; i < LONELY; i++) {
        socket_close(rogue.more[i]);
    }
    rogue_close(&rogue);
    socket_context_free(rogue.context);
    return rogue.sent > 0 ? 0 : 1;
}
