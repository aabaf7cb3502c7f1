/* A cell value after its kind byte:
 *
 *   0 (FORM_LIST)   n x 8 bytes, little-endian hashes, strictly ascending, n <= 384
 *   1 (FORM_DENSE)  3,072 bytes: register i in bits 6 i .. 6 i + 5, low bits first
 *
 * Register of a hash: its upper 12 bits; rank: leading zeros of the other 52 plus 1, 53 when they are all
 * zero. */
#include "replication/crdt/people.h"

#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"

enum { FORM_LIST = 0, FORM_DENSE = 1, HASH_SIZE = 8 };

/* 1 / (2 ln 2): the constant of the estimator for infinitely many registers (Ertl 2017, section 4). */
#define ALPHA_INFINITY 0.72134752044448170368

/* 1.04 / sqrt(4096) (Flajolet et al. 2007, theorem 1). */
#define DENSE_ERROR (1.04 / 64)

/* Everybody at every node of the largest federation: what a forged sketch can claim at most. */
#define ESTIMATE_MAX ((double)NODES_MAX * PEOPLE_MAX)

_Static_assert(PEOPLE_SECRET_SIZE == crypto_shorthash_KEYBYTES, "SipHash-2-4");
_Static_assert(HASH_SIZE == crypto_shorthash_BYTES, "SipHash-2-4");
_Static_assert(2 + PEOPLE_DENSE_SIZE <= CELL_VALUE_MAX, "a sketch fits a cell");

static uint64_t u64_get(const uint8_t *in)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < 8; i++) {
        value |= (uint64_t)in[i] << (8 * i);
    }
    return value;
}

static void u64_put(uint8_t *out, uint64_t value)
{
    for (unsigned i = 0; i < 8; i++) {
        out[i] = (uint8_t)(value >> (8 * i));
    }
}

uint64_t people_hash(const uint8_t secret[PEOPLE_SECRET_SIZE], struct bytes person)
{
    uint8_t hash[HASH_SIZE];

    crypto_shorthash(hash, person.data, person.size, secret);
    return u64_get(hash);
}

void people_init(struct people *people)
{
    memset(people, 0, sizeof *people);
}

void people_release(struct people *people)
{
    free(people->list);
    free(people->registers);
    people_init(people);
}

void people_clear(struct people *people)
{
    free(people->registers);
    people->registers = NULL;
    people->count = 0;
}

static bool dense_add(struct people *people, uint64_t hash)
{
    size_t index = (size_t)(hash >> (64 - PEOPLE_PRECISION));
    uint64_t rest = hash << PEOPLE_PRECISION;
    int rank = rest ? __builtin_clzll(rest) + 1 : PEOPLE_RANK_MAX;

    CHECK(index < PEOPLE_REGISTERS && rank <= PEOPLE_RANK_MAX);
    if (people->registers[index] >= rank) {
        return false;
    }
    people->registers[index] = (uint8_t)rank;
    return true;
}

static void make_dense(struct people *people)
{
    if (people->registers) {
        return;
    }
    people->registers = calloc(PEOPLE_REGISTERS, 1);
    CHECK(people->registers);
    for (size_t i = 0; i < people->count; i++) {
        dense_add(people, people->list[i]);
    }
    free(people->list);
    people->list = NULL;
    people->count = people->capacity = 0;
}

static size_t lower_bound(const struct people *people, uint64_t hash)
{
    size_t low = 0, high = people->count;

    if (high && people->list[high - 1] < hash) {
        return high; /* sorted input, as it is when values are read */
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (people->list[middle] < hash) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void list_reserve(struct people *people, size_t count)
{
    if (count <= people->capacity) {
        return;
    }
    size_t capacity = people->capacity ? people->capacity : 8;
    while (capacity < count) {
        capacity *= 2;
    }
    uint64_t *list = reallocarray(people->list, capacity, sizeof *list);
    CHECK(list);
    people->list = list;
    people->capacity = capacity;
}

bool people_add(struct people *people, uint64_t hash)
{
    if (people->registers) {
        return dense_add(people, hash);
    }
    size_t at = lower_bound(people, hash);
    if (at < people->count && people->list[at] == hash) {
        return false;
    }
    if (people->count == PEOPLE_LIST_MAX) {
        make_dense(people);
        dense_add(people, hash);
        return true;
    }
    list_reserve(people, people->count + 1);
    memmove(people->list + at + 1, people->list + at, (people->count - at) * sizeof hash);
    people->list[at] = hash;
    people->count++;
    return true;
}

/* Adds `count` ascending hashes: one walk along both lists. */
static void list_merge(struct people *people, const uint64_t *list, size_t count)
{
    uint64_t merged[2 * PEOPLE_LIST_MAX];
    size_t i = 0, j = 0, total = 0;

    CHECK(!people->registers && people->count <= PEOPLE_LIST_MAX && count <= PEOPLE_LIST_MAX);
    while (i < people->count || j < count) {
        bool take_own = j == count || (i < people->count && people->list[i] <= list[j]);
        uint64_t hash = take_own ? people->list[i] : list[j];
        j += j < count && list[j] == hash;
        i += i < people->count && people->list[i] == hash;
        merged[total++] = hash;
    }
    if (total > PEOPLE_LIST_MAX) {
        make_dense(people);
        for (j = 0; j < count; j++) {
            dense_add(people, list[j]);
        }
        return;
    }
    list_reserve(people, total);
    memcpy(people->list, merged, total * sizeof *merged);
    people->count = total;
}

static void hashes_merge(struct people *people, const uint64_t *list, size_t count)
{
    if (!people->registers && count) {
        list_merge(people, list, count);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        dense_add(people, list[i]);
    }
}

static void registers_merge(struct people *people, const uint8_t *registers)
{
    make_dense(people);
    uint8_t *own = people->registers;
    for (size_t i = 0; i < PEOPLE_REGISTERS; i++) {
        own[i] = own[i] > registers[i] ? own[i] : registers[i];
    }
}

void people_merge(struct people *people, const struct people *other)
{
    if (people == other) {
        return;
    }
    if (other->registers) {
        registers_merge(people, other->registers);
    } else {
        hashes_merge(people, other->list, other->count);
    }
}

/* Four registers are packed into three bytes. */
static void registers_pack(const uint8_t *registers, uint8_t *out)
{
    for (size_t i = 0; i < PEOPLE_REGISTERS; i += 4, out += 3) {
        const uint8_t *r = registers + i;
        uint32_t bits = (uint32_t)r[0] | (uint32_t)r[1] << 6 | (uint32_t)r[2] << 12 | (uint32_t)r[3] << 18;
        out[0] = (uint8_t)bits;
        out[1] = (uint8_t)(bits >> 8);
        out[2] = (uint8_t)(bits >> 16);
    }
}

/* False when a rank is out of range. */
static bool registers_unpack(const uint8_t *in, uint8_t *registers_out)
{
    uint8_t top = 0;

    for (size_t i = 0; i < PEOPLE_REGISTERS; i += 4, in += 3) {
        uint32_t bits = (uint32_t)in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16;
        for (size_t j = 0; j < 4; j++) {
            uint8_t rank = (bits >> (6 * j)) & 63;
            registers_out[i + j] = rank;
            top = rank > top ? rank : top;
        }
    }
    return top <= PEOPLE_RANK_MAX;
}

static enum status list_merge_bytes(struct people *people, struct bytes in)
{
    uint64_t list[PEOPLE_LIST_MAX];
    size_t count = in.size / HASH_SIZE;

    if (in.size % HASH_SIZE || count > PEOPLE_LIST_MAX) {
        return S_INVALID;
    }
    for (size_t i = 0; i < count; i++) {
        list[i] = u64_get(in.data + HASH_SIZE * i);
        if (i > 0 && list[i - 1] >= list[i]) {
            return S_INVALID;
        }
    }
    hashes_merge(people, list, count);
    return S_OK;
}

static enum status dense_merge_bytes(struct people *people, struct bytes in)
{
    uint8_t registers[PEOPLE_REGISTERS];

    if (in.size != PEOPLE_DENSE_SIZE || !registers_unpack(in.data, registers)) {
        return S_INVALID;
    }
    registers_merge(people, registers);
    return S_OK;
}

enum status people_merge_value(struct people *people, struct bytes value)
{
    if (value.size < 2 || value.data[0] != CELL_PEOPLE) {
        return S_INVALID;
    }
    struct bytes in = bytes_of(value.data + 2, value.size - 2);
    if (value.data[1] == FORM_LIST) {
        return list_merge_bytes(people, in);
    }
    return value.data[1] == FORM_DENSE ? dense_merge_bytes(people, in) : S_INVALID;
}

void people_encode(const struct people *people, struct buffer *out)
{
    buffer_append_u8(out, CELL_PEOPLE);
    buffer_append_u8(out, people->registers ? FORM_DENSE : FORM_LIST);
    if (people->registers) {
        registers_pack(people->registers, buffer_reserve(out, PEOPLE_DENSE_SIZE));
        out->size += PEOPLE_DENSE_SIZE;
        return;
    }
    uint8_t *raw = buffer_reserve(out, HASH_SIZE * people->count);
    for (size_t i = 0; i < people->count; i++) {
        u64_put(raw + HASH_SIZE * i, people->list[i]);
    }
    out->size += HASH_SIZE * people->count;
}

/* Ertl 2017, algorithm 6: sigma and tau sum the series for empty and for full registers. */
static double sigma(double x)
{
    double y = 1, z = x, before;

    if (x >= 1) {
        return INFINITY;
    }
    do {
        x *= x;
        before = z;
        z += x * y;
        y += y;
    } while (z > before);
    return z;
}

static double tau(double x)
{
    double y = 1, z = 1 - x, before;

    if (x <= 0 || x >= 1) {
        return 0;
    }
    do {
        x = sqrt(x);
        before = z;
        y /= 2;
        z -= (1 - x) * (1 - x) * y;
    } while (z < before);
    return z / 3;
}

static double dense_estimate(const uint8_t *registers)
{
    const double m = PEOPLE_REGISTERS;
    unsigned histogram[PEOPLE_RANK_MAX + 1] = {0};

    for (size_t i = 0; i < PEOPLE_REGISTERS; i++) {
        histogram[registers[i]]++;
    }
    double z = m * tau(1 - histogram[PEOPLE_RANK_MAX] / m);
    for (size_t rank = PEOPLE_RANK_MAX - 1; rank >= 1; rank--) {
        z = (z + histogram[rank]) / 2;
    }
    z += m * sigma(histogram[0] / m);
    return fmin(ALPHA_INFINITY * m * m / z, ESTIMATE_MAX); /* z is 0 when every register is full */
}

double people_estimate(const struct people *people, double *error_out)
{
    *error_out = people->registers ? DENSE_ERROR : 0;
    return people->registers ? dense_estimate(people->registers) : (double)people->count;
}
