/*   magic (16)  boot id (36)  incarnation (16)  seq of each topic (8, LE)  BLAKE2b-256 of all before (32) */
#include "node/store/stream/anchor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/dir.h"
#include "node/log.h"
#include "node/owner.h"
#include "replication/base/check.h"

enum {
    MAGIC_SIZE = 16,
    BOOT_ID_SIZE = 36,
    SEQS_SIZE = 8 * TOPIC_LAST,
    BODY_SIZE = MAGIC_SIZE + BOOT_ID_SIZE + 16 + SEQS_SIZE,
    ANCHOR_SIZE = BODY_SIZE + 32,
};

static const char magic[MAGIC_SIZE] = "qanat anchor 1\n", name_begins[] = "qanat-";

struct anchor {
    char path[DIR_PATH_MAX]; /* "" without a place */
    uint8_t boot_id[BOOT_ID_SIZE];
    int fd; /* -1: not there yet, or not to be used */
};

static const char *usual_place(void)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");

    if (access("/dev/shm", W_OK | X_OK) == 0) {
        return "/dev/shm";
    }
    return runtime && access(runtime, W_OK | X_OK) == 0 ? runtime : NULL;
}

/* The file's name: the same for one user, one path and one database. */
static bool anchor_name(struct anchor *anchor, const char *place, const char *data_dir,
                        const struct id *database)
{
    char *canonical = realpath(data_dir, NULL);
    char hex[HASH_HEX_SIZE];
    struct buffer text;

    if (!canonical) {
        return false;
    }
    buffer_init(&text);
    buffer_append(&text, canonical, strlen(canonical) + 1);
    buffer_append(&text, database->b, sizeof database->b);
    buffer_append_u32(&text, (uint32_t)owner_user());
    struct hash hash = hash_of(bytes_text("qanat anchor"), buffer_bytes(&text));
    buffer_release(&text);
    free(canonical);
    hash_hex(&hash, hex);
    int size = snprintf(anchor->path, sizeof anchor->path, "%s/%s%.32s", place, name_begins, hex);
    return size > 0 && (size_t)size < sizeof anchor->path;
}

/* Opens the file when it is a plain file of ours. */
static void anchor_open_file(struct anchor *anchor, int flags)
{
    struct stat info;

    anchor->fd = open(anchor->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | flags, 0600);
    if (anchor->fd >= 0 &&
        (fstat(anchor->fd, &info) != 0 || !S_ISREG(info.st_mode) || info.st_uid != owner_user())) {
        close(anchor->fd);
        anchor->fd = -1;
    }
}

struct anchor *anchor_open(const char *place, const char *data_dir, const struct id *database)
{
    struct anchor *anchor = calloc(1, sizeof *anchor);
    struct buffer boot_id;

    CHECK(anchor);
    anchor->fd = -1;
    buffer_init(&boot_id);
    if (dir_read_file("/proc/sys/kernel/random/boot_id", BOOT_ID_SIZE + 1, &boot_id, NULL) == S_OK &&
        boot_id.size >= BOOT_ID_SIZE) {
        memcpy(anchor->boot_id, boot_id.data, BOOT_ID_SIZE);
    }
    buffer_release(&boot_id);
    place = place ? place : usual_place();
    if (!place || !anchor_name(anchor, place, data_dir, database)) {
        anchor->path[0] = 0;
        log_event(LOG_WARNING, "anchor_missing", "dir=\"%s\" effect=\"a fresh incarnation at every start\"",
                  data_dir);
        return anchor;
    }
    anchor_open_file(anchor, 0);
    return anchor;
}

void anchor_close(struct anchor *anchor)
{
    if (anchor) {
        if (anchor->fd >= 0) {
            close(anchor->fd);
        }
        free(anchor);
    }
}

static void anchor_encode(const struct anchor *anchor, const struct anchor_mark *mark,
                          uint8_t out[ANCHOR_SIZE])
{
    uint8_t *at = out;

    memcpy(at, magic, MAGIC_SIZE);
    at += MAGIC_SIZE;
    memcpy(at, anchor->boot_id, BOOT_ID_SIZE);
    at += BOOT_ID_SIZE;
    memcpy(at, mark->incarnation.b, sizeof mark->incarnation.b);
    at += sizeof mark->incarnation.b;
    for (int topic = TOPIC_FIRST; topic <= TOPIC_LAST; topic++) {
        for (unsigned i = 0; i < 8; i++) {
            *at++ = (uint8_t)(mark->seq[topic] >> (8 * i));
        }
    }
    struct hash hash = hash_of(bytes_of(NULL, 0), bytes_of(out, BODY_SIZE));
    memcpy(at, hash.b, sizeof hash.b);
}

bool anchor_matches(const struct anchor *anchor, const struct anchor_mark *mark)
{
    uint8_t expected[ANCHOR_SIZE], found[ANCHOR_SIZE];

    if (anchor->fd < 0 || pread(anchor->fd, found, sizeof found, 0) != (ssize_t)sizeof found) {
        return false;
    }
    anchor_encode(anchor, mark, expected);
    return memcmp(expected, found, sizeof found) == 0;
}

/* True when the file `name` of `place` is an anchor of ours that says `incarnation`. */
static bool file_says(int place, const char *name, const struct id *incarnation)
{
    uint8_t found[ANCHOR_SIZE];
    struct stat info;
    int fd = openat(place, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

    if (fd < 0) {
        return false;
    }
    bool says = fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == owner_user() &&
                pread(fd, found, sizeof found, 0) == (ssize_t)sizeof found && memcmp(found, magic, MAGIC_SIZE) == 0 &&
                memcmp(found + MAGIC_SIZE + BOOT_ID_SIZE, incarnation->b, sizeof incarnation->b) == 0;
    close(fd);
    return says;
}

void anchor_forget(const struct anchor *anchor, const struct id *incarnation)
{
    char place[DIR_PATH_MAX];
    const struct dirent *entry;

    if (!anchor->path[0]) {
        return;
    }
    const size_t length = (size_t)(strrchr(anchor->path, '/') - anchor->path);
    snprintf(place, sizeof place, "%.*s", (int)length, anchor->path);
    DIR *files = opendir(place);
    while (files && (entry = readdir(files)) != NULL) {
        bool is_other = strncmp(entry->d_name, name_begins, strlen(name_begins)) == 0 && strcmp(entry->d_name, anchor->path + length + 1) != 0;
        if (is_other && file_says(dirfd(files), entry->d_name, incarnation)) {
            (void)unlinkat(dirfd(files), entry->d_name, 0);
        }
    }
    if (files) {
        closedir(files);
    }
}

void anchor_write(struct anchor *anchor, const struct anchor_mark *mark)
{
    uint8_t text[ANCHOR_SIZE];

    if (!anchor->path[0]) {
        return;
    }
    if (anchor->fd < 0) {
        anchor_open_file(anchor, O_CREAT);
    }
    anchor_encode(anchor, mark, text);
    if (anchor->fd >= 0 && pwrite(anchor->fd, text, sizeof text, 0) == (ssize_t)sizeof text) {
        return;
    }
    log_event(LOG_WARNING, "anchor_lost", "path=\"%s\" text=\"%s\"", anchor->path, strerror(errno));
    unlink(anchor->path);
    if (anchor->fd >= 0) {
        close(anchor->fd);
        anchor->fd = -1;
    }
}
