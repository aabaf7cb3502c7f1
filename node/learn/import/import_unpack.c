#include "node/learn/import/import_unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "node/learn/import/import_bare.h"
#include "node/learn/import/import_frame.h"
#include "node/learn/import/import_name.h"
#include "node/learn/import/import_zip.h"
#include "replication/base/limits.h"

enum { NAME_MAX_SIZE = 4096 }; /* a path has 1,024 bytes at most */

struct unpack {
    struct import_writer out;
    struct archive *archive;
    const char *path; /* of the entry being read, or NULL */
    char name[NAME_MAX_SIZE]; /* of the entry, from another code page, or composed */
    size_t page;              /* in which names are that are no UTF-8 */
    uint8_t data[IMPORT_DATA_MAX];
};

static bool fault(struct unpack *unpack, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Says the fault; always false. */
static bool fault(struct unpack *unpack, enum status status, const char *format, ...)
{
    char text[REPORT_TEXT_MAX];
    va_list list;

    text[0] = (char)status;
    va_start(list, format);
    vsnprintf(text + 1, sizeof text - 1, format, list);
    va_end(list);
    (void)import_writer_put(&unpack->out, IMPORT_FRAME_FAULT, bytes_of(text, 1 + strlen(text + 1)));
    return false;
}

/* What the library says, in our words where its own are not for people. */
static bool fault_of_library(struct unpack *unpack)
{
    const char *text = archive_error_string(unpack->archive);

    if (!text) {
        text = "unknown fault";
    }
    if (unpack->path && (strstr(text, "runcated") || strstr(text, "unexpected end"))) {
        return fault(unpack, S_INVALID, "the archive is truncated in entry \"%s\" (%s)", unpack->path, text);
    }
    if (unpack->path) {
        return fault(unpack, S_INVALID, "entry \"%s\" is damaged: %s", unpack->path, text);
    }
    if (strstr(text, "runcated")) {
        return fault(unpack, S_INVALID, "the archive is truncated (%s)", text);
    }
    return fault(unpack, S_INVALID, "the archive is damaged: %s", text);
}

/* NULL for a file or a folder. */
static const char *forbidden_kind(struct archive_entry *entry)
{
    if (archive_entry_hardlink(entry)) {
        return "a hard link";
    }
    switch (archive_entry_filetype(entry)) {
    case AE_IFREG:
    case AE_IFDIR:
        return NULL;
    case AE_IFLNK:
        return "a symbolic link";
    case AE_IFCHR:
    case AE_IFBLK:
        return "a device";
    case AE_IFIFO:
        return "a pipe";
    case AE_IFSOCK:
        return "a socket";
    }
    return "neither a file nor a folder";
}

static bool send_data(struct unpack *unpack)
{
    for (;;) {
        la_ssize_t size = archive_read_data(unpack->archive, unpack->data, sizeof unpack->data);

        if (size < 0) {
            return fault_of_library(unpack);
        }
        if (size == 0) {
            return true;
        }
        if (!import_writer_put(&unpack->out, IMPORT_FRAME_DATA, bytes_of(unpack->data, (size_t)size))) {
            return false;
        }
    }
}

/* libarchive composes only names of which the archive says that they are UTF-8; Macs write it and do not say so. */
static const char *path_compose(struct unpack *unpack, const char *path)
{
    struct buffer composed;

    buffer_init(&composed);
    import_name_compose(path, &composed);
    bool is_same = composed.size >= sizeof unpack->name || bytes_equal(buffer_bytes(&composed), bytes_text(path));
    if (!is_same) {
        memcpy(unpack->name, composed.data, composed.size);
        unpack->name[composed.size] = '\0';
    }
    buffer_release(&composed);
    return is_same ? path : unpack->name;
}

/* Old programs of Windows part folders by backslashes, which the format does not allow (APPNOTE.TXT, 4.4.17) and every other program takes for what they
 * mean. Not where the names are in a page of their own: there it may be the second byte of a letter. What it makes is looked at like every path. */
static const char *path_slash(struct unpack *unpack, const char *path)
{
    const size_t size = strlen(path);

    if (!strchr(path, '\\') || size >= sizeof unpack->name) {
        return path;
    }
    for (size_t i = 0; i <= size; i++) {
        unpack->name[i] = path[i] == '\\' ? '/' : path[i];
    }
    return unpack->name;
}

static bool send_entry(struct unpack *unpack, struct archive_entry *entry)
{
    const char *path = archive_entry_pathname(entry);
    const char *kind;

    if (!path) {
        path = archive_entry_pathname_utf8(entry);
    }
    if (!path) {
        return fault(unpack, S_INVALID, "the name of an entry cannot be read as UTF-8");
    }
    bool is_zip = (archive_format(unpack->archive) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_ZIP, is_foreign = !utf8_is_valid(bytes_text(path));
    if (is_zip && is_foreign && import_name_decode(unpack->page, bytes_text(path), unpack->name, sizeof unpack->name)) {
        path = unpack->name;
    }
    path = path_compose(unpack, is_zip && !is_foreign ? path_slash(unpack, path) : path);
    unpack->path = path;
    if (archive_entry_is_encrypted(entry)) {
        return fault(unpack, S_INVALID, "entry \"%s\" is encrypted", path);
    }
    kind = forbidden_kind(entry);
    if (kind) {
        return fault(unpack, S_INVALID, "entry \"%s\" is %s: a package has only files and folders", path,
                     kind);
    }
    if (archive_entry_filetype(entry) == AE_IFDIR || (*path && path[strlen(path) - 1] == '/')) {
        return import_writer_put(&unpack->out, IMPORT_FRAME_FOLDER, bytes_text(path));
    }
    return import_writer_put(&unpack->out, IMPORT_FRAME_ENTRY, bytes_text(path)) && send_data(unpack) &&
           import_writer_put(&unpack->out, IMPORT_FRAME_ENTRY_END, bytes_of(NULL, 0));
}

/* What people try, and is not taken. */
static const char *known_format(const uint8_t *magic, size_t size)
{
    static const struct {
        const char *magic, *name;
    } formats[] = {{"BZh", "a bzip2 archive"}, {"\xfd" "7zXZ", "an xz archive"}, {"7z\xbc\xaf", "a 7-Zip archive"}, {"Rar!", "a RAR archive"},
                   {"\x28\xb5\x2f\xfd", "a zstd archive"}, {"%PDF", "a PDF document"}, {"MZ", "a Windows program"}};

    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (size >= strlen(formats[i].magic) && memcmp(magic, formats[i].magic, strlen(formats[i].magic)) == 0) {
            return formats[i].name;
        }
    }
    return NULL;
}

/* Called when the library recognises nothing. */
static bool fault_of_format(struct unpack *unpack, int in_fd)
{
    uint8_t magic[8] = {0};
    ssize_t size = pread(in_fd, magic, sizeof magic, 0);

    if (size == 0) {
        return fault(unpack, S_INVALID, "not an archive: the file is empty");
    }
    if (size >= 4 && memcmp(magic, "PK\3\4", 4) == 0) {
        return fault(unpack, S_INVALID, "the zip archive is truncated: the directory at its end is missing; copy or download it again");
    }
    if (size >= 2 && magic[0] == 0x1f && magic[1] == 0x8b) {
        return fault(unpack, S_INVALID,
                     "not a package: what is compressed by gzip is damaged or not a tar archive");
    }
    const char *known = size > 0 ? known_format(magic, (size_t)size) : NULL;
    if (known) {
        return fault(unpack, S_INVALID, "not an archive that is taken: it is %s, and neither a zip, a tar nor a tar.gz; import the folder of its files",
                     known);
    }
    return fault(unpack, S_INVALID, "not an archive: it is neither a zip, a tar nor a tar.gz; a folder with the files can be imported, too");
}

/* A manifest of which all that opens lies elsewhere comes without an archive (cmi5, 14.2; thin Common Cartridges): it is the only file of its package. */
static bool send_manifest(struct unpack *unpack, int in_fd)
{
    const char *name = import_bare_name(in_fd);
    uint64_t at = 0;
    ssize_t size;

    if (!name) {
        return fault_of_format(unpack, in_fd);
    }
    bool is_sent = import_writer_put(&unpack->out, IMPORT_FRAME_ENTRY, bytes_text(name));
    while (is_sent && (size = pread(in_fd, unpack->data, sizeof unpack->data, (off_t)at)) > 0) {
        is_sent = import_writer_put(&unpack->out, IMPORT_FRAME_DATA, bytes_of(unpack->data, (size_t)size));
        at += (uint64_t)size;
    }
    return is_sent && import_writer_put(&unpack->out, IMPORT_FRAME_ENTRY_END, bytes_of(NULL, 0)) &&
           import_writer_put(&unpack->out, IMPORT_FRAME_DONE, bytes_of(NULL, 0));
}

static bool is_unrecognised(struct archive *archive)
{
    const char *text = archive_error_string(archive);

    return text && strstr(text, "Unrecognized archive format");
}

static bool send_entries(struct unpack *unpack, int in_fd)
{
    struct archive_entry *entry;
    bool is_first = true;

    for (;;) {
        int rc = archive_read_next_header(unpack->archive, &entry);

        if (rc == ARCHIVE_EOF) {
            return is_first ? fault(unpack, S_INVALID, "the archive is empty")
                            : import_writer_put(&unpack->out, IMPORT_FRAME_DONE, bytes_of(NULL, 0));
        }
        if (rc < ARCHIVE_WARN) {
            return is_unrecognised(unpack->archive) ? send_manifest(unpack, in_fd)
                                                    : fault_of_library(unpack);
        }
        is_first = false;
        if (!send_entry(unpack, entry)) {
            return false;
        }
        unpack->path = NULL;
    }
}

/* What the names of a zip tell before anything is unpacked. */
struct names {
    bool has_nul; /* one of them */
    char shown[IMPORT_ZIP_NAME_MAX];
    size_t count;
    unsigned out; /* a bit for each page but the last: a name did not look like one in it */
};

static bool name_look(void *ctx, struct bytes name, bool is_utf8)
{
    struct names *names = ctx;
    bool is_foreign = !is_utf8 && !utf8_is_valid(name);
    unsigned count = is_foreign ? (unsigned)import_name_pages() - 1 : 0;

    names->count++;
    names->has_nul = import_zip_name_has_nul(name, names->shown);
    for (unsigned page = 0; page < count; page++) {
        if (!(names->out >> page & 1) && !import_name_is_likely(page, name)) {
            names->out |= 1U << page;
        }
    }
    return !names->has_nul && names->count <= PACKAGE_ENTRIES_MAX;
}

/* The first page that no name spoke against, or the last. */
static size_t page_choose(const struct names *names)
{
    size_t page = 0;

    while (names->out >> page & 1) {
        page++;
    }
    return page;
}

static bool read_archive(struct unpack *unpack, int in_fd)
{
    struct names names = {.has_nul = false};

    import_zip_names(in_fd, name_look, &names);
    if (names.has_nul) {
        return fault(unpack, S_INVALID, "entry \"%s\" is refused: its path holds a NUL character", names.shown);
    }
    if (names.count > PACKAGE_ENTRIES_MAX) { /* what the taker would say after it had written as many files (import_members.c) */
        return fault(unpack, S_TOO_LARGE, "the package has more than %d entries", PACKAGE_ENTRIES_MAX);
    }
    unpack->page = page_choose(&names);
    unpack->archive = archive_read_new();
    if (!unpack->archive) {
        return fault(unpack, S_NO_MEMORY, "no memory to read the archive");
    }
    archive_read_support_filter_gzip(unpack->archive);
    archive_read_support_format_tar(unpack->archive);
    archive_read_support_format_zip_seekable(unpack->archive);
    if (lseek(in_fd, 0, SEEK_SET) == 0 &&
        archive_read_open_fd(unpack->archive, in_fd, IMPORT_DATA_MAX) == ARCHIVE_OK) {
        return send_entries(unpack, in_fd);
    }
    return is_unrecognised(unpack->archive) ? send_manifest(unpack, in_fd) : fault_of_library(unpack);
}

void import_unpack_prepare(const char *lang)
{
    import_name_prepare(lang);
    archive_read_free(archive_read_new());
}

bool import_unpack(int in_fd, int out_fd)
{
    static struct unpack unpack;
    bool is_done;

    memset(&unpack, 0, sizeof unpack);
    import_writer_init(&unpack.out, out_fd);
    is_done = read_archive(&unpack, in_fd);
    is_done = import_writer_flush(&unpack.out) && is_done;
    import_writer_release(&unpack.out);
    archive_read_free(unpack.archive);
    return is_done;
}
