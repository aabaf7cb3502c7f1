/* h5p.json: one interactive piece of content. Source: the H5P package definition
 * (h5p.org/documentation/developers/json-file-definitions). */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/learn/import/import_describe.h"

static struct bytes string_of(struct import_source *source, const json_t *root, const char *name)
{
    const json_t *value = json_object_get(root, name);

    if (!json_is_string(value)) {
        return bytes_of("", 0);
    }
    return import_source_text(source, bytes_of(json_string_value(value), json_string_length(value)),
                              COURSE_TEXT_MAX);
}

/* Part of a library's version: a number, which many tools write as a string. */
static long long number_of(const json_t *value)
{
    return json_is_string(value) ? strtoll(json_string_value(value), NULL, 10) : json_integer_value(value);
}

/* Packages often leave out libraries that the site they came from has; this node has none of its own. */
static void libraries_note(struct import_source *source, const json_t *root)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    const json_t *list = json_object_get(root, "preloadedDependencies"), *one;
    char path[PATH_SIZE_MAX];
    size_t index;

    json_array_foreach(list, index, one)
    {
        const char *name = json_string_value(json_object_get(one, "machineName"));
        long long major = number_of(json_object_get(one, "majorVersion"));
        long long minor = number_of(json_object_get(one, "minorVersion"));
        bool is_plain = name && strspn(name, letters) == strlen(name);
        int size =
            is_plain ? snprintf(path, sizeof path, "%s-%lld.%lld/library.json", name, major, minor) : 0;
        if (size > 0 && size < (int)sizeof path && !import_source_find_in_root(source, path)) {
            import_source_note(source, "h5p.json needs the library \"%.*s\", which is not in the package",
                               (int)strcspn(path, "/"), path);
            return;
        }
    }
}

static enum status describe(struct import_source *source, const struct import_file *file, const json_t *root,
                            struct report *report)
{
    struct import_description *description = &source->description;
    struct bytes library = string_of(source, root, "mainLibrary"), lang = string_of(source, root, "language");
    struct course_item item = {.mastery_percent = -1, .kind = bytes_text("h5p"), .entry = file->path};

    if (!json_is_object(root) || library.size == 0) {
        return report_set(report, S_INVALID, "h5p.json does not name its \"mainLibrary\"");
    }
    if (!import_source_find_in_root(source, "content/content.json")) {
        return report_set(report, S_INVALID,
                          "h5p.json is there, but \"content/content.json\" is not in the package");
    }
    if (import_source_lang(lang).size == 0) {
        lang = string_of(source, root, "defaultLanguage");
    }
    description->format = PACKAGE_H5P;
    description->title = string_of(source, root, "title");
    description->lang = import_source_lang(lang);
    item.id = library;
    item.title = description->title.size > 0 ? description->title : library;
    import_source_add_item(source, item);
    libraries_note(source, root);
    return S_OK;
}

enum status import_manifest_h5p(struct import_source *source, const struct import_file *file,
                                struct report *report)
{
    json_error_t error;
    json_t *root;
    enum status status;

    if (!file->content.data) {
        return report_set(report, S_TOO_LARGE, "h5p.json is too large for a manifest");
    }
    const struct bytes text = import_source_unmarked(file->content);
    root = json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, &error);
    if (!root) {
        return report_set(report, S_INVALID, "h5p.json is not well-formed JSON: line %d: %s", error.line,
                          error.text);
    }
    status = describe(source, file, root, report);
    json_decref(root);
    return status;
}
