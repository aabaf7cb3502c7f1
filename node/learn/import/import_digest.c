#include "node/learn/import/import_digest.h"

#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "replication/base/check.h"

enum { READ_SIZE = 128 * 1024 };

struct import_digest {
    int fd;
    pthread_t thread;
    atomic_bool is_dropped;
    crypto_hash_sha256_state state;
    uint64_t size;
    int error; /* errno, or 0 */
    uint8_t data[READ_SIZE];
};

static void *digest_run(void *arg)
{
    struct import_digest *digest = arg;

    while (!atomic_load(&digest->is_dropped)) {
        ssize_t size = pread(digest->fd, digest->data, sizeof digest->data, (off_t)digest->size);

        if (size < 0 && errno == EINTR) {
            continue;
        }
        digest->error = size < 0 ? errno : 0;
        if (size <= 0) {
            break;
        }
        crypto_hash_sha256_update(&digest->state, digest->data, (unsigned long long)size);
        digest->size += (uint64_t)size;
    }
    return NULL;
}

struct import_digest *import_digest_start(int fd)
{
    struct import_digest *digest = calloc(1, sizeof *digest);

    CHECK(digest);
    digest->fd = fd;
    crypto_hash_sha256_init(&digest->state);
    CHECK(pthread_create(&digest->thread, NULL, digest_run, digest) == 0);
    return digest;
}

enum status import_digest_end(struct import_digest *digest, struct hash *sha256_out, uint64_t *size_out)
{
    pthread_join(digest->thread, NULL);
    int error = digest->error;

    crypto_hash_sha256_final(&digest->state, sha256_out->b);
    *size_out = digest->size;
    free(digest);
    errno = error;
    return error == 0 ? S_OK : S_IO;
}

void import_digest_drop(struct import_digest *digest)
{
    struct hash unused;
    uint64_t size;

    atomic_store(&digest->is_dropped, true);
    (void)import_digest_end(digest, &unused, &size);
}
