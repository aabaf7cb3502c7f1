/* The files that say who this node is: node.key (its seed: the keys are derived; and its id, unless that is made of these keys),
 * node.key.former (the same for keys of before, the latest first) and federation.json. */
#include "node/dir.h"

#include <errno.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"

enum { KEY_FILE_MAX = 256, FEDERATION_FILE_MAX = 8 * 1024 };

static const char KEY_FILE_HEAD[] = "qanat node key 1\n", KEY_FILE_NODE[] = "node ";

static enum status path_in(const char *dir, const char *name, char out[DIR_PATH_MAX], struct report *report)
{
    enum status status = dir_path(dir, name, out);
    return status == S_OK ? S_OK : report_set(report, status, "the path \"%s/%s\" is too long", dir, name);
}

/* A key as text: its head, the seed and, when it is not the node's first key, whose it is. */
static void identity_write(const struct identity *identity, struct buffer *out)
{
    char hex[2 * IDENTITY_SEED_SIZE + 1], node[ID_HEX_SIZE];
    struct id first = identity_node(identity->sign_public);

    sodium_bin2hex(hex, sizeof hex, identity->seed, sizeof identity->seed);
    buffer_append(out, KEY_FILE_HEAD, sizeof KEY_FILE_HEAD - 1);
    buffer_append(out, hex, sizeof hex - 1);
    buffer_append(out, "\n", 1);
    if (!id_equal(&first, &identity->node)) {
        id_hex(&identity->node, node);
        buffer_append(out, KEY_FILE_NODE, sizeof KEY_FILE_NODE - 1);
        buffer_append(out, node, sizeof node - 1);
        buffer_append(out, "\n", 1);
    }
    sodium_memzero(hex, sizeof hex);
}

/* Takes one off the front of `rest`. */
static bool identity_parse(struct bytes *rest, struct identity *identity_out)
{
    char hex[2 * IDENTITY_SEED_SIZE + 1] = "", node[ID_HEX_SIZE] = "";
    uint8_t seed[IDENTITY_SEED_SIZE];
    struct bytes head, digits, end;
    bool is_key = bytes_take(rest, sizeof KEY_FILE_HEAD - 1, &head) && bytes_equal(head, bytes_text(KEY_FILE_HEAD)) &&
                  bytes_take(rest, sizeof hex - 1, &digits) && bytes_take(rest, 1, &end) && end.data[0] == '\n';

    if (is_key) {
        memcpy(hex, digits.data, digits.size);
        is_key = hex_decode(hex, seed, sizeof seed);
    }
    if (is_key) {
        identity_derive(identity_out, seed);
    }
    if (is_key && rest->size >= sizeof KEY_FILE_NODE - 1 && memcmp(rest->data, KEY_FILE_NODE, sizeof KEY_FILE_NODE - 1) == 0) {
        is_key = bytes_take(rest, sizeof KEY_FILE_NODE - 1, &head) && bytes_take(rest, sizeof node - 1, &digits) &&
                 bytes_take(rest, 1, &end) && end.data[0] == '\n';
        if (is_key) {
            memcpy(node, digits.data, digits.size);
            is_key = hex_decode(node, identity_out->node.b, sizeof identity_out->node.b);
        }
    }
    sodium_memzero(hex, sizeof hex);
    sodium_memzero(seed, sizeof seed);
    return is_key;
}

static enum status identity_save(const char *dir, const char *name, const struct identity *identity, struct report *report)
{
    char path[DIR_PATH_MAX];
    struct buffer text;
    enum status status = path_in(dir, name, path, report);

    if (status != S_OK) {
        return status;
    }
    buffer_init(&text);
    identity_write(identity, &text);
    status = dir_write_file(path, buffer_bytes(&text), 0600, report);
    sodium_memzero(text.data, text.size);
    buffer_release(&text);
    return status;
}

enum status dir_read_identity(const char *path, struct identity *identity_out, struct report *report)
{
    struct buffer file;

    buffer_init(&file);
    enum status status = dir_read_file(path, KEY_FILE_MAX, &file, report);
    if (status == S_OK) {
        struct bytes rest = buffer_bytes(&file);
        if (!identity_parse(&rest, identity_out) || rest.size > 0) {
            status = report_set(report, S_CORRUPT, "\"%s\" is not a node key", path);
        }
        sodium_memzero(file.data, file.size);
    }
    buffer_release(&file);
    return status;
}

/* --- keys of before -------------------------------------------------------------------------------------- */

static const char FORMER_FILE[] = "node.key.former";

enum status dir_load_former(const char *dir, struct identity *identity)
{
    char path[DIR_PATH_MAX];
    struct buffer file;
    struct identity former;
    enum status status = path_in(dir, FORMER_FILE, path, NULL);

    identity->former_count = 0;
    if (status != S_OK) {
        return status;
    }
    buffer_init(&file);
    status = dir_read_file(path, IDENTITY_FORMER_MAX * KEY_FILE_MAX, &file, NULL);
    struct bytes rest = buffer_bytes(&file);
    while (status == S_OK && rest.size > 0 && identity->former_count < IDENTITY_FORMER_MAX) {
        if (!identity_parse(&rest, &former)) {
            status = S_CORRUPT;
            break;
        }
        struct identity_former *to = &identity->former[identity->former_count++];
        memcpy(to->seed, former.seed, sizeof to->seed);
        memcpy(to->curve_public, former.curve_public, sizeof to->curve_public);
        memcpy(to->curve_secret, former.curve_secret, sizeof to->curve_secret);
        identity_clear(&former);
    }
    if (file.size > 0) {
        sodium_memzero(file.data, file.size);
    }
    buffer_release(&file);
    return status == S_NOT_FOUND ? S_OK : status;
}

enum status dir_keep_former(const char *dir, const struct identity *identity, struct report *report)
{
    char path[DIR_PATH_MAX];
    struct buffer before, text;
    struct identity other;
    enum status status = path_in(dir, FORMER_FILE, path, report);

    if (status != S_OK) {
        return status;
    }
    buffer_init(&before), buffer_init(&text);
    identity_write(identity, &text);
    status = dir_read_file(path, IDENTITY_FORMER_MAX * KEY_FILE_MAX, &before, NULL);
    struct bytes rest = buffer_bytes(&before);
    for (size_t count = 1; status == S_OK && count < IDENTITY_FORMER_MAX && identity_parse(&rest, &other); count++) {
        if (memcmp(other.seed, identity->seed, sizeof other.seed) != 0) { /* kept before, at an attempt that was cut off */
            identity_write(&other, &text);
        }
        identity_clear(&other);
    }
    status = dir_write_file(path, buffer_bytes(&text), 0600, report);
    sodium_memzero(text.data, text.size);
    if (before.size > 0) {
        sodium_memzero(before.data, before.size);
    }
    buffer_release(&before), buffer_release(&text);
    return status;
}

static enum status identity_load(const char *dir, const char *name, struct identity *identity_out, struct report *report)
{
    char path[DIR_PATH_MAX];
    enum status status = path_in(dir, name, path, report);

    return status == S_OK ? dir_read_identity(path, identity_out, report) : status;
}

enum status dir_save_identity(const char *dir, const struct identity *identity, struct report *report)
{
    return identity_save(dir, "node.key", identity, report);
}

enum status dir_load_identity(const char *dir, struct identity *identity_out, struct report *report)
{
    enum status status = identity_load(dir, "node.key", identity_out, report);

    if (status == S_OK && dir_load_former(dir, identity_out) != S_OK) {
        identity_out->former_count = 0; /* a convenience: who knows none but those keys finds out by another way */
    }
    return status;
}

enum status dir_save_next_identity(const char *dir, const struct identity *identity, struct report *report)
{
    return identity_save(dir, "node.key.next", identity, report);
}

enum status dir_load_next_identity(const char *dir, struct identity *identity_out, struct report *report)
{
    return identity_load(dir, "node.key.next", identity_out, report);
}

enum status dir_take_next_identity(const char *dir, struct report *report)
{
    char next[DIR_PATH_MAX], path[DIR_PATH_MAX];
    enum status status = path_in(dir, "node.key.next", next, report);

    if (status == S_OK) {
        status = path_in(dir, "node.key", path, report);
    }
    if (status == S_OK && rename(next, path) != 0) {
        status = report_set(report, S_IO, "cannot put \"%s\" in the place of \"%s\": %s", next, path, strerror(errno));
    }
    return status;
}

static json_t *json_hex(const uint8_t *data, size_t size)
{
    char hex[2 * FEDERATION_SECRET_SIZE + 1];

    CHECK(size <= FEDERATION_SECRET_SIZE);
    sodium_bin2hex(hex, sizeof hex, data, size);
    return json_string(hex);
}

static bool json_hex_get(const json_t *object, const char *key, uint8_t *out, size_t size)
{
    const char *hex = json_string_value(json_object_get(object, key));
    return hex && strlen(hex) == 2 * size && hex_decode(hex, out, size);
}

enum status dir_save_federation(const char *dir, const struct federation *federation, struct report *report)
{
    char path[DIR_PATH_MAX];
    enum status status = path_in(dir, "federation.json", path, report);

    if (status != S_OK) {
        return status;
    }
    json_t *object = json_object();
    CHECK(object);
    json_object_set_new(object, "id", json_hex(federation->id.b, sizeof federation->id.b));
    json_object_set_new(object, "name", json_string(federation->name));
    json_object_set_new(object, "authority", json_hex(federation->authority_public, SIGN_PUBLIC_SIZE));
    json_object_set_new(object, "secret", json_hex(federation->secret, FEDERATION_SECRET_SIZE));
    size_t wanted = 4;
    if (!hash_equal(&federation->anchor, &(struct hash){{0}})) {
        json_object_set_new(object, "anchor", json_hex(federation->anchor.b, sizeof federation->anchor.b));
        wanted++;
    }
    char *text = json_object_size(object) == wanted ? json_dumps(object, JSON_INDENT(2)) : NULL;
    json_decref(object);
    if (!text) {
        return report_set(report, S_INVALID, "the federation's name \"%s\" is not UTF-8", federation->name);
    }
    status = dir_write_file(path, bytes_text(text), 0600, report); /* it holds the secret */
    sodium_memzero(text, strlen(text));
    free(text);
    return status;
}

static bool federation_parse(const json_t *object, struct federation *out)
{
    const char *name = json_string_value(json_object_get(object, "name"));

    memset(out, 0, sizeof *out);
    if (!name || strlen(name) > FEDERATION_NAME_MAX) {
        return false;
    }
    memcpy(out->name, name, strlen(name) + 1);
    if (json_object_get(object, "anchor") && !json_hex_get(object, "anchor", out->anchor.b, sizeof out->anchor.b)) {
        return false;
    }
    return json_hex_get(object, "id", out->id.b, sizeof out->id.b) &&
           json_hex_get(object, "authority", out->authority_public, SIGN_PUBLIC_SIZE) &&
           json_hex_get(object, "secret", out->secret, FEDERATION_SECRET_SIZE);
}

enum status dir_load_federation(const char *dir, struct federation *federation_out, struct report *report)
{
    char path[DIR_PATH_MAX];
    struct buffer file;
    enum status status = path_in(dir, "federation.json", path, report);

    if (status != S_OK) {
        return status;
    }
    buffer_init(&file);
    status = dir_read_file(path, FEDERATION_FILE_MAX, &file, report);
    if (status == S_OK) {
        json_t *object = json_loadb((const char *)file.data, file.size, JSON_REJECT_DUPLICATES, NULL);
        if (!federation_parse(object, federation_out)) {
            status = report_set(report, S_CORRUPT, "\"%s\" does not describe a federation", path);
        }
        json_decref(object);
    }
    buffer_release(&file);
    return status;
}
