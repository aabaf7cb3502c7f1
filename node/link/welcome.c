#include "node/link/welcome.h"

#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/trust/authority.h"
#include "replication/trust/statement.h"

/* A welcome on its way: what is in it, and the hashes of that. */
struct welcome {
    const struct roster *roster;
    const struct id *newcomer;
    struct bytes *statements;
    struct hash *hashes;
    size_t count;
};

static void take(struct welcome *welcome, struct bytes bytes, const struct hash *hash)
{
    if (welcome->count < STATEMENTS_MAX) {
        welcome->statements[welcome->count] = bytes;
        welcome->hashes[welcome->count++] = *hash;
    }
}

static bool has(const struct welcome *welcome, const struct hash *hash)
{
    for (size_t i = 0; i < welcome->count; i++) {
        if (hash_equal(&welcome->hashes[i], hash)) {
            return true;
        }
    }
    return false;
}

static bool adopts_one(const struct welcome *welcome, const struct statement *statement)
{
    for (size_t at = 0; at < statement->admissions.size; at += sizeof(struct hash)) {
        struct hash hash;
        memcpy(hash.b, statement->admissions.data + at, sizeof hash.b);
        if (has(welcome, &hash)) {
            return true;
        }
    }
    return false;
}

/* Which of them go in, in the order in which they rest on each other. */
enum pass { PASS_MEMBERS, PASS_ADOPTIONS, PASS_SIGNATURES, PASS_COUNT };

/* Does the newcomer follow it? */
static bool is_followed(const struct welcome *welcome, const struct id *node)
{
    const struct roster_node *followed = roster_find(welcome->roster, node);

    return followed != NULL && followed->is_revoked && id_equal(&followed->successor, welcome->newcomer);
}

static bool is_wanted(const struct welcome *welcome, enum pass pass, const struct statement *statement)
{
    switch (pass) {
    case PASS_MEMBERS:
        return statement_is_plain(statement->kind) &&
               (id_equal(&statement->node, welcome->newcomer) || roster_is_above(welcome->roster, &statement->node, welcome->newcomer) ||
                is_followed(welcome, &statement->node));
    case PASS_ADOPTIONS:
        return statement->kind == STATEMENT_ADOPT && adopts_one(welcome, statement);
    case PASS_SIGNATURES:
        return statement->kind == STATEMENT_COSIGN && has(welcome, &statement->about);
    case PASS_COUNT:
        break;
    }
    return false;
}

static void pass_run(struct welcome *welcome, enum pass pass)
{
    struct statement statement;

    for (size_t i = 0; i < roster_statement_count(welcome->roster); i++) {
        struct bytes bytes = roster_statement_at(welcome->roster, i);
        statement_read(bytes, &statement);
        if (is_wanted(welcome, pass, &statement)) {
            take(welcome, bytes, &statement.hash);
        }
    }
}

/* The AUTHORITY statement `wanted` and the signatures under it; *predecessor_out is the one before. False when it is not
 * there or has no room any more. */
static bool generation_take(struct welcome *welcome, const struct hash *wanted, size_t *room, struct hash *predecessor_out)
{
    struct statement statement;
    size_t before = welcome->count, size = 0;
    bool is_found = false;

    for (size_t i = 0; i < roster_statement_count(welcome->roster); i++) {
        struct bytes bytes = roster_statement_at(welcome->roster, i);
        statement_read(bytes, &statement);
        bool is_it = statement.kind == STATEMENT_AUTHORITY && hash_equal(&statement.hash, wanted);
        if (is_it) {
            *predecessor_out = statement.terms.predecessor;
            is_found = true;
        }
        if (is_it || (statement.kind == STATEMENT_COSIGN && hash_equal(&statement.about, wanted))) {
            take(welcome, bytes, &statement.hash);
            size += bytes.size;
        }
    }
    if (!is_found || size > *room) {
        welcome->count = before;
        return false;
    }
    *room -= size;
    return true;
}

void welcome_fill(const struct roster *roster, const struct federation *federation, const struct id *newcomer,
                  struct bytes *statements, struct welcome_message *message)
{
    struct welcome welcome = {.roster = roster, .newcomer = newcomer, .statements = statements};
    struct hash wanted = roster_authority(roster)->hash, before;
    size_t room = WELCOME_CHAIN_MAX;

    welcome.hashes = calloc(STATEMENTS_MAX, sizeof *welcome.hashes);
    CHECK(welcome.hashes != NULL);
    for (enum pass pass = PASS_MEMBERS; pass < PASS_COUNT; pass++) {
        pass_run(&welcome, pass);
    }
    while (generation_take(&welcome, &wanted, &room, &before)) {
        wanted = before;
    }
    free(welcome.hashes);
    *message = (struct welcome_message){
        .federation = bytes_of(federation->id.b, sizeof federation->id.b),
        .federation_name = bytes_text(federation->name),
        .authority_public = bytes_of(federation->authority_public, sizeof federation->authority_public),
        .secret = bytes_of(federation->secret, sizeof federation->secret),
        .statements = statements,
        .count = welcome.count,
    };
}
