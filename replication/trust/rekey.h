/* rekey.h: a node changes its keys and stays who it is.
 *
 * The problem. A node's id is made of its first signing key, and its name, streams, figures and place hang on the id. But keys
 * are copied (a stolen backup) or should not live for ever. A new key must be believed by everybody, by any path, without a
 * moment at which a figure is missing; and whoever has the old key must be nobody afterwards.
 *
 * The answer: three statements of the roster, each a cell that any node passes on.
 *
 *   REKEY  signed by the present key: "of node X the key of turn N+1 is K"; with the pledge of K, so that nobody claims a key
 *          that it has not
 *   GRANT  signed by who may admit X (the authority, or a node above it that is no campus): that REKEY holds. So a thief who has the
 *          old key can ask, but people decide. From here on both keys count
 *   CLOSE  signed by K: where each stream that the keys before wrote ends (seq and digest), and which statements signed by them stay.
 *          What else they sign is refused from here on: no connection, no certificate, no statement
 *
 * X says CLOSE in the same transaction in which it begins a fresh incarnation under K, so its streams of the old key end
 * exactly where it left them, and go on to be counted; those that were adopted are named as well, as far as there is room: who hears of
 * the CLOSE may not have heard of the adoption. Turns make a chain: REKEY of turn N+1 is signed by the key of turn N.
 * Of several REKEYs with a GRANT for one turn that with the first GRANT holds: the authority's, then the latest stamp (who
 * admitted may correct it), then the smaller hash; of several CLOSEs the earliest stamp.
 *
 * X's roster stream of the old key tells of the new one, and is never adopted into a later one: whoever was away since and knows only the old key can
 * believe that stream, and with it the next. So a chain of keys is followed from any turn on.
 *
 * A certificate of X is good when the present key signed it; or a key before that no CLOSE ended; or one that was ended, for a
 * stream that the CLOSE names, up to its end. What is taken anew of such a stream is its end alone (as after a revocation). */
#ifndef QANAT_TRUST_REKEY_H
#define QANAT_TRUST_REKEY_H

#include "replication/trust/identity.h"
#include "replication/trust/statement.h"

/* A node asks for its next key. */
struct rekey_terms {
    struct id node;
    uint32_t turn;               /* 1: the second key it ever had */
    const struct identity *next; /* its new keys: the signature under REKEY that shows it has them */
    uint64_t at_ms;
};

/* What a node says when it has its new key. */
struct close_terms {
    struct id node;
    uint32_t turn;                 /* of the key that signs this */
    const struct stream_end *ends; /* of all its streams of the keys before, roster topic included */
    size_t end_count;
    bool has_kept;     /* statements of the keys before stay in effect as listed; else those stamped not later than this */
    struct bytes kept; /* their hashes, packed, ascending; at most CLOSE_KEPT_MAX */
    uint64_t at_ms;
};

/* Append a signed REKEY (signed by the key before), GRANT, or CLOSE (signed by the new key). S_INVALID for terms outside the format. */
enum status statement_rekey(const struct id *federation, const struct rekey_terms *terms, const struct signer *signer, struct buffer *out);
enum status statement_grant(const struct id *federation, const struct id *node, const struct hash *rekey, uint64_t wall_ms,
                            const struct signer *signer, struct buffer *out);
enum status statement_close(const struct id *federation, const struct close_terms *terms, const struct signer *signer, struct buffer *out);

/* Appends a CLOSE in the place of `closing`, which the same key signed: it names and keeps all that that one does, and what `more` does beside (of a stream
 * that both name, the later end). It counts where both are known, for its stamp is the earlier one. S_TOO_LARGE when that is more than one CLOSE can tell;
 * S_INVALID where stamps decide what stays of the keys before. Of `more` node, turn and stamp are not read. */
enum status statement_amend(const struct id *federation, struct bytes closing, const struct close_terms *more, const struct signer *signer,
                            struct buffer *out);

/* What the new key signs: domain, federation (16), node (16), turn (4), the key before (32), the new keys (32, 32). */
struct rekey_pledge {
    struct id federation;
    struct id node;
    uint32_t turn;
    uint8_t old_public[SIGN_PUBLIC_SIZE];
    uint8_t sign_public[SIGN_PUBLIC_SIZE];
    uint8_t curve_public[CURVE_PUBLIC_SIZE];
    uint8_t signature[SIGNATURE_SIZE];
};

/* Fills `signature`. */
void rekey_pledge_sign(struct rekey_pledge *pledge, const uint8_t sign_secret[SIGN_SECRET_SIZE]);

/* What no other statement can make right of a REKEY, GRANT or CLOSE. S_OK, S_INVALID, S_BAD_SIGNATURE. */
enum status rekey_check(const struct statement *statement, struct report *report);

/* True when this state of a stream is good after that CLOSE of its writer: the end that it names; `is_held`: or any state before. */
bool rekey_names(const struct statement *closing, const struct stream_head *head, bool is_held);

/* True when `hash` is one of those that a CLOSE keeps. */
bool rekey_keeps(const struct statement *closing, const struct hash *hash);

#endif
