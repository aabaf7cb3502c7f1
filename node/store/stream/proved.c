#include "node/store/stream/proved.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"

enum { DIGEST_SIZE = 16, SLOTS_FIRST = 1024 };

/* The first bit of a digest is the judgement; all zero: an empty slot. */
struct slot {
    uint8_t b[DIGEST_SIZE];
};

/* Open addressing; at most half full. */
struct generation {
    struct slot *slots;
    size_t size, count;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct generation present, before;
static uint8_t key[crypto_generichash_KEYBYTES];
static bool has_key;

static struct slot slot_of(const struct id *federation, struct bytes statement)
{
    crypto_generichash_state state;
    struct slot slot;

    if (!has_key) {
        randombytes_buf(key, sizeof key);
        has_key = true;
    }
    crypto_generichash_init(&state, key, sizeof key, sizeof slot.b);
    crypto_generichash_update(&state, federation->b, sizeof federation->b);
    crypto_generichash_update(&state, statement.data, statement.size);
    crypto_generichash_final(&state, slot.b, sizeof slot.b);
    slot.b[0] = (uint8_t)(slot.b[0] & ~1U);
    slot.b[1] |= 1; /* never all zero */
    return slot;
}

/* Where it stands, or would. */
static struct slot *slot_find(const struct generation *generation, const struct slot *wanted)
{
    size_t at;

    memcpy(&at, wanted->b + DIGEST_SIZE - sizeof at, sizeof at);
    for (at &= generation->size - 1;; at = (at + 1) & (generation->size - 1)) {
        struct slot *slot = &generation->slots[at];
        if (slot->b[1] == 0 || ((slot->b[0] & ~1U) == wanted->b[0] && memcmp(slot->b + 1, wanted->b + 1, DIGEST_SIZE - 1) == 0)) {
            return slot;
        }
    }
}

static void generation_grow(struct generation *generation)
{
    struct generation larger = {.size = generation->size ? 2 * generation->size : SLOTS_FIRST, .count = generation->count};

    larger.slots = calloc(larger.size, sizeof *larger.slots);
    CHECK(larger.slots);
    for (size_t i = 0; i < generation->size; i++) {
        if (generation->slots[i].b[1] != 0) {
            struct slot plain = generation->slots[i];
            plain.b[0] = (uint8_t)(plain.b[0] & ~1U);
            *slot_find(&larger, &plain) = generation->slots[i];
        }
    }
    free(generation->slots);
    *generation = larger;
}

static void slot_put(const struct slot *slot, bool is_sound)
{
    if (present.count == PROVED_MAX) {
        free(before.slots);
        before = present;
        present = (struct generation){.slots = NULL};
    }
    if (2 * (present.count + 1) > present.size) {
        generation_grow(&present);
    }
    struct slot *place = slot_find(&present, slot);
    present.count += place->b[1] == 0;
    *place = *slot;
    place->b[0] |= is_sound;
}

enum proved proved_find(const struct id *federation, struct bytes statement)
{
    enum proved proved = PROVED_UNKNOWN;

    pthread_mutex_lock(&mutex);
    struct slot wanted = slot_of(federation, statement);
    const struct slot *slot = present.size ? slot_find(&present, &wanted) : NULL;
    bool is_present = slot && slot->b[1] != 0;
    slot = is_present || !before.size ? slot : slot_find(&before, &wanted);
    if (slot && slot->b[1] != 0) {
        bool is_sound = slot->b[0] & 1;
        proved = is_sound ? PROVED_SOUND : PROVED_FALSE;
        if (!is_present) {
            slot_put(&wanted, is_sound);
        }
    }
    pthread_mutex_unlock(&mutex);
    return proved;
}

void proved_put(const struct id *federation, struct bytes statement, bool is_sound)
{
    pthread_mutex_lock(&mutex);
    struct slot slot = slot_of(federation, statement);
    slot_put(&slot, is_sound);
    pthread_mutex_unlock(&mutex);
}
