#include "tests/replication/peer/duet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/peer/trace.h"
#include "tests/kit/kit.h"

enum { RETRY_MS = 1000, IDLE_MS = 60 * 1000, CREDIT_BYTES = 256 * 1024, ROUNDS_MAX = 200000 };

static struct federation *federation_shared(void)
{
    static struct federation federation;
    static bool is_made;

    if (!is_made) {
        federation_make(&federation, 7);
        is_made = true;
    }
    return &federation;
}

static void member_add(struct duet *duet, int who, int parent, enum node_kind kind)
{
    struct roster_node node = federation_node(duet->federation, who, parent, kind);
    struct buffer statement;

    buffer_init(&statement);
    federation_admit(duet->federation, &node, FEDERATION_AUTHORITY, &statement);
    enum status status = roster_add(duet->roster, buffer_bytes(&statement), NULL);
    CHECK(status == S_OK);
    buffer_release(&statement);
}

static bool is_concerned(void *ctx, const struct id *node, const struct held *held)
{
    const struct duet *duet = ctx;

    return id_equal(node, &held->stream.node) || roster_is_above(duet->roster, node, &held->stream.node);
}

/* `parent` of player 1: the hub, or the authority, which makes the two siblings. */
static struct duet *duet_with(int parent)
{
    static const char *const names[] = {"hub", "campus"};
    struct duet *duet = calloc(1, sizeof *duet);

    CHECK(duet);
    duet->federation = federation_shared();
    duet->roster = roster_new(&duet->federation->id, duet->federation->authority.sign_public);
    member_add(duet, 0, FEDERATION_AUTHORITY, NODE_HUB);
    member_add(duet, 1, parent, parent == 0 ? NODE_REGIONAL : NODE_HUB);
    member_add(duet, 2, 1, NODE_CAMPUS);
    member_add(duet, 3, FEDERATION_AUTHORITY, NODE_HUB);
    duet->now_ms = 1000;
    for (int who = 0; who < 2; who++) {
        struct player *player = &duet->players[who];
        player->name = names[who];
        player->identity = &duet->federation->nodes[who];
        memset(player->living.b, 0x10 + who, sizeof player->living.b);
        player->store = memory_store_new(&duet->federation->id);
        memory_store_set_concerns(player->store, is_concerned, duet);
        player->credit_bytes = CREDIT_BYTES;
        player->deadline_ms = UINT64_MAX;
    }
    return duet;
}

struct duet *duet_new(void)
{
    return duet_with(0);
}

struct duet *duet_new_siblings(void)
{
    return duet_with(FEDERATION_AUTHORITY);
}

static void queue_clear(struct duet *duet)
{
    for (size_t i = 0; i < duet->queue_count; i++) {
        free(duet->queue[i].data);
    }
    duet->queue_count = 0;
}

void duet_free(struct duet *duet)
{
    queue_clear(duet);
    for (int who = 0; who < 2; who++) {
        peer_free(duet->players[who].peer);
        memory_store_free(duet->players[who].store);
    }
    roster_free(duet->roster);
    free(duet);
}

void duet_open(struct duet *duet)
{
    queue_clear(duet);
    for (int who = 0; who < 2; who++) {
        struct player *player = &duet->players[who];
        struct peer_options options = {
            .self = player->identity->node,
            .remote = duet->players[1 - who].identity->node,
            .federation = duet->federation->id,
            .session = 0x1000 * ++duet->sessions,
            .credit_bytes = player->credit_bytes,
            .retry_ms = RETRY_MS,
            .idle_ms = IDLE_MS,
            .has_assay = player->has_assay,
        };
        peer_free(player->peer);
        player->peer = peer_new(&options);
        player->is_closed = false;
        duet_step(duet, who, &(struct peer_event){.kind = EVENT_OPEN});
    }
}

struct stream_id duet_stream(const struct duet *duet, int who, enum topic topic)
{
    return (struct stream_id){duet->players[who].identity->node, duet->players[who].living, topic};
}

void duet_write_stream(struct duet *duet, struct memory_store *store, const struct stream_id *stream,
                       const struct identity *identity, const char *key, int64_t number)
{
    struct buffer value;

    (void)duet;
    buffer_init(&value);
    cell_value_number(&value, CELL_COUNT, number);
    struct memory_cell cell = {bytes_text(key), buffer_bytes(&value)};
    memory_store_write(store, stream, &cell, 1, identity, 1);
    memory_store_flush(store);
    buffer_release(&value);
}

void duet_write(struct duet *duet, int who, enum topic topic, const char *key, int64_t number)
{
    struct stream_id stream = duet_stream(duet, who, topic);

    duet_write_stream(duet, duet->players[who].store, &stream, duet->players[who].identity, key, number);
}

struct hash duet_object(struct duet *duet, int who, uint32_t size, uint8_t seed)
{
    struct kit_random random;
    uint8_t *data = malloc(size + 1u);

    CHECK(data);
    kit_random_seed(&random, seed);
    for (uint32_t i = 0; i < size; i++) {
        data[i] = (uint8_t)kit_random_below(&random, 256);
    }
    struct hash object = hash_of(bytes_of(NULL, 0), bytes_of(data, size));
    memory_store_object_put(duet->players[who].store, &object, bytes_of(data, size));
    memory_store_flush(duet->players[who].store);
    free(data);
    return object;
}

void duet_changed(struct duet *duet, int who)
{
    duet_step(duet, who, &(struct peer_event){.kind = EVENT_CHANGED});
}

static void line_note(struct duet *duet, int who, const struct effect *effect)
{
    char line[TRACE_LINE_MAX];
    size_t room = sizeof duet->transcript - duet->transcript_size;

    if (effect->kind == EFFECT_PROGRESS || room < TRACE_LINE_MAX + 32) {
        return; /* long dialogues are cut */
    }
    trace_effect(effect, line, sizeof line);
    int used =
        snprintf(duet->transcript + duet->transcript_size, room, "%s %s\n", duet->players[who].name, line);
    CHECK(used > 0 && (size_t)used < room);
    duet->transcript_size += (size_t)used;
}

const char *duet_transcript(struct duet *duet)
{
    duet->transcript[duet->transcript_size] = '\0';
    duet->transcript_size = 0;
    return duet->transcript;
}

static void frame_queue(struct duet *duet, int who, const struct effect *effect)
{
    struct player *player = &duet->players[who];
    struct duet_frame frame = {1 - who, effect->channel, malloc(effect->bytes.size), effect->bytes.size};

    CHECK(frame.data && duet->queue_count < DUET_QUEUE_MAX);
    memcpy(frame.data, effect->bytes.data, effect->bytes.size);
    player->frames++;
    player->bytes += frame.size;
    player->largest = frame.size > player->largest ? frame.size : player->largest;
    if (duet->filter && !duet->filter(duet, &frame)) {
        free(frame.data);
        return;
    }
    duet->queue[duet->queue_count++] = frame;
}

static enum status job_run(struct duet *duet, int who, const struct effect *effect)
{
    struct memory_store *store = duet->players[who].store;

    if (duet->players[who].disk != S_OK) {
        return duet->players[who].disk;
    }
    if (effect->kind == EFFECT_STAGE) {
        return memory_store_stage(store, &effect->stream, effect->after_seq, effect->seq, effect->bytes);
    }
    if (effect->kind == EFFECT_APPLY) {
        return memory_store_apply(store, &effect->stream, effect->after_seq, effect->bytes);
    }
    struct hash hash = hash_of(bytes_of(NULL, 0), effect->bytes);
    CHECK(!effect->is_unassayed || duet->players[who].has_assay);
    if (effect->is_unassayed && !hash_equal(&hash, &effect->object)) {
        return S_BAD_DIGEST;
    }
    memory_store_object_put(store, &effect->object, effect->bytes);
    return S_OK;
}

struct done {
    uint64_t ticket;
    enum status status;
    bool is_object;
};

static void effect_run(struct duet *duet, int who, const struct effect *effect)
{
    struct player *player = &duet->players[who];
    struct held held = {effect->stream, effect->seq, effect->at_ms, effect->holder};

    player->kinds[effect->kind]++;
    line_note(duet, who, effect);
    if (effect->kind == EFFECT_SEND) {
        frame_queue(duet, who, effect);
    } else if (effect->kind == EFFECT_UNSTAGE) {
        memory_store_unstage(player->store, &effect->stream);
    } else if (effect->kind == EFFECT_HELD && player->disk == S_OK) {
        memory_store_held_put(player->store, &held);
    } else if (effect->kind == EFFECT_CLOSE) {
        player->is_closed = true;
    } else if (effect->kind == EFFECT_REFUSED) {
        player->last_refusal = effect->status;
    }
}

void duet_step(struct duet *duet, int who, const struct peer_event *event)
{
    struct player *player = &duet->players[who];
    struct view view = memory_store_view(player->store, duet->roster, &player->living);
    struct peer_event timed = *event;
    struct done *done;
    size_t done_count = 0;

    timed.now_ms = duet->now_ms;
    timed.wall_ms = duet->now_ms + 1000000;
    struct effects effects = peer_step(player->peer, &view, &timed);
    player->deadline_ms = effects.deadline_ms;
    done = calloc(effects.count + 1, sizeof *done);
    CHECK(done);
    for (size_t i = 0; i < effects.count; i++) {
        effect_run(duet, who, &effects.items[i]);
        if (effects.items[i].ticket != 0) {
            done[done_count++] =
                (struct done){effects.items[i].ticket, job_run(duet, who, &effects.items[i]), effects.items[i].kind == EFFECT_OBJECT};
        }
    }
    memory_store_flush(player->store);
    for (size_t i = 0; i < done_count; i++) {
        if (done[i].is_object && player->is_placing && done[i].status == S_OK) {
            duet_step(duet, who, &(struct peer_event){.kind = EVENT_PLACED, .ticket = done[i].ticket});
        }
        if (done[i].is_object && player->is_slow) {
            CHECK(player->unsettled_count < DUET_UNSETTLED_MAX);
            player->unsettled[player->unsettled_count].ticket = done[i].ticket;
            player->unsettled[player->unsettled_count++].status = done[i].status;
            continue;
        }
        duet_step(
            duet, who,
            &(struct peer_event){.kind = EVENT_DURABLE, .ticket = done[i].ticket, .status = done[i].status});
    }
    free(done);
}

void duet_settle(struct duet *duet, int who)
{
    struct player *player = &duet->players[who];

    player->is_slow = false;
    for (size_t i = 0; i < player->unsettled_count; i++) {
        duet_step(duet, who,
                  &(struct peer_event){.kind = EVENT_DURABLE, .ticket = player->unsettled[i].ticket, .status = player->unsettled[i].status});
    }
    player->unsettled_count = 0;
}

static bool frame_deliver(struct duet *duet)
{
    if (duet->queue_count == 0) {
        return false;
    }
    struct duet_frame frame = duet->queue[0];
    memmove(duet->queue, duet->queue + 1, --duet->queue_count * sizeof frame);
    struct peer_event event = {.kind = EVENT_FRAME, .channel = frame.channel};
    event.frame = bytes_of(frame.data, frame.size);
    duet_step(duet, frame.to, &event);
    free(frame.data);
    return true;
}

static bool tick_due(struct duet *duet)
{
    for (int who = 0; who < 2; who++) {
        if (duet->players[who].peer && duet->players[who].deadline_ms <= duet->now_ms) {
            duet_step(duet, who, &(struct peer_event){.kind = EVENT_TICK});
            return true;
        }
    }
    return false;
}

void duet_run(struct duet *duet, uint64_t until_ms)
{
    for (size_t i = 0; i < ROUNDS_MAX; i++) {
        if (tick_due(duet) || frame_deliver(duet)) {
            continue;
        }
        uint64_t a = duet->players[0].deadline_ms, b = duet->players[1].deadline_ms;
        uint64_t next = a < b ? a : b;
        if (next > until_ms) {
            return;
        }
        duet->now_ms = next;
    }
    check_failed(__FILE__, __LINE__, "the sessions never come to rest");
}

int64_t duet_read(struct duet *duet, int holder, int writer, enum topic topic, const char *key)
{
    struct stream_id stream = duet_stream(duet, writer, topic);
    struct bytes value;
    int64_t number;

    if (!memory_store_find(duet->players[holder].store, &stream, bytes_text(key), &value) ||
        !cell_value_get_number(value, &number)) {
        return -1;
    }
    return number;
}

bool duet_is_in_step(const struct duet *duet)
{
    return peer_progress(duet->players[0].peer)->state == PEER_IN_STEP &&
           peer_progress(duet->players[1].peer)->state == PEER_IN_STEP;
}
