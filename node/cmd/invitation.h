/* invitation.h: the file of `qanat invite --file` and `qanat join --file`: a join without a link.
 *
 * JSON: {"invitation":1, "token": the token's line, "seed": hex of the newcomer's identity, "uplink": address
 * of the inviter or "", "welcome": hex of the WELCOME frame, "check": hex of a hash over all of these}. The inviter drew the newcomer's keys and has
 * admitted them already: whoever has the file IS the newcomer. Mode 0600; it travels like a key, and is
 * deleted after use. */
#ifndef QANAT_NODE_CMD_INVITATION_H
#define QANAT_NODE_CMD_INVITATION_H

#include "node/draft.h"
#include "replication/trust/token.h"

enum { INVITATION_SIZE_MAX = 1024 * 1024 };

struct invitation {
    char token[TOKEN_TEXT_MAX];
    uint8_t seed[IDENTITY_SEED_SIZE];
    char uplink[ENDPOINT_MAX];
    struct buffer welcome; /* a whole frame; released by the owner */
};

/* Begins the file at `path`, before anybody is admitted on the strength of it: one that cannot be written is told here. Mode 0600; ends
 * with draft_close(). */
enum status invitation_begin(struct draft *draft, const char *path, struct report *report);

/* Writes the file and puts it in its place: within the transaction that admits, so that a file that cannot be written admits nobody. */
enum status invitation_save(const struct invitation *invitation, struct draft *draft, struct report *report);

/* Reads one; out->welcome must be initialised. S_NOT_FOUND, S_INVALID. */
enum status invitation_load(const char *path, struct invitation *out, struct report *report);

#endif
