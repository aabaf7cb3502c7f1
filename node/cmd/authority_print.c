#include "node/cmd/authority_print.h"

#include <sodium.h>
#include <string.h>

#include "node/cmd/table.h"
#include "replication/trust/authority.h"

enum { TEXT_MAX = 512, NAME_SHOWN_MAX = 128 };

json_t *authority_hex(const uint8_t bytes[32])
{
    char hex[65];

    sodium_bin2hex(hex, sizeof hex, bytes, 32);
    return json_string(hex);
}

/* The node's name in the roster or in the paper, or its id. */
static void name_write(const struct paper *paper, const struct roster *roster, const struct id *node, char out[NAME_SHOWN_MAX])
{
    const struct roster_node *member = roster ? roster_find(roster, node) : NULL;
    struct statement statement;
    char hex[ID_HEX_SIZE];

    id_hex(node, hex);
    snprintf(out, NAME_SHOWN_MAX, "%s", member ? member->name : hex);
    for (size_t i = 0; i < paper->count && !member; i++) {
        statement_read(buffer_bytes(&paper->statements[i]), &statement);
        if (statement.kind == STATEMENT_ADMIT && id_equal(&statement.node, node)) {
            snprintf(out, NAME_SHOWN_MAX, "%s (%s)", statement.admitted.name, hex);
        }
    }
}

static void text_write(const struct paper *paper, const struct roster *roster, const struct statement *statement, char out[TEXT_MAX])
{
    const struct authority_terms *terms = &statement->terms;
    char node[NAME_SHOWN_MAX], parent[NAME_SHOWN_MAX];
    struct id above = statement->kind == STATEMENT_ADOPT ? statement->parent : statement->admitted.parent;
    const bool is_root = id_is_none(&above);

    name_write(paper, roster, &statement->node, node);
    name_write(paper, roster, &above, parent);
    switch (statement->kind) {
    case STATEMENT_ADMIT:
        snprintf(out, TEXT_MAX, "'%s' is a %s%s%s%s", statement->admitted.name, node_kind_name(statement->admitted.kind),
                 is_root ? " below nobody" : " below '", is_root ? "" : parent, is_root ? "" : "'");
        break;
    case STATEMENT_REVOKE:
        snprintf(out, TEXT_MAX, "'%s' is revoked", node);
        break;
    case STATEMENT_REKEY:
    case STATEMENT_GRANT:
    case STATEMENT_CLOSE:
        snprintf(out, TEXT_MAX, statement->kind == STATEMENT_GRANT ? "'%s' gets the new key that it asked for" : "'%s' changes its key", node);
        break;
    case STATEMENT_AUTHORITY:
        snprintf(out, TEXT_MAX, "generation %llu of the authority: %u of %zu keys; it keeps %zu statements",
                 (unsigned long long)terms->generation, (unsigned)terms->threshold, terms->keys.size / SIGN_PUBLIC_SIZE,
                 terms->ratified.size / sizeof(struct hash));
        break;
    case STATEMENT_ADOPT:
        snprintf(out, TEXT_MAX, "%zu nodes stand below %s%s%s", statement->admissions.size / sizeof(struct hash),
                 is_root ? "who admitted them" : "'", is_root ? "" : parent, is_root ? "" : "'");
        break;
    case STATEMENT_COSIGN:
        snprintf(out, TEXT_MAX, "a signature");
        break;
    }
}

/* How many signatures it has of those who must give it, and how many it needs; of a handover also of those who take it. */
static json_t *row_json(const struct paper *paper, const struct roster *roster, const struct statement *statement)
{
    const struct authority *authority = roster ? roster_authority(roster) : NULL;
    char text[TEXT_MAX];

    text_write(paper, roster, statement, text);
    json_t *row = json_pack("{s:s, s:s, s:I, s:o}", "what", statement_kind_word(statement->kind), "text", text, "generation",
                            (json_int_t)statement->generation, "hash", authority_hex(statement->hash.b));
    if (authority) {
        struct bytes keys = bytes_of(authority->keys, authority->key_count * SIGN_PUBLIC_SIZE);
        json_object_set_new(row, "signatures", json_integer((json_int_t)paper_signatures(paper, &statement->hash, keys)));
        json_object_set_new(row, "needed", json_integer((json_int_t)authority->threshold));
    }
    if (statement->kind == STATEMENT_AUTHORITY) {
        json_object_set_new(row, "taken",
                            json_integer((json_int_t)paper_signatures(paper, &statement->hash, statement->terms.keys)));
        json_object_set_new(row, "take_needed", json_integer((json_int_t)statement->terms.threshold));
    }
    return row;
}

static void row_print(FILE *out, const json_t *row)
{
    fprintf(out, "%s", json_string_value(json_object_get(row, "text")));
    if (json_object_get(row, "needed")) {
        fprintf(out, "; signed by %lld, needed %lld", (long long)json_integer_value(json_object_get(row, "signatures")),
                (long long)json_integer_value(json_object_get(row, "needed")));
    }
    if (json_object_get(row, "taken")) {
        fprintf(out, "; taken by %lld, needed %lld", (long long)json_integer_value(json_object_get(row, "taken")),
                (long long)json_integer_value(json_object_get(row, "take_needed")));
    }
    fputc('\n', out);
}

void paper_print(struct command_context *context, const struct paper *paper, const struct roster *roster, bool is_published)
{
    json_t *rows = json_array();
    struct statement statement;
    size_t index;
    json_t *row;

    for (size_t i = 0; i < paper->count; i++) {
        statement_read(buffer_bytes(&paper->statements[i]), &statement);
        if (statement.kind != STATEMENT_COSIGN) {
            json_array_append_new(rows, row_json(paper, roster, &statement));
        }
    }
    if (context->is_json) {
        table_print_json(context->out, json_pack("{s:b, s:o}", "published", is_published, "statements", rows));
        return;
    }
    json_array_foreach(rows, index, row)
    {
        row_print(context->out, row);
    }
    json_decref(rows);
}
