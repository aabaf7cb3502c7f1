/* What a manifest may hold, for the one that is written and the one that is read; see manifest.h. */
#include "replication/package/manifest_check.h"

#include <string.h>

#include "replication/package/chunk_list.h"

static enum status text_check(struct bytes text, size_t size_max)
{
    if (text.size > size_max) {
        return S_TOO_LARGE;
    }
    return utf8_is_valid(text) ? S_OK : S_INVALID;
}

/* One part between slashes. */
static bool segment_is_safe(struct bytes segment)
{
    if (segment.size == 0 || (segment.size == 1 && segment.data[0] == '.')) {
        return false;
    }
    return !(segment.size == 2 && segment.data[0] == '.' && segment.data[1] == '.');
}

enum status member_path_check(struct bytes path)
{
    size_t start = 0;

    if (path.size > PATH_SIZE_MAX) {
        return S_TOO_LARGE;
    }
    if (path.size == 0 || !utf8_is_valid(path)) {
        return S_INVALID;
    }
    for (size_t i = 0; i <= path.size; i++) {
        if (i == path.size || path.data[i] == '/') {
            if (!segment_is_safe(bytes_of(path.data + start, i - start))) {
                return S_INVALID;
            }
            start = i + 1;
        } else if (path.data[i] < 0x20 || path.data[i] == 0x7f || path.data[i] == '\\') {
            return S_INVALID;
        }
    }
    return S_OK;
}

static bool is_alphanumeric(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

enum status lang_check(struct bytes lang)
{
    size_t subtag_size = 0;

    if (lang.size > LANG_MAX) {
        return S_TOO_LARGE;
    }
    if (lang.size == 0 || !is_alphanumeric(lang.data[0]) || lang.data[0] <= '9') {
        return S_INVALID;
    }
    for (size_t i = 0; i < lang.size; i++) {
        if (lang.data[i] == '-') {
            if (subtag_size == 0) {
                return S_INVALID;
            }
            subtag_size = 0;
        } else if (!is_alphanumeric(lang.data[i]) || ++subtag_size > 8) {
            return S_INVALID;
        }
    }
    return subtag_size ? S_OK : S_INVALID;
}

enum status lang_check_said(struct bytes lang)
{
    enum status status = lang_check(lang);
    bool is_single = status == S_OK && (lang.size == 1 || lang.data[1] == '-');
    bool is_private = is_single && lang.size > 1 && (lang.data[0] == 'x' || lang.data[0] == 'X');

    return is_single && !is_private ? S_INVALID : status;
}

void lang_normalise(char *lang)
{
    size_t begin = 0;
    bool is_after_single = false; /* what follows a single letter is an extension: small letters */

    for (size_t i = 0;; i++) {
        if (lang[i] != '-' && lang[i] != '\0') {
            lang[i] = (char)(lang[i] >= 'A' && lang[i] <= 'Z' ? lang[i] - 'A' + 'a' : lang[i]);
            continue;
        }
        size_t size = i - begin, capitals = begin == 0 || is_after_single ? 0 : size == 2 ? 2 : size == 4 ? 1 : 0;
        for (size_t k = 0; k < capitals; k++) {
            char *c = &lang[begin + k];
            *c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
        }
        is_after_single = is_after_single || size == 1;
        begin = i + 1;
        if (lang[i] == '\0') {
            return;
        }
    }
}

/* A media type goes into an HTTP header as it is: printable ASCII only. */
static enum status media_type_check(struct bytes type)
{
    if (type.size > MEDIA_TYPE_MAX) {
        return S_TOO_LARGE;
    }
    for (size_t i = 0; i < type.size; i++) {
        if (type.data[i] < 0x20 || type.data[i] > 0x7e) {
            return S_INVALID;
        }
    }
    return S_OK;
}

static enum status content_check(const struct member *member)
{
    const struct chunk_list list = {.chunks = member->chunks, .count = member->chunk_count};

    return member->size > (uint64_t)PACKAGE_SIZE_MAX ? S_TOO_LARGE : chunk_list_check(&list, member->size);
}

static enum status member_check(const struct member *member)
{
    enum status status = member_path_check(member->path);

    if (status == S_OK) {
        status = media_type_check(member->media_type);
    }
    return status == S_OK ? content_check(member) : status;
}

/* What makes the archive again: no paths, and all together not more than a package. */
static enum status parts_check(const struct manifest *manifest)
{
    uint64_t sum = 0;

    if (manifest->part_count > MANIFEST_PARTS_MAX) {
        return S_TOO_LARGE;
    }
    for (size_t i = 0; i < manifest->part_count; i++) {
        enum status status = content_check(&manifest->parts[i]);
        if (status != S_OK) {
            return status;
        }
        if (manifest->parts[i].path.size > 0 || manifest->parts[i].media_type.size > 0) {
            return S_INVALID;
        }
        sum += manifest->parts[i].size;
        if (sum > (uint64_t)PACKAGE_SIZE_MAX) {
            return S_TOO_LARGE;
        }
    }
    return S_OK;
}

/* No member may be a folder of another one. */
static bool has_file_above(const struct manifest *manifest, struct bytes path)
{
    for (size_t i = 1; i < path.size; i++) {
        if (path.data[i] == '/' && manifest_find(manifest, bytes_of(path.data, i))) {
            return true;
        }
    }
    return false;
}

static enum status members_check(const struct manifest *manifest)
{
    uint64_t sum = 0;

    if (manifest->member_count > PACKAGE_ENTRIES_MAX) {
        return S_TOO_LARGE;
    }
    for (size_t i = 0; i < manifest->member_count; i++) {
        const struct member *member = &manifest->members[i];
        enum status status = member_check(member);
        if (status != S_OK) {
            return status;
        }
        if (i > 0 && bytes_compare(manifest->members[i - 1].path, member->path) >= 0) {
            return S_INVALID;
        }
        sum += member->size;
        if (sum > (uint64_t)PACKAGE_SIZE_MAX) {
            return S_TOO_LARGE;
        }
    }
    for (size_t i = 0; i < manifest->member_count; i++) {
        if (has_file_above(manifest, manifest->members[i].path)) {
            return S_INVALID;
        }
    }
    return S_OK;
}

static enum status item_check(const struct course_item *item)
{
    const struct {
        struct bytes text;
        size_t size_max;
    } texts[] = {
        {item->id, COURSE_TEXT_MAX},
        {item->title, COURSE_TEXT_MAX},
        {item->entry, COURSE_ENTRY_MAX},
        {item->kind, ITEM_KIND_MAX},
        {item->details, ITEM_DETAILS_MAX},
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        enum status status = text_check(texts[i].text, texts[i].size_max);
        if (status != S_OK) {
            return status;
        }
    }
    if (item->depth > COURSE_DEPTH_MAX) {
        return S_TOO_LARGE;
    }
    return item->mastery_percent >= -1 && item->mastery_percent <= 100 ? S_OK : S_INVALID;
}

static enum status items_check(const struct manifest *manifest)
{
    if (manifest->item_count > COURSE_ITEMS_MAX) {
        return S_TOO_LARGE;
    }
    for (size_t i = 0; i < manifest->item_count; i++) {
        enum status status = item_check(&manifest->items[i]);
        if (status != S_OK) {
            return status;
        }
    }
    return S_OK;
}

enum status manifest_check(const struct manifest *manifest)
{
    enum status status = manifest->lang.size ? lang_check(manifest->lang) : S_OK;

    if (manifest->format < 1 || manifest->mastery_percent < -1 || manifest->mastery_percent > 100) {
        return S_INVALID;
    }
    if (status == S_OK) {
        status = text_check(manifest->title, COURSE_TEXT_MAX);
    }
    if (status == S_OK) {
        status = text_check(manifest->entry, COURSE_ENTRY_MAX);
    }
    if (status == S_OK) {
        status = items_check(manifest);
    }
    if (status == S_OK) {
        status = parts_check(manifest);
    }
    return status == S_OK ? members_check(manifest) : status;
}
