#include "node/cmd/authority_propose.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "node/cmd/authority_print.h"
#include "node/cmd/table.h"
#include "node/local_time.h"
#include "node/store/stream/expel.h"
#include "node/store/stream/roster.h"
#include "replication/base/check.h"
#include "replication/trust/rekey.h"
#include "replication/trust/roster_keys.h"

/* --- writing ------------------------------------------------------------------------------------------------ */

/* Numbers the keys with the present generation; the first of them must be one of its keys. */
static enum status keys_check(struct proposal *proposal)
{
    const struct authority *authority = roster_authority(proposal->roster);

    for (size_t i = 0; i < proposal->keys.count; i++) {
        proposal->keys.signers[i].generation = authority->generation;
    }
    if (!authority_has_key(authority, proposal->keys.public_keys[0])) {
        return report_set(&proposal->context->report, S_DENIED,
                          "the key is none of the federation's present authority (generation %llu, %zu keys): see qanat authority show",
                          (unsigned long long)authority->generation, authority->key_count);
    }
    return S_OK;
}

enum status proposal_open(struct command_context *context, struct proposal *proposal)
{
    memset(proposal, 0, sizeof *proposal);
    proposal->context = context;
    proposal->now_ms = local_time_now();
    proposal->out = command_option(context, "out");
    proposal->is_anyway = command_flag(context, "anyway");
    proposal->paper = paper_new(&context->federation->id);
    enum status status = authority_keys_take(context, &proposal->keys);
    if (status == S_OK) {
        status = command_roster(context, &proposal->roster);
    }
    return status == S_OK ? keys_check(proposal) : status;
}

void proposal_close(struct proposal *proposal)
{
    authority_keys_clear(&proposal->keys);
    paper_free(proposal->paper);
    roster_free(proposal->roster);
}

/* Takes `statement` into the paper and releases it. */
static enum status statement_take(struct proposal *proposal, enum status status, struct buffer *statement)
{
    if (status == S_OK) {
        status = paper_add(proposal->paper, buffer_bytes(statement));
    }
    buffer_release(statement);
    if (status != S_OK) {
        return report_set(&proposal->context->report, status, "the statement cannot be written: %s", status_text(status));
    }
    return S_OK;
}

enum status proposal_admit(struct proposal *proposal, const struct roster_node *node)
{
    struct buffer statement;

    buffer_init(&statement);
    enum status status = statement_admit(&proposal->paper->federation, node, &proposal->keys.signers[0], &statement);
    return statement_take(proposal, status, &statement);
}

enum status proposal_grant(struct proposal *proposal, const struct id *node)
{
    struct bytes asked = roster_rekey_asked(proposal->roster, node);
    struct statement rekey;
    struct buffer statement;

    CHECK(asked.size > 0);
    statement_read(asked, &rekey);
    buffer_init(&statement);
    enum status status =
        statement_grant(&proposal->paper->federation, node, &rekey.hash, proposal->now_ms, &proposal->keys.signers[0], &statement);
    return statement_take(proposal, status, &statement);
}

enum status proposal_revoke(struct proposal *proposal, const struct id *node, const char *reason)
{
    struct stream_end ends[STATEMENT_ENDS_MAX];
    struct revoke_terms terms = {.reason = reason, .ends = ends, .has_ends = true};
    struct store *store = proposal->context->store;
    struct buffer statement;
    size_t left_out;

    struct db *db = store_read_begin(store);
    terms.end_count = expel_ends(db, node, ends, &left_out);
    uint64_t at_ms = expel_stamp(db, node, proposal->now_ms);
    store_read_end(store, db);
    buffer_init(&statement);
    enum status status = statement_revoke(&proposal->paper->federation, node, at_ms, &terms, &proposal->keys.signers[0], &statement);
    return statement_take(proposal, status, &statement);
}

enum status proposal_adopt(struct proposal *proposal, const struct id *parent, struct hash *admissions, size_t count, uint64_t at_ms)
{
    enum status status = S_OK;

    if (count > 0) {
        qsort(admissions, count, sizeof *admissions, hash_order);
    }
    for (size_t at = 0; at < count && status == S_OK; at += AUTHORITY_ADOPT_MAX) {
        size_t some = count - at < AUTHORITY_ADOPT_MAX ? count - at : AUTHORITY_ADOPT_MAX;
        struct buffer statement;
        buffer_init(&statement);
        status = statement_adopt(&proposal->paper->federation, parent, bytes_of(admissions + at, some * sizeof *admissions),
                                 at_ms, &proposal->keys.signers[0], &statement);
        status = statement_take(proposal, status, &statement);
    }
    return status;
}

/* --- handing on ----------------------------------------------------------------------------------------------- */

/* "HEX,HEX,..." into ascending keys. */
static enum status keys_parse(struct command_context *context, const char *text, uint8_t keys[AUTHORITY_KEYS_MAX][SIGN_PUBLIC_SIZE],
                              size_t *count_out)
{
    char word[2 * SIGN_PUBLIC_SIZE + 1];
    size_t count = 0;

    for (const char *rest = text; *rest;) {
        size_t size = strcspn(rest, ", ");
        if (size > 0 && count == AUTHORITY_KEYS_MAX) {
            return report_set(&context->report, S_TOO_LARGE, "an authority has at most %d keys", AUTHORITY_KEYS_MAX);
        }
        if (size > 0) {
            snprintf(word, sizeof word, "%.*s", (int)(size < sizeof word ? size : sizeof word - 1), rest);
            if (size != sizeof word - 1 || !hex_decode(word, keys[count], SIGN_PUBLIC_SIZE)) {
                return report_set(&context->report, S_USAGE, "--keys: '%s...' is no key: 64 hex digits, as qanat authority new-key prints them",
                                  word);
            }
            count++;
        }
        rest += size + (rest[size] != '\0');
    }
    qsort(keys, count, SIGN_PUBLIC_SIZE, hash_order);
    for (size_t i = 1; i < count; i++) {
        if (memcmp(keys[i - 1], keys[i], SIGN_PUBLIC_SIZE) == 0) {
            return report_set(&context->report, S_USAGE, "--keys names a key twice: each president has one of their own");
        }
    }
    *count_out = count;
    return count > 0 ? S_OK : report_set(&context->report, S_USAGE, "--keys names no key");
}

/* The hashes of all that the authority said and that is in effect: what the next generation keeps. */
static enum status kept_collect(const struct proposal *proposal, struct hash kept[AUTHORITY_RATIFIED_MAX], size_t *count_out)
{
    const struct authority *authority = roster_authority(proposal->roster);
    struct statement statement;

    *count_out = 0;
    for (size_t i = 0; i < roster_statement_count(proposal->roster); i++) {
        statement_read(roster_statement_at(proposal->roster, i), &statement);
        bool is_kept = (statement_is_plain(statement.kind) || statement.kind == STATEMENT_ADOPT) && authority_speaks(authority, &statement);
        if (is_kept && *count_out == AUTHORITY_RATIFIED_MAX) {
            return report_set(&proposal->context->report, S_TOO_LARGE,
                              "more than %d statements of the authority are in effect: let hubs and centres do what they may do, "
                              "then hand on",
                              AUTHORITY_RATIFIED_MAX);
        }
        if (is_kept) {
            kept[(*count_out)++] = statement.hash;
        }
    }
    if (*count_out > 0) {
        qsort(kept, *count_out, sizeof *kept, hash_order);
    }
    return S_OK;
}

enum status proposal_hand_on(struct proposal *proposal, const char *keys_text, const char *threshold_text)
{
    uint8_t keys[AUTHORITY_KEYS_MAX][SIGN_PUBLIC_SIZE];
    struct hash kept[AUTHORITY_RATIFIED_MAX];
    const struct authority *authority = roster_authority(proposal->roster);
    size_t key_count, kept_count;
    char *end = NULL;
    unsigned long threshold = threshold_text ? strtoul(threshold_text, &end, 10) : 0;
    struct buffer statement;

    enum status status = keys_parse(proposal->context, keys_text, keys, &key_count);
    if (status == S_OK && (!threshold_text || *end || threshold < 1 || threshold > key_count)) {
        status = report_set(&proposal->context->report, S_USAGE, "--threshold '%s': how many of the %zu keys must sign",
                            threshold_text ? threshold_text : "", key_count);
    }
    if (status == S_OK) {
        status = kept_collect(proposal, kept, &kept_count);
    }
    if (status != S_OK) {
        return status;
    }
    const struct authority_terms terms = {.generation = authority->generation + 1, .threshold = (uint32_t)threshold,
                                          .predecessor = authority->hash, .keys = bytes_of(keys, key_count * SIGN_PUBLIC_SIZE),
                                          .ratified = bytes_of(kept, kept_count * sizeof *kept), .at_ms = proposal->now_ms};
    buffer_init(&statement);
    status = statement_authority(&proposal->paper->federation, &terms, &proposal->keys.signers[0], &statement);
    return statement_take(proposal, status, &statement);
}

/* --- publishing ----------------------------------------------------------------------------------------------- */

/* Does `statement` hold, with the paper taken into `roster`? */
static enum status statement_judge(struct command_context *context, const struct roster *roster, const struct statement *statement)
{
    const struct authority *authority = roster_authority(roster);

    if (statement->kind == STATEMENT_AUTHORITY && hash_equal(&statement->hash, &authority->hash)) {
        return S_OK;
    }
    for (size_t i = 0; i < authority->rival_count && i < AUTHORITY_RIVALS_MAX; i++) {
        if (hash_equal(&statement->hash, &authority->rivals[i].hash)) {
            return report_set(&context->report, S_FORKED,
                              "another successor was signed with the same keys, and is the one that all would follow: nothing was published");
        }
    }
    if (statement->generation < authority->generation) {
        return report_set(&context->report, S_STALE, "the authority is at generation %llu already: what this paper says is past",
                          (unsigned long long)authority->generation);
    }
    if (statement->kind == STATEMENT_AUTHORITY) {
        return report_set(&context->report, S_DENIED,
                          "the handover to generation %llu lacks signatures: qanat authority show FILE says whose, and qanat authority "
                          "sign adds one",
                          (unsigned long long)statement->generation);
    }
    uint32_t signatures = roster_signatures(roster, &statement->hash);
    if (!authority_speaks(authority, statement) || signatures < authority->threshold) {
        return report_set(&context->report, S_DENIED,
                          "signed by %u of the %u keys it needs: let another sign it with qanat authority sign, then publish it",
                          (unsigned)signatures, (unsigned)authority->threshold);
    }
    return S_OK;
}

static bool paper_revokes(const struct paper *paper, const struct id *node)
{
    struct statement statement;

    for (size_t i = 0; i < paper->count; i++) {
        statement_read(buffer_bytes(&paper->statements[i]), &statement);
        if (statement.kind == STATEMENT_REVOKE && id_equal(&statement.node, node)) {
            return true;
        }
    }
    return false;
}

/* Nobody may be put out by oversight: a handover that was written before an admission does not keep it. */
static enum status members_check(struct command_context *context, const struct roster *before, const struct roster *after,
                                 const struct paper *paper)
{
    const struct roster_node *first = NULL;
    size_t count = 0;

    for (size_t i = 0; i < roster_count(before); i++) {
        const struct roster_node *node = roster_at(before, i), *then = roster_find(after, &node->node);
        if (!node->is_revoked && (!then || then->is_revoked) && !paper_revokes(paper, &node->node)) {
            first = first ? first : node;
            count++;
        }
    }
    if (count > 0) {
        return report_set(&context->report, S_EXISTS,
                          "this would put %zu nodes out of the federation, '%s' first: propose it anew, or say --anyway", count, first->name);
    }
    return S_OK;
}

enum status paper_publish(struct command_context *context, struct paper *paper, bool is_anyway)
{
    struct roster *before = NULL, *after = NULL;
    struct statement statement;

    if (!id_equal(&paper->federation, &context->federation->id)) {
        return report_set(&context->report, S_DENIED, "the paper is of another federation than '%s'", context->federation->name);
    }
    enum status status = command_roster(context, &before);
    if (status == S_OK) {
        status = command_roster(context, &after);
    }
    for (size_t i = 0; status == S_OK && i < paper->count; i++) {
        status = roster_add(after, buffer_bytes(&paper->statements[i]), &context->report);
    }
    for (size_t i = 0; status == S_OK && i < paper->count; i++) {
        statement_read(buffer_bytes(&paper->statements[i]), &statement);
        status = statement.kind == STATEMENT_COSIGN ? S_OK : statement_judge(context, after, &statement);
    }
    if (status == S_OK && !is_anyway) {
        status = members_check(context, before, after, paper);
    }
    if (status == S_OK) {
        status = store_write_wait(context->store, paper_put, paper);
        report_set(&context->report, status, "the statements could not be written: %s", status_text(status));
    }
    roster_free(before);
    roster_free(after);
    return status;
}

enum status proposal_end(struct proposal *proposal)
{
    struct command_context *context = proposal->context;
    enum status status = paper_sign(proposal->paper, &proposal->keys, proposal->now_ms);

    if (status != S_OK) {
        return report_set(&context->report, status, "the signatures cannot be written: %s", status_text(status));
    }
    if (!proposal->out) {
        status = paper_publish(context, proposal->paper, proposal->is_anyway);
    } else {
        status = paper_save(proposal->paper, proposal->out, &context->report);
    }
    if (status == S_OK) {
        paper_print(context, proposal->paper, proposal->roster, proposal->out == NULL);
    }
    if (status == S_OK && proposal->out) {
        fprintf(context->err, "'%s' says nothing yet: carry it to the others (qanat authority sign), then qanat authority publish.\n", proposal->out);
    } else if (status == S_OK) {
        fprintf(context->err, "It holds at this node, and travels first with every sync.\n");
    } else if (context->report.status == S_DENIED) {
        fprintf(context->err, "Nothing was written. With --out FILE it becomes a paper for the others to sign.\n");
    }
    return status;
}
