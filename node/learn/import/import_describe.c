#include "node/learn/import/import_describe.h"

#include <jansson.h>
#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>

#include "node/learn/import/import_frame.h"
#include "node/learn/import/import_name.h"

void import_describe_prepare(const char *lang)
{
    import_name_prepare(lang);
    import_name_compose_prepare();
    xmlInitParser();
    json_object_seed(0); /* opens /dev/urandom */
}

/* Takes one frame of the parent; the parent is believed to send sorted, checked paths, but not to be without
 * faults. */
static bool take_frame(struct import_source *source, struct buffer *files, enum import_frame type,
                       struct bytes payload)
{
    if (type == IMPORT_FRAME_MEMBER) {
        struct import_file file = {.path = arena_copy(&source->arena, payload)};

        buffer_append(files, &file, sizeof file);
        return file.path.data != NULL;
    }
    if (type == IMPORT_FRAME_FILE && files->size > 0) {
        struct import_file *last = (struct import_file *)(void *)(files->data + files->size) - 1;

        last->content = arena_copy(&source->arena, payload);
        return last->content.data != NULL;
    }
    return false;
}

static enum status read_source(struct import_source *source, struct buffer *files, int in_fd)
{
    struct import_reader reader;
    enum import_frame type = IMPORT_FRAME_DONE;
    struct bytes payload;
    enum status status;

    import_reader_init(&reader, in_fd);
    for (;;) {
        status = import_frame_read(&reader, &type, &payload);
        if (status != S_OK || type == IMPORT_FRAME_DONE) {
            break;
        }
        if (!take_frame(source, files, type, payload)) {
            status = S_TOO_LARGE;
            break;
        }
    }
    import_reader_release(&reader);
    source->files = (struct import_file *)(void *)files->data;
    source->file_count = files->size / sizeof(struct import_file);
    return status;
}

/* By its manifest, or as a book; false when the source's root has none. */
static bool describe_by_manifest(struct import_source *source, struct report *report)
{
    const struct import_file *file;

    if ((file = import_source_find_manifest(source, "cmi5.xml"))) {
        (void)import_manifest_cmi5(source, file, report);
    } else if ((file = import_source_find_manifest(source, "imsmanifest.xml"))) {
        (void)import_manifest_ims(source, file, report);
    } else if ((file = import_source_find_manifest(source, "h5p.json"))) {
        (void)import_manifest_h5p(source, file, report);
    }
    if (file) {
        return true;
    }
    file = import_source_find_manifest(source, "tincan.xml");
    return (file && import_manifest_tincan(source, file)) || import_manifest_epub(source, report);
}

/* A package that lies in a folder beside other things is meant when nothing else there is a course; else it is told. */
static bool describe_in_folder(struct import_source *source, struct report *report)
{
    struct bytes folder = bytes_of("", 0), root = source->root;
    size_t count = import_source_find_manifest_folder(source, &folder);

    if (count > 0 && bytes_equal(folder, root)) { /* its manifest names nothing here to open */
        return false;
    }
    if (count == 1 && !import_manifest_plain_is_at(source, root)) {
        import_source_note(source, "the package was taken from the folder \"%.*s\"", (int)folder.size, (const char *)folder.data);
        source->root = folder;
        if (describe_by_manifest(source, report)) {
            return true;
        }
        source->root = root; /* one that names nothing here to open */
    }
    if (count > 0) {
        import_source_note(source,
                           "%zu package(s) with a manifest lie in folders, the first in \"%.*s\": import that folder, where it was meant",
                           count, (int)folder.size, (const char *)folder.data);
    }
    return false;
}

static enum status describe(struct import_source *source, struct report *report)
{
    import_source_find_root(source);
    if (describe_by_manifest(source, report) || describe_in_folder(source, report)) {
        return report->status;
    }
    return import_manifest_plain(source, report);
}

static bool send_fault(int out_fd, const struct report *report)
{
    struct buffer fault;

    buffer_init(&fault);
    buffer_append_u8(&fault, (uint8_t)report->status);
    buffer_append(&fault, report->text, strlen(report->text));
    (void)import_frame_write(out_fd, IMPORT_FRAME_FAULT, buffer_bytes(&fault));
    buffer_release(&fault);
    return false;
}

static bool send_description(int out_fd, const struct import_description *description)
{
    struct buffer out;
    bool is_sent;

    buffer_init(&out);
    import_description_encode(description, &out);
    is_sent = out.size <= IMPORT_FRAME_MAX &&
              import_frame_write(out_fd, IMPORT_FRAME_DESCRIPTION, buffer_bytes(&out)) &&
              import_frame_write(out_fd, IMPORT_FRAME_DONE, bytes_of(NULL, 0));
    buffer_release(&out);
    return is_sent;
}

bool import_describe(int in_fd, int out_fd)
{
    struct import_source source;
    struct buffer files;
    struct report report;
    bool is_done;

    report_clear(&report);
    buffer_init(&files);
    import_source_init(&source);
    if (read_source(&source, &files, in_fd) != S_OK) {
        report_set(&report, S_TOO_LARGE,
                   "the package's list of files does not fit into the importer's memory");
    } else {
        (void)describe(&source, &report);
    }
    if (report.status != S_OK) {
        is_done = send_fault(out_fd, &report);
    } else {
        import_source_finish(&source);
        is_done = send_description(out_fd, &source.description);
    }
    import_source_release(&source);
    buffer_release(&files);
    return is_done;
}
