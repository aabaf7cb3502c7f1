/* roster_keys.h: what the roster says of the nodes' keys, present and former (rekey.h). */
#ifndef QANAT_TRUST_ROSTER_KEYS_H
#define QANAT_TRUST_ROSTER_KEYS_H

#include "replication/trust/roster.h"
#include "replication/trust/statement.h"

/* The keys of which the node's id is made. */
struct roster_key roster_node_first_key(const struct roster_node *node);

/* Is this certificate good as to its signature? S_OK; S_NOT_FOUND: nobody knows the writer; S_STALE: a key of it signed that was
 * ended, and not up to here; S_BAD_SIGNATURE. A stream of the roster may be of a key that was admitted in vain (below): its
 * statements prove themselves, and among them is the CLOSE that whoever admits the key anew must know. `is_held`: any state that
 * the key may have signed before its end; else what may be taken anew. */
enum status roster_certificate_check(const struct roster *roster, const struct certificate *certificate, bool is_held);

/* True for a stream that a CLOSE of its writer names. */
bool roster_is_of_former_key(const struct roster *roster, const struct stream_id *stream);

/* True for a state of such a stream before its end: it is good where it is held, and nobody takes it anew, so it is not compared. */
bool roster_is_before_end(const struct roster *roster, const struct stream_id *stream, uint64_t seq);

/* The node that ever had this signing key; NULL: nobody. */
const struct roster_node *roster_find_sign(const struct roster *roster, const uint8_t sign_public[SIGN_PUBLIC_SIZE]);

/* The node that had this CURVE key before the present one, which was ended, or not yet. NULL: nobody. */
const struct roster_node *roster_find_former_curve(const struct roster *roster, const uint8_t curve_public[CURVE_PUBLIC_SIZE], bool is_ended);

/* The REKEY for which `node` waits for a GRANT: of its next turn, signed by its present key, the latest stamp first; empty: none. */
struct bytes roster_rekey_asked(const struct roster *roster, const struct id *node);

/* The REKEY by which `node` came to its present key; empty: it has its first one. Borrowed until the next roster_add(). */
struct bytes roster_rekey_granted(const struct roster *roster, const struct id *node);

/* The `at`-th statement about a member that is not of the authority's, in effect or not; false: there are fewer. Borrowed until the next roster_add(). */
bool roster_statement_about(const struct roster *roster, const struct id *node, size_t at, struct bytes *statement_out);

/* How a key stands that `node` asks for, to who may admit it. */
enum key_vain {
    KEY_VAIN_NOT,     /* nobody admitted it yet, or it counts */
    KEY_VAIN_UNKNOWN, /* it was admitted in vain (below), and whether it is used is not known here */
    KEY_VAIN_SHORT,   /* it was, and the CLOSE does not name all that is held of the key of before */
    KEY_VAIN_NAMED,   /* it was, and the CLOSE names all that */
};

/* Was the key `sign_public`, which `node` asks for, admitted in vain: by a node whose word does not count (a hub before, which had not heard of the handover)?
 * Then whoever has it may have closed with it, and heard of nobody but that node: what others hold of the key of before is lost when the key is admitted
 * anew and the CLOSE does not name it. `closing_out`: the CLOSE that counts then; empty: none is known. Borrowed until the next roster_add(). */
bool roster_key_in_vain(const struct roster *roster, const struct id *node, const uint8_t sign_public[SIGN_PUBLIC_SIZE], struct bytes *closing_out);

/* What `node` said with its keys and is in effect, but for what changes them: ascending hashes, as a CLOSE keeps them (rekey.h). Returns how many there are,
 * which may be more than there is room for: then `kept` is worth nothing, and stamps decide. *last_ms_out: the latest stamp among them, 0: none. */
size_t roster_kept(const struct roster *roster, const struct roster_node *node, struct hash kept[CLOSE_KEPT_MAX], uint64_t *last_ms_out);

/* True when a GRANT signed by `signer` now for `node` would count. */
bool roster_may_grant(const struct roster *roster, const struct id *signer, const struct id *node);

#endif
