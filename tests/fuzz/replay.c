/* The main of each replay: feeds its target with every file of its corpus, as one TAP test. A file that
 * breaks the target is the last one named in the log. */
#include <dirent.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replication/base/bytes.h"
#include "tests/fuzz/fuzz.h"

enum { PATH_MAX_HERE = 4096 };

static void replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct buffer input;
    uint8_t part[4096];
    size_t got;

    if (!file) {
        perror(path);
        exit(1);
    }
    buffer_init(&input);
    while ((got = fread(part, 1, sizeof part, file)) > 0) {
        buffer_append(&input, part, got);
    }
    fclose(file);
    printf("# %s: %zu bytes\n", path, input.size);
    fflush(stdout);
    uint8_t *exact = malloc(input.size + 1); /* an own block, so that a sanitizer sees a read past the end */
    if (!exact) {
        abort();
    }
    if (input.size > 0) {
        memcpy(exact, input.data, input.size);
    }
    LLVMFuzzerTestOneInput(exact, input.size);
    free(exact);
    buffer_release(&input);
}

int main(void)
{
    const char *top = getenv("QANAT_SRC");
    char folder[PATH_MAX_HERE], path[2 * PATH_MAX_HERE];
    size_t count = 0;

    if (sodium_init() < 0) {
        return 1;
    }
    snprintf(folder, sizeof folder, "%s/tests/fuzz/corpus/%s", top ? top : ".", fuzz_name);
    DIR *dir = opendir(folder);
    if (!dir) {
        perror(folder);
        return 1;
    }
    puts("1..1");
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        if (entry->d_name[0] != '.') {
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
            replay_file(path);
            count++;
        }
    }
    closedir(dir);
    printf("%s 1 - %s withstands its corpus of %zu inputs\n", count > 0 ? "ok" : "not ok", fuzz_name, count);
    return count == 0;
}
