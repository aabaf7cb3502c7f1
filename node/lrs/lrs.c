#include "node/lrs/lrs.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "node/lrs/tree.h"
#include "node/store/people/record.h"
#include "replication/base/percent.h"

bool lrs_load(struct lrs *lrs, struct db *db)
{
    struct record_place place;

    memset(lrs, 0, sizeof *lrs);
    lrs->store = db_store(db);
    if (!record_place_get(db, &place)) {
        return false;
    }
    memcpy(lrs->key, place.key, sizeof lrs->key);
    snprintf(lrs->home, sizeof lrs->home, "%s", place.home);
    return true;
}

static bool place_read(struct lrs *lrs, struct store *store)
{
    struct db *db = store_read_begin(store);
    bool is_there = lrs_load(lrs, db);

    store_read_end(store, db);
    return is_there;
}

static enum status place_make(struct db *db, void *arg)
{
    return record_place_make(db, arg);
}

void lrs_init(struct lrs *lrs, struct store *store, const struct identity *identity)
{
    char node[ID_HEX_SIZE], home[LRS_HOME_SIZE];

    id_hex(&identity->node, node);
    snprintf(home, sizeof home, "https://qanat.invalid/node/%s", node);
    if (!place_read(lrs, store) && store_write_wait(store, place_make, home) == S_OK) {
        place_read(lrs, store);
    }
}

static void text_append(struct buffer *out, const char *text)
{
    buffer_append(out, text, strlen(text));
}

void lrs_actor_write(const struct lrs *lrs, struct bytes person, struct bytes name, struct buffer *out)
{
    text_append(out, "{\"objectType\":\"Agent\",");
    if (name.size) {
        text_append(out, "\"name\":");
        tree_print_text(name, out);
        text_append(out, ",");
    }
    text_append(out, "\"account\":{\"homePage\":");
    tree_print_text(bytes_text(lrs->home), out);
    text_append(out, ",\"name\":");
    tree_print_text(person, out);
    text_append(out, "}}");
}

void lrs_activity_write(struct bytes course, struct bytes item, struct buffer *out)
{
    text_append(out, "https://qanat.invalid/course/");
    percent_append(out, course, PERCENT_UNRESERVED);
    if (item.size) {
        text_append(out, "/item/");
        percent_append(out, item, PERCENT_UNRESERVED);
    }
}

/* --- UUIDs --- */

void lrs_uuid_make(uint8_t out[LRS_UUID_SIZE])
{
    randombytes_buf(out, LRS_UUID_SIZE);
    out[6] = (uint8_t)((out[6] & 0x0f) | 0x40);
    out[8] = (uint8_t)((out[8] & 0x3f) | 0x80);
}

void lrs_uuid_text(const uint8_t uuid[LRS_UUID_SIZE], char out[LRS_UUID_TEXT_SIZE])
{
    static const char hex[] = "0123456789abcdef";
    size_t at = 0;

    for (size_t i = 0; i < LRS_UUID_SIZE; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            out[at++] = '-';
        }
        out[at++] = hex[uuid[i] >> 4];
        out[at++] = hex[uuid[i] & 15];
    }
    out[at] = '\0';
}

bool lrs_uuid_parse(struct bytes text, uint8_t out[LRS_UUID_SIZE])
{
    if (text.size != LRS_UUID_TEXT_SIZE - 1) {
        return false;
    }
    for (size_t i = 0, at = 0; i < text.size; i++) {
        int c = text.data[i];
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (c != '-') {
                return false;
            }
            continue;
        }
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0) {
            return false;
        }
        out[at / 2] = (uint8_t)(at % 2 ? out[at / 2] | digit : digit << 4);
        at++;
    }
    return true;
}
