#include "node/learn/account/signin.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "node/store/people/signin.h"
#include "replication/base/check.h"

enum { TOKEN_BYTES = 32, EXTENSIONS = 20 };

static bool token_hash(const char *token, struct hash *hash_out)
{
    if (strlen(token) != SIGNIN_TOKEN_SIZE - 1) {
        return false;
    }
    *hash_out = hash_of(bytes_text("qanat sign-in"), bytes_text(token));
    return true;
}

static void csrf_write(const char *token, char out[SIGNIN_CSRF_SIZE])
{
    char hex[HASH_HEX_SIZE];
    struct hash hash = hash_of(bytes_text("qanat csrf"), bytes_text(token));

    hash_hex(&hash, hex);
    memcpy(out, hex, SIGNIN_CSRF_SIZE - 1);
    out[SIGNIN_CSRF_SIZE - 1] = '\0';
}

static int64_t idle_ms(bool is_kept)
{
    return is_kept ? SIGNIN_KEPT_MS : SIGNIN_IDLE_MS;
}

static enum status open_run(struct db *db, void *arg)
{
    const struct signin_row *row = arg;
    enum status status = signin_row_sweep(db, row->created_ms);

    return status == S_OK ? signin_row_insert(db, row) : status;
}

enum status signin_open(struct store *store, int64_t person, bool is_kept, int64_t now_ms,
                        char token_out[SIGNIN_TOKEN_SIZE])
{
    uint8_t random[TOKEN_BYTES];
    struct signin_row row = {
        .person = person, .created_ms = now_ms, .expires_ms = now_ms + idle_ms(is_kept), .is_kept = is_kept};

    CHECK(person > 0);
    randombytes_buf(random, sizeof random);
    sodium_bin2base64(token_out, SIGNIN_TOKEN_SIZE, random, sizeof random,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    CHECK(token_hash(token_out, &row.token));
    return store_write_wait(store, open_run, &row);
}

/* --- finding
 * ---------------------------------------------------------------------------------------------------- */

struct extension {
    struct hash token;
    int64_t expires_ms;
};

static enum status extend_run(struct db *db, void *arg)
{
    const struct extension *extension = arg;
    return signin_row_extend(db, &extension->token, extension->expires_ms);
}

static void extend_done(void *arg, enum status status)
{
    (void)status; /* the sign-in ends earlier: no more */
    free(arg);
}

/* What was found, and until when it should live. */
struct finding {
    struct signin *signin;
    int64_t now_ms, created_ms, idle_ms;
};

static void text_keep(char *out, size_t size, struct bytes text)
{
    size_t length = text.size < size ? text.size : size - 1;

    if (length) {
        memcpy(out, text.data, length);
    }
    out[length] = '\0';
}

static void row_take(void *ctx, const struct signin_row *row)
{
    struct finding *finding = ctx;
    struct signin *signin = finding->signin;

    if (row->expires_ms <= finding->now_ms) {
        return;
    }
    signin->person = row->person;
    signin->role = (enum role)row->role;
    signin->expires_ms = row->expires_ms;
    text_keep(signin->id, sizeof signin->id, row->id);
    text_keep(signin->name, sizeof signin->name, row->name);
    text_keep(signin->lang, sizeof signin->lang, row->lang);
    finding->created_ms = row->created_ms;
    finding->idle_ms = idle_ms(row->is_kept);
}

static void life_extend(struct store *store, const struct finding *finding)
{
    int64_t end_ms = finding->now_ms + finding->idle_ms, last_ms = finding->created_ms + SIGNIN_LIFE_MS;

    end_ms = end_ms < last_ms ? end_ms : last_ms;
    if (end_ms - finding->signin->expires_ms < finding->idle_ms / EXTENSIONS) {
        return;
    }
    struct extension *extension = malloc(sizeof *extension);
    CHECK(extension);
    *extension = (struct extension){finding->signin->token, end_ms};
    store_write(store, extend_run, extension, extend_done);
}

bool signin_find(struct store *store, const char *token, int64_t now_ms, struct signin *signin_out)
{
    struct finding finding = {.signin = signin_out, .now_ms = now_ms};

    memset(signin_out, 0, sizeof *signin_out);
    if (!token_hash(token, &signin_out->token)) {
        return false;
    }
    struct db *db = store_read_begin(store);
    signin_row_find(db, &signin_out->token, row_take, &finding);
    store_read_end(store, db);
    if (signin_out->person == 0) {
        return false;
    }
    csrf_write(token, signin_out->csrf);
    life_extend(store, &finding);
    return true;
}

/* --- ending
 * ----------------------------------------------------------------------------------------------------- */

static enum status close_run(struct db *db, void *arg)
{
    const struct signin *signin = arg;
    return signin_row_delete(db, &signin->token);
}

enum status signin_close(struct store *store, const struct signin *signin)
{
    return store_write_wait(store, close_run, (void *)(uintptr_t)signin);
}
