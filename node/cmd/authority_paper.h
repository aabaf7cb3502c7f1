/* authority_paper.h: the file that presidents carry to each other: statements of the authority, and the signatures so far.
 *
 * JSON: {"authority_paper":1, "federation": hex, "statements":[hex, ...]}. Nothing in it is secret. What it says is read from
 * the signed bytes, never from anything beside them. */
#ifndef QANAT_NODE_CMD_AUTHORITY_PAPER_H
#define QANAT_NODE_CMD_AUTHORITY_PAPER_H

#include "node/cmd/authority_key.h"
#include "node/store/db.h"

enum { PAPER_STATEMENTS_MAX = 1024, PAPER_SIZE_MAX = 12 * 1024 * 1024 };

struct paper {
    struct id federation;
    struct buffer statements[PAPER_STATEMENTS_MAX];
    size_t count;
};

/* Never NULL: aborts without memory. */
struct paper *paper_new(const struct id *federation);
void paper_free(struct paper *paper);

/* Copies one statement in, unless it is there. S_TOO_LARGE. */
enum status paper_add(struct paper *paper, struct bytes statement);

/* Every statement signed by every key that has not signed it yet. */
enum status paper_sign(struct paper *paper, const struct authority_keys *keys, uint64_t wall_ms);

/* How many of the packed `keys` signed the statement `hash` in this paper. */
uint32_t paper_signatures(const struct paper *paper, const struct hash *hash, struct bytes keys);

enum status paper_save(const struct paper *paper, const char *path, struct report *report);

/* S_NOT_FOUND, S_INVALID (also for a statement of another federation), S_BAD_SIGNATURE. */
enum status paper_load(const char *path, struct paper **paper_out, struct report *report);

/* Puts all of it among this node's own roster cells; `arg` is the paper. Writer thread. */
enum status paper_put(struct db *db, void *arg);

#endif
