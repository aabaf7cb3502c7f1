/* A member that signs what it should not: every part is refused, and nothing moves. */
#include <stdlib.h>
#include <string.h>

#include "node/blob/blob.h"
#include "node/bundle/bundle.h"
#include "node/bundle/file.h"
#include "node/cmd/authority_key.h"
#include "node/cmd/command.h"
#include "node/local_time.h"
#include "node/store/stream/beside.h"
#include "node/store/stream/delta.h"
#include "node/store/stream/expel.h"
#include "node/store/stream/stream.h"
#include "replication/trust/rekey.h"
#include "replication/wire/batch.h"
#include "replication/wire/message.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_command.h"
#include "tests/kit/kit_hub.h"
#include "tests/kit/stream_writer.h"

struct fixture {
    struct kit_command hub, campus;
    struct identity identity; /* the hub's */
    struct federation federation;
    struct report report;
    char path[400];
    struct bundle_out out;
    struct buffer frame;
};

static int setup(void **state)
{
    static struct fixture memory; /* a hash state inside asks for 64-byte alignment */
    struct fixture *fixture = memset(&memory, 0, sizeof memory);
    struct bundle_head head = {.created_ms = 1};
    char words[1024];

    kit_command_open(&fixture->hub);
    snprintf(fixture->campus.dir, sizeof fixture->campus.dir, "%s/campus", fixture->hub.scratch);
    snprintf(words, sizeof words, "invite --name campus --kind national --country EG --file %s/invitation",
             fixture->hub.scratch);
    assert_int_equal(kit_command(&fixture->hub, words), EXIT_DONE);
    snprintf(words, sizeof words, "join --file %s/invitation", fixture->hub.scratch);
    assert_int_equal(kit_command(&fixture->campus, words), EXIT_DONE);
    assert_int_equal(dir_load_identity(fixture->hub.dir, &fixture->identity, &fixture->report), S_OK);
    assert_int_equal(dir_load_federation(fixture->hub.dir, &fixture->federation, &fixture->report), S_OK);
    head.federation = fixture->federation.id;
    head.from = fixture->identity.node;
    snprintf(fixture->path, sizeof fixture->path, "%s/stick", fixture->hub.scratch);
    assert_int_equal(bundle_out_open(&fixture->out, fixture->path, &head, &fixture->report), S_OK);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    free(fixture->campus.out);
    free(fixture->campus.err);
    buffer_release(&fixture->frame);
    kit_command_close(&fixture->hub);
    return 0;
}

static void put(struct fixture *fixture, const struct message *message)
{
    buffer_clear(&fixture->frame);
    assert_int_equal(message_encode(message, &fixture->frame), S_OK);
    assert_int_equal(bundle_out_frame(&fixture->out, buffer_bytes(&fixture->frame), &fixture->report), S_OK);
}

/* A catalogue stream that says to be the hub's, with one cell. */
static void writer_begin(struct stream_writer *writer, const struct fixture *fixture)
{
    stream_writer_init(writer, &fixture->federation.id, 9, TOPIC_CATALOGUE);
    writer->head.stream.node = fixture->identity.node;
    writer->key = lthash_key(&fixture->federation.id, &writer->head.stream);
    stream_writer_put_number(writer, "key", 1);
}

static void put_batch(struct fixture *fixture, bool is_signed, bool is_true)
{
    struct message message = {.type = MESSAGE_BATCH};
    struct stream_writer writer;
    struct buffer body;

    buffer_init(&body);
    writer_begin(&writer, fixture);
    struct certificate certificate = stream_writer_certify(&writer);
    certificate.head.digest.b[0] ^= is_true ? 0 : 1;
    if (is_signed) {
        certificate =
            certificate_sign(&fixture->federation.id, &certificate.head, fixture->identity.sign_secret);
    }
    stream_writer_body(&writer, 0, 1, &certificate, &body);
    message.batch_body = buffer_bytes(&body);
    put(fixture, &message);
    buffer_release(&body);
    stream_writer_release(&writer);
}

static void finish(struct fixture *fixture)
{
    struct bundle_counts counts = {.cells = 0};

    assert_int_equal(bundle_out_finish(&fixture->out, &counts,
                                       &(struct bundle_signer){&fixture->identity, "hub"}, &fixture->report),
                     S_OK);
}

static void finish_and_import(struct fixture *fixture, const char *said)
{
    char words[512], *before;

    finish(fixture);
    assert_int_equal(kit_command(&fixture->campus, "digest"), EXIT_DONE);
    before = strdup(fixture->campus.out);
    snprintf(words, sizeof words, "bundle import %s --json", fixture->path);
    assert_int_equal(kit_command(&fixture->campus, words), EXIT_PROBLEM);
    assert_non_null(strstr(fixture->campus.out, said));
    assert_int_equal(kit_command(&fixture->campus, "digest"), EXIT_DONE);
    assert_string_equal(fixture->campus.out, before);
    free(before);
}

static void a_certificate_of_another_signer_is_refused(void **state)
{
    put_batch(*state, false, true);
    finish_and_import(*state, "did not sign");
}

static void cells_that_do_not_add_up_are_refused(void **state)
{
    put_batch(*state, true, false);
    finish_and_import(*state, "do not add up");
}

/* Half of more than the bundle's stream has came before, and its writer then went back to a backup. */
static enum status stage_run(struct db *db, void *arg)
{
    const struct fixture *fixture = arg;
    struct stream_writer writer;
    struct buffer body;

    buffer_init(&body);
    writer_begin(&writer, fixture);
    stream_writer_put_number(&writer, "more", 2);
    stream_writer_put_number(&writer, "most", 3);
    stream_writer_body(&writer, 0, 2, NULL, &body);
    enum status status = stream_stage(db, &writer.head.stream, 0, 2, buffer_bytes(&body));
    buffer_release(&body);
    stream_writer_release(&writer);
    return status;
}

static void what_was_staged_beyond_a_bundle_gives_way(void **state)
{
    struct fixture *fixture = *state;
    const struct store_options options = {0};
    struct store *store;
    char words[512];

    assert_int_equal(store_open(fixture->campus.dir, &options, &store, &fixture->report), S_OK);
    assert_int_equal(store_write_wait(store, stage_run, fixture), S_OK);
    store_close(store);
    put_batch(fixture, true, true);
    finish(fixture);
    snprintf(words, sizeof words, "bundle import %s --json", fixture->path);
    assert_int_equal(kit_command(&fixture->campus, words), EXIT_DONE);
    assert_int_equal(kit_command(&fixture->campus, "digest"), EXIT_DONE);
    assert_non_null(strstr(fixture->campus.out, "catalogue"));
}

/* Pages beyond repair took the hub's whole roster: nobody is let in, and a stick brings it back. */
static void a_node_without_any_roster_has_it_from_a_members_file(void **state)
{
    struct fixture *fixture = *state;
    char words[1024], *before;

    assert_int_equal(kit_command(&fixture->hub, "peer list"), EXIT_DONE);
    before = strdup(fixture->hub.out);
    assert_non_null(strstr(before, "campus"));
    kit_hub_sql(fixture->hub.dir, "DELETE FROM cell; DELETE FROM stream; DELETE FROM stream_state");
    assert_int_equal(kit_command(&fixture->hub, "doctor --json"), EXIT_PROBLEM);
    assert_non_null(strstr(fixture->hub.out, "roster_absent"));
    snprintf(words, sizeof words, "bundle export --for hub --whole %s/back", fixture->hub.scratch);
    assert_int_equal(kit_command(&fixture->campus, words), EXIT_DONE);
    snprintf(words, sizeof words, "bundle import %s/back", fixture->hub.scratch);
    assert_int_equal(kit_command(&fixture->hub, words), EXIT_DONE);
    assert_int_equal(kit_command(&fixture->hub, "peer list"), EXIT_DONE);
    assert_string_equal(fixture->hub.out, before);
    assert_int_equal(kit_command(&fixture->hub, "verify"), EXIT_DONE);
    finish(fixture);
    free(before);
}

/* One cell for a statement; its hash. */
static struct hash tell(struct stream_writer *writer, struct buffer *statement)
{
    struct buffer key, value;
    struct statement read;

    buffer_init(&key), buffer_init(&value);
    statement_read(buffer_bytes(statement), &read);
    assert_int_equal(statement_cell_key(buffer_bytes(statement), &key), S_OK);
    cell_value_register(&value, 1, buffer_bytes(statement));
    stream_writer_put(writer, buffer_bytes(&key), buffer_bytes(&value));
    struct hash hash = read.hash;
    buffer_release(&key), buffer_release(&value), buffer_clear(statement);
    return hash;
}

/* The hub was built anew under new keys: its roster stream is signed with them, and tells of them itself. The campus knows those of before. */
static struct stream_id put_new_key(struct fixture *fixture, bool is_granted)
{
    const struct id *hub = &fixture->identity.node, *federation = &fixture->federation.id;
    struct signer by = {.node = *hub};
    struct authority_keys authority = {.count = 0};
    struct message message = {.type = MESSAGE_BATCH};
    struct stream_writer writer;
    struct identity next;
    struct buffer statement, body;
    char path[400];

    snprintf(path, sizeof path, "%s/authority.key", fixture->hub.dir);
    assert_int_equal(authority_keys_load(&authority, path, &fixture->report), S_OK);
    memcpy(by.sign_secret, fixture->identity.sign_secret, sizeof by.sign_secret);
    identity_derive(&next, (const uint8_t[IDENTITY_SEED_SIZE]){7});
    next.node = *hub;
    stream_writer_init(&writer, federation, 9, TOPIC_ROSTER);
    writer.head.stream.node = *hub;
    writer.key = lthash_key(federation, &writer.head.stream);
    buffer_init(&statement), buffer_init(&body);
    const struct rekey_terms terms = {.node = *hub, .turn = 1, .next = &next, .at_ms = local_time_now()};
    assert_int_equal(statement_rekey(federation, &terms, &by, &statement), S_OK);
    struct hash asked = tell(&writer, &statement);
    if (is_granted) {
        assert_int_equal(statement_grant(federation, hub, &asked, local_time_now(), &authority.signers[0], &statement), S_OK);
        (void)tell(&writer, &statement);
    }
    struct certificate certificate = stream_writer_certify(&writer);
    certificate = certificate_sign(federation, &certificate.head, next.sign_secret);
    stream_writer_body(&writer, 0, certificate.head.seq, &certificate, &body);
    message.batch_body = buffer_bytes(&body);
    put(fixture, &message);
    struct stream_id stream = writer.head.stream;
    buffer_release(&statement), buffer_release(&body);
    stream_writer_release(&writer);
    authority_keys_clear(&authority);
    return stream;
}

/* Is it held after the import? */
static bool new_key_is_taken(struct fixture *fixture, bool is_granted)
{
    char words[512], incarnation[ID_HEX_SIZE];
    struct stream_id stream = put_new_key(fixture, is_granted);

    finish(fixture);
    snprintf(words, sizeof words, "bundle import %s", fixture->path);
    assert_int_equal(kit_command(&fixture->campus, words), EXIT_DONE);
    assert_int_equal(kit_command(&fixture->campus, "digest --json"), EXIT_DONE);
    id_hex(&stream.incarnation, incarnation);
    bool is_taken = strstr(fixture->campus.out, incarnation) != NULL;
    assert_int_equal(kit_command(&fixture->campus, "verify"), EXIT_DONE);
    return is_taken;
}

static void a_roster_stream_that_tells_of_its_own_key_is_taken(void **state)
{
    assert_true(new_key_is_taken(*state, true));
}

static void a_roster_stream_whose_key_nobody_admitted_is_left_out(void **state)
{
    assert_false(new_key_is_taken(*state, false));
}

static void content_under_a_wrong_name_is_refused(void **state)
{
    struct piece piece = {.size = 4, .data = bytes_text("four")};
    struct message message = {.type = MESSAGE_PIECES, .pieces = {.pieces = &piece, .count = 1}};

    put(*state, &message);
    finish_and_import(*state, "not what its name says");
}

static void a_piece_without_its_beginning_is_refused(void **state)
{
    struct piece piece = {.size = 1028, .offset = 1024, .data = bytes_text("four")};
    struct message message = {.type = MESSAGE_PIECES, .pieces = {.pieces = &piece, .count = 1}};

    put(*state, &message);
    finish_and_import(*state, "does not belong");
}

static void a_message_of_a_conversation_is_refused(void **state)
{
    struct message message = {.type = MESSAGE_CREDIT, .credit = 5};

    put(*state, &message);
    finish_and_import(*state, "no place in a bundle");
}

static void a_frame_of_nonsense_is_refused(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(bundle_out_frame(&fixture->out, bytes_text("nonsense"), &fixture->report), S_OK);
    finish_and_import(*state, "cannot be read");
}

/* --- the stream moves on while a file brings it, too --- */

enum { LARGE_BODY_CELLS = 2000, LARGE_BODIES = DELTA_AT_ONCE_CELLS / LARGE_BODY_CELLS + 2 };

/* Somebody else who does something once parts of the stream are put together. */
struct rival {
    struct store *store;
    struct stream_writer writer;
    struct buffer last; /* body, with the certificate */
    enum status (*act)(struct rival *rival, struct db *db);
    const struct identity *by;
    bool has_acted;
};

/* The writer's next body; the last one is certified. */
static void large_body(struct fixture *fixture, struct rival *rival, size_t count, bool is_last)
{
    static char keys[LARGE_BODY_CELLS][24];
    static struct cell cells[LARGE_BODY_CELLS];
    static const uint8_t value[] = {CELL_COUNT, 2};
    struct stream_writer *writer = &rival->writer;
    struct batch batch = {.stream = writer->head.stream, .after_seq = writer->head.seq, .cells = cells, .count = count};

    for (size_t i = 0; i < count; i++) {
        snprintf(keys[i], sizeof keys[i], "%u", (unsigned)++writer->head.seq);
        cells[i] = (struct cell){writer->head.seq, bytes_text(keys[i]), bytes_of(value, sizeof value)};
        lthash_add(&writer->state, &writer->key, &cells[i]);
    }
    writer->head.count = writer->head.seq;
    writer->head.digest = lthash_digest(&writer->state);
    batch.has_certificate = is_last;
    batch.certificate = certificate_sign(&fixture->federation.id, &writer->head, fixture->identity.sign_secret);
    buffer_clear(&rival->last);
    assert_int_equal(batch_encode(&batch, &rival->last), S_OK);
}

static enum status last_apply(struct rival *rival, struct db *db)
{
    return stream_apply_body(db, &rival->writer.federation, &rival->writer.head.stream, buffer_bytes(&rival->last));
}

static enum status last_run(struct db *db, void *arg)
{
    return last_apply(arg, db);
}

static enum status writer_expel(struct rival *rival, struct db *db)
{
    struct expulsion expulsion = {
        .federation = &rival->writer.federation, .by = rival->by, .node = rival->writer.head.stream.node, .reason = "test", .now_ms = local_time_now()};

    return expel_put(db, &expulsion);
}

static enum status rival_run(struct db *db, void *arg)
{
    struct rival *rival = arg;

    if (rival->has_acted) {
        return S_OK;
    }
    if (beside_is_any(db)) {
        rival->has_acted = true;
        return rival->act(rival, db);
    }
    store_write(rival->store, rival_run, rival, NULL);
    return S_OK;
}

static void rival_begin(struct rival *rival, struct fixture *fixture, const struct kit_command *taker, enum topic topic)
{
    const struct store_options options = {0};

    memset(rival, 0, sizeof *rival);
    stream_writer_init(&rival->writer, &fixture->federation.id, 9, topic);
    rival->writer.head.stream.node = fixture->identity.node;
    rival->writer.key = lthash_key(&fixture->federation.id, &rival->writer.head.stream);
    buffer_init(&rival->last);
    assert_int_equal(store_open(taker->dir, &options, &rival->store, &fixture->report), S_OK);
}

static void large_bodies_put(struct fixture *fixture, struct rival *rival)
{
    for (unsigned i = 0; i < LARGE_BODIES; i++) {
        large_body(fixture, rival, LARGE_BODY_CELLS, i + 1 == LARGE_BODIES);
        put(fixture, &(struct message){.type = MESSAGE_BATCH, .batch_body = buffer_bytes(&rival->last)});
    }
    finish(fixture);
}

/* `taker` takes the file in, while the other one acts. */
static void import_beside(struct fixture *fixture, struct rival *rival, const struct kit_command *taker, struct bundle_imported *imported)
{
    struct courses courses;
    struct identity identity;
    struct config config;
    struct blobs *blobs;

    config_init(&config);
    assert_int_equal(dir_load_identity(taker->dir, &identity, &fixture->report), S_OK);
    store_set_identity(rival->store, &identity, &fixture->federation.id);
    assert_int_equal(blobs_open(taker->dir, rival->store, &blobs, &fixture->report), S_OK);
    courses_init(&courses, rival->store, blobs, &identity, &fixture->federation, &config);
    rival->by = &identity;
    store_write(rival->store, rival_run, rival, NULL);
    const struct bundle_node node = {rival->store, &courses, &identity, &fixture->federation, taker->dir};
    assert_int_equal(bundle_import(&node, fixture->path, imported, &fixture->report), S_OK);
    assert_true(rival->has_acted);
    assert_string_equal(imported->problem, "");
    blobs_close(blobs);
}

static void rival_end(struct rival *rival)
{
    store_close(rival->store);
    buffer_release(&rival->last);
    stream_writer_release(&rival->writer);
}

/* A file of large bodies is imported while the rival acts. */
static void large_bodies_import(struct fixture *fixture, enum status (*act)(struct rival *, struct db *), struct bundle_imported *imported_out)
{
    struct rival rival;

    rival_begin(&rival, fixture, &fixture->campus, TOPIC_CATALOGUE);
    rival.act = act;
    large_bodies_put(fixture, &rival);
    import_beside(fixture, &rival, &fixture->campus, imported_out);
    rival_end(&rival);
}

static enum status nothing_done(struct rival *rival, struct db *db)
{
    (void)rival, (void)db;
    return S_OK;
}

static void cells_ahead_of_their_certificate_are_counted_with_it(void **state)
{
    struct fixture *fixture = *state;
    struct bundle_imported imported;

    large_bodies_import(fixture, nothing_done, &imported);
    assert_int_equal(imported.streams, 1);
    assert_int_equal(imported.cells, LARGE_BODIES * LARGE_BODY_CELLS);
}

static void a_stream_that_a_peer_brings_meanwhile_is_known_and_not_refused(void **state)
{
    struct fixture *fixture = *state;
    struct bundle_imported imported;

    large_bodies_import(fixture, last_apply, &imported);
    assert_int_equal(imported.known_streams, 1);
    assert_int_equal(imported.cells, 0);
}

/* The revocation leaves what was held when it was said: further than that the stream would be dropped, with all that was accepted. */
static void a_stream_whose_writer_is_put_out_meanwhile_stays_as_it_is(void **state)
{
    struct fixture *fixture = *state;
    struct bundle_imported imported;
    struct certificate held;
    struct rival rival;
    struct db *db;

    finish(fixture); /* a file of the campus instead */
    assert_int_equal(dir_load_identity(fixture->campus.dir, &fixture->identity, &fixture->report), S_OK);
    snprintf(fixture->path, sizeof fixture->path, "%s/home", fixture->hub.scratch);
    const struct bundle_head head = {.created_ms = 1, .federation = fixture->federation.id, .from = fixture->identity.node};
    assert_int_equal(bundle_out_open(&fixture->out, fixture->path, &head, &fixture->report), S_OK);
    rival_begin(&rival, fixture, &fixture->hub, TOPIC_RESULTS);
    rival.act = writer_expel;
    large_body(fixture, &rival, 1, true);
    assert_int_equal(store_write_wait(rival.store, last_run, &rival), S_OK);
    large_bodies_put(fixture, &rival);
    import_beside(fixture, &rival, &fixture->hub, &imported);
    assert_int_equal(imported.skipped_streams, 1);
    assert_int_equal(imported.cells, 0);
    db = store_read_begin(rival.store);
    assert_true(stream_find(db, &rival.writer.head.stream, &held));
    assert_int_equal(held.head.seq, 1);
    assert_int_equal(stream_staged_seq(db, &rival.writer.head.stream), 0);
    store_read_end(rival.store, db);
    rival_end(&rival);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_certificate_of_another_signer_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(cells_that_do_not_add_up_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_staged_beyond_a_bundle_gives_way, setup, teardown),
        cmocka_unit_test_setup_teardown(cells_ahead_of_their_certificate_are_counted_with_it, setup, teardown),
        cmocka_unit_test_setup_teardown(a_stream_that_a_peer_brings_meanwhile_is_known_and_not_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_stream_whose_writer_is_put_out_meanwhile_stays_as_it_is, setup, teardown),
        cmocka_unit_test_setup_teardown(a_node_without_any_roster_has_it_from_a_members_file, setup, teardown),
        cmocka_unit_test_setup_teardown(a_roster_stream_that_tells_of_its_own_key_is_taken, setup, teardown),
        cmocka_unit_test_setup_teardown(a_roster_stream_whose_key_nobody_admitted_is_left_out, setup, teardown),
        cmocka_unit_test_setup_teardown(content_under_a_wrong_name_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_piece_without_its_beginning_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_message_of_a_conversation_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_frame_of_nonsense_is_refused, setup, teardown),
    };
    return KIT_RUN(tests);
}
