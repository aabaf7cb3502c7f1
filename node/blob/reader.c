/* Reading blobs: objects for peers, whole files for people, verification. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/blob/folder.h"
#include "node/store/course/blob.h"

enum { VERIFY_BLOCK = 128 * 1024 };

/* Where an object lies. */
struct place {
    struct hash file;
    bool is_part;
    uint64_t start;
    uint64_t size;
};

static bool find_place(struct db *db, const struct hash *object, struct place *place_out)
{
    struct blob_row blob;
    struct chunk_row chunk;

    if (blob_row_find(db, object, &blob) && blob.is_whole && blob.size <= MEMBER_WHOLE_MAX) {
        *place_out = (struct place){.file = *object, .size = blob.size};
        return true;
    }
    if (chunk_row_find_held(db, object, &chunk, &blob)) {
        *place_out = (struct place){
            .file = blob.hash, .is_part = !blob.is_whole, .start = chunk.start, .size = chunk.size};
        return true;
    }
    return false;
}

bool blob_find(struct blobs *blobs, struct db *db, const struct hash *object, uint64_t *size_out)
{
    struct place place;
    bool is_found = find_place(db, object, &place);

    (void)blobs;
    if (is_found) {
        *size_out = place.size;
    }
    return is_found;
}

static int open_place(struct blobs *blobs, const struct place *place)
{
    char name[BLOB_NAME_MAX];
    int fd;

    blob_name(&place->file, place->is_part, name);
    fd = openat(blobs->blobs_fd, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && place->is_part) { /* completed since this snapshot was taken */
        blob_name(&place->file, false, name);
        fd = openat(blobs->blobs_fd, name, O_RDONLY | O_CLOEXEC);
    }
    return fd;
}

size_t blob_read(struct blobs *blobs, struct db *db, const struct hash *object, uint64_t offset, uint8_t *out,
                 size_t size)
{
    struct place place;
    size_t got = 0;
    int fd;

    if (!find_place(db, object, &place) || offset >= place.size) {
        return 0;
    }
    if (size > place.size - offset) {
        size = (size_t)(place.size - offset);
    }
    fd = open_place(blobs, &place);
    if (fd >= 0) {
        got = file_read_at(fd, out, size, place.start + offset);
        close(fd);
    }
    return got;
}

int blob_open(struct blobs *blobs, const struct hash *object, uint64_t *size_out)
{
    const struct place place = {.file = *object};
    int fd = open_place(blobs, &place);
    struct stat stat;

    if (fd >= 0 && fstat(fd, &stat) != 0) {
        close(fd);
        fd = -1;
    }
    if (fd >= 0) {
        *size_out = (uint64_t)stat.st_size;
    }
    return fd;
}

enum status blob_load(struct blobs *blobs, const struct hash *object, size_t size_max, struct buffer *out)
{
    uint64_t size;
    int fd = blob_open(blobs, object, &size);
    struct hash found;

    if (fd < 0) {
        return blob_errno_status();
    }
    buffer_clear(out);
    if (size > size_max) {
        close(fd);
        return S_TOO_LARGE;
    }
    out->size = file_read_at(fd, buffer_reserve(out, (size_t)size), (size_t)size, 0);
    close(fd);
    if (out->size != size) {
        return S_IO;
    }
    found = hash_of(bytes_of(NULL, 0), buffer_bytes(out));
    return hash_equal(&found, object) ? S_OK : S_CORRUPT;
}

enum status blob_verify_file(int fd, const struct hash *hash, uint64_t size)
{
    uint8_t block[VERIFY_BLOCK];
    crypto_generichash_state state;
    struct hash found;
    uint64_t at = 0;
    size_t got;

    crypto_generichash_init(&state, NULL, 0, sizeof found.b);
    while ((got = file_read_at(fd, block, sizeof block, at)) > 0) {
        crypto_generichash_update(&state, block, got);
        at += got;
    }
    crypto_generichash_final(&state, found.b, sizeof found.b);
    return at == size && hash_equal(&found, hash) ? S_OK : S_CORRUPT;
}

enum status blob_verify(struct blobs *blobs, const struct hash *object, uint64_t size)
{
    uint64_t file_size;
    int fd = blob_open(blobs, object, &file_size);
    enum status status;

    if (fd < 0) {
        return blob_errno_status();
    }
    status = blob_verify_file(fd, object, size);
    close(fd);
    return status;
}

int blob_open_in(const char *dir, const struct hash *object)
{
    char name[BLOB_NAME_MAX], folder[DIR_PATH_MAX], path[DIR_PATH_MAX];

    blob_name(object, false, name);
    if (dir_path(dir, "blobs", folder) != S_OK || dir_path(folder, name, path) != S_OK) {
        errno = ENAMETOOLONG;
        return -1;
    }
    return open(path, O_RDONLY | O_CLOEXEC);
}

enum status blob_verify_descriptor(int fd, const struct hash *object, uint64_t size)
{
    return blob_verify_file(fd, object, size);
}
