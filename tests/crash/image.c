#include "tests/crash/image.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "replication/base/check.h"
#include "tests/kit/kit.h"

enum { SECTOR_SIZE = 512, NAMES_MAX = 4096, FOLDER = UINT32_MAX };

struct content {
    uint8_t *data;
    size_t size, capacity;
    size_t synced; /* operations before this one are durable */
};

struct name {
    char *path;
    uint32_t file; /* FOLDER */
};

struct image {
    const struct disk_op *ops;
    const struct image_plan *plan;
    struct kit_random random;
    struct content *files;
    uint32_t file_count;
    struct name names[NAMES_MAX];
    size_t name_count;
    size_t names_cut;  /* with a journal: names change up to here */
    size_t writes_cut; /* torn: this unsynced write is there in part, none after it */
    bool has_journal;
};

const char *image_kind_name(enum image_kind kind)
{
    static const char *const names[IMAGE_KINDS] = {"killed", "dropped", "torn", "reordered", "shredded"};
    return names[kind];
}

/* --- contents
 * ------------------------------------------------------------------------------------------------------- */

static void content_write(struct content *content, uint64_t offset, const uint8_t *data, size_t size)
{
    size_t end = (size_t)offset + size;

    if (end > content->capacity) {
        content->capacity = end + end / 2;
        content->data = realloc(content->data, content->capacity);
        CHECK(content->data);
    }
    if (end > content->size) {
        memset(content->data + content->size, 0, end - content->size);
        content->size = end;
    }
    memcpy(content->data + offset, data, size);
}

/* Sectors of one write, each there or not; the first `size` bytes that stand in whole sectors when it is
 * torn. */
static void content_write_part(struct image *image, struct content *content, const struct disk_op *op,
                               bool is_torn)
{
    size_t torn_size = (size_t)kit_random_below(&image->random, op->size + 1);

    for (size_t at = 0; at < op->size;) {
        size_t size = SECTOR_SIZE - (size_t)((op->offset + at) % SECTOR_SIZE);
        size = size < op->size - at ? size : op->size - at;
        bool is_there = is_torn ? at + size <= torn_size : kit_random_below(&image->random, 2) == 0;
        if (is_there) {
            content_write(content, op->offset + at, op->data + at, size);
        }
        at += size;
    }
}

static void content_truncate(struct content *content, uint64_t size)
{
    if (size > content->size) {
        content_write(content, size, (const uint8_t *)"", 0);
    }
    content->size = (size_t)size;
}

static void content_apply(struct image *image, size_t index)
{
    const struct disk_op *op = &image->ops[index];
    struct content *content = &image->files[op->file];
    bool is_whole = index < content->synced;

    switch (image->plan->kind) {
    case IMAGE_KILLED:
        is_whole = true;
        break;
    case IMAGE_DROPPED:
        break;
    case IMAGE_TORN:
        is_whole |= index < image->writes_cut;
        if (!is_whole && index == image->writes_cut && op->kind == DISK_WRITE) {
            content_write_part(image, content, op, true);
        }
        break;
    case IMAGE_REORDERED:
        is_whole |= kit_random_below(&image->random, 2) == 0;
        break;
    case IMAGE_SHREDDED:
        if (!is_whole && op->kind == DISK_WRITE) {
            content_write_part(image, content, op, false);
        }
        is_whole |= op->kind == DISK_TRUNCATE && kit_random_below(&image->random, 2) == 0;
        break;
    case IMAGE_KINDS:
        break;
    }
    if (is_whole && op->kind == DISK_WRITE) {
        content_write(content, op->offset, op->data, op->size);
    } else if (is_whole) {
        content_truncate(content, op->offset);
    }
}

/* --- names
 * ----------------------------------------------------------------------------------------------------------
 */

static void name_remove(struct image *image, const char *path)
{
    size_t size = strlen(path), kept = 0;

    for (size_t i = 0; i < image->name_count; i++) {
        struct name *name = &image->names[i];
        if (strncmp(name->path, path, size) == 0 && (name->path[size] == '\0' || name->path[size] == '/')) {
            free(name->path);
        } else {
            image->names[kept++] = *name;
        }
    }
    image->name_count = kept;
}

static void name_put(struct image *image, const char *path, uint32_t file)
{
    if (file != FOLDER) {
        name_remove(image, path);
    }
    CHECK(image->name_count < NAMES_MAX);
    image->names[image->name_count++] = (struct name){strdup(path), file};
}

/* The folder of `path` is `folder` ("" is the root). */
static bool is_in(const char *path, const char *folder)
{
    const char *slash = strrchr(path, '/');
    size_t size = slash ? (size_t)(slash - path) : 0;
    return strlen(folder) == size && strncmp(path, folder, size) == 0;
}

/* Is the change of a name at `index` followed by a sync of its folder before the crash? */
static bool is_name_synced(const struct image *image, size_t index)
{
    const struct disk_op *op = &image->ops[index];

    for (size_t i = index + 1; i < image->plan->at; i++) {
        const struct disk_op *sync = &image->ops[i];
        if (sync->kind == DISK_SYNC_ALL ||
            (sync->kind == DISK_SYNC_NAMES &&
             (is_in(op->path, sync->path) || (op->target && is_in(op->target, sync->path))))) {
            return true;
        }
    }
    return false;
}

static bool name_is_there(struct image *image, size_t index)
{
    if (image->plan->kind == IMAGE_KILLED || is_name_synced(image, index)) {
        return true;
    }
    if (image->has_journal) {
        return index < image->names_cut;
    }
    return image->plan->kind != IMAGE_DROPPED && kit_random_below(&image->random, 2) == 0;
}

static void name_apply(struct image *image, size_t index)
{
    const struct disk_op *op = &image->ops[index];

    if (!name_is_there(image, index)) {
        return;
    }
    if (op->kind == DISK_CREATE) {
        name_put(image, op->path, op->file);
    } else if (op->kind == DISK_FOLDER) {
        name_put(image, op->path, FOLDER);
    } else if (op->kind == DISK_UNLINK) {
        name_remove(image, op->path);
    } else {
        name_remove(image, op->path);
        name_put(image, op->target, op->file);
    }
}

/* --- the image
 * ------------------------------------------------------------------------------------------------------ */

static bool is_name(const struct disk_op *op)
{
    return op->kind == DISK_CREATE || op->kind == DISK_FOLDER || op->kind == DISK_RENAME ||
           op->kind == DISK_UNLINK;
}

/* What is durable, and where chance cuts what is not. */
static void image_survey(struct image *image)
{
    size_t synced = 0, names_synced = 0;

    for (size_t i = 0; i < image->plan->at; i++) {
        const struct disk_op *op = &image->ops[i];
        if (op->kind == DISK_CREATE) {
            image->file_count = op->file + 1 > image->file_count ? op->file + 1 : image->file_count;
        }
        synced = op->kind == DISK_SYNC_ALL ? i : synced;
        names_synced = op->kind == DISK_SYNC_ALL || op->kind == DISK_SYNC_NAMES ? i : names_synced;
    }
    image->files = calloc(image->file_count + 1, sizeof *image->files);
    CHECK(image->files);
    for (uint32_t i = 0; i < image->file_count; i++) {
        image->files[i].synced = synced;
    }
    for (size_t i = synced; i < image->plan->at; i++) {
        if (image->ops[i].kind == DISK_SYNC) {
            image->files[image->ops[i].file].synced = i;
        }
    }
    size_t loose = image->plan->at - synced;
    size_t loose_names =
        image->plan->at - names_synced; /* a journal that is written takes all before it along */
    image->writes_cut = synced + (size_t)kit_random_below(&image->random, loose + 1);
    image->has_journal = kit_random_below(&image->random, 2) == 0;
    image->names_cut =
        names_synced +
        (image->plan->kind == IMAGE_DROPPED ? 0 : (size_t)kit_random_below(&image->random, loose_names + 1));
}

static void folders_write(const struct image *image, const char *root, const char *path)
{
    char full[1024];

    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        for (size_t i = 0; i < image->name_count;
             i++) { /* a folder that is not there takes what is in it along */
            const struct name *name = &image->names[i];
            if (name->file == FOLDER && strlen(name->path) == (size_t)(slash - path) &&
                strncmp(name->path, path, (size_t)(slash - path)) == 0) {
                snprintf(full, sizeof full, "%s/%s", root, name->path);
                mkdir(full, 0700);
            }
        }
    }
}

static void image_write(const struct image *image, const char *root, const char *without)
{
    char path[1024];

    kit_scratch_remove(root);
    CHECK(mkdir(root, 0700) == 0);
    for (size_t i = 0; i < image->name_count; i++) {
        const struct name *name = &image->names[i];
        size_t size = without ? strlen(without) : 0;
        bool is_left_out = without && strncmp(name->path, without, size) == 0 && name->path[size] == '/';
        if (is_left_out || recorder_is_nameless(name->path)) {
            continue;
        }
        CHECK(snprintf(path, sizeof path, "%s/%s", root, name->path) < (int)sizeof path);
        folders_write(image, root, name->path);
        if (name->file == FOLDER) {
            mkdir(path, 0700);
            continue;
        }
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (fd >= 0) {
            const struct content *content = &image->files[name->file];
            CHECK(write(fd, content->data, content->size) == (ssize_t)content->size);
            close(fd);
        }
    }
}

uint32_t image_make(const struct disk_op *ops, const struct image_plan *plan, const char *root,
                    const char *without)
{
    struct image *image = calloc(1, sizeof *image);
    uint32_t mark = 0;

    CHECK(image);
    image->ops = ops;
    image->plan = plan;
    kit_random_seed(&image->random, plan->seed);
    image_survey(image);
    for (size_t i = 0; i < plan->at; i++) {
        if (is_name(&ops[i])) {
            name_apply(image, i);
        } else if (ops[i].kind == DISK_WRITE || ops[i].kind == DISK_TRUNCATE) {
            content_apply(image, i);
        } else if (ops[i].kind == DISK_MARK) {
            mark = ops[i].file > mark ? ops[i].file : mark;
        }
    }
    image_write(image, root, without);
    for (uint32_t i = 0; i < image->file_count; i++) {
        free(image->files[i].data);
    }
    for (size_t i = 0; i < image->name_count; i++) {
        free(image->names[i].path);
    }
    free(image->files);
    free(image);
    return mark;
}
