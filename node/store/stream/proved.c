#include "node/store/stream/proved.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "node/store/connection.h"
#include "node/store/engine.h"
#include "replication/base/check.h"

enum { DIGEST_SIZE = 16, SLOTS_FIRST = 1024, VERSION_SIZE = 8 };

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
static size_t unkept; /* judged, and not in the database */

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
    unkept++;
    pthread_mutex_unlock(&mutex);
}

/* --- from one process to the next: version, key, then the slots --- */

static void version_put(uint8_t out[VERSION_SIZE])
{
    struct bytes version = bytes_text(PACKAGE_VERSION " proved 1");

    crypto_generichash(out, VERSION_SIZE, version.data, version.size, NULL, 0);
}

static void kept_take(struct bytes kept)
{
    uint8_t version[VERSION_SIZE];
    const size_t head = VERSION_SIZE + sizeof key;

    version_put(version);
    if (kept.size < head || memcmp(kept.data, version, VERSION_SIZE) != 0 || (kept.size - head) / DIGEST_SIZE > PROVED_MAX) {
        return;
    }
    memcpy(key, kept.data + VERSION_SIZE, sizeof key);
    has_key = true;
    for (size_t at = head; at + DIGEST_SIZE <= kept.size; at += DIGEST_SIZE) {
        struct slot slot;
        memcpy(slot.b, kept.data + at, DIGEST_SIZE);
        bool is_sound = slot.b[0] & 1;
        slot.b[0] = (uint8_t)(slot.b[0] & ~1U);
        if (slot.b[1] & 1) {
            slot_put(&slot, is_sound);
        }
    }
}

void proved_recall(struct store *store)
{
    struct db *db = store_read_begin(store);
    struct statement *get = db_statement(db, STATEMENT_property_get);

    pthread_mutex_lock(&mutex);
    statement_bind_string(get, 1, "proved");
    if (!has_key && statement_step(get)) {
        kept_take(statement_blob(get, 0));
    }
    statement_reset(get);
    pthread_mutex_unlock(&mutex);
    store_read_end(store, db);
}

static enum status kept_put(struct db *db, void *arg)
{
    return property_put(db, "proved", buffer_bytes(arg));
}

void proved_remember(struct store *store)
{
    struct buffer kept;
    uint8_t version[VERSION_SIZE];

    version_put(version);
    buffer_init(&kept);
    pthread_mutex_lock(&mutex);
    size_t count = unkept;
    if (count >= PROVED_WORTH) {
        buffer_append(&kept, version, sizeof version);
        buffer_append(&kept, key, sizeof key);
        for (size_t i = 0; i < present.size; i++) {
            if (present.slots[i].b[1] != 0) {
                buffer_append(&kept, present.slots[i].b, DIGEST_SIZE);
            }
        }
    }
    pthread_mutex_unlock(&mutex);
    if (kept.size > 0 && store_write_wait(store, kept_put, &kept) == S_OK) {
        pthread_mutex_lock(&mutex);
        unkept -= count;
        pthread_mutex_unlock(&mutex);
    }
    buffer_release(&kept);
}

void proved_forget(void)
{
    pthread_mutex_lock(&mutex);
    free(present.slots);
    free(before.slots);
    present = before = (struct generation){.slots = NULL};
    has_key = false;
    unkept = 0;
    pthread_mutex_unlock(&mutex);
}
