#include "node/http/course_answer.h"

#include <stdio.h>

#include "node/http/server.h"
#include "node/incident.h"
#include "node/local_time.h"
#include "node/log.h"

struct shelf_now course_answer_now(const struct exchange *exchange)
{
    return (struct shelf_now){.generation = store_generation(exchange->context->store),
                              .at_ms = local_time_monotonic(),
                              .wall_ms = (int64_t)local_time_now()};
}

static void file_show(struct exchange *exchange, const struct hash *hash, const char *media_type,
                      uint64_t size)
{
    char hex[HASH_HEX_SIZE];

    hash_hex(hash, hex);
    snprintf(exchange->etag, sizeof exchange->etag, "\"%s\"", hex);
    snprintf(exchange->file_type, sizeof exchange->file_type, "%s", media_type);
    exchange->code = MHD_HTTP_OK;
    exchange->media_type = exchange->file_type;
    exchange->file_size = size;
}

/* What could not be had is busy, or rotten: that is for who looks after this node. */
static enum status trouble_note(enum status status, const struct hash *hash)
{
    char hex[HASH_HEX_SIZE];

    if (status == S_BUSY || status == S_NO_MEMORY) {
        return S_BUSY;
    }
    hash_hex(hash, hex);
    log_event(LOG_ERROR, "content_rotten", "content=%s advice=\"qanat scrub --repair\"", hex);
    incident_add(INCIDENT_ROTTEN, 1);
    return S_CORRUPT;
}

static enum status file_open(struct exchange *exchange, struct course_file *file)
{
    enum status status = course_file_open_found(exchange->context->blobs, file);

    if (status != S_OK) {
        return trouble_note(status, &file->hash);
    }
    exchange->file = file->fd;
    file_show(exchange, &file->hash, file->media_type, file->size);
    return S_OK;
}

/* What stands on the shelf is the answer, or names what is opened. */
static enum status shelved_answer(struct exchange *exchange, struct shelf_file *shelved)
{
    struct course_file file = {.fd = -1, .size = shelved->size, .hash = shelved->hash};

    if (shelved->data) {
        exchange->shelved = shelved;
        file_show(exchange, &shelved->hash, shelved->media_type, shelved->size);
        return S_OK;
    }
    snprintf(file.media_type, sizeof file.media_type, "%s", shelved->media_type);
    return file_open(exchange, &file);
}

bool course_answer_shelved(struct exchange *exchange, const char *root, const char *path,
                           const struct shelf_now *now, enum status *status_out)
{
    struct shelf *shelf = exchange->origin->shelf;
    struct shelf_file *shelved = NULL;
    int64_t course;

    if (shelf_find_root(shelf, root, now, &course)) {
        shelved = shelf_find_place(shelf, course, path, now);
    }
    if (shelved) {
        *status_out = shelved_answer(exchange, shelved);
    }
    return shelved != NULL;
}

/* A small one is read and verified, a large one only named. NULL after S_OK: it can be answered, but not
 * stand here. */
static enum status file_shelve(struct exchange *exchange, int64_t course, const char *path,
                               const struct shelf_now *now, const struct course_file *found,
                               struct shelf_file **shelved_out)
{
    struct shelf_file fresh = {.hash = found->hash, .size = found->size};
    enum status status = S_OK;
    struct buffer data;

    buffer_init(&data);
    if (found->size <= SHELF_FILE_MAX) {
        status = blob_load(exchange->context->blobs, &found->hash, SHELF_FILE_MAX, &data);
        status = status == S_OK && data.size != found->size ? S_CORRUPT : status;
        fresh.data = data.data ? data.data : (const uint8_t *)"";
    }
    if (status == S_OK) {
        snprintf(fresh.media_type, sizeof fresh.media_type, "%s", found->media_type);
        *shelved_out = shelf_add(exchange->origin->shelf, course, path, now, &fresh);
    }
    buffer_release(&data);
    return status;
}

enum status course_answer_found(struct exchange *exchange, int64_t course, const char *path,
                                const struct shelf_now *now, const struct course_file *found)
{
    struct shelf *shelf = exchange->origin->shelf;
    struct shelf_file *shelved = shelf_find_file(shelf, &found->hash, found->media_type);
    struct course_file file = *found;

    if (shelved) {
        shelf_put_place(shelf, course, path, now, shelved);
        return shelved_answer(exchange, shelved);
    }
    enum status status = file_shelve(exchange, course, path, now, found, &shelved);
    if (status != S_OK) {
        return trouble_note(status, &found->hash);
    }
    return shelved ? shelved_answer(exchange, shelved) : file_open(exchange, &file);
}

bool course_answer_trouble(struct exchange *exchange, enum status status, const char *path)
{
    if (status == S_BUSY) {
        exchange_header_add(exchange, "Retry-After", "1");
        exchange_problem(exchange, MHD_HTTP_SERVICE_UNAVAILABLE, "Busy: try again in a moment.\n");
    } else if (status == S_CORRUPT) {
        exchange_problem(exchange, MHD_HTTP_INTERNAL_SERVER_ERROR,
                         "The file '%s' is damaged at this node: qanat scrub --repair brings it back.\n",
                         path);
    }
    return status == S_BUSY || status == S_CORRUPT;
}
