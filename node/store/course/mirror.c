#include "node/store/course/mirror.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/local_time.h"
#include "node/store/engine.h"
#include "node/store/stream/own.h"
#include "node/store/stream/stream.h"
#include "replication/base/check.h"
#include "replication/crdt/cell.h"

enum { NAMINGS_MAX = 16 * MIRRORS_MAX };

/* One sentence of one node about one mirror: its last word counts. */
struct naming {
    struct id by;
    struct hash url; /* its key says which */
    hlc stamp;
    char text[MIRROR_URL_MAX + 1]; /* "": taken back */
};

struct reading {
    const struct roster *roster;
    const struct id *self;
    struct naming *namings;
    size_t count;
};

static bool is_heard(const struct reading *reading, const struct id *by)
{
    const struct roster_node *node = roster_find(reading->roster, by);

    return id_equal(by, reading->self) ||
           (node && !node->is_revoked &&
            (node->kind == NODE_HUB || roster_is_above(reading->roster, by, reading->self)));
}

/* The same node's earlier word on the same mirror, or a free place; NULL when there is none. */
static struct naming *place_of(struct reading *reading, const struct id *by, const struct hash *url)
{
    for (size_t i = 0; i < reading->count; i++) {
        if (id_equal(&reading->namings[i].by, by) && hash_equal(&reading->namings[i].url, url)) {
            return &reading->namings[i];
        }
    }
    if (reading->count == NAMINGS_MAX) {
        return NULL;
    }
    reading->namings[reading->count] = (struct naming){.by = *by, .url = *url};
    return &reading->namings[reading->count++];
}

static enum status cell_take(void *ctx, const struct stream_head *head, const struct cell *cell)
{
    struct reading *reading = ctx;
    char url[MIRROR_URL_MAX + 1] = "";
    struct report ignored = {.status = S_OK};
    struct bytes content;
    hlc stamp;

    if (!mirror_key_is(cell->key) || !cell_value_get_register(cell->value, &stamp, &content) ||
        !is_heard(reading, &head->stream.node) ||
        (content.size > 0 && mirror_url_read(content, url, &ignored) != S_OK)) {
        return S_OK;
    }
    struct hash key = hash_of(bytes_of(NULL, 0), cell->key);
    struct naming *naming = place_of(reading, &head->stream.node, &key);
    if (naming && stamp >= naming->stamp) {
        naming->stamp = stamp;
        memcpy(naming->text, url, sizeof url);
    }
    return S_OK;
}

static void namings_read(struct db *db, struct reading *reading)
{
    reading->namings = calloc(NAMINGS_MAX, sizeof *reading->namings);
    CHECK(reading->namings);
    (void)stream_cells_each(db, TOPIC_ROSTER, cell_take, reading);
}

static bool is_before(const struct reading *reading, const struct naming *naming, const struct naming *other)
{
    bool is_own = id_equal(&naming->by, reading->self);

    if (is_own != id_equal(&other->by, reading->self)) {
        return is_own;
    }
    return strcmp(naming->text, other->text) < 0;
}

static bool is_listed(const struct mirror *mirrors, size_t count, const char *url)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(mirrors[i].url, url) == 0) {
            return true;
        }
    }
    return false;
}

size_t mirror_list(struct db *db, const struct roster *roster, const struct id *self,
                   struct mirror *mirrors_out)
{
    struct reading reading = {.roster = roster, .self = self};
    size_t count = 0;
    struct naming *best;

    namings_read(db, &reading);
    do {
        best = NULL;
        for (size_t i = 0; i < reading.count; i++) {
            struct naming *naming = &reading.namings[i];
            if (naming->text[0] && !is_listed(mirrors_out, count, naming->text) &&
                (!best || is_before(&reading, naming, best))) {
                best = naming;
            }
        }
        if (best) {
            memcpy(mirrors_out[count].url, best->text, sizeof best->text);
            mirrors_out[count++].by = best->by;
        }
    } while (best && count < MIRRORS_MAX);
    free(reading.namings);
    return count;
}

enum status mirror_put(struct db *db, const struct roster *roster, const struct id *self, const char *url,
                       bool is_named)
{
    struct reading reading = {.roster = roster, .self = self};
    struct buffer key, value;
    size_t own = 0;
    bool is_there = false;
    hlc said = 0; /* about this one, last: a clock that was put right since must not make that the later word */
    enum status status = S_OK;

    buffer_init(&key), buffer_init(&value);
    mirror_key(url, &key);
    struct hash hash = hash_of(bytes_of(NULL, 0), buffer_bytes(&key));
    namings_read(db, &reading);
    for (size_t i = 0; i < reading.count; i++) {
        if (!id_equal(&reading.namings[i].by, self)) {
            continue;
        }
        own += reading.namings[i].text[0] != '\0';
        is_there = is_there || (reading.namings[i].text[0] && strcmp(reading.namings[i].text, url) == 0);
        said = hash_equal(&reading.namings[i].url, &hash) ? reading.namings[i].stamp : said;
    }
    free(reading.namings);
    if (is_there == is_named) {
        status = is_named ? S_EXISTS : S_NOT_FOUND;
    } else if (is_named && own >= MIRRORS_MAX) {
        status = S_TOO_LARGE;
    }
    if (status == S_OK) {
        cell_value_register(&value, hlc_tick(said, local_time_now()), is_named ? bytes_text(url) : bytes_of(NULL, 0));
        status = own_cell_put(db, TOPIC_ROSTER, buffer_bytes(&key), buffer_bytes(&value));
    }
    buffer_release(&key), buffer_release(&value);
    return status;
}

/* --- how it went
 * ---------------------------------------------------------------------------------------------- */

static void record_name(const char *url, char out[HASH_HEX_SIZE + 16])
{
    struct hash hash = hash_of(bytes_of(NULL, 0), bytes_text(url));
    char hex[HASH_HEX_SIZE];

    hash_hex(&hash, hex);
    snprintf(out, HASH_HEX_SIZE + 16, "mirror_%.32s", hex);
}

void mirror_record_get(struct db *db, const char *url, struct mirror_record *record_out)
{
    char name[HASH_HEX_SIZE + 16];

    record_name(url, name);
    if (!property_get(db, name, record_out, sizeof *record_out)) {
        memset(record_out, 0, sizeof *record_out);
    }
    record_out->error[MIRROR_ERROR_MAX - 1] = '\0';
}

enum status mirror_record_put(struct db *db, const char *url, const struct mirror_record *record)
{
    char name[HASH_HEX_SIZE + 16];

    record_name(url, name);
    return property_put(db, name, bytes_of(record, sizeof *record));
}
