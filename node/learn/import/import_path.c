#include "node/learn/import/import_path.h"

#include <locale.h>
#include <pthread.h>
#include <string.h>
#include <strings.h>
#include <wctype.h>

#include "replication/base/limits.h"
#include "replication/package/manifest.h"

enum { SHOWN_MAX = 200, PART_SIZE_MAX = 255 /* NAME_MAX of the usual file systems: what is longer could not be exported */ };

static locale_t folding;
static pthread_once_t folding_once = PTHREAD_ONCE_INIT;

static void folding_make(void)
{
    folding = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

/* What is wrong with one part between slashes; NULL when nothing is. */
static const char *part_fault(struct bytes part)
{
    if (part.size == 0) {
        return "has an empty part";
    }
    if (bytes_equal(part, bytes_text("."))) {
        return "has a part \".\"";
    }
    if (bytes_equal(part, bytes_text(".."))) {
        return "climbs out of the package with \"..\"";
    }
    return part.size > PART_SIZE_MAX ? "has a name of over 255 bytes" : NULL;
}

static const char *path_fault(struct bytes path)
{
    if (path.size == 0) {
        return "is empty";
    }
    if (path.data[0] == '/') {
        return "is absolute";
    }
    if (memchr(path.data, '\\', path.size)) {
        return "holds a backslash";
    }
    if (memchr(path.data, '\0', path.size)) {
        return "holds a NUL character";
    }
    for (size_t i = 0; i < path.size; i++) {
        if (path.data[i] < ' ' || path.data[i] == 0x7f) {
            return "holds a control character";
        }
    }
    if (!utf8_is_valid(path)) {
        return "is not UTF-8";
    }
    for (size_t at = 0; at <= path.size;) {
        const uint8_t *slash = at < path.size ? memchr(path.data + at, '/', path.size - at) : NULL;
        size_t size = slash ? (size_t)(slash - path.data) - at : path.size - at;
        const char *fault = part_fault(bytes_of(path.data + at, size));

        if (fault) {
            return fault;
        }
        at += size + 1;
    }
    return member_path_check(path) == S_OK ? NULL : "cannot be stored";
}

/* Makes a hostile name fit for a terminal. */
static void show(struct bytes path, char out[SHOWN_MAX + 1])
{
    size_t size = path.size <= SHOWN_MAX ? path.size : utf8_whole_size(bytes_of(path.data, SHOWN_MAX));

    if (size > 0) {
        memcpy(out, path.data, size);
    }
    out[utf8_disarm((uint8_t *)out, size, "")] = '\0';
}

enum status import_path_check(struct bytes *path, bool is_folder, struct report *report)
{
    char shown[SHOWN_MAX + 1];
    const char *fault;

    while (path->size >= 2 && path->data[0] == '.' && path->data[1] == '/') {
        *path = bytes_of(path->data + 2, path->size - 2);
    }
    while (is_folder && path->size > 1 && path->data[path->size - 1] == '/') {
        path->size--;
    }
    if (is_folder && (path->size == 0 || bytes_equal(*path, bytes_text(".")))) {
        path->size = 0;
        return S_OK;
    }
    show(*path, shown);
    if (path->size > PATH_SIZE_MAX) {
        return report_set(report, S_TOO_LARGE, "entry \"%.60s...\" has a path of %zu bytes; the limit is %d",
                          shown, path->size, PATH_SIZE_MAX);
    }
    fault = path_fault(*path);
    if (fault) {
        return report_set(report, S_INVALID, "entry \"%s\" is refused: its path %s", shown, fault);
    }
    return S_OK;
}

/* The character that begins at `at` of valid UTF-8; its length in *size_out. */
static uint32_t character_at(struct bytes text, size_t at, size_t *size_out)
{
    uint8_t c = text.data[at];
    size_t size = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    uint32_t value = size == 1 ? c : c & (0xffu >> (size + 1));

    for (size_t i = 1; i < size; i++) {
        value = value << 6 | (text.data[at + i] & 0x3fu);
    }
    *size_out = size;
    return value;
}

struct bytes import_path_folder(struct bytes path)
{
    const uint8_t *slash = path.size ? memrchr(path.data, '/', path.size) : NULL;

    return bytes_of(path.data, slash ? (size_t)(slash - path.data) + 1 : 0);
}

bool import_path_ends_with(struct bytes path, const char *end)
{
    size_t size = strlen(end);

    return path.size >= size && strncasecmp((const char *)path.data + path.size - size, end, size) == 0;
}

void import_path_fold(struct bytes path, struct buffer *out)
{
    pthread_once(&folding_once, folding_make);
    for (size_t at = 0; at < path.size;) {
        size_t size;
        uint32_t c = character_at(path, at, &size);

        at += size;
        c = c == '/'  ? 1
            : folding ? (uint32_t)towlower_l((wint_t)towupper_l((wint_t)c, folding), folding)
                      : c;
        buffer_append_varint(out, c);
    }
}
