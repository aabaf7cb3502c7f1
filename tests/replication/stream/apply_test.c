/* A writer changes its cells at random; replicas take its deltas from any base, by any relay, in any cut. */
#include "replication/stream/apply.h"
#include "tests/kit/kit.h"

#include <sodium.h>
#include <string.h>

enum { KEYS = 24, VALUE_SIZE = 3, STATES = 30 };

/* One replica in memory: a cell for each key, and what the store keeps of the stream. */
struct replica {
    struct cell cells[KEYS]; /* seq 0: not there */
    uint8_t names[KEYS];
    uint8_t values[KEYS][VALUE_SIZE];
    struct lthash state;
    struct stream_head head;
};

static const struct id federation = {{1}};
static const struct stream_id stream = {.node = {{2}}, .incarnation = {{3}}, .topic = TOPIC_RESULTS};
static uint8_t public_key[SIGN_PUBLIC_SIZE], secret[SIGN_SECRET_SIZE];

static int keys_make(void **state)
{
    static const uint8_t seed[crypto_sign_SEEDBYTES] = {7};
    (void)state;
    return crypto_sign_seed_keypair(public_key, secret, seed);
}

static void replica_init(struct replica *replica)
{
    memset(replica, 0, sizeof *replica);
    replica->head.stream = stream;
}

/* The bytes of the cells live in the replica itself: a copy must point into itself. */
static void replica_copy(struct replica *to, const struct replica *from)
{
    *to = *from;
    for (size_t i = 0; i < KEYS; i++) {
        to->cells[i].key.data = &to->names[i];
        to->cells[i].value.data = to->values[i];
    }
}

static enum status replica_put(void *ctx, const struct cell *cell, struct cell *old_out, bool *found_out)
{
    static uint8_t old_value[VALUE_SIZE];
    struct replica *replica = ctx;
    size_t index = cell->key.data[0];
    struct cell *own = &replica->cells[index];

    if (own->seq) {
        *old_out = *own;
        memcpy(old_value, replica->values[index], VALUE_SIZE);
        old_out->value.data = old_value;
        *found_out = true;
    }
    replica->names[index] = (uint8_t)index;
    memcpy(replica->values[index], cell->value.data, VALUE_SIZE);
    *own = (struct cell){cell->seq, bytes_of(&replica->names[index], 1),
                         bytes_of(replica->values[index], VALUE_SIZE)};
    return S_OK;
}

/* Folds all cells of `source` above `after` into `replica` in one transaction; on an error nothing changes.
 */
static enum status replica_pull(struct replica *replica, const struct replica *source, uint64_t after,
                                const struct certificate *certificate)
{
    struct replica work;
    struct stream_apply apply;

    replica_copy(&work, replica);
    stream_apply_begin(&apply, &federation, &work.head, &work.state, replica_put, &work);
    for (uint64_t seq = after + 1; seq <= source->head.seq; seq++) {
        for (size_t i = 0; i < KEYS; i++) {
            if (source->cells[i].seq != seq) {
                continue;
            }
            enum status status = stream_apply_cell(&apply, &source->cells[i]);
            if (status != S_OK) {
                return status;
            }
        }
    }
    enum status status = stream_apply_finish(&apply, certificate);
    if (status == S_OK) {
        work.head = apply.head;
        work.state = apply.state;
        replica_copy(replica, &work);
    }
    return status;
}

/* The writer changes 1 to 6 cells and certifies: what the store does in one transaction. */
static struct certificate writer_step(struct replica *writer, struct kit_random *random)
{
    struct hash key = lthash_key(&federation, &stream);
    uint64_t changes = 1 + kit_random_below(random, 6);

    for (uint64_t i = 0; i < changes; i++) {
        uint8_t name = (uint8_t)kit_random_below(random, KEYS), value[VALUE_SIZE];
        struct cell old, cell = {++writer->head.seq, bytes_of(&name, 1), bytes_of(value, VALUE_SIZE)};
        bool found = false;
        memset(value, (int)kit_random_below(random, 256), VALUE_SIZE);
        assert_int_equal(replica_put(writer, &cell, &old, &found), S_OK);
        if (found) {
            lthash_subtract(&writer->state, &key, &old);
        }
        writer->head.count += !found;
        lthash_add(&writer->state, &key, &cell);
    }
    writer->head.digest = lthash_digest(&writer->state);
    return certificate_sign(&federation, &writer->head, secret);
}

static void replicas_assert_equal(const struct replica *a, const struct replica *b)
{
    assert_int_equal(a->head.seq, b->head.seq);
    assert_int_equal(a->head.count, b->head.count);
    assert_true(hash_equal(&a->head.digest, &b->head.digest));
    assert_memory_equal(&a->state, &b->state, sizeof a->state);
    for (size_t i = 0; i < KEYS; i++) {
        assert_int_equal(a->cells[i].seq, b->cells[i].seq);
        assert_memory_equal(a->values[i], b->values[i], VALUE_SIZE);
    }
}

static void any_delta_from_any_base_by_any_way_gives_one_state(void **state)
{
    enum { REPLICAS = 5 };
    static struct replica replicas[REPLICAS];
    static struct certificate latest[REPLICAS];
    struct kit_random random;
    (void)state;

    kit_random_seed(&random, kit_fresh_seed());
    for (unsigned trial = 0; trial < 40; trial++) {
        for (size_t i = 0; i < REPLICAS; i++) {
            replica_init(&replicas[i]); /* number 0 writes */
        }
        for (unsigned step = 0; step < 60; step++) {
            size_t from = kit_random_below(&random, REPLICAS),
                   to = 1 + kit_random_below(&random, REPLICAS - 1);
            if (step < STATES && kit_random_below(&random, 2)) {
                latest[0] = writer_step(&replicas[0], &random);
            }
            if (replicas[from].head.seq > replicas[to].head.seq) {
                assert_int_equal(
                    replica_pull(&replicas[to], &replicas[from], replicas[to].head.seq, &latest[from]), S_OK);
                latest[to] = latest[from];
            }
        }
        for (size_t i = 1; i < REPLICAS; i++) {
            if (replicas[i].head.seq < replicas[0].head.seq) {
                assert_int_equal(replica_pull(&replicas[i], &replicas[0], replicas[i].head.seq, &latest[0]),
                                 S_OK);
            }
            replicas_assert_equal(&replicas[i], &replicas[0]);
        }
    }
}

static void a_delta_taken_twice_changes_nothing(void **state)
{
    static struct replica writer, reader, before;
    struct kit_random random;
    (void)state;

    kit_random_seed(&random, 2);
    replica_init(&writer);
    replica_init(&reader);
    struct certificate certificate = writer_step(&writer, &random);
    assert_int_equal(replica_pull(&reader, &writer, 0, &certificate), S_OK);
    replica_copy(&before, &reader);
    assert_int_equal(replica_pull(&reader, &writer, 0, &certificate), S_INVALID); /* not ascending */
    replicas_assert_equal(&reader, &before);
    assert_int_equal(replica_pull(&reader, &writer, writer.head.seq, &certificate), S_OK); /* nothing new */
    replicas_assert_equal(&reader, &before);
}

static void one_delta_or_many_come_to_the_same(void **state)
{
    static struct replica writer, early, late;
    struct kit_random random;
    struct certificate certificate;
    (void)state;

    kit_random_seed(&random, kit_fresh_seed());
    replica_init(&writer);
    replica_init(&early);
    replica_init(&late);
    for (unsigned i = 0; i < STATES; i++) {
        certificate = writer_step(&writer, &random);
        assert_int_equal(replica_pull(&early, &writer, early.head.seq, &certificate), S_OK);
    }
    assert_int_equal(replica_pull(&late, &writer, 0, &certificate), S_OK);
    replicas_assert_equal(&early, &late);
    replicas_assert_equal(&early, &writer);
}

/* What a dishonest relay could do to a delta; each must end in S_BAD_DIGEST. */
static void a_delta_tampered_with_is_refused(void **state)
{
    static struct replica writer, reader, relay, empty;
    struct kit_random random;
    (void)state;

    kit_random_seed(&random, 3);
    replica_init(&writer);
    replica_init(&empty);
    for (unsigned i = 0; i < 10; i++) {
        writer_step(&writer, &random);
    }
    struct certificate certificate = writer_step(&writer, &random);
    for (size_t i = 0; i < KEYS; i++) {
        if (writer.cells[i].seq == 0) {
            continue;
        }
        replica_init(&reader);
        replica_copy(&relay, &writer);
        relay.values[i][0] ^= 1; /* forged */
        assert_int_equal(replica_pull(&reader, &relay, 0, &certificate), S_BAD_DIGEST);
        replica_copy(&relay, &writer);
        relay.cells[i].seq = 0; /* left out */
        assert_int_equal(replica_pull(&reader, &relay, 0, &certificate), S_BAD_DIGEST);
        replicas_assert_equal(&reader, &empty);
    }
    assert_int_equal(replica_pull(&reader, &writer, 0, &certificate), S_OK);
}

static void wrong_seq_count_and_digest_are_refused(void **state)
{
    static struct replica writer, reader;
    struct kit_random random;
    struct certificate wrong;
    (void)state;

    kit_random_seed(&random, 4);
    replica_init(&writer);
    replica_init(&reader);
    struct certificate certificate = writer_step(&writer, &random);
    wrong = certificate;
    wrong.head.seq++;
    assert_int_equal(replica_pull(&reader, &writer, 0, &wrong), S_BAD_DIGEST);
    wrong = certificate;
    wrong.head.count++;
    assert_int_equal(replica_pull(&reader, &writer, 0, &wrong), S_BAD_DIGEST);
    wrong = certificate;
    wrong.head.digest.b[31] ^= 1;
    assert_int_equal(replica_pull(&reader, &writer, 0, &wrong), S_BAD_DIGEST);
    assert_int_equal(reader.head.seq, 0);
}

static void seqs_must_ascend_and_cells_be_well_formed(void **state)
{
    static struct replica reader;
    uint8_t name = 1, value[VALUE_SIZE] = {0};
    struct cell cell = {5, bytes_of(&name, 1), bytes_of(value, VALUE_SIZE)};
    struct stream_apply apply;
    (void)state;

    replica_init(&reader);
    stream_apply_begin(&apply, &federation, &reader.head, &reader.state, replica_put, &reader);
    assert_int_equal(stream_apply_cell(&apply, &cell), S_OK);
    assert_int_equal(stream_apply_cell(&apply, &cell), S_INVALID);
    cell.seq = 4;
    assert_int_equal(stream_apply_cell(&apply, &cell), S_INVALID);
    cell.seq = SEQ_MAX + 1;
    assert_int_equal(stream_apply_cell(&apply, &cell), S_INVALID);
    cell.seq = 6;
    cell.value.size = 0;
    assert_int_equal(stream_apply_cell(&apply, &cell), S_INVALID);
    cell.value.size = VALUE_SIZE;
    assert_int_equal(stream_apply_cell(&apply, &cell), S_OK);
    assert_int_equal(apply.head.seq, 6);
    assert_int_equal(apply.head.count, 1);
}

static enum status full_put(void *ctx, const struct cell *cell, struct cell *old_out, bool *found_out)
{
    (void)ctx, (void)cell, (void)old_out, (void)found_out;
    return S_NO_SPACE;
}

/* A stored cell that is newer than its head: the database was damaged. */
static enum status damaged_put(void *ctx, const struct cell *cell, struct cell *old_out, bool *found_out)
{
    (void)ctx;
    *old_out = *cell;
    *found_out = true;
    return S_OK;
}

static void what_the_store_says_is_passed_on(void **state)
{
    static struct replica reader;
    uint8_t name = 1;
    struct cell cell = {5, bytes_of(&name, 1), bytes_of(&name, 1)};
    struct stream_apply apply;
    (void)state;

    replica_init(&reader);
    stream_apply_begin(&apply, &federation, &reader.head, &reader.state, full_put, NULL);
    assert_int_equal(stream_apply_cell(&apply, &cell), S_NO_SPACE);
    stream_apply_begin(&apply, &federation, &reader.head, &reader.state, damaged_put, NULL);
    assert_int_equal(stream_apply_cell(&apply, &cell), S_CORRUPT);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_delta_from_any_base_by_any_way_gives_one_state),
        cmocka_unit_test(a_delta_taken_twice_changes_nothing),
        cmocka_unit_test(one_delta_or_many_come_to_the_same),
        cmocka_unit_test(a_delta_tampered_with_is_refused),
        cmocka_unit_test(wrong_seq_count_and_digest_are_refused),
        cmocka_unit_test(seqs_must_ascend_and_cells_be_well_formed),
        cmocka_unit_test(what_the_store_says_is_passed_on),
    };
    kit_setup();
    return cmocka_run_group_tests(tests, keys_make, NULL);
}
