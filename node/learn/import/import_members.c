#include "node/learn/import/import_members.h"

#include <stdlib.h>
#include <string.h>

#include "node/learn/import/import_describe.h"
#include "node/learn/import/import_path.h"
#include "replication/base/check.h"
#include "replication/package/media_type.h"

void import_members_init(struct import_members *members, struct blob_batch *batch, struct arena *arena,
                         uint64_t packed_size)
{
    memset(members, 0, sizeof *members);
    members->batch = batch;
    members->arena = arena;
    members->packed_size = packed_size;
}

void import_members_release(struct import_members *members)
{
    if (members->writer) {
        blob_writer_close(members->writer);
    }
    buffer_release(&members->list);
    buffer_release(&members->head);
}

size_t import_members_count(const struct import_members *members)
{
    return members->list.size / sizeof(struct import_member);
}

struct import_member *import_members_at(struct import_members *members, size_t index)
{
    CHECK(index < import_members_count(members));
    return (struct import_member *)(void *)members->list.data + index;
}

static enum status count_entry(struct import_members *members, struct report *report)
{
    if (++members->entries > PACKAGE_ENTRIES_MAX) {
        return report_set(report, S_TOO_LARGE, "the package has more than %d entries", PACKAGE_ENTRIES_MAX);
    }
    return S_OK;
}

static bool is_near_top(struct bytes path)
{
    const uint8_t *slash = memchr(path.data, '/', path.size);

    return !slash || !memchr(slash + 1, '/', path.size - (size_t)(slash + 1 - path.data));
}

/* As EPUBs call the page that is their table of contents: nav.xhtml, toc.xhtml, bk-nav.html. */
static bool is_contents(struct bytes path)
{
    static const char *const names[] = {"nav.xhtml", "toc.xhtml", "nav.html", "toc.html"};
    bool is_named = false;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        is_named = is_named || import_path_ends_with(path, names[i]);
    }
    return is_named;
}

/* How much of a file the describer wants to see. */
static size_t head_size_of(struct bytes path)
{
    static const char *const manifests[] = {"imsmanifest.xml", "cmi5.xml", "h5p.json", "tincan.xml", ".opf", ".ncx", "META-INF/encryption.xml"};
    static const char *const pages[] = {".html", ".htm", ".xhtml", ".md", ".markdown", ".xml"};

    for (size_t i = 0; i < sizeof manifests / sizeof manifests[0]; i++) {
        if (import_path_ends_with(path, manifests[i])) {
            return DESCRIBE_MANIFEST_MAX;
        }
    }
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        if (import_path_ends_with(path, pages[i])) {
            return is_contents(path) ? DESCRIBE_CONTENTS_MAX : DESCRIBE_HEAD_MAX;
        }
    }
    return 0;
}

enum status import_members_folder(struct import_members *members, struct bytes path, struct report *report)
{
    enum status status = import_path_check(&path, true, report);

    return status == S_OK ? count_entry(members, report) : status;
}

enum status import_members_begin(struct import_members *members, struct bytes path, struct report *report)
{
    enum status status = import_path_check(&path, false, report);

    CHECK(!members->writer);
    if (status == S_OK) {
        status = count_entry(members, report);
    }
    if (status != S_OK) {
        return status;
    }
    memset(&members->current, 0, sizeof members->current);
    members->current.member.path = arena_copy(members->arena, path);
    members->writer = blob_writer_open(members->batch);
    import_charset_begin(&members->charset);
    members->head_max = head_size_of(path);
    const bool is_page = members->head_max == DESCRIBE_HEAD_MAX || members->head_max == DESCRIBE_CONTENTS_MAX;
    if (members->heads_size >= DESCRIBE_HEADS_SIZE_MAX && (is_page || !is_near_top(path))) {
        members->head_max = 0;
    } else if (is_page && members->heads_size >= DESCRIBE_HEADS_LONG_MAX && !import_path_ends_with(path, ".xml")) {
        members->head_max = DESCRIBE_HEAD_SHORT;
    }
    buffer_clear(&members->head);
    return members->current.member.path.data
               ? S_OK
               : report_set(report, S_NO_MEMORY, "too many paths in the package");
}

/* The limits on what comes out, checked before it is stored. */
static enum status count_bytes(struct import_members *members, size_t size, struct report *report)
{
    members->size += size;
    if (members->size > (uint64_t)PACKAGE_SIZE_MAX) {
        return report_set(report, S_TOO_LARGE, "the package unpacks to more than %lld GiB (entry \"%.*s\")",
                          PACKAGE_SIZE_MAX >> 30, (int)members->current.member.path.size,
                          (const char *)members->current.member.path.data);
    }
    if (members->packed_size > 0 && members->size > IMPORT_RATIO_FREE &&
        members->size / PACKAGE_RATIO_MAX >= members->packed_size) {
        return report_set(report, S_TOO_LARGE,
                          "the archive unpacks to more than %d times its size (entry \"%.*s\"): a bomb?",
                          PACKAGE_RATIO_MAX, (int)members->current.member.path.size,
                          (const char *)members->current.member.path.data);
    }
    return S_OK;
}

enum status import_members_data(struct import_members *members, struct bytes data, struct report *report)
{
    enum status status = count_bytes(members, data.size, report);

    CHECK(members->writer);
    if (status != S_OK) {
        return status;
    }
    if (members->head.size < members->head_max) {
        size_t room = members->head_max - members->head.size;

        buffer_append(&members->head, data.data, data.size < room ? data.size : room);
    }
    if (members->packed_size == 0) {
        import_watch_unpacked(members->watch, members->size);
    }
    import_charset_take(&members->charset, data);
    status = blob_writer_write(members->writer, data);
    return status == S_OK ? S_OK
                          : report_set(report, status, "cannot store \"%.*s\": %s",
                                       (int)members->current.member.path.size,
                                       (const char *)members->current.member.path.data, status_text(status));
}

/* Keeps the beginning for the describer; a manifest or an XML file only when it is there in whole. */
static bool keep_head(struct import_members *members)
{
    struct import_member *current = &members->current;
    bool must_be_whole =
        members->head_max == DESCRIBE_MANIFEST_MAX || import_path_ends_with(current->member.path, ".xml");

    if (members->head_max == 0 || (must_be_whole && current->member.size > members->head.size)) {
        return true;
    }
    current->head = arena_copy(members->arena, buffer_bytes(&members->head));
    members->heads_size += members->head.size;
    return current->head.data != NULL;
}

/* Types whose name says UTF-8 say it only of a file that is. */
static struct bytes media_type(const struct import_members *members, struct bytes path)
{
    const char *type = media_type_of(path);

    return bytes_of(type, import_charset_is_utf8(&members->charset) ? strlen(type) : strcspn(type, ";"));
}

enum status import_members_end(struct import_members *members, struct report *report)
{
    struct import_member *current = &members->current;
    struct bytes path = current->member.path;
    struct chunk *chunks = NULL;
    enum status status;

    CHECK(members->writer);
    status = blob_writer_finish(members->writer, &current->member);
    current->member.path = path;
    current->member.media_type = media_type(members, path);
    if (status == S_OK && current->member.chunk_count > 0) {
        chunks = arena_alloc(members->arena, current->member.chunk_count * sizeof *chunks);
        status = chunks ? S_OK : S_NO_MEMORY;
    }
    if (status == S_OK && chunks) {
        memcpy(chunks, current->member.chunks, current->member.chunk_count * sizeof *chunks);
        current->member.chunks = chunks;
    }
    blob_writer_close(members->writer);
    members->writer = NULL;
    if (status == S_OK && !keep_head(members)) {
        status = S_NO_MEMORY;
    }
    if (status != S_OK) {
        return report_set(report, status, "cannot store \"%.*s\": %s", (int)path.size,
                          (const char *)path.data, status_text(status));
    }
    buffer_append(&members->list, current, sizeof *current);
    return S_OK;
}

/* A path and the form under which it collides. */
struct folded {
    struct bytes path;
    struct bytes form;
};

static int compare_folded(const void *a, const void *b)
{
    return bytes_compare(((const struct folded *)a)->form, ((const struct folded *)b)->form);
}

static enum status check_neighbours(const struct folded *a, const struct folded *b, struct report *report)
{
    if (bytes_equal(a->path, b->path)) {
        return report_set(report, S_INVALID, "entry \"%.*s\" is in the package twice", (int)a->path.size,
                          (const char *)a->path.data);
    }
    if (bytes_equal(a->form, b->form)) {
        return report_set(
            report, S_INVALID, "entries \"%.*s\" and \"%.*s\" differ only in upper and lower case",
            (int)a->path.size, (const char *)a->path.data, (int)b->path.size, (const char *)b->path.data);
    }
    if (b->form.size > a->form.size && b->form.data[a->form.size] == 1 &&
        memcmp(a->form.data, b->form.data, a->form.size) == 0) {
        return report_set(report, S_INVALID, "entry \"%.*s\" is a file, and the folder of \"%.*s\"",
                          (int)a->path.size, (const char *)a->path.data, (int)b->path.size,
                          (const char *)b->path.data);
    }
    return S_OK;
}

static enum status check_collisions(struct import_members *members, struct report *report)
{
    size_t count = import_members_count(members);
    struct folded *list = calloc(count + 1, sizeof *list);
    struct buffer forms;
    enum status status = list ? S_OK : report_set(report, S_NO_MEMORY, "too many paths in the package");

    buffer_init(&forms);
    for (size_t i = 0; list && i < count; i++) {
        list[i].path = import_members_at(members, i)->member.path;
        list[i].form.size = forms.size;
        import_path_fold(list[i].path, &forms);
        list[i].form.size = forms.size - list[i].form.size;
    }
    for (size_t i = 0, at = 0; list && i < count; i++) { /* now that the buffer moves no more */
        list[i].form.data = forms.data + at;
        at += list[i].form.size;
    }
    if (list) {
        qsort(list, count, sizeof *list, compare_folded);
    }
    for (size_t i = 1; i < count && status == S_OK; i++) {
        status = check_neighbours(&list[i - 1], &list[i], report);
    }
    buffer_release(&forms);
    free(list);
    return status;
}

static int compare_member(const void *a, const void *b)
{
    return bytes_compare(((const struct import_member *)a)->member.path,
                         ((const struct import_member *)b)->member.path);
}

/* A file that is there twice with one content, as programs leave it that add to an archive, is there once. */
static void drop_doubles(struct import_members *members)
{
    struct import_member *list = (struct import_member *)(void *)members->list.data;
    size_t count = import_members_count(members), kept = 0;

    for (size_t i = 0; i < count; i++) {
        const struct member *one = &list[i].member, *last = kept > 0 ? &list[kept - 1].member : NULL;
        if (!last || !bytes_equal(one->path, last->path) || memcmp(&one->hash, &last->hash, sizeof one->hash) != 0) {
            list[kept++] = list[i];
        }
    }
    members->list.size = kept * sizeof *list;
}

enum status import_members_finish(struct import_members *members, struct report *report)
{
    if (import_members_count(members) == 0) {
        return report_set(report, S_INVALID, "the package holds no file");
    }
    qsort(members->list.data, import_members_count(members), sizeof(struct import_member), compare_member);
    drop_doubles(members);
    return check_collisions(members, report);
}
