#include "node/learn/import/import_source.h"

#include <ctype.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "node/learn/import/import_name.h"
#include "node/learn/import/import_path.h"
#include "replication/base/check.h"
#include "replication/base/percent.h"

void import_source_init(struct import_source *source)
{
    memset(source, 0, sizeof *source);
    arena_init(&source->arena, 2 * (size_t)SOURCE_FILES_SIZE_MAX);
    source->description.mastery_percent = -1;
}

void import_source_release(struct import_source *source)
{
    arena_release(&source->arena);
    buffer_release(&source->items);
    buffer_release(&source->notes);
}

bool import_source_is_litter(struct bytes path)
{
    static const char macos[] = "__MACOSX/";
    size_t folder = import_path_folder(path).size;
    struct bytes name = bytes_of(path.data + folder, path.size - folder);
    bool is_fork = name.size > 2 && name.data[0] == '.' && name.data[1] == '_';
    bool is_in_macos = path.size >= sizeof macos - 1 && memcmp(path.data, macos, sizeof macos - 1) == 0;

    return is_fork || is_in_macos || bytes_equal(name, bytes_text(".DS_Store")) || bytes_equal(name, bytes_text("Thumbs.db"));
}

void import_source_find_root(struct import_source *source)
{
    size_t low = 0, high = source->file_count;
    const uint8_t *slash;
    struct bytes first, last;

    source->root = bytes_of("", 0);
    while (low < high && import_source_is_litter(source->files[low].path)) {
        low++;
    }
    while (high > low && import_source_is_litter(source->files[high - 1].path)) {
        high--;
    }
    if (low == high) {
        return;
    }
    first = source->files[low].path;
    last = source->files[high - 1].path;
    while ((slash = memchr(first.data + source->root.size, '/', first.size - source->root.size))) {
        struct bytes folder = bytes_of(first.data, (size_t)(slash - first.data) + 1);

        /* Sorted: what the first and the last share, all share. */
        if (last.size <= folder.size || memcmp(last.data, folder.data, folder.size) != 0) {
            return;
        }
        source->root = folder;
    }
}

static int compare_path(const void *key, const void *file)
{
    return bytes_compare(*(const struct bytes *)key, ((const struct import_file *)file)->path);
}

const struct import_file *import_source_find(const struct import_source *source, struct bytes path)
{
    if (source->file_count == 0) {
        return NULL;
    }
    return bsearch(&path, source->files, source->file_count, sizeof source->files[0], compare_path);
}

const struct import_file *import_source_find_in_root(struct import_source *source, const char *path)
{
    uint8_t full[2 * PATH_SIZE_MAX];
    size_t size = strlen(path);

    if (source->root.size + size > sizeof full) {
        return NULL;
    }
    memcpy(full, source->root.data, source->root.size);
    memcpy(full + source->root.size, path, size);
    return import_source_find(source, bytes_of(full, source->root.size + size));
}

/* The longest beginning of valid UTF-8 `text` of at most `size_max` bytes that does not end inside a
 * character. */
static struct bytes cut(struct bytes text, size_t size_max)
{
    if (text.size > size_max) {
        text.size = size_max;
        while (text.size > 0 && (text.data[text.size] & 0xc0) == 0x80) {
            text.size--;
        }
    }
    return text;
}

struct bytes import_source_text(struct import_source *source, struct bytes text, size_t size_max)
{
    uint8_t *out;
    size_t size = 0;

    if (!utf8_is_valid(text)) {
        return bytes_of("", 0);
    }
    out = arena_alloc(&source->arena, text.size + 1);
    if (!out) {
        return bytes_of("", 0);
    }
    for (size_t at = 0; at < text.size;) {
        size_t space = text.data[at] == ' ' ? 1 : utf8_unshown_size(bytes_of(text.data + at, text.size - at));

        if (space == 0) {
            do {
                out[size++] = text.data[at++];
            } while (at < text.size && (text.data[at] & 0xc0) == 0x80); /* a whole character */
        } else if (size > 0 && out[size - 1] != ' ') {
            out[size++] = ' ';
        }
        at += space;
    }
    if (size > 0 && out[size - 1] == ' ') {
        size--;
    }
    return cut(bytes_of(out, size), size_max);
}

struct bytes import_source_details(struct import_source *source, const struct import_detail *details)
{
    json_t *object = json_object();
    struct bytes kept = bytes_of("", 0);

    for (const struct import_detail *detail = details; object && detail->name; detail++) {
        if (detail->object) {
            json_object_set_new(object, detail->name, detail->object);
        } else if (detail->text.size > 0) {
            json_object_set_new(object, detail->name, json_stringn((const char *)detail->text.data, detail->text.size));
        } else if (detail->number >= 0) {
            json_object_set_new(object, detail->name, json_real(detail->number));
        }
    }
    char *text = json_object_size(object) > 0 ? json_dumps(object, JSON_COMPACT) : NULL;
    for (const struct import_detail *detail = details; text && strlen(text) > ITEM_DETAILS_MAX && detail->name; detail++) {
        if (detail->object) { /* rather without these rules than without all */
            json_object_del(object, detail->name);
            import_source_note(source, "the %s of an item is longer than %d bytes and left out", detail->name, ITEM_DETAILS_MAX);
            free(text);
            text = json_dumps(object, JSON_COMPACT);
        }
    }
    if (text && strlen(text) <= ITEM_DETAILS_MAX) {
        kept = arena_copy(&source->arena, bytes_text(text));
    } else if (text) {
        import_source_note(source, "what an item tells its run-time is longer than %d bytes and left out", ITEM_DETAILS_MAX);
    }
    free(text);
    json_decref(object);
    return kept.data ? kept : bytes_of("", 0);
}

void import_source_add_item(struct import_source *source, struct course_item item)
{
    size_t count = source->items.size / sizeof item;

    if (count == COURSE_ITEMS_MAX) {
        if (!source->is_cut) {
            import_source_note(source, "the table of contents was cut at %d items", COURSE_ITEMS_MAX);
        }
        source->is_cut = true;
        return;
    }
    item.id = cut(item.id, COURSE_TEXT_MAX);
    item.title = cut(item.title, COURSE_TEXT_MAX);
    item.depth = item.depth < COURSE_DEPTH_MAX ? item.depth : COURSE_DEPTH_MAX;
    buffer_append(&source->items, &item, sizeof item);
}

void import_source_note(struct import_source *source, const char *format, ...)
{
    char text[REPORT_TEXT_MAX];
    va_list list;
    struct bytes line;

    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    line = bytes_text(text);
    while (line.size > 0 && !utf8_is_valid(line)) {
        line.size--; /* cut inside a character */
    }
    if (source->notes.size + line.size + 1 <= NOTES_SIZE_MAX) {
        buffer_append(&source->notes, line.data, line.size);
        buffer_append_u8(&source->notes, '\n');
    }
}

void import_source_finish(struct import_source *source)
{
    struct import_description *description = &source->description;

    description->items = (struct course_item *)(void *)source->items.data;
    description->item_count = source->items.size / sizeof(struct course_item);
    if (description->lang.size > 0 && lang_check(description->lang) != S_OK) {
        import_source_note(source, "\"%.*s\" is no language tag", (int)description->lang.size,
                           (const char *)description->lang.data);
        description->lang = bytes_of("", 0);
    }
    description->notes = buffer_bytes(&source->notes);
    for (size_t i = 0; i < description->item_count && description->entry.size == 0; i++) {
        description->entry = description->items[i].entry;
    }
}

/* "http://", "https://" and "//host" lead outside; any other scheme leads nowhere. */
static bool has_scheme(struct bytes href, bool *is_web_out)
{
    size_t i = 0;

    *is_web_out = (href.size > 7 && strncasecmp((const char *)href.data, "http://", 7) == 0) ||
                  (href.size > 8 && strncasecmp((const char *)href.data, "https://", 8) == 0) ||
                  (href.size > 2 && href.data[0] == '/' && href.data[1] == '/');
    if (*is_web_out) {
        return true;
    }
    while (i < href.size && (isalnum(href.data[i]) || strchr("+.-", href.data[i]))) {
        i++;
    }
    return i > 0 && i < href.size && href.data[i] == ':' && isalpha(href.data[0]);
}

static int hex_digit(uint8_t c)
{
    return isdigit(c) ? c - '0' : isxdigit(c) ? tolower(c) - 'a' + 10 : -1;
}

/* Takes percent-encoding off when asked to; backslashes of careless tools become slashes. */
static size_t decode_path(struct bytes in, bool is_encoded, uint8_t *out)
{
    size_t size = 0;

    for (size_t i = 0; i < in.size; i++) {
        uint8_t c = in.data[i];

        if (is_encoded && c == '%' && i + 2 < in.size && hex_digit(in.data[i + 1]) >= 0 && hex_digit(in.data[i + 2]) >= 0) {
            c = (uint8_t)(hex_digit(in.data[i + 1]) * 16 + hex_digit(in.data[i + 2]));
            i += 2;
        }
        out[size++] = c == '\\' ? '/' : c;
    }
    return size;
}

/* Resolves "." and ".." in place; false when it leads above the top. */
static bool normalise(uint8_t *path, size_t *size_in_out)
{
    size_t out = 0, size = *size_in_out;

    for (size_t at = 0; at < size;) {
        const uint8_t *slash = memchr(path + at, '/', size - at);
        size_t part = slash ? (size_t)(slash - (path + at)) : size - at;

        if (part == 2 && path[at] == '.' && path[at + 1] == '.') {
            if (out == 0) {
                return false;
            }
            do {
                out--;
            } while (out > 0 && path[out - 1] != '/');
        } else if (part > 0 && !(part == 1 && path[at] == '.')) {
            memmove(path + out, path + at, part);
            out += part;
            if (slash) {
                path[out++] = '/';
            }
        }
        at += part + 1;
    }
    *size_in_out = out;
    return out > 0;
}

static const struct import_file *find_any_case(struct import_source *source, struct bytes path)
{
    for (size_t i = 0; i < source->file_count; i++) {
        struct bytes other = source->files[i].path;

        if (other.size == path.size &&
            strncasecmp((const char *)other.data, (const char *)path.data, path.size) == 0) {
            import_source_note(source, "the manifest says \"%.*s\", the file is called \"%.*s\"",
                               (int)path.size, (const char *)path.data, (int)other.size,
                               (const char *)other.data);
            return &source->files[i];
        }
    }
    return NULL;
}

const struct import_file *import_source_find_manifest(struct import_source *source, const char *name)
{
    const struct import_file *file = import_source_find_in_root(source, name);
    uint8_t path[2 * PATH_SIZE_MAX];

    if (file || source->root.size + strlen(name) > sizeof path) {
        return file;
    }
    memcpy(path, source->root.data, source->root.size);
    memcpy(path + source->root.size, name, strlen(name));
    return find_any_case(source, bytes_of(path, source->root.size + strlen(name)));
}

/* The folder of the package whose manifest the path is; false when it is none. A book's lies a folder deeper (import_manifest_epub.c). */
static bool manifest_folder(struct bytes path, struct bytes *folder_out)
{
    static const char *const names[] = {"imsmanifest.xml", "cmi5.xml", "h5p.json", "tincan.xml", "META-INF/container.xml"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const size_t size = strlen(names[i]);
        const bool is_at_end = path.size >= size && strncasecmp((const char *)path.data + path.size - size, names[i], size) == 0;
        if (is_at_end && (path.size == size || path.data[path.size - size - 1] == '/')) {
            *folder_out = bytes_of(path.data, path.size - size);
            return true;
        }
    }
    return false;
}

static size_t slashes_in(struct bytes path)
{
    size_t count = 0;

    for (size_t i = 0; i < path.size; i++) {
        count += path.data[i] == '/';
    }
    return count;
}

size_t import_source_find_manifest_folder(const struct import_source *source, struct bytes *folder_out)
{
    size_t depth = SIZE_MAX, count = 0;
    struct bytes last = bytes_of("", 0);

    for (size_t i = 0; i < source->file_count; i++) {
        struct bytes path = source->files[i].path, folder;

        if (!manifest_folder(path, &folder) || import_source_is_litter(path) || slashes_in(folder) > depth) {
            continue;
        }
        if (slashes_in(folder) < depth) {
            depth = slashes_in(folder);
            count = 0;
        }
        if (count == 0) {
            *folder_out = folder;
        }
        count += count == 0 || !bytes_equal(folder, last);
        last = folder;
    }
    return count;
}

struct bytes import_source_entry(struct import_source *source, struct bytes path, struct bytes tail)
{
    struct buffer entry;
    struct bytes copy;

    buffer_init(&entry);
    for (size_t i = 0; i < path.size; i++) {
        uint8_t c = path.data[i];

        if (c == '%' || c == '?' || c == '#') {
            percent_append_byte(&entry, c);
        } else {
            buffer_append_u8(&entry, c);
        }
    }
    if (entry.size + tail.size <= COURSE_ENTRY_MAX) {
        buffer_append(&entry, tail.data, tail.size);
    }
    copy = arena_copy(&source->arena, buffer_bytes(&entry));
    buffer_release(&entry);
    return copy;
}

/* The member that a path names of which the percent-encoded bytes are no UTF-8: they are Latin-1, as older tools wrote them, or as the archive
 * has its names (import_name.h). */
static const struct import_file *find_other_encoding(struct import_source *source, struct bytes path)
{
    uint8_t latin[2 * 2 * COURSE_ENTRY_MAX];
    char own[3 * 2 * COURSE_ENTRY_MAX + 1]; /* a byte of another page becomes up to 3 */
    size_t size = 0;

    if (utf8_is_valid(path) || path.size > 2 * COURSE_ENTRY_MAX) {
        return NULL;
    }
    for (size_t i = 0; i < path.size; i++) {
        uint8_t c = path.data[i];

        if (c >= 0x80) {
            latin[size++] = (uint8_t)(0xc0 | c >> 6);
        }
        latin[size++] = c >= 0x80 ? (uint8_t)(0x80 | (c & 0x3f)) : c;
    }
    const struct import_file *file = import_source_find(source, bytes_of(latin, size));
    for (size_t page = 0; !file && page < import_name_pages(); page++) {
        file = import_name_decode(page, path, own, sizeof own) ? import_source_find(source, bytes_text(own)) : NULL;
    }
    if (file) {
        import_source_note(source, "an address in the manifest is not written in UTF-8; it is taken for \"%.*s\"", (int)file->path.size,
                           (const char *)file->path.data);
    }
    return file;
}

/* The member of a path whose letters are in parts (a Mac writes é as e and a mark): names of members are composed. */
static const struct import_file *find_composed(struct import_source *source, struct bytes path)
{
    struct buffer composed;

    buffer_init(&composed);
    import_name_compose_bytes(path, &composed);
    const struct import_file *file = import_source_find(source, buffer_bytes(&composed));
    buffer_release(&composed);
    return file;
}

/* The member that `href`, without query and fragment, names from the folder `base`. Tools that encode the names of the files themselves
 * exist, too. */
static const struct import_file *find_member(struct import_source *source, struct bytes base, struct bytes href)
{
    uint8_t path[2 * COURSE_ENTRY_MAX];
    const struct import_file *file = NULL;
    size_t size = 0;

    for (int pass = 0; pass < 2 && !file && (pass == 0 || memchr(href.data, '%', href.size)); pass++) {
        memcpy(path, base.data, base.size);
        size = base.size + decode_path(href, pass == 0, path + base.size);
        if (!normalise(path, &size) || path[size - 1] == '/') {
            return NULL;
        }
        file = import_source_find(source, bytes_of(path, size));
        file = file ? file : find_composed(source, bytes_of(path, size));
        file = file ? file : find_any_case(source, bytes_of(path, size));
        file = file ? file : find_other_encoding(source, bytes_of(path, size));
    }
    return file;
}

const struct import_file *import_source_find_target(struct import_source *source, struct bytes base, struct bytes href)
{
    size_t size = 0;
    bool is_web;

    if (href.size == 0 || href.size > COURSE_ENTRY_MAX || base.size > PATH_SIZE_MAX || has_scheme(href, &is_web)) {
        return NULL;
    }
    while (size < href.size && href.data[size] != '?' && href.data[size] != '#') {
        size++;
    }
    return find_member(source, base, bytes_of(href.data, size));
}

enum import_target import_source_resolve(struct import_source *source, struct bytes base, struct bytes href,
                                         struct bytes *entry_out)
{
    const struct import_file *file;
    size_t path_size = 0;
    bool is_web;

    *entry_out = bytes_of("", 0);
    if (href.size == 0 || href.size > COURSE_ENTRY_MAX || base.size > PATH_SIZE_MAX) {
        return TARGET_MISSING;
    }
    if (has_scheme(href, &is_web)) {
        *entry_out = is_web ? href : *entry_out;
        return is_web ? TARGET_OUTSIDE : TARGET_MISSING;
    }
    while (path_size < href.size && href.data[path_size] != '?' && href.data[path_size] != '#') {
        path_size++;
    }
    file = find_member(source, base, bytes_of(href.data, path_size));
    if (!file) {
        return TARGET_MISSING;
    }
    *entry_out =
        import_source_entry(source, file->path, bytes_of(href.data + path_size, href.size - path_size));
    return entry_out->data ? TARGET_MEMBER : TARGET_MISSING;
}

bool import_text_has(struct bytes text, const char *part)
{
    return text.size > 0 && memmem(text.data, text.size, part, strlen(part)) != NULL;
}

struct bytes import_source_lang(struct bytes said)
{
    static const char *const none[] = {"und", "mul", "zxx", "x-none"};

    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        if (said.size == strlen(none[i]) && strncasecmp((const char *)said.data, none[i], said.size) == 0) {
            return bytes_of("", 0);
        }
    }
    return said.size <= LANG_MAX ? said : bytes_of("", 0);
}

struct bytes import_source_unmarked(struct bytes content)
{
    bool is_marked = content.size >= 3 && memcmp(content.data, "\xef\xbb\xbf", 3) == 0;

    return is_marked ? bytes_of(content.data + 3, content.size - 3) : content;
}
