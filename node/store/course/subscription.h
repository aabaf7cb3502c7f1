/* subscription.h: which courses of the catalogue this node wants. */
#ifndef QANAT_NODE_STORE_COURSE_SUBSCRIPTION_H
#define QANAT_NODE_STORE_COURSE_SUBSCRIPTION_H

#include "node/store/course/course.h"
#include "node/store/db.h"
#include "replication/trust/roster.h"

enum { SUBSCRIPTIONS_MAX = 1000 };

/* Empty texts mean any. */
struct subscription {
    char course[COURSE_ID_MAX + 1];
    char series[COURSE_TEXT_MAX + 1];
    char lang[LANG_MAX + 1];
    char publisher[NODE_NAME_MAX + 1];
    bool has_all_versions;
};

/* S_TOO_LARGE when there are SUBSCRIPTIONS_MAX others. */
enum status subscription_put(struct db *db, const struct subscription *subscription);

/* Deletes the one with these texts; *count_out (0 or 1) says whether there was one. */
enum status subscription_delete(struct db *db, const struct subscription *subscription, int64_t *count_out);
enum status subscription_delete_all(struct db *db, int64_t *count_out);

/* Up to `max`; returns how many. */
size_t subscription_list(struct db *db, struct subscription *list_out, size_t max);

#endif
