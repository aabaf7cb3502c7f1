#include "tests/replication/wire/samples.h"

#include <stdlib.h>
#include <string.h>

#include "replication/trust/roster.h"

void samples_random(struct kit_random *random, void *out, size_t size)
{
    uint8_t *data = out;
    for (size_t i = 0; i < size; i++) {
        data[i] = (uint8_t)kit_random_u64(random);
    }
}

struct stream_id samples_stream(struct kit_random *random)
{
    struct stream_id stream;

    samples_random(random, &stream.node, sizeof stream.node);
    samples_random(random, &stream.incarnation, sizeof stream.incarnation);
    stream.topic = (enum topic)(TOPIC_FIRST + kit_random_below(random, TOPIC_LAST - TOPIC_FIRST + 1));
    return stream;
}

static void *room(struct arena *arena, size_t count, size_t size)
{
    void *data = arena_alloc(arena, count * size + 1);
    if (!data) {
        abort();
    }
    return data;
}

static struct bytes random_bytes(struct kit_random *random, struct arena *arena, size_t size)
{
    uint8_t *data = room(arena, size, 1);
    samples_random(random, data, size);
    return bytes_of(data, size);
}

static struct message sample_hello(struct kit_random *random, bool is_large)
{
    struct message m = {.type = MESSAGE_HELLO};

    m.hello.session = is_large ? UINT64_MAX : kit_random_u64(random);
    m.hello.round = is_large ? UINT64_MAX : 3;
    m.hello.is_reply = is_large;
    m.hello.roster_version = kit_random_u64(random);
    samples_random(random, m.hello.digest.b, sizeof m.hello.digest.b);
    m.hello.stream_count = is_large ? UINT32_MAX : 20;
    m.hello.wanted_count = is_large ? UINT32_MAX : 0;
    m.hello.held_check = is_large ? UINT32_MAX : 1000;
    m.hello.abilities = is_large ? UINT32_MAX : ABILITY_SHORT_NAMES;
    return m;
}

static struct message sample_vector(struct kit_random *random, bool is_large, struct arena *arena)
{
    struct message m = {.type = MESSAGE_VECTOR};
    size_t count = is_large ? VECTOR_ENTRIES_MAX : 3;
    size_t covered = is_large ? BUCKETS_MAX : 2;
    struct vector_entry *entries = room(arena, count, sizeof *entries);
    uint32_t *buckets = room(arena, covered, sizeof *buckets);

    for (size_t i = 0; i < count; i++) {
        entries[i].stream = samples_stream(random);
        entries[i].seq = is_large ? SEQ_MAX - i : 1 + kit_random_below(random, 100000);
        samples_random(random, entries[i].check, sizeof entries[i].check);
    }
    for (size_t i = 0; i < covered; i++) {
        buckets[i] = (uint32_t)i;
    }
    m.vector = (struct vector_message){.round = is_large ? UINT64_MAX : 1,
                                       .bucket_count = BUCKETS_MAX,
                                       .buckets = buckets,
                                       .covered_count = covered,
                                       .entries = entries,
                                       .count = count,
                                       .is_last = true};
    return m;
}

static struct message sample_buckets(struct kit_random *random, bool is_large, struct arena *arena)
{
    struct message m = {.type = MESSAGE_BUCKETS};
    size_t count = is_large ? BUCKETS_MAX : 4;
    uint64_t *digests = room(arena, count, sizeof *digests);

    samples_random(random, digests, count * sizeof *digests);
    m.buckets = (struct buckets_message){.round = 7, .digests = digests, .count = count};
    return m;
}

static struct message sample_want(struct kit_random *random, bool is_large, struct arena *arena)
{
    struct message m = {.type = MESSAGE_WANT};
    size_t count = is_large ? WANTS_MAX : 2;
    struct want *wants = room(arena, count, sizeof *wants);

    for (size_t i = 0; i < count; i++) {
        wants[i].stream = samples_stream(random);
        wants[i].after_seq = is_large ? SEQ_MAX : i;
    }
    m.want = (struct want_message){.wants = wants, .count = count, .credit = is_large ? UINT64_MAX : 1 << 20};
    return m;
}

static struct message sample_held(struct kit_random *random, bool is_large, struct arena *arena)
{
    struct message m = {.type = MESSAGE_HELD};
    size_t count = is_large ? HELD_MAX : 2;
    struct held *held = room(arena, count, sizeof *held);

    for (size_t i = 0; i < count; i++) {
        held[i].stream = samples_stream(random);
        held[i].seq = is_large ? SEQ_MAX : 10 + i;
        held[i].at_ms = is_large ? UINT64_MAX : 1700000000000ULL;
        samples_random(random, &held[i].holder, sizeof held[i].holder);
    }
    m.held = (struct held_message){.held = held, .count = count};
    return m;
}

static struct message sample_hashes(struct kit_random *random, enum message_type type, bool is_large,
                                    struct arena *arena)
{
    struct message m = {.type = type};
    size_t count = is_large ? ASKS_MAX : 3;
    struct hash *hashes = room(arena, count, sizeof *hashes);

    samples_random(random, hashes, count * sizeof *hashes);
    m.hashes = (struct hashes_message){.hashes = hashes, .count = count, .ask = is_large ? UINT32_MAX : 0};
    return m;
}

static struct message sample_offer(struct kit_random *random, bool is_large, struct arena *arena)
{
    struct message m = {.type = MESSAGE_OFFER};
    size_t count = is_large ? ASKS_MAX : 4;
    struct hash *hashes = room(arena, count, sizeof *hashes);

    samples_random(random, hashes, count * sizeof *hashes);
    m.offer = (struct offer_message){.hashes = hashes, .have_count = 1, .coming_count = 2, .dropped_count = count - 3};
    return m;
}

static struct message sample_pieces(struct kit_random *random, bool is_large, struct arena *arena)
{
    struct message m = {.type = MESSAGE_PIECES};
    size_t count = is_large ? PIECES_MAX : 3;
    struct piece *pieces = room(arena, count, sizeof *pieces);

    memset(pieces, 0, count * sizeof *pieces);
    for (size_t i = 0; i < count; i++) {
        memset(&pieces[i].object, (int)(i & 0xff), sizeof pieces[i].object);
        pieces[i].size = is_large ? MEMBER_WHOLE_MAX : 100;
        pieces[i].offset = is_large ? MEMBER_WHOLE_MAX - 1 : 60;
        pieces[i].data = random_bytes(random, arena, is_large ? 1 : 40);
    }
    pieces[count - 1].size = pieces[count - 1].offset = 0;
    pieces[count - 1].data = bytes_of("", 0);
    m.pieces = (struct pieces_message){.pieces = pieces, .count = count};
    return m;
}

static struct message sample_ask_from(struct kit_random *random, bool is_large, struct arena *arena)
{
    struct message m = {.type = MESSAGE_ASK_FROM};
    size_t count = is_large ? ASK_FROM_HASHES_MAX / (1 + BASES_MAX) : 2;
    struct ask_from *asks = room(arena, count, sizeof *asks);

    memset(asks, 0, count * sizeof *asks);
    for (size_t i = 0; i < count; i++) {
        samples_random(random, asks[i].object.b, sizeof asks[i].object.b);
        asks[i].base_count = is_large ? BASES_MAX : 1 + i;
        samples_random(random, asks[i].bases, asks[i].base_count * sizeof asks[i].bases[0]);
    }
    m.ask_from = (struct ask_from_message){.asks = asks, .count = count};
    return m;
}

static struct message sample_patches(struct kit_random *random, bool is_large, struct arena *arena)
{
    struct message m = {.type = MESSAGE_PATCHES};
    size_t count = is_large ? PATCHED_MAX : 2;
    struct patched_piece *pieces = room(arena, count, sizeof *pieces);

    memset(pieces, 0, count * sizeof *pieces);
    for (size_t i = 0; i < count; i++) {
        samples_random(random, pieces[i].object.b, sizeof pieces[i].object.b);
        pieces[i].size = is_large ? MEMBER_WHOLE_MAX : 100;
        pieces[i].length = is_large ? MEMBER_WHOLE_MAX / PATCHED_MAX : 40;
        pieces[i].offset = pieces[i].size - pieces[i].length;
        pieces[i].bases = (uint32_t)i % (1u << BASES_MAX);
    }
    m.patches = (struct patches_message){
        .pieces = pieces, .count = count, .patch = random_bytes(random, arena, is_large ? 28000 : 30)};
    return m;
}

static struct bytes text_of(struct arena *arena, char letter, size_t size)
{
    uint8_t *data = room(arena, size, 1);
    memset(data, letter, size);
    return bytes_of(data, size);
}

static struct message sample_join(struct kit_random *random, bool is_large, struct arena *arena)
{
    struct message m = {.type = MESSAGE_JOIN};

    m.join.name = is_large ? text_of(arena, 'n', NODE_NAME_MAX) : bytes_text("Caf\xc3\xa9 Addis Ababa");
    m.join.country = is_large ? bytes_text("ET") : bytes_text("");
    m.join.endpoint = is_large ? text_of(arena, 'e', ENDPOINT_MAX - 1) : bytes_text("");
    m.join.region = is_large ? text_of(arena, 'r', NODE_NAME_MAX) : bytes_text("");
    m.join.kind = is_large ? NODE_CAMPUS : NODE_HUB;
    m.join.sign_public = random_bytes(random, arena, SIGN_PUBLIC_SIZE);
    m.join.curve_public = random_bytes(random, arena, CURVE_PUBLIC_SIZE);
    m.join.signature = random_bytes(random, arena, SIGNATURE_SIZE);
    return m;
}

static struct message sample_welcome(struct kit_random *random, bool is_large, struct arena *arena)
{
    struct message m = {.type = MESSAGE_WELCOME};
    size_t count = is_large ? STATEMENTS_MAX : 2;
    struct bytes *statements = room(arena, count, sizeof *statements);

    for (size_t i = 0; i < count; i++) {
        statements[i] = text_of(arena, 's', is_large ? 200 : 90 + i);
    }
    m.welcome.federation = random_bytes(random, arena, sizeof(struct id));
    m.welcome.federation_name = bytes_text("ITU Academy");
    m.welcome.authority_public = random_bytes(random, arena, SIGN_PUBLIC_SIZE);
    m.welcome.secret = random_bytes(random, arena, is_large ? SECRET_SIZE_MAX : 16);
    m.welcome.statements = statements;
    m.welcome.count = count;
    return m;
}

size_t samples_make(struct kit_random *random, bool is_large, struct arena *arena,
                    struct message out[SAMPLES_MAX])
{
    size_t count = 0;

    out[count++] = sample_hello(random, is_large);
    out[count++] = sample_vector(random, is_large, arena);
    out[count++] = sample_buckets(random, is_large, arena);
    out[count++] = sample_want(random, is_large, arena);
    out[count++] = (struct message){.type = MESSAGE_BATCH,
                                    .batch_body = random_bytes(random, arena, is_large ? 32000 : 9)};
    out[count++] = (struct message){.type = MESSAGE_CREDIT, .credit = is_large ? UINT64_MAX : 65536};
    out[count++] = sample_held(random, is_large, arena);
    out[count++] = sample_hashes(random, MESSAGE_ASK, is_large, arena);
    out[count++] = sample_pieces(random, is_large, arena);
    out[count++] = sample_hashes(random, MESSAGE_ABSENT, is_large, arena);
    out[count++] = sample_ask_from(random, is_large, arena);
    out[count++] = sample_patches(random, is_large, arena);
    out[count++] = (struct message){.type = MESSAGE_RETRY, .retry.after_ms = is_large ? UINT32_MAX : 5000};
    out[count++] = (struct message){.type = MESSAGE_REFUSE,
                                    .refuse = {.status = S_DENIED,
                                               .type = MESSAGE_WANT,
                                               .reason = text_of(arena, 'x', is_large ? REASON_MAX : 0)}};
    out[count++] = sample_join(random, is_large, arena);
    out[count++] = sample_welcome(random, is_large, arena);
    out[count++] = (struct message){.type = MESSAGE_WELCOME, .welcome.refusal = bytes_text("token used")};
    out[count++] = sample_offer(random, is_large, arena);
    return count;
}
