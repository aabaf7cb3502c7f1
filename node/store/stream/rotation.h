/* rotation.h: this node's keys change: what is written of it in the database (trust/rekey.h says what it means).
 *
 *   ask      REKEY, signed with the key of today, into the living roster stream. The next keys wait in node.key.next
 *   grant    at a node above: GRANT, and the REKEY itself, so that both go the same ways
 *   close    once the GRANT came: a fresh incarnation under the new key and CLOSE, in one transaction
 *
 * Closing is put off while a peer may hold more of a closed incarnation than is held here (a database that was put back): what
 * CLOSE does not name is lost. rotation_is_safe() says so. A former hub may, too, and is waited for until it is revoked (or, lost, left without an
 * address: roster_was_hub()). */
#ifndef QANAT_NODE_STORE_STREAM_ROTATION_H
#define QANAT_NODE_STORE_STREAM_ROTATION_H

#include "node/dir.h"
#include "node/store/store.h"
#include "replication/trust/rekey.h"

/* How a node's change of keys stands. */
enum rotation_state {
    ROTATION_NONE,    /* nothing was asked */
    ROTATION_ASKED,   /* nobody admitted the next keys yet */
    ROTATION_GRANTED, /* they count; those before were not ended */
    ROTATION_CLOSED,  /* they count alone */
};

/* `next`: the keys that wait, or NULL. */
enum rotation_state rotation_state_of(const struct roster *roster, const struct id *node, const struct identity *next);

struct rotation {
    const struct federation *federation;
    const struct identity *identity; /* the keys of today; of ROTATION grant: who grants */
    const struct identity *next;
    struct id node;  /* grant: who gets the keys */
    bool is_unused;  /* grant: as its people say (rotation_vain_check()) */
    uint64_t now_ms;
    struct report *report;
};

/* Jobs of the writer thread; `arg` is a struct rotation. */

/* S_OK also when it was asked already: then what was said is said again in the living stream. */
enum status rotation_ask(struct db *db, void *arg);

/* What other machines wrote with this node's key is theirs by right (copies that have keys of their own since): a fresh incarnation begins, so that it is
 * earlier than that and the CLOSE names it. `arg` is not looked at. */
enum status rotation_keep(struct db *db, void *arg);

/* S_NOT_FOUND when the node asks for nothing, S_DENIED when this node may not, S_STALE when something would be lost (rotation_vain_check()). */
enum status rotation_grant(struct db *db, void *arg);

/* Settles which incarnation lives, with the keys of today, and says again in it what may not have been heard: before rotation_is_safe(). */
enum status rotation_wait(struct db *db, void *arg);

/* The store signs with `next` already (store_set_identity). S_STALE when the GRANT is not there or all is done; S_TOO_LARGE when
 * more streams are not adopted than one CLOSE can name. */
enum status rotation_close(struct db *db, void *arg);

/* Cells of results that another machine wrote with this node's key since the living incarnation began: the CLOSE leaves them out. Any thread. */
uint64_t rotation_foreign(struct db *db, const struct id *self);

/* True when rotation_close() of these keys was committed. Any thread. */
bool rotation_is_done(struct store *store, const struct identity *next);

/* False while somebody who may hold more of a closed incarnation was not heard of since the living one began. Any thread. */
bool rotation_is_safe(struct store *store, const struct roster *roster, const struct id *self);

/* Who was not heard of since the living incarnation began, the first of them; NULL: nobody, or it never lived. Borrowed from `roster`. Any thread. */
const struct roster_node *rotation_awaited(struct store *store, const struct roster *roster, const struct id *self);

/* True when more of this node's streams are not adopted than one CLOSE can name: it waits until there are fewer. Any thread. */
bool rotation_is_crowded(struct store *store, const struct roster *roster, const struct id *self);

#endif
