/* fork.h: proofs, for anybody, that two machines write with one node's key.
 *
 * A node has one machine, one key and one clock that never goes back (crdt/hlc.h), and it never writes to an incarnation
 * again after it has begun another. So either of these, signed by the node itself, shows a copy of it:
 *
 *   same seq   two certificates of one stream with one seq and different states
 *   turns      X, then another stream Y of the node, then X again, in the order of their stamps, X further than before
 *
 * "Turns" is the usual one: a copied data directory begins an incarnation of its own, so both machines' figures are kept
 * apart and none is lost; the order shows that both live. It may also show a node whose database was put back on a
 * machine whose clock had been set back: a person looks.
 *
 * A proof travels as the register cell "fork" 0x1f <node, hex> of whoever saw it, on the roster topic, and everybody
 * checks it for itself. The register "settle" 0x1f <node, hex> of a node above, or of a hub, says that proofs with stamps
 * up to its content (8 bytes, little-endian) were dealt with. Bytes of a proof:
 *
 *   kind (1)  then 2 or 3 times: stream id (33) certificate (120)
 */
#ifndef QANAT_STREAM_FORK_H
#define QANAT_STREAM_FORK_H

#include "replication/stream/certificate.h"

enum fork_kind { FORK_SAME_SEQ = 1, FORK_TURNS = 2 };

enum { FORK_CERTIFICATES_MAX = 3, FORK_PROOF_MAX = 1 + FORK_CERTIFICATES_MAX * (STREAM_ID_SIZE + CERTIFICATE_SIZE) };

struct fork {
    enum fork_kind kind;
    struct certificate certificates[FORK_CERTIFICATES_MAX]; /* TURNS: X, Y, X again */
};

/* Does what the certificates say prove it? Their signatures aside. */
bool fork_is_shown(const struct fork *fork);

/* The node it is about, and the latest stamp in it. */
struct id fork_node(const struct fork *fork);
hlc fork_stamp(const struct fork *fork);

/* Appends the bytes of a proof. */
void fork_encode(const struct fork *fork, struct buffer *out);

/* S_OK for a proof that shows it, S_INVALID otherwise. */
enum status fork_decode(struct bytes proof, struct fork *out);

/* S_OK when the node signed all of it, else S_BAD_SIGNATURE. */
enum status fork_verify(const struct fork *fork, const struct id *federation,
                        const uint8_t public_key[SIGN_PUBLIC_SIZE]);

/* Keys of the two registers. */
void fork_key(const struct id *node, struct buffer *out);
void fork_settle_key(const struct id *node, struct buffer *out);
/* True for either; *is_settle_out says which. */
bool fork_key_parse(struct bytes key, struct id *node_out, bool *is_settle_out);

#endif
