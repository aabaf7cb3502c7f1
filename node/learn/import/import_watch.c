#include "node/learn/import/import_watch.h"

#include <fts.h>
#include <stddef.h>
#include <sys/stat.h>

void import_watch_archive(struct import_watch *watch, uint64_t size)
{
    if (watch) {
        atomic_store(&watch->is_folder, false);
        atomic_store(&watch->size, size);
    }
}

/* What cannot be read does not count: the import says it. */
void import_watch_folder(struct import_watch *watch, const char *path)
{
    char *const paths[] = {(char *)(uintptr_t)path, NULL};
    FTS *walk = watch ? fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL) : NULL;
    const FTSENT *entry;
    uint64_t size = 0;

    while (walk && (entry = fts_read(walk)) != NULL) {
        size += entry->fts_info == FTS_F ? (uint64_t)entry->fts_statp->st_size : 0;
    }
    if (walk) {
        fts_close(walk);
        atomic_store(&watch->is_folder, true);
        atomic_store(&watch->size, size);
    }
}

void import_watch_unpacked(struct import_watch *watch, uint64_t size)
{
    if (watch) {
        atomic_store(&watch->unpacked, size);
    }
}

void import_watch_scanned(struct import_watch *watch, uint64_t size)
{
    if (watch) {
        atomic_store(&watch->scanned, size);
    }
}

static uint64_t within(uint64_t size, uint64_t max)
{
    return size < max ? size : max;
}

uint64_t import_watch_left(const struct import_watch *watch)
{
    uint64_t size = atomic_load(&watch->size);
    uint64_t unpacked = within(atomic_load(&watch->unpacked), size);

    return atomic_load(&watch->is_folder) ? size - unpacked
                                          : size - unpacked / 2 - within(atomic_load(&watch->scanned), size) / 2;
}
