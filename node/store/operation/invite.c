#include "node/store/operation/invite.h"

#include <stdio.h>
#include <string.h>

#include "node/store/engine.h"

enum status invite_put(struct db *db, const struct invite *invite)
{
    struct statement *put = db_statement(db, STATEMENT_invite_put);

    statement_bind_blob(put, 1, bytes_of(invite->token, sizeof invite->token));
    statement_bind_string(put, 2, invite->name);
    statement_bind_int(put, 3, invite->kind);
    statement_bind_string(put, 4, invite->country);
    statement_bind_string(put, 5, invite->region);
    statement_bind_int(put, 6, (int64_t)invite->created_ms);
    statement_bind_int(put, 7, (int64_t)invite->expires_ms);
    return statement_run(put);
}

static bool row_take(struct statement *get, struct invite *out)
{
    bool is_found = statement_step(get);

    if (is_found) {
        memset(out, 0, sizeof *out);
        is_found = statement_take_raw(get, 0, out->token, sizeof out->token);
        statement_take_text(get, 1, out->name, sizeof out->name);
        out->kind = (enum node_kind)statement_int(get, 2);
        statement_take_text(get, 3, out->country, sizeof out->country);
        statement_take_text(get, 4, out->region, sizeof out->region);
        out->created_ms = (uint64_t)statement_int(get, 5);
        out->expires_ms = (uint64_t)statement_int(get, 6);
        struct bytes used_by = statement_blob(get, 7);
        out->is_used = used_by.size == sizeof out->used_by.b;
        if (out->is_used) {
            memcpy(out->used_by.b, used_by.data, used_by.size);
        }
    }
    statement_reset(get);
    return is_found;
}

bool invite_find(struct db *db, const uint8_t token[CURVE_PUBLIC_SIZE], struct invite *invite_out)
{
    struct statement *get = db_statement(db, STATEMENT_invite_get);

    statement_bind_blob(get, 1, bytes_of(token, CURVE_PUBLIC_SIZE));
    return row_take(get, invite_out);
}

bool invite_next(struct db *db, const uint8_t *after, struct invite *invite_out)
{
    struct statement *get = db_statement(db, STATEMENT_invite_after);

    statement_bind_blob(get, 1, bytes_of(after, after ? CURVE_PUBLIC_SIZE : 0));
    return row_take(get, invite_out);
}

bool invite_is_open(const struct invite *invite, uint64_t now_ms)
{
    return now_ms < invite->expires_ms;
}

enum status invite_use(struct db *db, const uint8_t token[CURVE_PUBLIC_SIZE], const struct id *node,
                       uint64_t now_ms)
{
    struct invite invite;

    if (!invite_find(db, token, &invite)) {
        return db_status(db) == S_OK ? S_NOT_FOUND : db_status(db);
    }
    if (invite.is_used) {
        return id_equal(&invite.used_by, node) ? S_OK : S_DENIED;
    }
    if (!invite_is_open(&invite, now_ms)) {
        return S_STALE;
    }
    struct statement *use = db_statement(db, STATEMENT_invite_use);
    statement_bind_blob(use, 1, bytes_of(token, CURVE_PUBLIC_SIZE));
    statement_bind_blob(use, 2, bytes_of(node->b, sizeof node->b));
    return statement_run(use);
}

/* "replaces " and the token in hex: a fact about few invitations. */
static void replaced_name(const uint8_t token[CURVE_PUBLIC_SIZE], char out[16 + 2 * CURVE_PUBLIC_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    char *at = out + snprintf(out, 16, "replaces ");

    for (size_t i = 0; i < CURVE_PUBLIC_SIZE; i++) {
        *at++ = digits[token[i] >> 4];
        *at++ = digits[token[i] & 15];
    }
    *at = '\0';
}

enum status invite_set_replaced(struct db *db, const uint8_t token[CURVE_PUBLIC_SIZE], const struct id *node)
{
    char name[16 + 2 * CURVE_PUBLIC_SIZE];

    replaced_name(token, name);
    return property_put(db, name, bytes_of(node->b, sizeof node->b));
}

bool invite_replaced(struct db *db, const uint8_t token[CURVE_PUBLIC_SIZE], struct id *node_out)
{
    char name[16 + 2 * CURVE_PUBLIC_SIZE];

    replaced_name(token, name);
    return property_get(db, name, node_out->b, sizeof node_out->b);
}
