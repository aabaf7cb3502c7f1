/* verify.h: is this credential good? At any node of the federation, with no link.
 *
 * Four questions: whose key signed it, and is that node in the roster; was anything altered; has it run out;
 * did its issuer revoke it, as far as its revocations have come here, and how old is that knowledge. */
#ifndef QANAT_NODE_BADGE_VERIFY_H
#define QANAT_NODE_BADGE_VERIFY_H

#include "node/badge/credential.h"
#include "node/store/store.h"
#include "node/store/stream/revocation.h"
#include "replication/base/arena.h"

/* The words are stable: scripts read them in --json. */
#define VERDICT_LIST(X)                                                                                      \
    X(VALID, "valid")                                                                                        \
    X(UNREADABLE, "unreadable")         /* no credential of a node at all */                                 \
    X(UNKNOWN_ISSUER, "unknown_issuer") /* signed by a key that is not in the roster */                      \
    X(ISSUER_REVOKED, "issuer_revoked") /* the node was taken out of the federation */                       \
    X(ALTERED, "altered")                                                                                    \
    X(EXPIRED, "expired")                                                                                    \
    X(REVOKED, "revoked")

enum verdict {
#define X(name, text) VERDICT_##name,
    VERDICT_LIST(X)
#undef X
};

const char *verdict_text(enum verdict verdict);

struct verification {
    enum verdict verdict;
    char sentence[REPORT_TEXT_MAX]; /* what is wrong, and on whom it rests; for people */
    bool is_read;                   /* the following says what it claims */
    bool is_card;                   /* from a QR code or a PDF, not the whole document */
    struct credential credential;   /* borrowed from the two below */
    json_t *document;               /* NULL: from a card */
    struct arena arena;
    char issuer_name[NODE_NAME_MAX + 1]; /* as the roster says; "" for an unknown issuer */
    char issuer_country[COUNTRY_SIZE];
    char successor_name[NODE_NAME_MAX + 1]; /* of an issuer that was replaced: who took over; "" for nobody */
    bool is_own;                  /* issued here: the list is as it is now */
    struct revocation revocation; /* when revoked */
    struct revocation_standing standing;
    int64_t list_age_ms; /* of what is known of the issuer's revocations; -1: nothing is */
};

struct verify_request {
    struct store *store;
    const struct federation *federation;
    const struct id *self;
    int64_t now_ms;
};

/* Judges `text`: a credential's JSON, a card, a URL or a PDF with a card in it. Anything a stranger gives is
 * a verdict; only S_IO and the like of the store itself are an error. Release in any case. */
enum status verify_text(const struct verify_request *request, struct bytes text,
                        struct verification *verification_out, struct report *report);
void verification_release(struct verification *verification);

/* {"verdict","text","credential":{...},"issuer":{...},"revocations":{...}} */
json_t *verification_json(const struct verification *verification);

#endif
