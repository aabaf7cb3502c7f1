/* What this node wants of the catalogue: subscriptions (the newest version of each localisation, or all),
 * pins, and what nodes below asked for. */
#include <stdlib.h>
#include <string.h>

#include "node/learn/course/course.h"
#include "node/store/course/cohort.h"
#include "node/store/stream/roster.h"
#include "replication/base/check.h"

struct course_wishes {
    struct id self;
    bool is_relay;
    struct roster *roster; /* NULL when no subscription names a publisher */
    size_t count;
    struct subscription list[SUBSCRIPTIONS_MAX];
};

struct course_wishes *course_wishes_load(struct courses *courses, struct db *db)
{
    struct course_wishes *wishes = calloc(1, sizeof *wishes);

    CHECK(wishes);
    wishes->self = courses->self;
    wishes->is_relay = courses->is_relay;
    wishes->count = subscription_list(db, wishes->list, SUBSCRIPTIONS_MAX);
    for (size_t i = 0; i < wishes->count && !wishes->roster; i++) {
        if (wishes->list[i].publisher[0] && courses->federation) {
            (void)roster_load(db, courses->federation, &wishes->roster, NULL);
        }
    }
    return wishes;
}

void course_wishes_free(struct course_wishes *wishes)
{
    roster_free(wishes->roster);
    free(wishes);
}

static bool is_text_meant(const char *wanted, const char *text)
{
    return wanted[0] == '\0' || strcmp(wanted, text) == 0;
}

static bool is_publisher_meant(const struct course_wishes *wishes, const char *wanted,
                               const struct id *publisher)
{
    const struct roster_node *node;

    if (wanted[0] == '\0') {
        return true;
    }
    node = wishes->roster ? roster_find(wishes->roster, publisher) : NULL;
    return node && strcmp(node->name, wanted) == 0;
}

bool course_is_overtaken(struct db *db, const struct course_row *row)
{
    struct course_row other;
    struct buffer ids;
    bool is_older = false;
    int64_t id;

    buffer_init(&ids);
    (void)course_row_list_of(db, bytes_text(row->course), &ids);
    for (size_t at = 0; at < ids.size && !is_older; at += sizeof id) {
        memcpy(&id, ids.data + at, sizeof id);
        is_older = id != row->id && course_row_get(db, id, &other) && strcmp(other.lang, row->lang) == 0 &&
                   id_equal(&other.publisher, &row->publisher) && !other.is_withdrawn &&
                   other.stamp > row->stamp;
    }
    buffer_release(&ids);
    return is_older;
}

/* Does a cohort stay with it? */
static bool is_cohorts(struct db *db, const struct course_row *row)
{
    struct buffer names;

    buffer_init(&names);
    bool is_pinned = cohort_list(db, row, &names) > 0;
    buffer_release(&names);
    return is_pinned;
}

bool course_is_wished(struct course_wishes *wishes, struct db *db, const struct course_row *row)
{
    bool is_meant = false, is_any_version = false;

    if (row->is_withdrawn) {
        return false;
    }
    if (row->is_pinned || (row->is_asked && wishes->is_relay) || id_equal(&row->publisher, &wishes->self) ||
        is_cohorts(db, row)) {
        return true; /* an own one is fetched back after a restore */
    }
    for (size_t i = 0; i < wishes->count; i++) {
        const struct subscription *one = &wishes->list[i];

        if (is_text_meant(one->course, row->course) && is_text_meant(one->series, row->series) &&
            is_text_meant(one->lang, row->lang) &&
            is_publisher_meant(wishes, one->publisher, &row->publisher)) {
            is_meant = true;
            is_any_version = is_any_version || one->has_all_versions;
        }
    }
    return is_meant && (is_any_version || !course_is_overtaken(db, row));
}
