#include "node/lrs/client.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "node/lrs/tree.h"
#include "replication/base/check.h"

enum { CREDENTIALS_MAX = 1024, SECRET_BYTES = 32, KEY_BYTES = 12 };

void client_secret_hash(const char *secret, uint8_t out[XAPI_HASH_SIZE])
{
    struct hash hash = hash_of(bytes_text("qanat xapi secret"), bytes_text(secret));

    memcpy(out, hash.b, XAPI_HASH_SIZE);
}

static bool is_secret(const char *secret, const uint8_t stored[XAPI_HASH_SIZE])
{
    uint8_t hash[XAPI_HASH_SIZE];

    client_secret_hash(secret, hash);
    return sodium_memcmp(hash, stored, sizeof hash) == 0;
}

/* Takes "Basic BASE64" apart into user and secret. */
static bool credentials_read(const char *authorization, char text[CREDENTIALS_MAX], char **secret_out)
{
    size_t size;

    if (!authorization || strncasecmp(authorization, "Basic ", 6) != 0) {
        return false;
    }
    authorization += 6;
    authorization += strspn(authorization, " ");
    if (sodium_base642bin((uint8_t *)text, CREDENTIALS_MAX - 1, authorization, strlen(authorization), " ",
                          &size, NULL, sodium_base64_VARIANT_ORIGINAL) != 0) {
        return false;
    }
    text[size] = '\0';
    char *colon = strchr(text, ':');
    if (!colon || strlen(text) != size) {
        return false;
    }
    *colon = '\0';
    *secret_out = colon + 1;
    return true;
}

/* --- authorities --- */

static void text_append(struct buffer *out, const char *text)
{
    buffer_append(out, text, strlen(text));
}

static void authority_write(const struct lrs *lrs, struct bytes account, struct bytes name,
                            struct buffer *out)
{
    text_append(out, "{\"objectType\":\"Agent\",\"name\":");
    tree_print_text(name, out);
    text_append(out, ",\"account\":{\"homePage\":");
    tree_print_text(bytes_text(lrs->home), out);
    text_append(out, ",\"name\":");
    tree_print_text(account, out);
    text_append(out, "}}");
}

void client_actor_write(const struct lrs *lrs, const struct lrs_session *session, struct buffer *out)
{
    lrs_actor_write(lrs, session->person, session->name, out);
}

void client_own(const struct lrs *lrs, const struct lrs_session *session, struct lrs_client *client)
{
    memset(client, 0, sizeof *client);
    client->rights = LRS_READ | LRS_WRITE;
    if (session) {
        client->session = *session;
        client->is_session = true;
    }
    authority_write(lrs, bytes_text("qanat:lms"), bytes_text("Qanat"), &client->authority);
}

/* --- opening --- */

static enum status session_open(const struct lrs *lrs, struct db *db, const uint8_t uuid[LRS_UUID_SIZE],
                                const char *secret, int64_t now_ms, struct lrs_client *client)
{
    struct xapi_session row;
    int64_t number = xapi_session_by_uuid(db, uuid);

    if (!number || !xapi_session_get(db, number, &client->texts, &row) || row.expires_ms <= now_ms ||
        !is_secret(secret, row.secret) || !lrs_session_find(db, number, &client->texts, &client->session)) {
        return S_DENIED;
    }
    client->is_session = true;
    client->is_over = client->session.is_cmi5 && client->session.said & LRS_SAID_TERMINATED &&
                      now_ms - client->session.last_ms > LRS_SESSION_LAST_MS;
    client->rights = LRS_READ | LRS_WRITE;
    authority_write(lrs, bytes_text("qanat:content"), bytes_text("Content launched by Qanat"),
                    &client->authority);
    return S_OK;
}

static enum status key_open(const struct lrs *lrs, struct db *db, const char *name, const char *secret,
                            struct lrs_client *client)
{
    char account[XAPI_KEY_MAX + 16];
    struct xapi_key key;

    if (strlen(name) > XAPI_KEY_MAX || !xapi_key_find(db, bytes_text(name), &key) ||
        !is_secret(secret, key.secret)) {
        return S_DENIED;
    }
    client->rights = key.rights;
    snprintf(account, sizeof account, "qanat:key:%s", key.key);
    authority_write(lrs, bytes_text(account), bytes_text(key.name), &client->authority);
    return S_OK;
}

enum status client_open(const struct lrs *lrs, struct db *db, const char *authorization, int64_t now_ms,
                        struct lrs_client *client)
{
    uint8_t uuid[LRS_UUID_SIZE];
    char text[CREDENTIALS_MAX];
    char *secret;

    memset(client, 0, sizeof *client);
    if (!credentials_read(authorization, text, &secret)) {
        return S_DENIED;
    }
    return lrs_uuid_parse(bytes_text(text), uuid) ? session_open(lrs, db, uuid, secret, now_ms, client)
                                                  : key_open(lrs, db, text, secret, client);
}

void client_release(struct lrs_client *client)
{
    buffer_release(&client->texts);
    buffer_release(&client->authority);
}

/* --- keys --- */

struct key_job {
    struct xapi_key *row;
    const char *key;
    int64_t count;
};

static enum status key_insert(struct db *db, void *arg)
{
    struct key_job *job = arg;
    bool is_new;

    if (xapi_key_list(db, NULL, 0) >= CLIENT_KEYS_MAX) {
        return S_TOO_LARGE;
    }
    enum status status = xapi_key_insert(db, job->row, &is_new);
    return status == S_OK && !is_new ? S_EXISTS : status;
}

static enum status key_delete(struct db *db, void *arg)
{
    struct key_job *job = arg;

    return xapi_key_delete(db, bytes_text(job->key), &job->count);
}

enum status client_key_add(struct store *store, const char *name, unsigned rights, int64_t now_ms,
                           struct client_key *key_out, struct report *report)
{
    uint8_t raw[SECRET_BYTES];
    struct key_job job = {.row = &key_out->row};

    if (!*name || strlen(name) > XAPI_NAME_MAX || !utf8_is_valid(bytes_text(name))) {
        return report_set(report, S_INVALID, "the name of a key has 1 to %d bytes of UTF-8", XAPI_NAME_MAX);
    }
    memset(key_out, 0, sizeof *key_out);
    snprintf(key_out->row.name, sizeof key_out->row.name, "%s", name);
    randombytes_buf(raw, sizeof raw);
    sodium_bin2hex(key_out->row.key, sizeof key_out->row.key, raw, KEY_BYTES);
    randombytes_buf(raw, sizeof raw);
    sodium_bin2hex(key_out->secret, sizeof key_out->secret, raw, sizeof raw);
    client_secret_hash(key_out->secret, key_out->row.secret);
    key_out->row.rights = rights;
    key_out->row.made_ms = now_ms;
    enum status status = store_write_wait(store, key_insert, &job);
    return status == S_OK ? S_OK
           : status == S_TOO_LARGE
               ? report_set(report, status,
                            "there are %d keys already: remove some with qanat xapi key remove",
                            CLIENT_KEYS_MAX)
               : report_set(report, status, "the key could not be stored: %s", status_text(status));
}

enum status client_key_remove(struct store *store, const char *key, struct report *report)
{
    struct key_job job = {.key = key};
    enum status status = store_write_wait(store, key_delete, &job);

    if (status != S_OK) {
        return report_set(report, status, "the key could not be removed: %s", status_text(status));
    }
    return job.count ? S_OK
                     : report_set(report, S_NOT_FOUND, "there is no key '%s': see qanat xapi key list", key);
}
