/* quarantine.h: nodes whose figures are set aside: by whom, since when, why.
 *
 * A word about a node is the register cell "quarantine" 0x1f <node, hex> of whoever says it, on the roster topic, so that
 * every node of the federation has it; its content is one byte (1: set aside, 0: count again) and the reason. Who may say
 * it: a hub, and any node above the one it is about, while it is not revoked. A node is in quarantine while one of those
 * set it aside and neither that one, nor a node above that one, nor a hub said later that it counts again. That depends on the
 * set of words alone, so every node that has them leaves out the same figures.
 *
 * Nothing is dropped: the streams of the node go on being taken, kept and passed on; figures leave it out (stats). */
#ifndef QANAT_NODE_STORE_STREAM_QUARANTINE_H
#define QANAT_NODE_STORE_STREAM_QUARANTINE_H

#include "node/store/db.h"
#include "replication/trust/roster.h"
#include "replication/trust/statement.h"

/* Of hubs so many, and so many of all others: a centre that admits thousands of nodes and sets them aside takes no room from a hub. */
enum {
    QUARANTINES_MAX = 4096,       /* nodes in quarantine */
    QUARANTINE_WORDS_MAX = 16384, /* pairs of who said something and about whom; a release is one too */
};

struct quarantine {
    struct id node;
    struct id by;      /* the latest of those that set it aside, of hubs if one did */
    uint64_t since_ms; /* by the clock of that one */
    char reason[STATEMENT_REASON_MAX + 1];
};

/* All of them, sorted by node. Owned; quarantine_free(). A snapshot: needs the database no longer. */
struct quarantine_list {
    struct quarantine *items;
    size_t count;
};

/* S_OK; errors of the database. Any thread. */
enum status quarantine_load(struct db *db, const struct roster *roster, struct quarantine_list *list_out);
void quarantine_free(struct quarantine_list *list);

/* NULL: its figures count. */
const struct quarantine *quarantine_find(const struct quarantine_list *list, const struct id *node);

/* True for the key of such a word; `node_out`: about whom. */
bool quarantine_is_key(struct bytes key);
bool quarantine_key_parse(struct bytes key, struct id *node_out);

/* True when a word of `by` about `node` counts. */
bool quarantine_may(const struct roster *roster, const struct id *by, const struct id *node);

/* True when `by` set `node` aside and did not take that back, also where that counts no more, for now: who said it may stand above again. Any thread. */
bool quarantine_is_said(struct db *db, const struct id *by, const struct id *node);

/* A word that is about to be said. */
struct quarantine_wish {
    struct id by, node;
    bool is_on;
};

/* What is over a limit is not read, so it is not to be said: S_TOO_LARGE when the word would be one too many, or set aside one too many. Errors of
 * the database. Whatever it returns, `list_out` is as of quarantine_load(), by the same reading. Any thread. */
enum status quarantine_room(struct db *db, const struct roster *roster, const struct quarantine_wish *wish, struct quarantine_list *list_out);

/* Says it as this node: `is_on` sets aside, else its figures count again. S_TOO_LARGE for a long `reason`, S_INVALID when it is no
 * UTF-8. Writer thread. */
enum status quarantine_put(struct db *db, const struct id *node, bool is_on, const char *reason, uint64_t now_ms);

#endif
