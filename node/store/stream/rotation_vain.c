#include "node/store/stream/rotation_vain.h"

#include <stdlib.h>
#include <string.h>

#include "node/log.h"
#include "node/store/engine.h"
#include "node/store/stream/adopted.h"
#include "node/store/stream/own.h"
#include "node/store/stream/roster.h"
#include "node/store/stream/stream.h"
#include "replication/base/check.h"
#include "replication/trust/rekey.h"
#include "replication/trust/roster_keys.h"

/* --- may it be admitted anew? ---------------------------------------------------------------------------- */

/* The next stream of `writer` above *after that is held here, signed with its present key and counted, and that the CLOSE does not name; false: no more. */
static bool unnamed_next(struct db *db, const struct roster *roster, const struct roster_node *writer, const struct statement *closing,
                         struct stream_head *head)
{
    struct certificate certificate;

    while (stream_next(db, &head->stream, head)) {
        if (id_equal(&head->stream.node, &writer->node) && stream_find(db, &head->stream, &certificate) &&
            certificate_verify(&certificate, roster_federation(roster), writer->sign_public) == S_OK && adopted_seq(db, &head->stream) < head->seq &&
            !rekey_names(closing, head, true)) {
            return true;
        }
    }
    return false;
}

static enum key_vain vain_of(struct db *db, const struct roster *roster, const struct id *node, const uint8_t sign_public[SIGN_PUBLIC_SIZE])
{
    struct stream_head head = {.stream = {.topic = (enum topic)TOPIC_FIRST}}; /* below all */
    struct statement closing;
    struct bytes raw;

    if (!roster_key_in_vain(roster, node, sign_public, &raw)) {
        return KEY_VAIN_NOT;
    }
    if (raw.size == 0) {
        return KEY_VAIN_UNKNOWN;
    }
    statement_read(raw, &closing);
    return unnamed_next(db, roster, roster_find(roster, node), &closing, &head) ? KEY_VAIN_SHORT : KEY_VAIN_NAMED;
}

enum status rotation_vain_check(struct db *db, const struct roster *roster, const struct id *node, bool is_unused, struct report *report)
{
    struct bytes rekey = roster_rekey_asked(roster, node);
    const char *name = rekey.size > 0 ? roster_find(roster, node)->name : "";
    struct statement asked;
    enum status status = S_OK;

    if (rekey.size == 0) {
        return S_OK;
    }
    statement_read(rekey, &asked);
    enum key_vain vain = vain_of(db, roster, node, asked.admitted.sign_public);
    if (vain == KEY_VAIN_UNKNOWN && !is_unused) {
        status = report_set(report, S_STALE,
                            "somebody whose word does not count here (a hub before) admitted this key of '%s', which may use it already "
                            "and not have heard of what is held here. Let it come in step with this node, then admit it. Do its people see "
                            "\"admitted in vain, not used\" in qanat key show there: add --unused",
                            name);
    } else if (vain == KEY_VAIN_SHORT) {
        status = report_set(report, S_STALE,
                            "'%s' gave up its key of before and had not heard of all that is held here: that would be lost. Let it come in "
                            "step with this node, then it names it by itself; does it not (a version before this one), revoke it and let it "
                            "join anew: qanat invite --replaces",
                            name);
    }
    return status;
}

/* --- a CLOSE that did not know all ------------------------------------------------------------------------ */

struct extension {
    struct stream_end ends[STATEMENT_ENDS_MAX];
    size_t end_count;
    struct hash kept[CLOSE_KEPT_MAX];
    size_t kept_count; /* may be more than there is room for */
};

/* What the CLOSE does not say yet. */
static void closing_extend(struct db *db, const struct roster *roster, const struct statement *first, struct extension *more)
{
    const struct roster_node *self = roster_find(roster, &first->node);
    hlc since = own_living_since(db_store(db));
    struct stream_head head = {.stream = {.topic = (enum topic)TOPIC_FIRST}}; /* below all */
    struct id living;
    uint64_t last_ms;
    bool has_living = own_living(db_store(db), &living);

    while (more->end_count < STATEMENT_ENDS_MAX && unnamed_next(db, roster, self, first, &head)) {
        if (!has_living || head.stamp <= since) { /* not what another machine wrote since */
            more->ends[more->end_count++] = (struct stream_end){head.stream, head.seq, head.digest};
        }
    }
    more->kept_count = roster_kept(roster, self, more->kept, &last_ms);
}

static bool has_more(const struct statement *first, const struct extension *more)
{
    bool has_any = more->end_count > 0;

    for (size_t i = 0; i < more->kept_count && more->kept_count <= CLOSE_KEPT_MAX; i++) {
        has_any = has_any || !rekey_keeps(first, &more->kept[i]);
    }
    return has_any && more->kept_count <= CLOSE_KEPT_MAX;
}

static enum status closing_amend(struct db *db, const struct roster *roster, struct bytes raw)
{
    const struct identity *identity = own_identity(db, NULL);
    struct signer signer = {.node = identity->node};
    struct extension *more = calloc(1, sizeof *more);
    struct statement first;
    struct buffer statement;
    enum status status = S_OK;

    CHECK(more);
    memcpy(signer.sign_secret, identity->sign_secret, sizeof signer.sign_secret);
    buffer_init(&statement);
    statement_read(raw, &first);
    closing_extend(db, roster, &first, more);
    if (has_more(&first, more)) {
        struct close_terms terms = {.ends = more->ends,
                                    .end_count = more->end_count,
                                    .has_kept = true,
                                    .kept = bytes_of(more->kept, more->kept_count * sizeof *more->kept)};
        enum status made = statement_amend(roster_federation(roster), raw, &terms, &signer, &statement);
        status = made == S_OK ? roster_statement_put(db, buffer_bytes(&statement), first.at_ms) : S_OK;
        log_event(LOG_WARNING, "key_close_amended", "streams=%zu status=\"%s\"", more->end_count, status_text(made));
    }
    buffer_release(&statement);
    free(more);
    return status == S_OK ? db_status(db) : status;
}

enum status rotation_vain_amend(struct db *db, const struct federation *federation, const struct stream_id *stream)
{
    struct roster *roster;
    struct bytes raw;

    if (!own_is_self(db, &stream->node)) {
        return S_OK;
    }
    enum status status = roster_load(db, federation, &roster, NULL);
    if (status != S_OK) {
        return status;
    }
    const uint8_t *key = own_identity(db, NULL)->sign_public;
    const struct roster_node *self = roster_find(roster, &stream->node);
    if (self && memcmp(self->sign_public, key, SIGN_PUBLIC_SIZE) != 0 && roster_key_in_vain(roster, &stream->node, key, &raw) && raw.size > 0) {
        status = closing_amend(db, roster, raw);
    }
    roster_free(roster);
    return status;
}
