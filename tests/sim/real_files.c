#include "tests/sim/real_files.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "replication/base/check.h"

enum { PATH_SIZE = 512 };

static void file_copy(const char *from_dir, const char *to_dir, const char *name)
{
    char from[PATH_SIZE], to[PATH_SIZE];
    struct stat info;

    snprintf(from, sizeof from, "%s/%s", from_dir, name);
    snprintf(to, sizeof to, "%s/%s", to_dir, name);
    int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0) {
        unlink(to);
        return;
    }
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    CHECK(out >= 0 && fstat(in, &info) == 0);
    for (off_t left = info.st_size; left > 0;) {
        ssize_t size = sendfile(out, in, NULL, (size_t)left);
        CHECK(size > 0);
        left -= size;
    }
    close(in);
    close(out);
}

void real_files_copy(const char *from_dir, const char *to_dir)
{
    char path[PATH_SIZE];

    file_copy(from_dir, to_dir, "qanat.db");
    file_copy(from_dir, to_dir, "qanat.db-wal");
    snprintf(path, sizeof path, "%s/qanat.db-shm", to_dir);
    unlink(path);
}
