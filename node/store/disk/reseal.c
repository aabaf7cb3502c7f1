#include "node/store/disk/reseal.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "node/dir.h"
#include "node/log.h"
#include "node/store/disk/migrate_copy.h"
#include "node/store/disk/page_seal.h"
#include "node/store/disk/sealed_disk.h"

bool reseal_is_due(struct db *db)
{
    int is_sealed = 1;

    return db_query_int(db, "PRAGMA page_size") == PAGE_SIZE &&
           sqlite3_file_control(db_handle(db), "main", SEALED_DISK_ASK, &is_sealed) == SQLITE_OK &&
           !is_sealed;
}

/* Where SQLite puts the database while it writes it anew: on the same disk, which may be the only one with
 * room. */
static bool folder_of(const char *path, char out[DIR_PATH_MAX])
{
    const char *slash = strrchr(path, '/');
    int size = snprintf(out, DIR_PATH_MAX, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");

    return size > 0 && size < DIR_PATH_MAX;
}

static bool has_room(struct db *db, const char *folder)
{
    uint64_t size = (uint64_t)db_query_int(db, "PRAGMA page_count") * PAGE_SIZE;
    struct statvfs vfs;

    return statvfs(folder, &vfs) != 0 || (uint64_t)vfs.f_bavail * vfs.f_frsize >= migrate_room_needed(size);
}

void reseal_run(struct db *db, const char *path)
{
    char folder[DIR_PATH_MAX];

    if (!reseal_is_due(db) || db_status(db) != S_OK || !folder_of(path, folder)) {
        return;
    }
    if (!has_room(db, folder)) {
        log_event(LOG_WARNING, "database_unsealed",
                  "reason=\"no room to write it anew\" next=\"at a start with three times its size free\"");
        return;
    }
    db_settle(db);
    sqlite3_temp_directory = sqlite3_mprintf("%s", folder);
    enum status status = db_execute(db, "PRAGMA temp_store = FILE; VACUUM");
    sqlite3_free(sqlite3_temp_directory);
    sqlite3_temp_directory = NULL;
    if (status == S_OK) {
        status = db_checkpoint(db, true); /* the log is as large as the database now */
    }
    db_execute(db, "PRAGMA temp_store = DEFAULT");
    bool is_sealed = status == S_OK && !reseal_is_due(db);
    log_event(is_sealed ? LOG_INFO : LOG_WARNING, is_sealed ? "database_sealed" : "database_unsealed",
              "status=\"%s\"", status_text(status));
    db_settle(db);
}
