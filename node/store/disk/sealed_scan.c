/* A look at every page of a database file, through SQLite's files: to open and close it beside SQLite would take away the
 * locks that this process holds on it. */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/dir.h"
#include "node/store/disk/page_seal.h"
#include "node/store/disk/sealed_disk.h"
#include "node/store/disk/wal_frame.h"
#include "replication/base/check.h"

enum { LOOKS = 3, RESERVED_AT = 20, PAGES_AT_ONCE = 4096 };

/* Pages that stand in the log, by the frames of its present round: a bit each. What the file has of them is read by nobody, and a power cut during
 * a checkpoint may leave any mixture of old and new there. */
struct logged {
    uint8_t *bits;
    size_t size; /* of bits, in bytes */
};

static void logged_add(struct logged *logged, uint32_t page)
{
    size_t at = page / 8;

    if (at >= logged->size) {
        size_t size = (at / PAGES_AT_ONCE + 1) * PAGES_AT_ONCE;
        logged->bits = realloc(logged->bits, size);
        CHECK(logged->bits);
        memset(logged->bits + logged->size, 0, size - logged->size);
        logged->size = size;
    }
    logged->bits[at] = (uint8_t)(logged->bits[at] | 1 << page % 8);
}

static bool logged_has(const struct logged *logged, uint32_t page)
{
    return page / 8 < logged->size && (logged->bits[page / 8] >> page % 8 & 1) != 0;
}

/* Reads the log beside the database `path`, if there is one. Nobody locks that file: it may be opened and closed beside SQLite. */
static struct logged logged_read(const char *path)
{
    struct logged logged = {NULL, 0};
    char name[DIR_PATH_MAX + 4];
    uint8_t header[WAL_HEADER_SIZE], head[WAL_FRAME_HEAD_SIZE];
    off_t at = WAL_HEADER_SIZE;

    snprintf(name, sizeof name, "%s-wal", path);
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && pread(fd, header, sizeof header, 0) == (ssize_t)sizeof header) {
        for (; pread(fd, head, sizeof head, at) == (ssize_t)sizeof head && wal_frame_is_of(header, head); at += WAL_FRAME_SIZE) {
            logged_add(&logged, wal_frame_page(head));
        }
    }
    if (fd >= 0) {
        close(fd);
    }
    return logged;
}

static bool page_get(sqlite3_file *file, uint32_t number, uint8_t page[PAGE_SIZE])
{
    return file->pMethods->xRead(file, page, PAGE_SIZE, (sqlite3_int64)(number - 1) * PAGE_SIZE) == SQLITE_OK;
}

/* A page may be written while it is read: what is wrong is looked at again. */
static enum page_state page_judge(sqlite3_file *file, uint32_t number, uint8_t page[PAGE_SIZE])
{
    enum page_state state = page_look(page, number);

    for (int look = 1; look < LOOKS && state != PAGE_SOUND && state != PAGE_UNSEALED; look++) {
        if (!page_get(file, number, page)) {
            return PAGE_ROTTEN;
        }
        state = page_look(page, number);
    }
    return state;
}

static bool has_seals(sqlite3_file *file)
{
    uint8_t page[PAGE_SIZE];

    if (!page_get(file, 1, page)) {
        return false;
    }
    enum page_state state = page_judge(file, 1, page);
    return state == PAGE_SOUND || state == PAGE_MENDED || page[RESERVED_AT] == PAGE_SEAL_SIZE;
}

static enum status file_scan(sqlite3_file *file, const struct logged *logged, bool may_mend, sealed_page_visit *visit, void *ctx)
{
    bool has_mended = false, is_sealed = has_seals(file);
    uint8_t page[PAGE_SIZE];
    int code = SQLITE_OK;

    for (uint32_t number = 1; is_sealed && code == SQLITE_OK && page_get(file, number, page); number++) {
        enum page_state state = page_judge(file, number, page);
        if (state == PAGE_SOUND || state == PAGE_UNSEALED || logged_has(logged, number)) {
            continue;
        }
        visit(ctx, number, state == PAGE_MENDED);
        if (state == PAGE_MENDED && may_mend) {
            has_mended = true;
            code = file->pMethods->xWrite(file, page, PAGE_SIZE, (sqlite3_int64)(number - 1) * PAGE_SIZE);
        }
    }
    if (has_mended && code == SQLITE_OK) {
        code = file->pMethods->xSync(file, SQLITE_SYNC_FULL);
    }
    return code == SQLITE_OK ? S_OK : S_IO;
}

enum status sealed_scan(const char *path, bool may_mend, sealed_page_visit *visit, void *ctx)
{
    sqlite3_vfs *system = sqlite3_initialize() == SQLITE_OK ? sqlite3_vfs_find(NULL) : NULL;
    sqlite3_file *file = system ? calloc(1, (size_t)system->szOsFile) : NULL;
    int flags = SQLITE_OPEN_MAIN_DB | (may_mend ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
    char name[DIR_PATH_MAX + 4] = {0}; /* its parameters end with an empty one */
    enum status status = S_IO;

    snprintf(name, DIR_PATH_MAX, "%s", path);
    if (access(path, F_OK) != 0) {
        status = S_NOT_FOUND;
    } else if (file && system->xOpen(system, name, file, flags, &flags) == SQLITE_OK) {
        struct logged logged = logged_read(path);
        status = file_scan(file, &logged, may_mend, visit, ctx);
        file->pMethods->xClose(file);
        free(logged.bits);
    }
    free(file);
    return status;
}
