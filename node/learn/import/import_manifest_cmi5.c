/* cmi5.xml: the course structure of a cmi5 package: blocks and assignable units (AU). Source: cmi5 Quartz,
 * section 13.
 *
 * What a unit could not be launched or judged by is refused: two parts of one id would share what a learner did in them, a rule for moving
 * on that there is not would be read as another one, and a query of the unit's own would hide what its launch says. Ids are whole IRIs (section 3), for
 * statements say them. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "node/learn/import/import_cmi5_structure.h"
#include "node/learn/import/import_describe.h"
#include "node/learn/import/import_xml.h"
#include "replication/base/check.h"

/* The first language text of `node`'s child `name`. */
static struct bytes lang_text(struct import_source *source, xmlNode *node, const char *name,
                              struct bytes *lang_out)
{
    xmlNode *text = import_xml_child(import_xml_child(node, name), "langstring");

    if (lang_out) {
        *lang_out = import_xml_attribute(source, text, "lang");
    }
    return import_xml_text(source, text);
}

/* What the LMS tells the unit and judges it by. */
static struct bytes unit_details(struct import_source *source, xmlNode *node, double mastery)
{
    xmlNode *course = import_xml_child(xmlDocGetRootElement(node->doc), "course");
    const struct import_detail details[] = {
        {.name = "course", .text = import_xml_attribute(source, course, "id"), .number = -1},
        {.name = "moveOn", .text = import_xml_attribute(source, node, "moveOn"), .number = -1},
        {.name = "launchMethod", .text = import_xml_attribute(source, node, "launchMethod"), .number = -1},
        {.name = "launchParameters", .text = import_xml_text(source, import_xml_child(node, "launchParameters")), .number = -1},
        {.name = "entitlementKey", .text = import_xml_text(source, import_xml_child(node, "entitlementKey")), .number = -1},
        {.name = "activityType", .text = import_xml_attribute(source, node, "activityType"), .number = -1},
        {.name = "masteryScore", .number = mastery},
        {.name = NULL},
    };

    return import_source_details(source, details);
}

/* An attribute of a unit: one of `words`, which end in NULL, or not said. */
static enum status word_check(struct import_source *source, xmlNode *node, const char *name, const char *const *words, struct report *report)
{
    struct bytes word = import_xml_attribute(source, node, name), id = import_xml_attribute(source, node, "id");
    bool is_known = word.size == 0;

    for (; !is_known && *words; words++) {
        is_known = bytes_equal(word, bytes_text(*words));
    }
    return is_known ? S_OK
                    : report_set(report, S_INVALID, "cmi5.xml: unit \"%.*s\" has the %s \"%.*s\", which there is not", (int)id.size,
                                 (const char *)id.data, name, (int)word.size, (const char *)word.data);
}

static enum status words_check(struct import_source *source, xmlNode *node, struct report *report)
{
    static const char *const rules[] = {"NotApplicable", "Passed", "Completed", "CompletedAndPassed", "CompletedOrPassed", NULL};
    static const char *const methods[] = {"OwnWindow", "AnyWindow", NULL};
    enum status status = word_check(source, node, "moveOn", rules, report);

    return status == S_OK ? word_check(source, node, "launchMethod", methods, report) : status;
}

/* The name that a launch adds to the address (cmi5, 8.1) and that stands in the query of `url`; NULL: none does. */
static const char *query_conflict(struct bytes url)
{
    static const char *const names[] = {"endpoint", "fetch", "actor", "registration", "activityId"};
    const uint8_t *end = url.size ? memchr(url.data, '#', url.size) : NULL;
    const size_t size = end ? (size_t)(end - url.data) : url.size;
    const uint8_t *at = size ? memchr(url.data, '?', size) : NULL;

    while (at) {
        const size_t left = size - (size_t)(++at - url.data);
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            const size_t length = strlen(names[i]);
            if (left >= length && memcmp(at, names[i], length) == 0 && (left == length || at[length] == '=' || at[length] == '&')) {
                return names[i];
            }
        }
        at = memchr(at, '&', left);
    }
    return NULL;
}

static enum status url_check(struct bytes url, const struct course_item *item, enum import_target target, struct report *report)
{
    const char *name = query_conflict(url);

    if (target == TARGET_MISSING) {
        return report_set(
            report, S_INVALID, "cmi5.xml: unit \"%.*s\" opens \"%.*s\", which is not in the package",
            (int)item->title.size, (const char *)item->title.data, (int)url.size, (const char *)url.data);
    }
    if (target == TARGET_OUTSIDE && memchr(url.data, ' ', url.size)) {
        return report_set(report, S_INVALID, "cmi5.xml: unit \"%.*s\" opens \"%.*s\", which is no address", (int)item->title.size,
                          (const char *)item->title.data, (int)url.size, (const char *)url.data);
    }
    if (name) {
        return report_set(report, S_INVALID, "cmi5.xml: unit \"%.*s\" opens an address that says \"%s\", as its launch does",
                          (int)item->title.size, (const char *)item->title.data, name);
    }
    return S_OK;
}

static enum status open_unit(struct import_source *source, xmlNode *node, struct course_item *item,
                             struct report *report)
{
    struct bytes url = import_xml_text(source, import_xml_child(node, "url"));
    struct bytes said = import_xml_attribute(source, node, "masteryScore");
    double mastery = -1;

    item->kind = bytes_text("au");
    if (said.size) {
        if (!import_xml_number(said, &mastery) || mastery < 0 || mastery > 1) {
            return report_set(report, S_INVALID,
                              "cmi5.xml: the mastery score of \"%.*s\" is not between 0 and 1",
                              (int)item->title.size, (const char *)item->title.data);
        }
        item->mastery_percent = (int32_t)(mastery * 100 + 0.5);
    } else {
        mastery = -1;
    }
    enum status status = words_check(source, node, report);
    if (status != S_OK) {
        return status;
    }
    item->details = unit_details(source, node, mastery);
    return url_check(url, item, import_source_resolve(source, source->root, url, &item->entry), report);
}

static enum status add_node(struct import_source *source, xmlNode *node, uint32_t depth,
                            struct report *report)
{
    struct course_item item = {
        .depth = depth, .mastery_percent = -1, .entry = bytes_of("", 0), .kind = bytes_text("heading")};
    enum status status = S_OK;

    item.id = import_xml_attribute(source, node, "id");
    item.title = lang_text(source, node, "title", NULL);
    item.title = item.title.size > 0 ? item.title : item.id;
    if (import_xml_is(node, "au")) {
        status = open_unit(source, node, &item, report);
    }
    import_source_add_item(source, item);
    return status;
}

/* Not of another namespace than the structure. */
static bool is_part(const xmlNode *node)
{
    const xmlNs *space = node->parent->ns;
    bool is_own = node->ns == space || (node->ns && space && strcmp((const char *)node->ns->href, (const char *)space->href) == 0);

    return is_own && (import_xml_is(node, "block") || import_xml_is(node, "au"));
}

/* The first of `node` and its later siblings that is a block or a unit. */
static xmlNode *part_from(xmlNode *node)
{
    while (node && !is_part(node)) {
        node = node->next;
    }
    return node;
}

static enum status add_parts(struct import_source *source, xmlNode *top, struct report *report)
{
    xmlNode *node = part_from(top->children);
    uint32_t depth = 0;

    while (node) {
        xmlNode *child = import_xml_is(node, "block") ? part_from(node->children) : NULL;
        enum status status = add_node(source, node, depth, report);

        if (status != S_OK) {
            return status;
        }
        if (child) {
            node = child;
            depth++;
            continue;
        }
        while (node != top && !part_from(node->next)) {
            node = node->parent;
            depth -= node != top ? 1 : 0;
        }
        node = node == top ? NULL : part_from(node->next);
    }
    return S_OK;
}

/* Without one it is taken for what its name says. */
static enum status namespace_check(const xmlNode *top, struct report *report)
{
    static const char cmi5[] = "https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd";
    const char *name = top->ns && top->ns->href ? (const char *)top->ns->href : "";

    return !*name || strcmp(name, cmi5) == 0
               ? S_OK
               : report_set(report, S_INVALID, "cmi5.xml: its <courseStructure> is of the namespace \"%.100s\", which is not that of cmi5", name);
}

/* It begins with a scheme, and has no spaces. */
static bool is_whole_iri(struct bytes id)
{
    size_t scheme = 0;

    while (scheme < id.size && (isalnum(id.data[scheme]) || (scheme > 0 && strchr("+-.", id.data[scheme])))) {
        scheme++;
    }
    return scheme > 0 && isalpha(id.data[0]) && scheme + 1 < id.size && id.data[scheme] == ':' && !memchr(id.data, ' ', id.size);
}

static enum status id_check(struct bytes id, const char *what, struct report *report)
{
    return is_whole_iri(id) ? S_OK
                            : report_set(report, S_INVALID, "cmi5.xml: the id \"%.*s\" of %s is no whole IRI, as https://example.org/1 is", (int)id.size,
                                         (const char *)id.data, what);
}

static int iri_compare(const void *a, const void *b)
{
    return bytes_compare(*(const struct bytes *)a, *(const struct bytes *)b);
}

/* Sorts them. */
static enum status unique_check(struct bytes *ids, size_t count, struct report *report)
{
    if (count) {
        qsort(ids, count, sizeof *ids, iri_compare);
    }
    for (size_t i = 1; i < count; i++) {
        if (bytes_equal(ids[i - 1], ids[i])) {
            return report_set(report, S_INVALID, "cmi5.xml: the id \"%.*s\" is there twice", (int)ids[i].size, (const char *)ids[i].data);
        }
    }
    return S_OK;
}

static enum status objectives_check(struct import_source *source, xmlNode *top, struct report *report)
{
    xmlNode *list = import_xml_child(top, "objectives");
    enum status status = S_OK;
    struct buffer ids;

    buffer_init(&ids);
    for (xmlNode *node = list ? list->children : NULL; node && status == S_OK; node = node->next) {
        if (import_xml_is(node, "objective")) {
            const struct bytes id = import_xml_attribute(source, node, "id");
            buffer_append(&ids, &id, sizeof id);
            status = id_check(id, "an objective", report);
        }
    }
    status = status == S_OK ? unique_check((struct bytes *)(void *)ids.data, ids.size / sizeof(struct bytes), report) : status;
    buffer_release(&ids);
    return status;
}

/* Every part has an id of its own, and one of them at least is a unit. */
static enum status parts_check(const struct import_source *source, struct report *report)
{
    const size_t count = source->items.size / sizeof(struct course_item);
    const struct course_item *items = (const struct course_item *)(const void *)source->items.data;
    struct bytes *ids = malloc((count + 1) * sizeof *ids);
    enum status status = S_OK;
    bool has_unit = false;

    CHECK(ids);
    for (size_t i = 0; status == S_OK && i < count; i++) {
        bool is_unit = bytes_equal(items[i].kind, bytes_text("au"));
        has_unit = has_unit || is_unit;
        ids[i] = items[i].id;
        status = ids[i].size ? id_check(ids[i], is_unit ? "a unit" : "a block", report)
                             : report_set(report, S_INVALID, "cmi5.xml: \"%.*s\" has no id", (int)items[i].title.size, (const char *)items[i].title.data);
    }
    status = status == S_OK ? unique_check(ids, count, report) : status;
    free(ids);
    return status == S_OK && !has_unit ? report_set(report, S_INVALID, "cmi5.xml has no assignable unit") : status;
}

/* What opens elsewhere is launched without a word of who learns (node/http/routes_launch.c). */
static void elsewhere_note(struct import_source *source)
{
    const struct course_item *items = (const struct course_item *)(const void *)source->items.data;
    const struct course_item *first = NULL;
    struct bytes entry;
    size_t count = 0;

    for (size_t i = 0; i < source->items.size / sizeof *items; i++) {
        const bool is_outside = import_source_resolve(source, source->root, items[i].entry, &entry) == TARGET_OUTSIDE;
        first = is_outside && !first ? &items[i] : first;
        count += is_outside;
    }
    if (first) {
        import_source_note(source,
                           "cmi5.xml: %zu unit(s) open on other servers, \"%.*s\" first: these are not told who learns, and what is done there is not "
                           "reported here",
                           count, (int)first->title.size, (const char *)first->title.data);
    }
}

enum status import_manifest_cmi5(struct import_source *source, const struct import_file *file,
                                 struct report *report)
{
    struct import_description *description = &source->description;
    xmlDoc *doc = import_xml_parse(file, report);
    xmlNode *top;
    struct bytes lang;
    enum status status;

    if (!doc) {
        return report->status;
    }
    top = xmlDocGetRootElement(doc);
    description->format = PACKAGE_CMI5;
    if (!top || !import_xml_is(top, "courseStructure") || !import_xml_child(top, "course")) {
        status = report_set(report, S_INVALID,
                            "cmi5.xml does not begin with a <courseStructure> that holds a <course>");
    } else {
        description->title = lang_text(source, import_xml_child(top, "course"), "title", &lang);
        description->lang = import_source_lang(lang);
        status = namespace_check(top, report);
        status = status == S_OK ? import_cmi5_structure_check(source, top, report) : status;
        status = status == S_OK ? id_check(import_xml_attribute(source, import_xml_child(top, "course"), "id"), "the course", report) : status;
        status = status == S_OK ? objectives_check(source, top, report) : status;
        status = status == S_OK ? add_parts(source, top, report) : status;
        status = status == S_OK ? parts_check(source, report) : status;
        elsewhere_note(source);
    }
    xmlFreeDoc(doc);
    return status;
}
