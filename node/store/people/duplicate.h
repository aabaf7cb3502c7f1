/* duplicate.h: two rows for one human being: the id of one then means the other, and can be parted from it
 * again. */
#ifndef QANAT_NODE_STORE_PEOPLE_DUPLICATE_H
#define QANAT_NODE_STORE_PEOPLE_DUPLICATE_H

#include "node/store/people/person.h"

enum { DUPLICATE_ID_MAX = 128 };

/* A person by their own id. */
struct duplicate {
    int64_t row;
    int gender, role;
    int64_t registered_ms;
    int64_t merged_into;             /* row of the kept one, or 0 */
    char kept[DUPLICATE_ID_MAX + 1]; /* its id, cut, or "" */
};

bool duplicate_find(struct db *db, struct bytes id, struct duplicate *duplicate_out);

/* Those whose id means `kept` (a row), in the order of their ids; borrowed during the visit; how many. */
typedef void duplicate_visit(void *ctx, int64_t row, struct bytes id, struct bytes name);
size_t duplicate_list(struct db *db, int64_t kept, duplicate_visit *visit, void *ctx);

/* --- writer thread only --- */

/* `row` means `kept` from now on; itself again when `kept` is 0. */
enum status duplicate_set(struct db *db, int64_t row, int64_t kept);

#endif
