#include "tests/kit/import.h"

#include <stdio.h>
#include <string.h>

int kit_import_setup(void **state)
{
    struct kit_import *import = test_calloc(1, sizeof *import);

    kit_node_open(&import->node);
    snprintf(import->path, sizeof import->path, "%s/package", import->node.dir);
    *state = import;
    return 0;
}

int kit_import_teardown(void **state)
{
    struct kit_import *import = *state;

    kit_node_close(&import->node);
    test_free(import);
    return 0;
}

enum status kit_import_read(struct kit_import *import)
{
    struct blob_batch *batch = blob_batch_open(import->node.blobs);
    enum status status;

    report_clear(&import->report);
    status = import_package_read(&import->package, batch, import->path, import->lang ? import->lang : "", NULL, &import->report);
    assert_int_equal(status, import->report.status);
    blob_batch_close(batch);
    assert_int_equal(kit_count_files(import->node.dir, "blobs"), 0);
    assert_int_equal(kit_count_files(import->node.dir, "tmp"), 0);
    return status;
}

void kit_import_refused(struct kit_import *import, const char *part)
{
    assert_int_not_equal(kit_import_read(import), S_OK);
    if (!strstr(import->report.text, part)) {
        fail_msg("\"%s\" does not say \"%s\"", import->report.text, part);
    }
    import_package_release(&import->package);
}

void kit_text_is(struct bytes text, const char *wanted)
{
    if (!bytes_equal(text, bytes_text(wanted))) {
        fail_msg("\"%.*s\" is not \"%s\"", (int)text.size, (const char *)text.data, wanted);
    }
}

void kit_file_write(const char *path, const void *data, size_t size)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    fclose(file);
}

size_t kit_file_read(const char *path, uint8_t *out, size_t size)
{
    FILE *file = fopen(path, "rb");
    size_t got;

    assert_non_null(file);
    got = fread(out, 1, size, file);
    fclose(file);
    return got;
}
