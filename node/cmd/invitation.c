#include "node/cmd/invitation.h"

#include <errno.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "replication/base/check.h"

enum { CHECK_SIZE = 16 }; /* bytes of BLAKE2b */

static json_t *hex_json(struct bytes bytes)
{
    char *text = malloc(2 * bytes.size + 1);

    CHECK(text != NULL);
    sodium_bin2hex(text, 2 * bytes.size + 1, bytes.data, bytes.size);
    json_t *json = json_string(text);
    sodium_memzero(text, 2 * bytes.size + 1);
    free(text);
    return json;
}

/* What tells a file that was damaged on its way: nothing signs the uplink, and the welcome is looked at late. */
static void check_make(const struct invitation *invitation, uint8_t out[CHECK_SIZE])
{
    crypto_generichash_state state;

    crypto_generichash_init(&state, NULL, 0, CHECK_SIZE);
    crypto_generichash_update(&state, (const uint8_t *)invitation->token, strlen(invitation->token) + 1);
    crypto_generichash_update(&state, (const uint8_t *)invitation->uplink, strlen(invitation->uplink) + 1);
    crypto_generichash_update(&state, invitation->seed, sizeof invitation->seed);
    crypto_generichash_update(&state, invitation->welcome.data, invitation->welcome.size);
    crypto_generichash_final(&state, out, CHECK_SIZE);
    sodium_memzero(&state, sizeof state);
}

static enum status file_error(const struct draft *draft, struct report *report)
{
    enum status status = error_is_no_space(errno) ? S_NO_SPACE : S_IO;

    return report_set(report, status, "cannot write \"%s\": %s", draft->path, strerror(errno));
}

enum status invitation_begin(struct draft *draft, const char *path, struct report *report)
{
    struct stat info;

    if (stat(path, &info) == 0 && !S_ISDIR(info.st_mode)) { /* another invitation: its node is in the roster, and could never join */
        return report_set(report, S_EXISTS, "\"%s\" is there already: choose another name, nothing is overwritten", path);
    }
    if (draft_open(draft, path)) {
        return S_OK;
    }
    snprintf(draft->path, sizeof draft->path, "%s", path);
    return file_error(draft, report);
}

enum status invitation_save(const struct invitation *invitation, struct draft *draft, struct report *report)
{
    uint8_t check[CHECK_SIZE];

    check_make(invitation, check);
    json_t *document =
        json_pack("{s:i, s:s, s:o, s:s, s:o, s:o}", "invitation", 1, "token", invitation->token, "seed",
                  hex_json(bytes_of(invitation->seed, sizeof invitation->seed)), "uplink", invitation->uplink,
                  "welcome", hex_json(buffer_bytes(&invitation->welcome)), "check",
                  hex_json(bytes_of(check, sizeof check)));
    CHECK(document != NULL);
    char *text = json_dumps(document, JSON_INDENT(1));
    CHECK(text != NULL);
    FILE *file = draft_stream(draft);
    bool is_written = file != NULL && fputs(text, file) >= 0;
    is_written = file != NULL && fclose(file) == 0 && is_written;
    enum status status = is_written && draft_publish(draft, false) ? S_OK : file_error(draft, report);
    sodium_memzero(text, strlen(text));
    free(text);
    json_decref(document);
    return status;
}

static bool take_text(json_t *document, const char *key, char *out, size_t size)
{
    const char *text = json_string_value(json_object_get(document, key));

    if (text == NULL || strlen(text) >= size) {
        return false;
    }
    memcpy(out, text, strlen(text) + 1);
    return true;
}

static bool take_hex(json_t *document, const char *key, uint8_t *out, size_t size)
{
    const char *text = json_string_value(json_object_get(document, key));

    return text != NULL && strlen(text) == 2 * size && hex_decode(text, out, size);
}

static bool invitation_read(json_t *document, struct invitation *out)
{
    const char *welcome = json_string_value(json_object_get(document, "welcome"));
    size_t size = welcome != NULL ? strlen(welcome) / 2 : 0;

    if (json_integer_value(json_object_get(document, "invitation")) != 1 || size == 0 ||
        !take_text(document, "token", out->token, sizeof out->token) ||
        !take_text(document, "uplink", out->uplink, sizeof out->uplink) ||
        !take_hex(document, "seed", out->seed, sizeof out->seed) ||
        !take_hex(document, "welcome", buffer_reserve(&out->welcome, size), size)) {
        return false;
    }
    out->welcome.size = size;
    return true;
}

/* Files of earlier versions have no check. */
static bool check_matches(json_t *document, const struct invitation *invitation)
{
    uint8_t said[CHECK_SIZE], made[CHECK_SIZE];

    if (!json_object_get(document, "check")) {
        return true;
    }
    check_make(invitation, made);
    return take_hex(document, "check", said, sizeof said) && memcmp(said, made, sizeof made) == 0;
}

enum status invitation_load(const char *path, struct invitation *out, struct report *report)
{
    struct buffer text;
    buffer_init(&text);
    enum status status = dir_read_file(path, INVITATION_SIZE_MAX, &text, report);
    if (status == S_OK) {
        json_t *document = json_loadb((const char *)text.data, text.size, 0, NULL);
        buffer_clear(&out->welcome);
        if (document == NULL || !invitation_read(document, out)) {
            status = report_set(report, S_INVALID, "'%s' is no invitation, or was cut off on the way", path);
        } else if (!check_matches(document, out)) {
            status = report_set(report, S_INVALID, "'%s' was damaged on the way: its check does not match; copy it again", path);
        }
        json_decref(document);
        sodium_memzero(text.data, text.size);
    }
    buffer_release(&text);
    return status;
}
