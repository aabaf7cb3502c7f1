/* A look at every page of a database file, through SQLite's files: to open and close it beside SQLite would take away the
 * locks that this process holds on it. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "node/dir.h"
#include "node/store/disk/page_seal.h"
#include "node/store/disk/sealed_disk.h"

enum { LOOKS = 3, RESERVED_AT = 20 };

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

static enum status file_scan(sqlite3_file *file, bool may_mend, sealed_page_visit *visit, void *ctx)
{
    bool has_mended = false, is_sealed = has_seals(file);
    uint8_t page[PAGE_SIZE];
    int code = SQLITE_OK;

    for (uint32_t number = 1; is_sealed && code == SQLITE_OK && page_get(file, number, page); number++) {
        enum page_state state = page_judge(file, number, page);
        if (state == PAGE_SOUND || state == PAGE_UNSEALED) {
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
        status = file_scan(file, may_mend, visit, ctx);
        file->pMethods->xClose(file);
    }
    free(file);
    return status;
}
