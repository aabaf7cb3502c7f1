#include "node/status_incidents.h"

#include <stdlib.h>
#include <string.h>

#include "node/store/operation/incident_row.h"
#include "node/timestamp.h"

static json_t *last_json(uint64_t ms)
{
    char text[TIMESTAMP_TEXT_SIZE];

    if (ms == 0 || ms > TIMESTAMP_MS_MAX) {
        return json_null();
    }
    timestamp_format((int64_t)(ms / 1000 * 1000), text);
    return json_string(text);
}

json_t *status_incidents(struct db *db, enum incident_group group)
{
    struct incident_row rows[INCIDENT_COUNT];
    json_t *counts = json_object();
    uint64_t total = 0, last_ms = 0;

    incident_load(db, rows);
    for (int i = 0; i < INCIDENT_COUNT; i++) {
        if (incident_group_of((enum incident)i) == group) {
            json_object_set_new(counts, incident_name((enum incident)i), json_integer((json_int_t)rows[i].count));
            total += rows[i].count;
            last_ms = rows[i].last_ms > last_ms ? rows[i].last_ms : last_ms;
        }
    }
    json_object_set_new(counts, "total", json_integer((json_int_t)total));
    json_object_set_new(counts, "last", last_json(last_ms));
    return counts;
}

/* --- of whom --- */

/* One member's rows, which stand side by side. */
struct member {
    const struct incident_of_row *rows;
    size_t count;
    uint64_t total;
};

static int row_compare(const void *left, const void *right)
{
    const struct incident_of_row *a = left, *b = right;
    int order = id_compare(&a->node, &b->node);

    return order ? order : (a->incident > b->incident) - (a->incident < b->incident);
}

static int member_compare(const void *left, const void *right)
{
    const struct member *a = left, *b = right;
    int order = (a->total < b->total) - (a->total > b->total);

    return order ? order : id_compare(&a->rows->node, &b->rows->node);
}

static json_t *member_json(const struct member *member, const struct roster *roster)
{
    const struct roster_node *node = roster_find(roster, &member->rows->node);
    json_t *counts = json_object();
    uint64_t last_ms = 0;
    char hex[ID_HEX_SIZE];

    id_hex(&member->rows->node, hex);
    for (size_t i = 0; i < member->count; i++) {
        json_object_set_new(counts, incident_name(member->rows[i].incident), json_integer((json_int_t)member->rows[i].count));
        last_ms = member->rows[i].last_ms > last_ms ? member->rows[i].last_ms : last_ms;
    }
    return json_pack("{s:s, s:o, s:I, s:o}", "node", node ? node->name : hex, "counts", counts, "total", (json_int_t)member->total, "last",
                     last_json(last_ms));
}

json_t *status_incidents_of(struct db *db, const struct roster *roster)
{
    static const size_t row_size = sizeof(struct incident_of_row);
    struct incident_of_row rows[INCIDENT_OF_ROWS_MAX];
    struct member members[INCIDENT_OF_ROWS_MAX];
    size_t count = incident_load_of(db, rows), member_count = 0;
    json_t *list = json_array();

    qsort(rows, count, row_size, row_compare);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || !id_equal(&rows[i].node, &rows[i - 1].node)) {
            members[member_count++] = (struct member){.rows = &rows[i]};
        }
        members[member_count - 1].count++;
        members[member_count - 1].total += rows[i].count;
    }
    qsort(members, member_count, sizeof *members, member_compare);
    for (size_t i = 0; i < member_count; i++) {
        json_array_append_new(list, member_json(&members[i], roster));
    }
    return list;
}
