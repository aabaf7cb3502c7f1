/* h5p.json: one interactive piece of content. Source: the H5P package definition
 * (h5p.org/documentation/developers/json-file-definitions). */
#include <jansson.h>
#include <string.h>

#include "node/learn/import_describe.h"

static struct bytes string_of(struct import_source *source, const json_t *root, const char *name)
{
    const json_t *value = json_object_get(root, name);

    if (!json_is_string(value)) {
        return bytes_of("", 0);
    }
    return import_source_text(source, bytes_of(json_string_value(value), json_string_length(value)),
                              COURSE_TEXT_MAX);
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
    if (lang.size == 0 || bytes_equal(lang, bytes_text("und"))) {
        lang = string_of(source, root, "defaultLanguage");
    }
    description->format = PACKAGE_H5P;
    description->title = string_of(source, root, "title");
    description->lang = lang.size <= LANG_MAX ? lang : bytes_of("", 0);
    item.id = library;
    item.title = description->title.size > 0 ? description->title : library;
    import_source_add_item(source, item);
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
    root = json_loadb((const char *)file->content.data, file->content.size, JSON_REJECT_DUPLICATES, &error);
    if (!root) {
        return report_set(report, S_INVALID, "h5p.json is not well-formed JSON: line %d: %s", error.line,
                          error.text);
    }
    status = describe(source, file, root, report);
    json_decref(root);
    return status;
}
