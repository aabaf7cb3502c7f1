#include "node/learn/account/throttle.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

#include "replication/base/check.h"

struct slot {
    uint32_t tries;
    int64_t last_ms;  /* of the last try */
    int64_t after_ms; /* the next one may come */
    int64_t drained_ms; /* of an address: up to here one was forgotten from time to time */
};

struct throttle {
    pthread_mutex_t lock;
    uint8_t key[crypto_shorthash_KEYBYTES]; /* nobody can aim at another's slot */
    struct slot people[THROTTLE_SLOTS];
    struct slot addresses[THROTTLE_SLOTS];
};

struct throttle *throttle_new(void)
{
    struct throttle *throttle = calloc(1, sizeof *throttle);

    CHECK(throttle);
    pthread_mutex_init(&throttle->lock, NULL);
    randombytes_buf(throttle->key, sizeof throttle->key);
    return throttle;
}

void throttle_free(struct throttle *throttle)
{
    if (throttle) {
        pthread_mutex_destroy(&throttle->lock);
        free(throttle);
    }
}

static struct slot *slot_of(struct throttle *throttle, struct slot *slots, struct bytes name)
{
    uint64_t hash;

    crypto_shorthash((uint8_t *)&hash, name.data, name.size, throttle->key);
    return &slots[hash % THROTTLE_SLOTS];
}

static void slot_drain(struct slot *slot, int64_t now_ms)
{
    int64_t count = (now_ms - slot->drained_ms) / THROTTLE_DRAIN_OF_ADDRESS_MS;

    if (slot->tries == 0) {
        slot->drained_ms = now_ms;
    } else if (count > 0) {
        slot->tries -= count < slot->tries ? (uint32_t)count : slot->tries;
        slot->drained_ms += count * THROTTLE_DRAIN_OF_ADDRESS_MS;
    }
}

static int64_t slot_wait_ms(struct slot *slot, int64_t now_ms)
{
    if (now_ms - slot->last_ms > THROTTLE_FORGET_MS) {
        *slot = (struct slot){0};
    }
    return slot->after_ms > now_ms ? slot->after_ms - now_ms : 0;
}

static void slot_count(struct slot *slot, uint32_t free_tries, int64_t wait_max_s, int64_t now_ms)
{
    slot->tries++;
    slot->last_ms = now_ms;
    if (slot->tries >= free_tries) {
        uint32_t doublings = slot->tries - free_tries;
        int64_t wait_s = doublings > 9 ? wait_max_s : (int64_t)2 << doublings;
        wait_s = wait_s > wait_max_s ? wait_max_s : wait_s;
        slot->after_ms = now_ms + wait_s * 1000;
    }
}

unsigned throttle_try(struct throttle *throttle, struct bytes person, struct bytes address, int64_t now_ms)
{
    pthread_mutex_lock(&throttle->lock);
    struct slot *of_person = slot_of(throttle, throttle->people, person);
    struct slot *of_address = slot_of(throttle, throttle->addresses, address);
    int64_t wait_ms = slot_wait_ms(of_person, now_ms), address_ms = slot_wait_ms(of_address, now_ms);
    slot_drain(of_address, now_ms);
    wait_ms = wait_ms > address_ms ? wait_ms : address_ms;
    if (wait_ms == 0) {
        slot_count(of_person, THROTTLE_FREE, THROTTLE_WAIT_MAX_S, now_ms);
        slot_count(of_address, THROTTLE_FREE_OF_ADDRESS, THROTTLE_WAIT_OF_ADDRESS_MAX_S, now_ms);
    }
    pthread_mutex_unlock(&throttle->lock);
    return (unsigned)((wait_ms + 999) / 1000);
}

void throttle_forgive(struct throttle *throttle, struct bytes person, struct bytes address)
{
    pthread_mutex_lock(&throttle->lock);
    struct slot *of_address = slot_of(throttle, throttle->addresses, address);
    *slot_of(throttle, throttle->people, person) = (struct slot){0};
    if (of_address->tries > 0) {
        of_address->tries--;
        of_address->after_ms = of_address->last_ms;
    }
    pthread_mutex_unlock(&throttle->lock);
}
