#include "node/store/disk/sealed_disk.h"

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "node/log.h"
#include "node/store/disk/page_seal.h"
#include "node/store/disk/page_sweep.h"
#include "node/store/disk/wal_frame.h"

enum { RESERVED_AT = 20 }; /* in the file's header: bytes at the end of each page that are not SQLite's */
enum sealing { SEALING_UNKNOWN, SEALING_NONE, SEALING_ON };

/* An open file: ours in front, the real one behind. */
struct sealed_file {
    sqlite3_file base;
    sqlite3_file *real;
    bool is_log, is_lenient, is_writable;
    bool is_recovering; /* a log: its header was read, and nothing but whole frames since */
    enum sealing sealing;
};

static pthread_once_t registered = PTHREAD_ONCE_INIT;
static sqlite3_vfs disks[2]; /* index: is lenient */
static _Atomic uint64_t mended, rotten;

uint64_t sealed_disk_mended(void)
{
    return atomic_load(&mended);
}

uint64_t sealed_disk_rotten(void)
{
    return atomic_load(&rotten);
}

static struct sealed_file *of(sqlite3_file *file)
{
    return (struct sealed_file *)file;
}

static sqlite3_file *real_of(sqlite3_file *file)
{
    return of(file)->real;
}

static int real_read(struct sealed_file *file, void *data, int size, sqlite3_int64 offset)
{
    return file->real->pMethods->xRead(file->real, data, size, offset);
}

static void mend_note(struct sealed_file *file, const char *what, uint64_t number, const void *data, int size,
                      sqlite3_int64 offset)
{
    atomic_fetch_add(&mended, 1);
    log_event(LOG_WARNING, "bit_put_right", "what=%s number=%llu", what, (unsigned long long)number);
    if (file->is_writable) { /* else it is put right at every reading */
        (void)file->real->pMethods->xWrite(file->real, data, size, offset);
    }
}

/* --- the database ----------------------------------------------------------------------------------------- */

/* Does the first page, read raw, belong to a file with seals? One flipped bit may stand in that very byte. */
static void sealing_learn(struct sealed_file *file, uint8_t first[PAGE_SIZE])
{
    enum page_state state = page_look(first, 1);
    bool has_seals = state == PAGE_SOUND || state == PAGE_MENDED || first[RESERVED_AT] == PAGE_SEAL_SIZE;

    file->sealing = has_seals ? SEALING_ON : SEALING_NONE;
}

static bool has_seals(struct sealed_file *file)
{
    uint8_t first[PAGE_SIZE];

    if (file->sealing == SEALING_UNKNOWN && real_read(file, first, PAGE_SIZE, 0) == SQLITE_OK) {
        sealing_learn(file, first);
    }
    return file->sealing == SEALING_ON;
}

/* A part of the first page: its header is read alone before anything else is known of the file. */
static int header_read(struct sealed_file *file, void *data, int size, sqlite3_int64 offset)
{
    uint8_t first[PAGE_SIZE];

    if (real_read(file, first, PAGE_SIZE, 0) != SQLITE_OK) {
        return real_read(file, data, size, offset);
    }
    sealing_learn(file, first); /* mends it too; another may be writing it: then it is as it is */
    memcpy(data, first + offset, (size_t)size);
    return SQLITE_OK;
}

static int page_read(struct sealed_file *file, uint8_t *data, sqlite3_int64 offset)
{
    uint32_t number = (uint32_t)(offset / PAGE_SIZE) + 1;
    int code = real_read(file, data, PAGE_SIZE, offset);

    if (code != SQLITE_OK || !has_seals(file)) {
        return code;
    }
    switch (page_look(data, number)) {
    case PAGE_MENDED:
        mend_note(file, "page", number, data, PAGE_SIZE, offset);
        break;
    case PAGE_ROTTEN:
        atomic_fetch_add(&rotten, 1);
        log_event(LOG_ERROR, "page_rotten", "number=%u", (unsigned)number);
        code = file->is_lenient ? SQLITE_OK : SQLITE_CORRUPT;
        break;
    case PAGE_SOUND:
    case PAGE_UNSEALED:
        break;
    }
    memset(data + PAGE_SIZE - PAGE_SEAL_SIZE, 0, PAGE_SEAL_SIZE);
    return code;
}

static bool is_page(int size, sqlite3_int64 offset)
{
    return size == PAGE_SIZE && offset % PAGE_SIZE == 0;
}

static int page_write(struct sealed_file *file, const uint8_t *data, sqlite3_int64 offset)
{
    uint8_t page[PAGE_SIZE];

    if (offset == 0) {
        file->sealing = data[RESERVED_AT] == PAGE_SEAL_SIZE ? SEALING_ON : SEALING_NONE;
    }
    if (!has_seals(file)) {
        return file->real->pMethods->xWrite(file->real, data, PAGE_SIZE, offset);
    }
    memcpy(page, data, PAGE_SIZE);
    (void)page_sweep(page, (uint32_t)(offset / PAGE_SIZE) + 1, PAGE_SEAL_SIZE);
    page_seal(page, (uint32_t)(offset / PAGE_SIZE) + 1);
    return file->real->pMethods->xWrite(file->real, page, PAGE_SIZE, offset);
}

/* --- the log ---------------------------------------------------------------------------------------------- */

/* SQLite reads the header, and whole frames behind it, only to recover, when nobody else may write. Whole frames without it are those of a transaction that
 * it puts into the log a second time: their sums are not yet those of what stands there, and must not be believed. It looks at the sums before first. */
static void log_header_mend(struct sealed_file *file, uint8_t *header)
{
    uint8_t salts[8];
    bool has_frame = real_read(file, salts, sizeof salts, WAL_HEADER_SIZE + 8) == SQLITE_OK;

    if (wal_header_look(header, has_frame ? salts : NULL) == PAGE_MENDED) {
        mend_note(file, "log", 0, header, WAL_HEADER_SIZE, 0);
    }
}

static void log_frame_mend(struct sealed_file *file, uint8_t *frame, sqlite3_int64 offset)
{
    uint8_t header[WAL_HEADER_SIZE], before[8];
    uint64_t number = (uint64_t)(offset - WAL_HEADER_SIZE) / WAL_FRAME_SIZE;
    sqlite3_int64 sums_at = number ? offset - WAL_FRAME_SIZE + 16 : WAL_HEADER_SIZE - 8;

    if (real_read(file, header, sizeof header, 0) != SQLITE_OK ||
        real_read(file, before, sizeof before, sums_at) != SQLITE_OK || wal_header_look(header, NULL) == PAGE_ROTTEN) {
        return;
    }
    if (wal_frame_look(header, before, frame) == PAGE_MENDED) {
        mend_note(file, "log", number + 1, frame, WAL_FRAME_SIZE, offset);
    }
}

static int log_read(struct sealed_file *file, uint8_t *data, int size, sqlite3_int64 offset)
{
    bool is_header = size == WAL_HEADER_SIZE && offset == 0;
    bool is_frame = size == WAL_FRAME_SIZE && offset >= WAL_HEADER_SIZE && (offset - WAL_HEADER_SIZE) % WAL_FRAME_SIZE == 0;
    int code = real_read(file, data, size, offset);

    file->is_recovering = is_header || (is_frame && file->is_recovering);
    if (code == SQLITE_OK && is_header) {
        log_header_mend(file, data);
    } else if (code == SQLITE_OK && file->is_recovering) {
        log_frame_mend(file, data, offset);
    }
    return code;
}

/* --- one file --------------------------------------------------------------------------------------------- */

static int file_close(sqlite3_file *file)
{
    int code = real_of(file)->pMethods ? real_of(file)->pMethods->xClose(real_of(file)) : SQLITE_OK;

    free(real_of(file));
    return code;
}

static int file_read(sqlite3_file *file, void *data, int size, sqlite3_int64 offset)
{
    struct sealed_file *sealed = of(file);

    if (sealed->is_log) {
        return log_read(sealed, data, size, offset);
    }
    if (is_page(size, offset)) {
        return page_read(sealed, data, offset);
    }
    return offset + size <= PAGE_SIZE ? header_read(sealed, data, size, offset)
                                      : real_read(sealed, data, size, offset);
}

/* SQLite knows one number of the system that means a full disk; a quota, a limit and its log's index meet others. */
static int room_judge(int code)
{
    bool is_full = error_is_no_space(errno);

    return code == SQLITE_IOERR_SHMSIZE || ((code & 0xff) == SQLITE_IOERR && is_full) ? SQLITE_FULL : code;
}

static int file_write(sqlite3_file *file, const void *data, int size, sqlite3_int64 offset)
{
    errno = 0;
    of(file)->is_recovering = false;
    if (!of(file)->is_log && is_page(size, offset)) {
        return room_judge(page_write(of(file), data, offset));
    }
    return room_judge(real_of(file)->pMethods->xWrite(real_of(file), data, size, offset));
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    return real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int file_sync(sqlite3_file *file, int flags)
{
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
    if (op == SEALED_DISK_ASK) {
        *(int *)arg = has_seals((struct sealed_file *)file);
        return SQLITE_OK;
    }
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
    errno = 0;
    return room_judge(real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, map_out));
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

/* No mapping of the file into memory (version 3): what is mapped is not judged. */
static const sqlite3_io_methods methods = {
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

/* --- the layer -------------------------------------------------------------------------------------------- */

static int disk_open(sqlite3_vfs *disk, const char *name, sqlite3_file *file, int flags, int *flags_out)
{
    sqlite3_vfs *below = sqlite3_vfs_find(NULL);
    struct sealed_file *sealed = of(file);
    int flags_got = flags;

    memset(sealed, 0, sizeof *sealed);
    sealed->real = calloc(1, (size_t)below->szOsFile);
    int code = sealed->real ? below->xOpen(below, name, sealed->real, flags, &flags_got) : SQLITE_NOMEM;
    if (flags_out) {
        *flags_out = flags_got;
    }
    if (code != SQLITE_OK) {
        free(sealed->real);
        return code;
    }
    sealed->is_log = !(flags & SQLITE_OPEN_MAIN_DB);
    sealed->is_lenient = disk == &disks[1];
    sealed->is_writable = flags_got & SQLITE_OPEN_READWRITE;
    sealed->base.pMethods = &methods;
    return SQLITE_OK;
}

static void disks_register(void)
{
    static const char *const names[2] = {"qanat-sealed", "qanat-lenient"};

    sqlite3_initialize();
    for (int i = 0; i < 2; i++) {
        disks[i] = *sqlite3_vfs_find(NULL); /* everything that is not a file works as below */
        disks[i].pNext = NULL;
        disks[i].zName = names[i];
        disks[i].szOsFile = (int)sizeof(struct sealed_file);
        disks[i].xOpen = disk_open;
        sqlite3_vfs_register(&disks[i], 0);
    }
}

const char *sealed_disk(bool is_lenient)
{
    pthread_once(&registered, disks_register);
    return disks[is_lenient].zName;
}
