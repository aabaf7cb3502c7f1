#include "node/bundle/volume.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/bundle/file.h"
#include "replication/base/check.h"
#include "replication/wire/message.h"

bool volume_path(const char *path, unsigned number, char out[DIR_PATH_MAX])
{
    int size = number == 1 ? snprintf(out, DIR_PATH_MAX, "%s", path)
                           : snprintf(out, DIR_PATH_MAX, "%s.%u", path, number);

    return size < DIR_PATH_MAX;
}

/* Adds the objects of one file that was verified. */
static enum status objects_note(struct bundle_in *in, struct seen *seen, struct report *report)
{
    struct arena arena;
    struct message message;
    struct bytes part;
    uint64_t at;
    enum status status = bundle_in_seek(in, BUNDLE_HEAD_SIZE, report);

    arena_init(&arena, MESSAGE_ARENA_SIZE);
    while (status == S_OK) {
        status = bundle_in_next(in, &part, &at, report);
        arena_clear(&arena);
        if (status != S_OK || in->kind != BUNDLE_FRAME || message_decode(part, &arena, &message) != S_OK ||
            message.type != MESSAGE_PIECES) {
            continue;
        }
        for (size_t i = 0; i < message.pieces.count; i++) {
            (void)seen_add(seen, &message.pieces.pieces[i].object);
        }
    }
    arena_release(&arena);
    return status == S_NOT_FOUND ? S_OK : status;
}

static bool is_ours(const struct bundle_in *in, const struct bundle_node *node, const struct id *target)
{
    return id_equal(&in->head.from, &node->identity->node) && id_equal(&in->head.target, target) &&
           id_equal(&in->head.federation, &node->federation->id);
}

/* One file that is there. *is_kept_out: it is whole, by us, for the target. */
static enum status volume_look(struct bundle_in *in, const struct bundle_node *node, const char *path,
                               const struct id *target, bool *is_kept_out)
{
    struct report quiet = {.status = S_OK};

    *is_kept_out = false;
    if (bundle_in_open(in, path, &quiet) != S_OK) {
        return S_EXISTS;
    }
    if (!is_ours(in, node, target)) {
        bundle_in_close(in);
        return S_EXISTS;
    }
    *is_kept_out = bundle_in_verify(in, &quiet) == S_OK &&
                   bundle_trailer_verify(&in->trailer, node->identity->sign_public) == S_OK;
    return S_OK;
}

enum status volumes_resume(const struct bundle_node *node, const char *path, const struct id *target,
                           struct seen *seen, unsigned *next_out, struct report *report)
{
    struct bundle_in *in = calloc(1, sizeof *in);
    enum status status = S_OK;
    char volume[DIR_PATH_MAX];
    bool is_kept = true;

    CHECK(in);
    for (*next_out = 1; status == S_OK && is_kept && *next_out < VOLUMES_MAX; *next_out += is_kept) {
        if (!volume_path(path, *next_out, volume) || access(volume, F_OK) != 0) {
            break;
        }
        status = volume_look(in, node, volume, target, &is_kept);
        if (status == S_OK && is_kept) {
            status = objects_note(in, seen, report);
        }
        bundle_in_close(in);
        if (status == S_EXISTS) {
            status = report_set(report, status,
                                "\"%s\" is not a bundle that this node made for that one: take another name",
                                volume);
        }
    }
    free(in);
    return status;
}

bool volume_is_last(const char *path, unsigned number)
{
    struct bundle_in *in = calloc(1, sizeof *in);
    struct report quiet = {.status = S_OK};
    char volume[DIR_PATH_MAX];

    CHECK(in);
    bool is_open = volume_path(path, number, volume) && bundle_in_open(in, volume, &quiet) == S_OK;
    bool is_last = is_open && in->trailer.counts.is_last;
    bundle_in_close(in);
    free(in);
    return is_last;
}

unsigned volumes_drop_left(const struct bundle_node *node, const char *path, const struct id *target, unsigned first)
{
    struct bundle_in *in = calloc(1, sizeof *in);
    char volume[DIR_PATH_MAX], signature[DIR_PATH_MAX + 16];
    unsigned dropped = 0;
    bool is_left = true;

    CHECK(in);
    while (is_left && first + dropped < VOLUMES_MAX && volume_path(path, first + dropped, volume)) {
        struct report quiet = {.status = S_OK};

        is_left = bundle_in_open(in, volume, &quiet) == S_OK && is_ours(in, node, target) && in->trailer.counts.volume > 1;
        bundle_in_close(in);
        is_left = is_left && unlink(volume) == 0;
        if (is_left) {
            snprintf(signature, sizeof signature, "%s.minisig", volume);
            (void)unlink(signature);
            dropped++;
        }
    }
    free(in);
    return dropped;
}
