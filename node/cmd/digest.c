/* digest.c: `qanat digest`: what is held of every stream, and one digest over all. */
#include "node/cmd/command.h"

#include <jansson.h>
#include <sodium.h>

#include "node/cmd/table.h"
#include "node/store/stream/roster.h"
#include "node/store/stream/stream.h"

/* Adds the canonical bytes of `head` to the digest over all. */
static void overall_add(crypto_generichash_state *overall, const struct stream_head *head)
{
    uint8_t id[STREAM_ID_SIZE], seq[8];

    stream_id_encode(&head->stream, id);
    for (int i = 0; i < 8; i++) {
        seq[i] = (uint8_t)(head->seq >> (8 * i));
    }
    crypto_generichash_update(overall, id, sizeof id);
    crypto_generichash_update(overall, seq, sizeof seq);
    crypto_generichash_update(overall, head->digest.b, sizeof head->digest.b);
}

static json_t *head_json(const struct stream_head *head, const struct roster *roster)
{
    char node[ID_HEX_SIZE], incarnation[ID_HEX_SIZE], digest[HASH_HEX_SIZE];
    const struct roster_node *known = roster_find(roster, &head->stream.node);

    id_hex(&head->stream.node, node);
    id_hex(&head->stream.incarnation, incarnation);
    hash_hex(&head->digest, digest);
    return json_pack("{s:s, s:s, s:s, s:I, s:I, s:s}", "node", known ? known->name : node, "incarnation", incarnation,
                     "topic", topic_name(head->stream.topic), "seq", (json_int_t)head->seq, "count",
                     (json_int_t)head->count, "digest", digest);
}

static enum status digest_run(struct command_context *context)
{
    static const struct table_column columns[] = {{"node", "NODE", false},   {"topic", "TOPIC", false},
                                                  {"seq", "SEQ", true},      {"count", "CELLS", true},
                                                  {"digest", "DIGEST", false}};
    crypto_generichash_state overall;
    struct stream_head head;
    struct stream_id after;
    struct hash digest;
    struct roster *roster;
    char text[HASH_HEX_SIZE];

    enum status status = command_words(context, 0, 0);
    if (status != S_OK) {
        return status;
    }
    struct db *db = store_read_begin(context->store);
    status = roster_load(db, context->federation, &roster, &context->report);
    if (status != S_OK) {
        store_read_end(context->store, db);
        return status;
    }
    json_t *streams = json_array();
    crypto_generichash_init(&overall, NULL, 0, sizeof digest.b);
    for (bool more = stream_next(db, NULL, &head); more; more = stream_next(db, &after, &head)) {
        after = head.stream;
        overall_add(&overall, &head);
        json_array_append_new(streams, head_json(&head, roster));
    }
    crypto_generichash_final(&overall, digest.b, sizeof digest.b);
    store_read_end(context->store, db);
    roster_free(roster);
    hash_hex(&digest, text);
    if (context->is_json) {
        table_print_json(context->out, json_pack("{s:s, s:o}", "digest", text, "streams", streams));
        return S_OK;
    }
    table_print(context->out, context->is_tty, columns, sizeof columns / sizeof *columns, streams);
    fprintf(context->out, "all: %s\n", text);
    json_decref(streams);
    return S_OK;
}

const struct command digest_commands[] = {
    {"digest", NEEDS_READ, "[--json]", "what this node holds: every stream's seq, cells and digest",
     "Two nodes with equal lines hold byte-identical facts of that stream. The digest over all differs where rights differ: a campus does not\n"
     "hold its siblings' results.",
     digest_run},
    {0},
};
