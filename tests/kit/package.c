#include "tests/kit/package.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct archive *kit_archive_open(const char *path, enum kit_archive kind)
{
    struct archive *archive = archive_write_new();

    if (kind == KIT_ZIP) {
        archive_write_set_format_zip(archive);
    } else {
        archive_write_set_format_pax_restricted(archive);
        if (kind == KIT_TAR_GZ) {
            archive_write_add_filter_gzip(archive);
        }
    }
    assert_int_equal(archive_write_open_filename(archive, path), ARCHIVE_OK);
    return archive;
}

static void add_entry(struct archive *archive, const char *name, mode_t type, const void *data, size_t size)
{
    struct archive_entry *entry = archive_entry_new();

    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, type);
    archive_entry_set_perm(entry, type == AE_IFDIR ? 0755 : 0644);
    archive_entry_set_size(entry, (la_int64_t)size);
    assert_true(archive_write_header(archive, entry) >=
                ARCHIVE_WARN); /* which it gives for names that are not UTF-8 */
    if (size > 0) {
        assert_int_equal(archive_write_data(archive, data, size), size);
    }
    archive_entry_free(entry);
}

void kit_archive_add(struct archive *archive, const char *name, const void *data, size_t size)
{
    add_entry(archive, name, AE_IFREG, data, size);
}

void kit_archive_close(struct archive *archive)
{
    assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
    archive_write_free(archive);
}

void kit_archive_write(const char *path, enum kit_archive kind, const struct kit_file *files)
{
    struct archive *archive = kit_archive_open(path, kind);

    for (; files->path; files++) {
        if (files->content) {
            kit_archive_add(archive, files->path, files->content, strlen(files->content));
        } else {
            add_entry(archive, files->path, AE_IFDIR, NULL, 0);
        }
    }
    kit_archive_close(archive);
}

void kit_folder_write(const char *path, const struct kit_file *files)
{
    char full[1024];

    mkdir(path, 0755);
    for (; files->path; files++) {
        snprintf(full, sizeof full, "%s/%s", path, files->path);
        for (char *slash = strchr(full + strlen(path) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
            *slash = '\0';
            mkdir(full, 0755);
            *slash = '/';
        }
        if (files->content) {
            FILE *file = fopen(full, "w");

            assert_non_null(file);
            fputs(files->content, file);
            fclose(file);
        }
    }
}

void kit_node_open(struct kit_node *node)
{
    struct store_options options = {.must_create = true};

    memset(node, 0, sizeof *node);
    kit_scratch_make(node->dir, sizeof node->dir);
    options.anchor_dir = node->dir;
    assert_int_equal(store_open(node->dir, &options, &node->store, &node->report), S_OK);
    assert_int_equal(blobs_open(node->dir, node->store, &node->blobs, &node->report), S_OK);
}

void kit_node_close(struct kit_node *node)
{
    blobs_close(node->blobs);
    store_close(node->store);
    kit_scratch_remove(node->dir);
}

static size_t file_count;

static int count_one(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
    (void)path, (void)stat, (void)ftw;
    file_count += type == FTW_F;
    return 0;
}

size_t kit_count_files(const char *dir, const char *name)
{
    char path[1024];

    snprintf(path, sizeof path, "%s/%s", dir, name);
    file_count = 0;
    nftw(path, count_one, 16, FTW_PHYS);
    return file_count;
}
