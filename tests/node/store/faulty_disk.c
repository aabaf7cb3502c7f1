#include "tests/node/store/faulty_disk.h"

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>

/* An open file: ours in front, the real one behind. */
struct faulty_file {
    sqlite3_file base;
    sqlite3_file *real;
};

static sqlite3_vfs *real_vfs;
static sqlite3_vfs faulty_vfs;
static sqlite3_io_methods methods;

static _Atomic int fault, countdown, failures;
static _Atomic bool keeps_failing;

void faulty_disk_arm(enum disk_fault new_fault, int k, bool stays)
{
    atomic_store(&fault, DISK_SOUND);
    atomic_store(&failures, 0);
    atomic_store(&countdown, k);
    atomic_store(&keeps_failing, stays);
    atomic_store(&fault, (int)new_fault);
}

int faulty_disk_failures(void)
{
    return atomic_load(&failures);
}

static bool is_due(void)
{
    int left = atomic_fetch_sub(&countdown, 1);

    if (left == 1 || (left < 1 && atomic_load(&keeps_failing))) {
        atomic_fetch_add(&failures, 1);
        return true;
    }
    return false;
}

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((struct faulty_file *)file)->real;
}

static int file_close(sqlite3_file *file)
{
    sqlite3_file *real = real_of(file);
    int code = real->pMethods ? real->pMethods->xClose(real) : SQLITE_OK;

    free(real);
    return code;
}

static int file_read(sqlite3_file *file, void *data, int size, sqlite3_int64 offset)
{
    return real_of(file)->pMethods->xRead(real_of(file), data, size, offset);
}

static int file_write(sqlite3_file *file, const void *data, int size, sqlite3_int64 offset)
{
    int now = atomic_load(&fault);

    if ((now == DISK_FULL || now == DISK_WRITE_FAILS) && is_due()) {
        return now == DISK_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    }
    return real_of(file)->pMethods->xWrite(real_of(file), data, size, offset);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    return real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int file_sync(sqlite3_file *file, int flags)
{
    if (atomic_load(&fault) == DISK_SYNC_FAILS && is_due()) {
        return SQLITE_IOERR_FSYNC;
    }
    return real_of(file)->pMethods->xSync(real_of(file), flags);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size_out)
{
    return real_of(file)->pMethods->xFileSize(real_of(file), size_out);
}

static int file_lock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int file_unlock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int file_reserved(sqlite3_file *file, int *result_out)
{
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), result_out);
}

static int file_control(sqlite3_file *file, int op, void *arg)
{
    return real_of(file)->pMethods->xFileControl(real_of(file), op, arg);
}

static int file_sector(sqlite3_file *file)
{
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int file_device(sqlite3_file *file)
{
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int file_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **map_out)
{
    return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, map_out);
}

static int file_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}

static void file_shm_barrier(sqlite3_file *file)
{
    real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int file_shm_unmap(sqlite3_file *file, int is_delete)
{
    return real_of(file)->pMethods->xShmUnmap(real_of(file), is_delete);
}

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *flags_out)
{
    struct faulty_file *faulty = (struct faulty_file *)file;

    (void)vfs;
    faulty->base.pMethods = NULL;
    faulty->real = calloc(1, (size_t)real_vfs->szOsFile);
    int code = faulty->real ? real_vfs->xOpen(real_vfs, name, faulty->real, flags, flags_out) : SQLITE_NOMEM;
    if (code != SQLITE_OK) {
        free(faulty->real);
        return code;
    }
    faulty->base.pMethods = &methods;
    return SQLITE_OK;
}

void faulty_disk_install(void)
{
    real_vfs = sqlite3_vfs_find(NULL);
    methods = (sqlite3_io_methods){
        .iVersion = 2,
        .xClose = file_close,
        .xRead = file_read,
        .xWrite = file_write,
        .xTruncate = file_truncate,
        .xSync = file_sync,
        .xFileSize = file_size,
        .xLock = file_lock,
        .xUnlock = file_unlock,
        .xCheckReservedLock = file_reserved,
        .xFileControl = file_control,
        .xSectorSize = file_sector,
        .xDeviceCharacteristics = file_device,
        .xShmMap = file_shm_map,
        .xShmLock = file_shm_lock,
        .xShmBarrier = file_shm_barrier,
        .xShmUnmap = file_shm_unmap,
    };
    faulty_vfs = *real_vfs; /* everything that is not a file works as before */
    faulty_vfs.zName = "faulty";
    faulty_vfs.szOsFile = (int)sizeof(struct faulty_file);
    faulty_vfs.xOpen = vfs_open;
    sqlite3_vfs_register(&faulty_vfs, 1);
}
