/* mirror.h: the web servers, caches and object stores that nodes named for contents
 * (replication/trust/mirror.h), and how it went with each of them here.
 *
 * A node goes by the mirrors that it named itself, that a node above it named, and that a hub named: the
 * address is one that this machine will call. */
#ifndef QANAT_NODE_STORE_COURSE_MIRROR_H
#define QANAT_NODE_STORE_COURSE_MIRROR_H

#include "node/store/db.h"
#include "replication/crdt/hlc.h"
#include "replication/trust/mirror.h"
#include "replication/trust/roster.h"

enum { MIRRORS_MAX = 16, MIRROR_ERROR_MAX = 160 };

struct mirror {
    char url[MIRROR_URL_MAX + 1]; /* in its one form */
    struct id by;                 /* who named it, the first of them */
};

/* Names a mirror in this node's own roster stream, or takes that back. Writer thread. S_TOO_LARGE when this
 * node named MIRRORS_MAX already, S_NOT_FOUND when it takes back what it did not name, S_EXISTS. */
enum status mirror_put(struct db *db, const struct roster *roster, const struct id *self, const char *url,
                       bool is_named);

/* The mirrors that `self` goes by, its own first, then in the order of their addresses; at most MIRRORS_MAX.
 */
size_t mirror_list(struct db *db, const struct roster *roster, const struct id *self,
                   struct mirror *mirrors_out);

/* How it went with one, on this node. */
struct mirror_record {
    uint64_t bytes, objects; /* that came from it and were right */
    uint64_t at_ms;          /* wall clock of the last of them */
    uint64_t rate_bits;      /* that came a second when last measured */
    uint64_t failures;
    uint64_t rests_until_ms;      /* wall clock; it is not asked before */
    char error[MIRROR_ERROR_MAX]; /* why, "" when the last attempt went well */
};

/* All zero when nothing is known. */
void mirror_record_get(struct db *db, const char *url, struct mirror_record *record_out);

/* Writer thread. */
enum status mirror_record_put(struct db *db, const char *url, const struct mirror_record *record);

#endif
