#include "node/learn/import/import_contents.h"

#include <string.h>

#include "node/learn/import/import_path.h"
#include "node/learn/import/import_xml.h"
#include "replication/base/check.h"

void import_contents_init(struct import_contents *contents)
{
    memset(contents, 0, sizeof *contents);
    buffer_init(&contents->entries);
}

void import_contents_release(struct import_contents *contents)
{
    buffer_release(&contents->entries);
}

size_t import_contents_count(const struct import_contents *contents)
{
    return contents->entries.size / sizeof(struct import_contents_entry);
}

struct import_contents_entry *import_contents_at(struct import_contents *contents, size_t index)
{
    CHECK(index < import_contents_count(contents));
    return (struct import_contents_entry *)(void *)contents->entries.data + index;
}

size_t import_contents_find(const struct import_contents *contents, const struct import_file *file)
{
    uint32_t first = contents->first_of ? contents->first_of[file - contents->files] : 0;

    return first > 0 ? first - 1 : import_contents_count(contents);
}

bool import_contents_has_word(struct bytes text, const char *word)
{
    size_t size = strlen(word);

    for (size_t at = 0; at + size <= text.size; at++) {
        bool is_begin = at == 0 || text.data[at - 1] == ' ', is_end = at + size == text.size || text.data[at + size] == ' ';
        if (is_begin && is_end && memcmp(text.data + at, word, size) == 0) {
            return true;
        }
    }
    return false;
}

/* How many elements called `name` are above `node`, below `top`. */
static uint32_t depth_of(const xmlNode *node, const xmlNode *top, const char *name)
{
    uint32_t depth = 0;

    for (node = node->parent; node && node != top; node = node->parent) {
        depth += import_xml_is(node, name);
    }
    return depth;
}

static void add(struct import_contents *contents, const struct import_contents_entry *entry)
{
    if (entry->file && contents->first_of[entry->file - contents->files] == 0) {
        contents->first_of[entry->file - contents->files] = (uint32_t)import_contents_count(contents) + 1;
    }
    buffer_append(&contents->entries, entry, sizeof *entry);
}

/* The list whose epub:type is "toc"; others are of figures, landmarks and printed pages. */
static xmlNode *find_list(struct import_source *source, xmlDoc *doc)
{
    xmlNode *top = xmlDocGetRootElement(doc), *node = top;

    while (node && !(import_xml_is(node, "nav") && import_contents_has_word(import_xml_attribute(source, node, "type"), "toc"))) {
        node = import_xml_walk(node, top);
    }
    return node;
}

static void read_navigation(struct import_contents *contents, struct import_source *source, const struct import_file *file, xmlDoc *doc)
{
    xmlNode *list = find_list(source, doc);

    for (xmlNode *node = list; node; node = import_xml_walk(node, list)) {
        bool is_link = import_xml_is(node, "a");
        if ((!is_link && !import_xml_is(node, "span")) || !import_xml_is(node->parent, "li")) {
            continue;
        }
        uint32_t lists = depth_of(node, list, "ol");
        const struct import_contents_entry entry = {
            .file = is_link ? import_source_find_target(source, import_path_folder(file->path), import_xml_attribute(source, node, "href")) : NULL,
            .title = import_xml_text(source, node),
            .depth = lists > 0 ? lists - 1 : 0,
        };
        add(contents, &entry);
    }
}

static void read_ncx(struct import_contents *contents, struct import_source *source, const struct import_file *file, xmlDoc *doc)
{
    xmlNode *map = import_xml_child(xmlDocGetRootElement(doc), "navMap");

    for (xmlNode *node = map; node; node = import_xml_walk(node, map)) {
        if (!import_xml_is(node, "navPoint")) {
            continue;
        }
        struct bytes href = import_xml_attribute(source, import_xml_child(node, "content"), "src");
        const struct import_contents_entry entry = {
            .file = import_source_find_target(source, import_path_folder(file->path), href),
            .title = import_xml_text(source, import_xml_child(import_xml_child(node, "navLabel"), "text")),
            .depth = depth_of(node, map, "navPoint"),
        };
        add(contents, &entry);
    }
}

void import_contents_read(struct import_contents *contents, struct import_source *source, const struct import_file *navigation, const struct import_file *ncx)
{
    struct report ignored = {.status = S_OK};
    xmlDoc *doc = navigation ? import_xml_parse(navigation, &ignored) : NULL;

    contents->files = source->files;
    contents->first_of = arena_alloc(&source->arena, (source->file_count + 1) * sizeof *contents->first_of);
    if (contents->first_of) {
        memset(contents->first_of, 0, (source->file_count + 1) * sizeof *contents->first_of);
    }
    if (contents->first_of && doc) {
        read_navigation(contents, source, navigation, doc);
    }
    xmlFreeDoc(doc);
    doc = contents->first_of && import_contents_count(contents) == 0 && ncx ? import_xml_parse(ncx, &ignored) : NULL;
    if (doc) {
        read_ncx(contents, source, ncx, doc);
    }
    xmlFreeDoc(doc);
}
