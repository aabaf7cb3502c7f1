#include "node/learn/course/course_file.h"
#include "node/learn/import/import_name.h"
#include "node/store/course/blob.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MANIFEST_ARENA_MAX ((size_t)4 * MANIFEST_SIZE_MAX)

enum { COPY_BLOCK = 128 * 1024 };

static void take_file(void *ctx, const struct course_member_row *row)
{
    struct course_file *file = ctx;

    file->size = row->size;
    file->hash = row->hash;
    snprintf(file->media_type, sizeof file->media_type, "%.*s", (int)row->media_type.size,
             (const char *)row->media_type.data);
}

/* Pages that were written on a Mac name their files with letters in parts, as the Mac had them; here they are composed. */
static bool find_composed(struct db *db, int64_t course, struct bytes path, struct course_file *file_out)
{
    struct buffer composed;

    buffer_init(&composed);
    import_name_compose_bytes(path, &composed);
    bool is_found = !bytes_equal(buffer_bytes(&composed), path) && course_member_find(db, course, buffer_bytes(&composed), take_file, file_out);
    buffer_release(&composed);
    return is_found;
}

/* Pages of a Common Cartridge name its files behind a word that the system which shows them is to put in (Common Cartridge 1.1, "$IMS-CC-FILEBASE$"; Canvas has
 * one for its own pages, too). A browser asks for it below the folder of the page, whatever that is. */
static bool find_referred(struct db *db, int64_t course, struct bytes path, struct course_file *file_out)
{
    static const struct {
        const char *word, *before, *behind; /* what stands around the rest of the path in the package */
    } words[] = {
        {"$IMS-CC-FILEBASE$", "web_resources/", ""}, {"$IMS-CC-FILEBASE$", "", ""},
        {"$WIKI_REFERENCE$/pages/", "wiki_content/", ".html"}, {"$WIKI_REFERENCE$/wiki/", "wiki_content/", ".html"},
    };
    char text[PATH_SIZE_MAX + 32];
    bool is_found = false;

    for (size_t i = 0; i < sizeof words / sizeof *words && path.size <= PATH_SIZE_MAX && !is_found; i++) {
        const size_t size = strlen(words[i].word);
        struct bytes rest = path;
        for (const uint8_t *at; rest.size && (at = memmem(rest.data, rest.size, words[i].word, size));) { /* the last one: such a page may lie below another */
            rest = bytes_of(at + size, rest.size - size - (size_t)(at - rest.data));
        }
        while (rest.size > 0 && rest.size < path.size && (rest.data[0] == '/' || rest.data[0] == '.')) { /* "$IMS-CC-FILEBASE$../" means the same */
            rest = bytes_of(rest.data + 1, rest.size - 1);
        }
        const int length = snprintf(text, sizeof text, "%s%.*s%s", words[i].before, (int)rest.size, (const char *)rest.data, words[i].behind);
        is_found = rest.size < path.size && course_member_find(db, course, bytes_of(text, (size_t)length), take_file, file_out);
    }
    return is_found;
}

enum status course_file_find(struct db *db, int64_t course, struct bytes path, struct course_file *file_out)
{
    memset(file_out, 0, sizeof *file_out);
    file_out->fd = -1;
    if (bytes_compare(path, bytes_text(COURSE_FILES)) < 0 ||
        (!course_member_find(db, course, path, take_file, file_out) && !find_composed(db, course, path, file_out) &&
         !find_referred(db, course, path, file_out) &&
         !course_member_find_any_case(db, course, path, take_file, file_out))) { /* as a server on Windows would: no two names differ only in that */
        return S_NOT_FOUND;
    }
    return S_OK;
}

enum status course_file_open_found(struct blobs *blobs, struct course_file *file)
{
    uint64_t size;

    file->fd = blob_open(blobs, &file->hash, &size);
    if (file->fd < 0) {
        return errno == EMFILE || errno == ENFILE ? S_BUSY : S_CORRUPT;
    }
    if (size == file->size) {
        return S_OK;
    }
    close(file->fd);
    file->fd = -1;
    return S_CORRUPT;
}

/* Is any version in the list published, and held here? */
static bool is_any_public(struct db *db, const struct buffer *ids)
{
    struct course_row row;
    bool is_public = false;
    int64_t id;

    for (size_t at = 0; at < ids->size && !is_public; at += sizeof id) {
        memcpy(&id, ids->data + at, sizeof id);
        is_public = course_row_get(db, id, &row) && !row.is_withdrawn &&
                    (row.state == COURSE_PUBLISHED || row.state == COURSE_INSTALLED);
    }
    return is_public;
}

enum status course_blob_open(struct blobs *blobs, struct db *db, const struct hash *hash,
                             struct course_file *file_out)
{
    struct blob_row blob;
    struct buffer ids;

    memset(file_out, 0, sizeof *file_out);
    file_out->fd = -1;
    file_out->hash = *hash;
    if (!blob_row_find(db, hash, &blob) || !blob.is_whole) {
        return S_NOT_FOUND;
    }
    buffer_init(&ids);
    (void)course_row_list_with_blob(db, blob.id, &ids);
    (void)course_row_list_with_manifest(db, hash, &ids);
    bool is_public = is_any_public(db, &ids);
    buffer_release(&ids);
    if (!is_public) {
        return S_NOT_FOUND;
    }
    snprintf(file_out->media_type, sizeof file_out->media_type, "application/octet-stream");
    file_out->fd = blob_open(blobs, hash, &file_out->size);
    return file_out->fd >= 0 ? S_OK : S_CORRUPT;
}

enum status course_manifest_load(struct blobs *blobs, const struct course_row *row, struct arena *arena,
                                 struct buffer *encoding, struct manifest *manifest_out,
                                 struct report *report)
{
    enum status status;

    buffer_init(encoding);
    arena_init(arena, MANIFEST_ARENA_MAX);
    status = blob_load(blobs, &row->manifest, MANIFEST_SIZE_MAX, encoding);
    if (status == S_OK) {
        status = manifest_decode(buffer_bytes(encoding), arena, manifest_out);
    }
    if (status == S_OK) {
        return S_OK;
    }
    buffer_release(encoding);
    arena_release(arena);
    return report_set(
        report, status == S_NOT_FOUND || status == S_INVALID ? S_CORRUPT : status,
        status == S_IO ? "the manifest of \"%s\" %s version %s cannot be read (%s): qanat doctor says whether this user may"
                       : "the manifest of \"%s\" %s version %s is damaged or gone (%s): remove the version and fetch it again",
        row->course, row->lang, row->version, status_text(status));
}

enum status course_verify(struct blobs *blobs, const struct course_row *row, course_file_told *told,
                          void *ctx, struct course_tally *tally_out, struct report *report)
{
    struct manifest manifest;
    struct buffer encoding;
    struct arena arena;
    enum status status;

    memset(tally_out, 0, sizeof *tally_out);
    status = course_manifest_load(blobs, row, &arena, &encoding, &manifest, report);
    if (status != S_OK) {
        tally_out->faults = 1;
        return status;
    }
    for (size_t i = 0; i < manifest.member_count; i++) {
        enum status found = blob_verify(blobs, &manifest.members[i].hash, manifest.members[i].size);

        tally_out->files++;
        tally_out->bytes += manifest.members[i].size;
        tally_out->faults += found != S_OK;
        if (told) {
            told(ctx, &manifest.members[i], found);
        }
    }
    for (size_t i = 0; i < manifest.part_count; i++) {
        struct member part = manifest.parts[i];
        enum status found = blob_verify(blobs, &part.hash, part.size);

        part.path = bytes_text("(what makes the archive again)");
        tally_out->faults += found != S_OK;
        if (told) {
            told(ctx, &part, found);
        }
    }
    buffer_release(&encoding);
    arena_release(&arena);
    if (tally_out->faults > 0) {
        return report_set(report, S_CORRUPT,
                          "%llu of %llu files of \"%s\" %s version %s are damaged or gone: remove the "
                          "version and fetch it again",
                          (unsigned long long)tally_out->faults, (unsigned long long)tally_out->files,
                          row->course, row->lang, row->version);
    }
    return S_OK;
}

/* Opens `path` below `folder_fd` for writing, making its folders; links on the way are not followed. */
static int create_below(int folder_fd, struct bytes path)
{
    char part[PATH_SIZE_MAX + 1];
    int at = dup(folder_fd);

    while (at >= 0) {
        const uint8_t *slash = memchr(path.data, '/', path.size);
        size_t size = slash ? (size_t)(slash - path.data) : path.size;
        int next;

        memcpy(part, path.data, size);
        part[size] = '\0';
        if (!slash) {
            next = openat(at, part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
            close(at);
            return next;
        }
        if (mkdirat(at, part, 0755) != 0 && errno != EEXIST) {
            break;
        }
        next = openat(at, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        close(at);
        at = next;
        path = bytes_of(slash + 1, path.size - size - 1);
    }
    if (at >= 0) {
        close(at);
    }
    return -1;
}

static bool write_all(int fd, const uint8_t *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, data, size);

        if (n < 0 && errno != EINTR) {
            return false;
        }
        if (n > 0) {
            data += n;
            size -= (size_t)n;
        }
    }
    return true;
}

/* Copies and hashes. */
static enum status copy_file(int in, int out, const struct member *member)
{
    uint8_t block[COPY_BLOCK];
    crypto_generichash_state state;
    struct hash found;
    uint64_t size = 0;
    ssize_t n;

    crypto_generichash_init(&state, NULL, 0, sizeof found.b);
    while ((n = read(in, block, sizeof block)) != 0) {
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return S_IO;
        }
        crypto_generichash_update(&state, block, (unsigned long long)n);
        size += (uint64_t)n;
        if (!write_all(out, block, (size_t)n)) {
            return error_is_no_space(errno) ? S_NO_SPACE : S_IO;
        }
    }
    crypto_generichash_final(&state, found.b, sizeof found.b);
    return size == member->size && hash_equal(&found, &member->hash) ? S_OK : S_CORRUPT;
}

static enum status export_member(struct blobs *blobs, const char *to, int folder_fd, const struct member *member,
                                 struct report *report)
{
    uint64_t size;
    int in = blob_open(blobs, &member->hash, &size), out;
    enum status status;

    if (in < 0) {
        return report_set(report, S_CORRUPT, "the content of \"%.*s\" is gone from the disk",
                          (int)member->path.size, (const char *)member->path.data);
    }
    out = create_below(folder_fd, member->path);
    if (out < 0) {
        status = report_set(report, error_is_no_space(errno) ? S_NO_SPACE : S_IO, "cannot write \"%s/%.*s\": %s", to,
                            (int)member->path.size, (const char *)member->path.data, strerror(errno));
        close(in);
        return status;
    }
    status = copy_file(in, out, member);
    close(in);
    if (close(out) != 0 && status == S_OK) {
        status = S_IO;
    }
    if (status == S_CORRUPT) {
        char path[PATH_SIZE_MAX + 1];

        snprintf(path, sizeof path, "%.*s", (int)member->path.size, (const char *)member->path.data);
        unlinkat(folder_fd, path, 0);
    }
    return status == S_OK ? S_OK
                          : report_set(report, status, "cannot export \"%s/%.*s\": %s", to, (int)member->path.size,
                                       (const char *)member->path.data, status_text(status));
}

/* Takes the first `count` members out of the folder again, and the folders that they leave empty. */
static void export_undo(int folder_fd, const struct manifest *manifest, size_t count)
{
    char path[PATH_SIZE_MAX + 1];
    char *slash;

    for (size_t i = 0; i < count; i++) {
        const struct bytes *name = &manifest->members[i].path;
        snprintf(path, sizeof path, "%.*s", (int)name->size, (const char *)name->data);
        unlinkat(folder_fd, path, 0);
        while ((slash = strrchr(path, '/'))) {
            *slash = '\0';
            unlinkat(folder_fd, path, AT_REMOVEDIR);
        }
    }
}

enum status course_export(struct blobs *blobs, const struct course_row *row, const char *to,
                          struct course_tally *tally_out, struct report *report)
{
    struct manifest manifest;
    struct buffer encoding;
    struct arena arena;
    enum status status;
    int folder;

    memset(tally_out, 0, sizeof *tally_out);
    bool is_new = mkdir(to, 0755) == 0;
    if (!is_new && errno != EEXIST) {
        return report_set(report, error_is_no_space(errno) ? S_NO_SPACE : S_IO, "cannot make folder \"%s\": %s", to, strerror(errno));
    }
    folder = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) {
        return report_set(report, S_IO, "cannot open folder \"%s\": %s", to, strerror(errno));
    }
    status = course_manifest_load(blobs, row, &arena, &encoding, &manifest, report);
    if (status == S_OK) {
        for (size_t i = 0; i < manifest.member_count && status == S_OK; i++) {
            status = export_member(blobs, to, folder, &manifest.members[i], report);
            tally_out->files += status == S_OK;
            tally_out->bytes += status == S_OK ? manifest.members[i].size : 0;
        }
        if (status == S_OK && syncfs(folder) != 0) { /* a stick may be pulled out as soon as this is said to be done */
            status = report_set(report, error_is_no_space(errno) ? S_NO_SPACE : S_IO, "cannot sync what was written to \"%s\": %s", to, strerror(errno));
        }
        if (status != S_OK && is_new) {
            export_undo(folder, &manifest, tally_out->files + (tally_out->files < manifest.member_count)); /* the one that failed, too */
        }
        buffer_release(&encoding);
        arena_release(&arena);
    }
    close(folder);
    if (status != S_OK && is_new) {
        (void)rmdir(to); /* half a course is none */
    }
    return status;
}
