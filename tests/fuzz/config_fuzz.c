/* config_load(): the input is D/qanat.conf. What is read comes back from its own writing. */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/config.h"
#include "replication/base/check.h"

const char fuzz_name[] = "config";

enum { INPUT_MAX = 32 * 1024 };

static char folder[] = "/tmp/qanat-fuzz-XXXXXX";

static void folder_remove(void)
{
    rmdir(folder);
}

static void file_write(const char *path, const uint8_t *data, size_t size)
{
    FILE *file = fopen(path, "wb");

    CHECK(file && fwrite(data, 1, size, file) == size && fclose(file) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool has_folder;
    static struct config first, second;
    struct report report;
    char path[64];

    if (size > INPUT_MAX) {
        return 0;
    }
    if (!has_folder) {
        CHECK(mkdtemp(folder) && atexit(folder_remove) == 0);
        has_folder = true;
    }
    snprintf(path, sizeof path, "%s/qanat.conf", folder);
    file_write(path, data, size);
    memset(&first, 0, sizeof first);
    memset(&second, 0, sizeof second);
    config_init(&first);
    report_clear(&report);
    enum status status = config_load(&first, path, &report);
    if (status == S_OK) {
        CHECK(config_save(&first, path, &report) == S_OK);
        config_init(&second);
        CHECK(config_load(&second, path, &report) == S_OK);
        CHECK(strcmp(first.name, second.name) == 0 && strcmp(first.listen, second.listen) == 0);
        CHECK(strcmp(first.neighbours, second.neighbours) == 0 && first.disclosure_min == second.disclosure_min);
        CHECK(first.sync_interval_s == second.sync_interval_s && strcmp(first.region, second.region) == 0);
    } else {
        CHECK(report.text[0]);
    }
    unlink(path);
    return 0;
}
