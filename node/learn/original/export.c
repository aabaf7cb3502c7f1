#include "node/learn/original/export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/dir.h"
#include "node/draft.h"
#include "node/learn/course/course_file.h"
#include "node/learn/original/rebuild.h"

static enum status explain(const struct course_row *row, const struct manifest *manifest, const char *file,
                           enum status status, struct report *report)
{
    const char *name = row->course;

    if (status == S_NOT_FOUND) {
        return report_set(report, status,
                          manifest->original_size == 0
                              ? "\"%s\" was imported from a folder: there is no archive; use --to FOLDER"
                              : "\"%s\" was imported before archives were kept: import the archive again",
                          name);
    }
    if (status == S_INVALID || status == S_CORRUPT) {
        return report_set(
            report, S_CORRUPT,
            "the archive of \"%s\" cannot be made again from what is here: qanat course verify %s", name,
            name);
    }
    return report_set(report, status, "cannot write \"%s\": %s", file, status_text(status));
}

static enum status write_file(struct blobs *blobs, const struct manifest *manifest, struct draft *draft)
{
    enum status status = original_rebuild(blobs, manifest, draft->fd);

    if (status == S_OK && (!dir_set_mode(draft->fd, 0644) || !draft_publish(draft, true))) {
        status = errno == EBUSY ? S_BUSY : S_IO;
    }
    draft_close(draft);
    return status;
}

enum status original_export(struct blobs *blobs, const struct course_row *row, const char *file,
                            struct original *original_out, struct report *report)
{
    struct draft draft;
    struct manifest manifest;
    struct buffer encoding;
    struct arena arena;
    enum status status = course_manifest_load(blobs, row, &arena, &encoding, &manifest, report);

    if (status != S_OK) {
        return status;
    }
    if (manifest.part_count == 0) {
        status = S_NOT_FOUND;
    } else if (!draft_open(&draft, file)) {
        status = error_is_no_space(errno) ? S_NO_SPACE : errno == EBUSY ? S_BUSY : S_IO;
        report_set(report, status, "cannot make a file beside \"%s\": %s", file, strerror(errno));
    } else {
        status = write_file(blobs, &manifest, &draft);
    }
    original_out->size = manifest.original_size;
    original_out->sha256 = manifest.original_hash;
    status = status == S_OK ? S_OK : explain(row, &manifest, file, status, report);
    arena_release(&arena);
    buffer_release(&encoding);
    return status;
}
