#include "node/blob/trail.h"

#include <sys/stat.h>

#include "node/blob/folder.h"

enum { BLOCK = 128 * 1024 };

void trail_begin(struct trail *trail, const struct hash *file, int fd)
{
    struct stat stat;

    trail->file = *file;
    trail->offset = 0;
    trail->is_begun = fd >= 0 && fstat(fd, &stat) == 0;
    if (trail->is_begun) {
        trail->device = stat.st_dev;
        trail->inode = stat.st_ino;
        crypto_generichash_init(&trail->state, NULL, 0, sizeof file->b);
    }
}

static bool is_same(const struct trail *trail, int fd, uint64_t *size_out)
{
    struct stat stat;

    if (fd < 0 || fstat(fd, &stat) != 0 || stat.st_dev != trail->device || stat.st_ino != trail->inode) {
        return false;
    }
    *size_out = (uint64_t)stat.st_size;
    return true;
}

void trail_advance(struct trail *trail, int fd, uint64_t end)
{
    uint8_t block[BLOCK];
    uint64_t begin = trail->offset, step = begin + TRAIL_STEP < end ? begin + TRAIL_STEP : end, size;

    trail->is_begun = trail->is_begun && is_same(trail, fd, &size) && step <= size;
    while (trail->is_begun && trail->offset < step) {
        size_t want = step - trail->offset < sizeof block ? (size_t)(step - trail->offset) : sizeof block;

        if (file_read_at(fd, block, want, trail->offset) != want) {
            trail->is_begun = false;
            return;
        }
        crypto_generichash_update(&trail->state, block, want);
        trail->offset += want;
    }
    if (trail->is_begun) {
        file_drop(fd, begin, step); /* it is synced: nobody reads it again soon */
    }
}

bool trail_is_sound(struct trail *trail, const struct hash *file, int fd, uint64_t size)
{
    uint64_t found_size = 0;
    struct hash found;
    bool is_sound =
        trail->is_begun && hash_equal(&trail->file, file) && is_same(trail, fd, &found_size) && found_size == size && trail->offset <= size;

    while (is_sound && trail->offset < size) {
        trail_advance(trail, fd, size);
        is_sound = trail->is_begun;
    }
    if (is_sound) {
        crypto_generichash_final(&trail->state, found.b, sizeof found.b);
        is_sound = hash_equal(&found, file);
    }
    trail->is_begun = false;
    return is_sound;
}
