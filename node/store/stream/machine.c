#include "node/store/stream/machine.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "replication/base/check.h"

enum { CARDS_MAX = 64, LINE_MAX_SIZE = 128 };

static const char cards_dir[] = "/sys/class/net";

/* The first line of a file, without its end; empty when it cannot be read. */
static void line_read(const char *path, char out[LINE_MAX_SIZE])
{
    FILE *file = fopen(path, "re");

    memset(out, 0, LINE_MAX_SIZE);
    if (file) {
        if (!fgets(out, LINE_MAX_SIZE, file)) {
            out[0] = '\0';
        }
        out[strcspn(out, "\n")] = '\0';
        (void)fclose(file);
    }
}

/* Built in, with the address it was made with: not virtual, not on a plug. */
static bool is_built_in(const char *name)
{
    char path[PATH_MAX], target[PATH_MAX], kind[LINE_MAX_SIZE];

    snprintf(path, sizeof path, "%s/%s/addr_assign_type", cards_dir, name);
    line_read(path, kind);
    snprintf(path, sizeof path, "%s/%s/device", cards_dir, name);
    return strcmp(kind, "0") == 0 && realpath(path, target) && !strstr(target, "/usb");
}

static int address_compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void cards_add(crypto_generichash_state *hash)
{
    static const size_t size = LINE_MAX_SIZE;
    char(*addresses)[LINE_MAX_SIZE] = calloc(CARDS_MAX, size);
    char path[PATH_MAX];
    DIR *dir = opendir(cards_dir);
    size_t count = 0;

    CHECK(addresses);
    for (const struct dirent *entry = dir ? readdir(dir) : NULL; entry && count < CARDS_MAX;
         entry = readdir(dir)) {
        if (entry->d_name[0] != '.' && is_built_in(entry->d_name)) {
            snprintf(path, sizeof path, "%s/%s/address", cards_dir, entry->d_name);
            line_read(path, addresses[count++]);
        }
    }
    if (dir) {
        closedir(dir);
    }
    qsort(addresses, count, size, address_compare); /* they are listed in any order */
    crypto_generichash_update(hash, (const uint8_t *)addresses, count * size);
    free(addresses);
}

static void directory_add(crypto_generichash_state *hash, const char *data_dir)
{
    struct statx info;
    uint64_t marks[3] = {0};

    if (statx(AT_FDCWD, data_dir, 0, STATX_INO | STATX_BTIME, &info) == 0) {
        marks[0] = info.stx_ino;
        if (info.stx_mask & STATX_BTIME) {
            marks[1] = (uint64_t)info.stx_btime.tv_sec;
            marks[2] = info.stx_btime.tv_nsec;
        }
    }
    crypto_generichash_update(hash, (const uint8_t *)marks, sizeof marks);
}

void machine_print(const char *data_dir, struct id *print_out)
{
    crypto_generichash_state hash;
    char line[LINE_MAX_SIZE];

    crypto_generichash_init(&hash, NULL, 0, sizeof print_out->b);
    line_read("/etc/machine-id", line);
    crypto_generichash_update(&hash, (const uint8_t *)line, sizeof line);
    cards_add(&hash);
    directory_add(&hash, data_dir);
    crypto_generichash_final(&hash, print_out->b, sizeof print_out->b);
}
