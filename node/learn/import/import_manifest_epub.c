/* An EPUB: its pages in the order in which the book is read, under the titles of its table of contents.
 *
 * Sources: EPUB 3.3 (W3C), sections 4.2.6.3 (container.xml, encryption.xml), 5.6 and 5.7 (manifest and spine), 7 (navigation document);
 * Open Packaging Format 2.0.1, 2.4 (spine, NCX). META-INF/container.xml names the package document, whose spine is the order. A page that the spine calls
 * linear="no" is none of it: it is opened by a link, and stands here behind the others only when the table of contents has it. What the spine does not
 * name, as the navigation document often, is no page. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/learn/import/import_contents.h"
#include "node/learn/import/import_describe.h"
#include "node/learn/import/import_page.h"
#include "node/learn/import/import_path.h"
#include "node/learn/import/import_xml.h"

enum { FALLBACKS_MAX = 8 }; /* from one item to the next that may stand for it */

struct item {
    struct bytes id;
    xmlNode *node;
};

struct epub {
    struct import_source *source;
    xmlNode *package;
    struct bytes folder;  /* of the package document: "" or ending in '/' */
    struct item *items;   /* of the manifest, sorted by id */
    size_t item_count;
    struct import_contents contents;
    bool *is_listed; /* for each file of the package: it is among the items */
    uint32_t depth;  /* of the item before */
    unsigned missing;
    struct bytes first_missing;
};

static xmlDoc *parse(const struct import_file *file)
{
    struct report ignored = {.status = S_OK};

    return file ? import_xml_parse(file, &ignored) : NULL;
}

/* The package document that container.xml names first; NULL when there is none. */
static const struct import_file *find_package(struct import_source *source)
{
    xmlDoc *container = parse(import_source_find_in_root(source, "META-INF/container.xml"));
    xmlNode *rootfile = import_xml_find(container, "rootfile");
    const struct import_file *file = NULL;

    if (rootfile) {
        file = import_source_find_target(source, source->root, import_xml_attribute(source, rootfile, "full-path"));
    }
    xmlFreeDoc(container);
    return file;
}

/* --- the manifest --- */

static int compare_item(const void *a, const void *b)
{
    return bytes_compare(((const struct item *)a)->id, ((const struct item *)b)->id);
}

static bool load_items(struct epub *epub)
{
    xmlNode *manifest = import_xml_child(epub->package, "manifest");
    size_t count = 0;

    for (xmlNode *node = import_xml_child(manifest, "item"); node; node = import_xml_next(node, "item")) {
        count++;
    }
    epub->items = arena_alloc(&epub->source->arena, (count + 1) * sizeof epub->items[0]);
    epub->is_listed = arena_alloc(&epub->source->arena, epub->source->file_count + 1);
    if (!epub->items || !epub->is_listed) {
        return false;
    }
    memset(epub->is_listed, 0, epub->source->file_count + 1);
    for (xmlNode *node = import_xml_child(manifest, "item"); node; node = import_xml_next(node, "item")) {
        epub->items[epub->item_count++] = (struct item){import_xml_attribute(epub->source, node, "id"), node};
    }
    qsort(epub->items, epub->item_count, sizeof epub->items[0], compare_item);
    return true;
}

static xmlNode *find_item(const struct epub *epub, struct bytes id)
{
    const struct item key = {.id = id};
    const struct item *item = id.size > 0 ? bsearch(&key, epub->items, epub->item_count, sizeof key, compare_item) : NULL;

    return item ? item->node : NULL;
}

static const struct import_file *file_of(struct epub *epub, const xmlNode *item)
{
    return item ? import_source_find_target(epub->source, epub->folder, import_xml_attribute(epub->source, item, "href")) : NULL;
}

/* A browser shows it by itself. */
static bool is_page(struct epub *epub, const xmlNode *item)
{
    static const char *const types[] = {"application/xhtml+xml", "image/svg+xml", "text/html", "text/x-oeb1-document"};
    struct bytes type = import_xml_attribute(epub->source, item, "media-type");
    bool is_one = false;

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        is_one = is_one || bytes_equal(type, bytes_text(types[i]));
    }
    return is_one;
}

/* The page that stands in the spine, or what is to be shown in its place; NULL when there is none. */
static const struct import_file *page_of(struct epub *epub, const xmlNode *itemref)
{
    struct bytes id = import_xml_attribute(epub->source, itemref, "idref");
    xmlNode *item = find_item(epub, id);

    for (int i = 0; item && i < FALLBACKS_MAX && !is_page(epub, item); i++) {
        item = find_item(epub, import_xml_attribute(epub->source, item, "fallback"));
    }
    const struct import_file *file = item && is_page(epub, item) ? file_of(epub, item) : NULL;
    if (!file && epub->missing++ == 0) {
        epub->first_missing = id;
    }
    return file;
}

/* --- its pages --- */

static void add_item(struct epub *epub, struct course_item item, uint32_t depth)
{
    bool is_first = epub->source->items.size == 0;

    item.mastery_percent = -1;
    item.depth = is_first ? 0 : depth <= epub->depth ? depth : epub->depth + 1; /* an entry above it may name no page */
    epub->depth = item.depth;
    import_source_add_item(epub->source, item);
}

/* Headings that stand over the entry and open nothing, as parts of a book, come before its page. */
static void add_headings(struct epub *epub, size_t entry)
{
    size_t first = entry;

    while (first > 0 && !import_contents_at(&epub->contents, first - 1)->file && !import_contents_at(&epub->contents, first - 1)->is_used) {
        first--;
    }
    for (; first < entry; first++) {
        struct import_contents_entry *heading = import_contents_at(&epub->contents, first);
        uint8_t id[32];

        heading->is_used = true;
        snprintf((char *)id, sizeof id, "heading-%zu", first + 1);
        add_item(epub,
                 (struct course_item){.id = arena_copy(&epub->source->arena, bytes_text((const char *)id)),
                                      .title = heading->title,
                                      .entry = bytes_of("", 0),
                                      .kind = bytes_text("heading")},
                 heading->depth);
    }
}

static void add_page(struct epub *epub, const struct import_file *file)
{
    struct course_item item = {.id = file->path, .kind = bytes_text("page"), .entry = import_source_entry(epub->source, file->path, bytes_of("", 0))};
    size_t entry = import_contents_find(&epub->contents, file);
    uint32_t depth = epub->depth; /* a chapter goes on in pages that no entry names */
    struct bytes lang;

    if (epub->is_listed[file - epub->source->files]) {
        return;
    }
    epub->is_listed[file - epub->source->files] = true;
    if (entry < import_contents_count(&epub->contents)) {
        add_headings(epub, entry);
        item.title = import_contents_at(&epub->contents, entry)->title;
        depth = import_contents_at(&epub->contents, entry)->depth;
    }
    if (item.title.size == 0) {
        item.title = import_page_title(epub->source, file, &lang);
    }
    if (item.title.size == 0) {
        item.title = bytes_of(file->path.data + import_path_folder(file->path).size, file->path.size - import_path_folder(file->path).size);
    }
    add_item(epub, item, depth);
}

/* Those of the spine that are read one after another, or the others that the table of contents has. */
static void add_pages(struct epub *epub, xmlNode *spine, bool is_linear)
{
    for (xmlNode *itemref = import_xml_child(spine, "itemref"); itemref; itemref = import_xml_next(itemref, "itemref")) {
        bool is_aside = bytes_equal(import_xml_attribute(epub->source, itemref, "linear"), bytes_text("no"));
        const struct import_file *file = is_aside == is_linear ? NULL : page_of(epub, itemref);

        if (file && (is_linear || import_contents_find(&epub->contents, file) < import_contents_count(&epub->contents))) {
            add_page(epub, file);
        }
    }
}

/* The navigation document (EPUB 3), or the NCX that the spine names (EPUB 2, and beside the other for old readers). */
static void load_contents(struct epub *epub, xmlNode *spine)
{
    const struct import_file *navigation = NULL, *ncx = file_of(epub, find_item(epub, import_xml_attribute(epub->source, spine, "toc")));

    for (size_t i = 0; i < epub->item_count && !navigation; i++) {
        struct bytes properties = import_xml_attribute(epub->source, epub->items[i].node, "properties");
        if (import_contents_has_word(properties, "nav")) {
            navigation = file_of(epub, epub->items[i].node);
        }
    }
    import_contents_read(&epub->contents, epub->source, navigation, ncx);
}

static void take_metadata(struct epub *epub)
{
    struct import_description *description = &epub->source->description;
    xmlNode *metadata = import_xml_child(epub->package, "metadata");
    xmlNode *inner = import_xml_child(metadata, "dc-metadata"); /* of OEB 1 */
    struct bytes lang;

    metadata = inner ? inner : metadata;
    lang = import_xml_text(epub->source, import_xml_child(metadata, "language"));
    description->format = PACKAGE_PLAIN;
    description->title = import_xml_text(epub->source, import_xml_child(metadata, "title"));
    description->lang = import_source_lang(lang);
}

/* --- what cannot be read --- */

/* Shops encrypt pages, so that their own readers alone show them. Fonts are often only made unusable elsewhere, which does no harm here. */
static enum status refuse_encrypted(struct epub *epub, struct report *report)
{
    struct import_source *source = epub->source;
    xmlDoc *doc = parse(import_source_find_in_root(source, "META-INF/encryption.xml"));
    xmlNode *top = doc ? xmlDocGetRootElement(doc) : NULL;
    enum status status = S_OK;

    for (xmlNode *node = top; node && status == S_OK; node = import_xml_walk(node, top)) {
        const struct import_file *file =
            import_xml_is(node, "CipherReference") ? import_source_find_target(source, source->root, import_xml_attribute(source, node, "URI")) : NULL;
        if (file && epub->is_listed[file - source->files]) {
            status = report_set(report, S_INVALID, "the book's page \"%.*s\" is encrypted for a shop's own readers (DRM): import a copy that is not",
                                (int)file->path.size, (const char *)file->path.data);
        }
    }
    xmlFreeDoc(doc);
    return status;
}

static bool describe(struct epub *epub, struct report *report)
{
    xmlNode *spine = import_xml_child(epub->package, "spine");

    if (!spine || !load_items(epub)) {
        return false;
    }
    load_contents(epub, spine);
    add_pages(epub, spine, true);
    epub->depth = 0;
    add_pages(epub, spine, false);
    if (epub->source->items.size == 0) {
        return false;
    }
    take_metadata(epub);
    if (epub->missing > 0) {
        import_source_note(epub->source, "the book's spine names %u page(s) that are not in it or that no browser shows, the first is \"%.*s\"", epub->missing,
                           (int)epub->first_missing.size, (const char *)epub->first_missing.data);
    }
    (void)refuse_encrypted(epub, report);
    return true;
}

bool import_manifest_epub(struct import_source *source, struct report *report)
{
    const struct import_file *file = find_package(source);
    struct epub epub = {.source = source};
    xmlDoc *doc = parse(file);
    bool is_told = false;

    import_contents_init(&epub.contents);
    epub.package = doc ? xmlDocGetRootElement(doc) : NULL;
    if (epub.package && import_xml_is(epub.package, "package")) {
        epub.folder = import_path_folder(file->path);
        is_told = describe(&epub, report);
    }
    import_contents_release(&epub.contents);
    xmlFreeDoc(doc);
    return is_told;
}
