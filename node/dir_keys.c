/* The two files that say who this node is: node.key (its seed, nothing else: the keys are derived) and
 * federation.json. */
#include "node/dir.h"

#include <errno.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"

enum { KEY_FILE_MAX = 256, FEDERATION_FILE_MAX = 8 * 1024 };

static const char KEY_FILE_HEAD[] = "qanat node key 1\n";

static enum status path_in(const char *dir, const char *name, char out[DIR_PATH_MAX], struct report *report)
{
    enum status status = dir_path(dir, name, out);
    return status == S_OK ? S_OK : report_set(report, status, "the path \"%s/%s\" is too long", dir, name);
}

static enum status identity_save(const char *dir, const char *name, const struct identity *identity, struct report *report)
{
    char path[DIR_PATH_MAX], text[KEY_FILE_MAX], hex[2 * IDENTITY_SEED_SIZE + 1];
    enum status status = path_in(dir, name, path, report);

    if (status != S_OK) {
        return status;
    }
    sodium_bin2hex(hex, sizeof hex, identity->seed, sizeof identity->seed);
    snprintf(text, sizeof text, "%s%s\n", KEY_FILE_HEAD, hex);
    status = dir_write_file(path, bytes_text(text), 0600, report);
    sodium_memzero(hex, sizeof hex);
    sodium_memzero(text, sizeof text);
    return status;
}

enum status dir_read_identity(const char *path, struct identity *identity_out, struct report *report)
{
    char hex[2 * IDENTITY_SEED_SIZE + 1] = "";
    uint8_t seed[IDENTITY_SEED_SIZE];
    struct buffer file;
    struct bytes rest, head, digits;

    buffer_init(&file);
    enum status status = dir_read_file(path, KEY_FILE_MAX, &file, report);
    if (status == S_OK) {
        rest = buffer_bytes(&file);
        bool is_key = bytes_take(&rest, sizeof KEY_FILE_HEAD - 1, &head) &&
                      bytes_equal(head, bytes_text(KEY_FILE_HEAD)) &&
                      bytes_take(&rest, sizeof hex - 1, &digits) && bytes_equal(rest, bytes_text("\n"));
        if (is_key) {
            memcpy(hex, digits.data, digits.size);
        }
        if (is_key && hex_decode(hex, seed, sizeof seed)) {
            identity_derive(identity_out, seed);
        } else {
            status = report_set(report, S_CORRUPT, "\"%s\" is not a node key", path);
        }
        sodium_memzero(file.data, file.size);
    }
    buffer_release(&file);
    sodium_memzero(hex, sizeof hex);
    sodium_memzero(seed, sizeof seed);
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
    return identity_load(dir, "node.key", identity_out, report);
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
