/* Who made the file: known here, or by the statements that the file itself brings. Each of these is signed by
 * a node that may admit, so they are worth the same wherever they come from; nothing is stored yet. */
#include "node/bundle/import.h"
#include "node/incident.h"
#include "node/store/stream/roster.h"
#include "replication/crdt/cell.h"

/* Adds the statements of one batch; false when the roster's batches are over. */
static bool statements_add(struct import *import, struct bytes frame, struct roster *roster)
{
    struct message message;
    struct batch batch;
    struct bytes statement;
    hlc stamp;

    arena_clear(&import->arena);
    arena_clear(&import->batch_arena);
    if (message_decode(frame, &import->arena, &message) != S_OK || message.type != MESSAGE_BATCH ||
        batch_decode(message.batch_body, &import->batch_arena, &batch) != S_OK ||
        batch.stream.topic != TOPIC_ROSTER) {
        return false;
    }
    for (size_t i = 0; i < batch.count; i++) {
        if (cell_value_get_register(batch.cells[i].value, &stamp, &statement)) {
            (void)roster_add(roster, statement, NULL); /* one that does not hold says nothing */
        }
    }
    return true;
}

/* What is known here and what the file brings, in one roster; the caller frees it. */
static enum status roster_with_file(struct import *import, struct roster **roster_out)
{
    struct bytes frame;
    uint64_t at;
    struct db *db = store_read_begin(import->node->store);
    enum status status = roster_load(db, import->node->federation, roster_out, import->report);

    store_read_end(import->node->store, db);
    if (status == S_OK) {
        import->is_roster_of_file = !roster_find(*roster_out, &import->node->identity->node);
        status = bundle_in_seek(&import->in, BUNDLE_HEAD_SIZE, import->report);
    }
    while (status == S_OK) {
        status = bundle_in_next(&import->in, &frame, &at, import->report);
        if (status == S_OK && import->in.kind != BUNDLE_FRAME) {
            break;
        }
        if (status == S_OK && !statements_add(import, frame, *roster_out)) {
            break;
        }
    }
    return status == S_NOT_FOUND ? S_OK : status;
}

static void names_note(struct import *import, const struct roster *roster, const struct roster_node *from)
{
    const struct roster_node *target = roster_find(roster, &import->in.head.target);
    struct bundle_imported *imported = import->imported;

    imported->head = import->in.head;
    imported->counts = import->in.trailer.counts;
    imported->is_for_us = id_equal(&imported->head.target, &import->node->identity->node);
    snprintf(imported->from, sizeof imported->from, "%s", from->name);
    snprintf(imported->target, sizeof imported->target, "%s", target ? target->name : "?");
}

/* By one of the sender's keys that count. */
static bool sender_signed(const struct roster_node *from, const struct bundle_trailer *trailer)
{
    bool is_signed = bundle_trailer_verify(trailer, from->sign_public) == S_OK;

    for (size_t i = 0; i < from->former_count; i++) {
        is_signed = is_signed || (from->former[i].closing.size == 0 && bundle_trailer_verify(trailer, from->former[i].sign_public) == S_OK);
    }
    return is_signed;
}

static bool sender_is_ended(const struct roster_node *from, const struct bundle_trailer *trailer)
{
    for (size_t i = 0; i < from->former_count; i++) {
        if (from->former[i].closing.size > 0 && bundle_trailer_verify(trailer, from->former[i].sign_public) == S_OK) {
            return true;
        }
    }
    return false;
}

enum status import_sender(struct import *import)
{
    const char *path = import->in.path;
    struct roster *roster = NULL;

    if (!id_equal(&import->in.head.federation, &import->node->federation->id)) {
        return report_set(import->report, S_DENIED, "\"%s\" is of another federation", path);
    }
    enum status status = bundle_in_verify(&import->in, import->report);
    if (status == S_OK) {
        status = roster_with_file(import, &roster);
    }
    const struct roster_node *from = status == S_OK ? roster_find(roster, &import->in.head.from) : NULL;
    if (status == S_OK && !from) {
        status =
            report_set(import->report, S_DENIED, "\"%s\" was made by a node that is not in the roster", path);
    }
    if (status == S_OK && from->is_revoked) {
        status = report_set(import->report, S_DENIED, "\"%s\" was made by \"%s\", which was revoked", path,
                            from->name);
    }
    if (status == S_OK && sender_is_ended(from, &import->in.trailer)) {
        incident_add_of(INCIDENT_FORMER_KEYS, &from->node, 1);
        status = report_set(import->report, S_DENIED, "\"%s\" was made with a key that \"%s\" gave up since: let it make another; nothing of it was taken",
                            path, from->name);
    }
    if (status == S_OK && !sender_signed(from, &import->in.trailer)) {
        status = report_set(import->report, S_BAD_SIGNATURE,
                            "\"%s\" was not signed by \"%s\", who is named in it; nothing of it was taken", path,
                            from->name);
    }
    if (status == S_OK) {
        names_note(import, roster, from);
        status = bundle_in_seek(&import->in, BUNDLE_HEAD_SIZE, import->report);
    }
    if (status == S_OK && import->is_roster_of_file) {
        roster_settle(roster);
        import->roster = roster;
        return S_OK;
    }
    roster_free(roster);
    return status;
}
