/* imsmanifest.xml: the table of contents of SCORM 1.2, SCORM 2004, IMS Common Cartridge and plain IMS content
 * packages.
 *
 * Sources: SCORM 1.2 Content Aggregation Model 2.3; SCORM 2004 CAM 3.4 and SN 3.10 (measures); IMS Content
 * Packaging 1.1.4; Common Cartridge 1.3. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "node/learn/import/import_describe.h"
#include "node/learn/import/import_ims_format.h"
#include "node/learn/import/import_items.h"
#include "node/learn/import/import_link.h"
#include "node/learn/import/import_repair.h"
#include "node/learn/import/import_sequencing.h"
#include "node/learn/import/import_submanifest.h"
#include "node/learn/import/import_xml.h"

struct resource {
    struct bytes id;
    size_t place; /* in the manifest */
    xmlNode *node;
};

struct ims {
    struct import_source *source;
    struct report *report;
    const char *name; /* of the manifest, for people */
    xmlNode *manifest;
    xmlNode *sequenced; /* the organization, when it says in which order its items are taken */
    struct bytes base;          /* folder of the manifest and its xml:base */
    struct resource *resources; /* sorted by id */
    size_t resource_count;
};

/* `base` with the node's xml:base behind it, as a folder path ending in '/'. */
static struct bytes extend_base(struct ims *ims, struct bytes base, const xmlNode *node)
{
    struct bytes more = import_xml_attribute(ims->source, node, "base"), copy;
    struct buffer joined;

    if (more.size == 0 || base.size + more.size + 1 > PATH_SIZE_MAX) {
        return base;
    }
    buffer_init(&joined);
    buffer_append(&joined, base.data, base.size);
    buffer_append(&joined, more.data, more.size);
    if (joined.data[joined.size - 1] != '/') {
        buffer_append_u8(&joined, '/');
    }
    copy = arena_copy(&ims->source->arena, buffer_bytes(&joined));
    buffer_release(&joined);
    return copy.data ? copy : base;
}

/* The folder against which a resource's references are read: that of the manifest with every xml:base on the way down. */
static struct bytes base_of(struct ims *ims, xmlNode *resource)
{
    enum { DEPTH_MAX = 64 }; /* manifests in manifests: more is no course */
    const xmlNode *way[DEPTH_MAX];
    struct bytes base = ims->base;
    size_t count = 0;

    for (xmlNode *node = resource; node && node != ims->manifest && count < DEPTH_MAX; node = node->parent) {
        way[count++] = node;
    }
    while (count > 0) {
        base = extend_base(ims, base, way[--count]);
    }
    return base;
}

/* By id; of those that have the same one by their place in the manifest. */
static int compare_resource(const void *a, const void *b)
{
    const struct resource *one = a, *other = b;
    int order = bytes_compare(one->id, other->id);

    return order != 0 ? order : (one->place > other->place) - (one->place < other->place);
}

static bool is_resource(const xmlNode *node)
{
    return import_xml_is(node, "resource") && node->parent && import_xml_is(node->parent, "resources");
}

/* Those of nested manifests, too. */
static bool load_resources(struct ims *ims)
{
    size_t count = 0;

    for (xmlNode *node = ims->manifest; node; node = import_xml_walk(node, ims->manifest)) {
        count += is_resource(node);
    }
    ims->resources = arena_alloc(&ims->source->arena, (count + 1) * sizeof ims->resources[0]);
    if (!ims->resources) {
        return false;
    }
    for (xmlNode *node = ims->manifest; node; node = import_xml_walk(node, ims->manifest)) {
        if (is_resource(node)) {
            struct resource *resource = &ims->resources[ims->resource_count++];

            resource->node = node;
            resource->place = ims->resource_count;
            resource->id = import_xml_attribute(ims->source, node, "identifier");
        }
    }
    qsort(ims->resources, ims->resource_count, sizeof ims->resources[0], compare_resource);
    for (size_t i = 1; i < ims->resource_count; i++) {
        struct bytes id = ims->resources[i].id;

        if (id.size > 0 && bytes_equal(id, ims->resources[i - 1].id) && (i < 2 || !bytes_equal(id, ims->resources[i - 2].id))) {
            import_source_note(ims->source, "%s: resource \"%.*s\" is declared more than once, the first one is used", ims->name, (int)id.size,
                               (const char *)id.data);
        }
    }
    return true;
}

static xmlNode *find_resource(const struct ims *ims, struct bytes id)
{
    size_t low = 0, high = ims->resource_count;

    while (low < high) { /* the first that is not below it */
        size_t middle = low + (high - low) / 2;

        if (bytes_compare(ims->resources[middle].id, id) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < ims->resource_count && bytes_equal(ims->resources[low].id, id) ? ims->resources[low].node : NULL;
}

/* Files that a resource lists and the package lacks: real tools do this, so it is told and not refused. */
static void note_missing_files(struct ims *ims)
{
    unsigned missing = 0;
    struct bytes first = bytes_of("", 0), entry;

    for (size_t i = 0; i < ims->resource_count; i++) {
        struct bytes own = base_of(ims, ims->resources[i].node);

        for (xmlNode *file = import_xml_child(ims->resources[i].node, "file"); file;
             file = import_xml_next(file, "file")) {
            struct bytes href = import_xml_attribute(ims->source, file, "href");

            if (import_source_resolve(ims->source, own, href, &entry) == TARGET_MISSING && missing++ == 0) {
                first = href;
            }
        }
    }
    if (missing > 0) {
        import_source_note(ims->source,
                           "%s lists %u file(s) that are not in the package, the first is \"%.*s\"",
                           ims->name, missing, (int)first.size, (const char *)first.data);
    }
}

/* What kind of page a resource is. */
static const char *kind_of(struct ims *ims, const xmlNode *resource)
{
    struct bytes scorm = import_xml_attribute(ims->source, resource, "scormtype");
    struct bytes type = import_xml_attribute(ims->source, resource, "type");

    if (scorm.size == 3 && strncasecmp((const char *)scorm.data, "sco", 3) == 0) {
        return "sco";
    }
    if (scorm.size > 0) {
        return "asset";
    }
    if (import_text_has(type, "imswl")) {
        return "weblink";
    }
    if (import_text_has(type, "imsdt")) {
        return "discussion";
    }
    if (import_text_has(type, "imsqti")) {
        return "assessment";
    }
    if (import_text_has(type, "imsbasiclti")) {
        return "lti";
    }
    return "webcontent";
}

/* SCORM 2004 CAM 3.4.1.12: how an item's parameters are put behind its resource's address. */
static struct bytes with_parameters(struct ims *ims, struct bytes href, struct bytes parameters)
{
    struct buffer joined;
    struct bytes copy;

    while (parameters.size > 0 && (parameters.data[0] == '?' || parameters.data[0] == '&')) {
        parameters = bytes_of(parameters.data + 1, parameters.size - 1);
    }
    if (parameters.size == 0 || (parameters.data[0] == '#' && import_text_has(href, "#"))) {
        return href;
    }
    buffer_init(&joined);
    buffer_append(&joined, href.data, href.size);
    if (parameters.data[0] != '#') {
        buffer_append_u8(&joined, import_text_has(href, "?") ? '&' : '?');
    }
    buffer_append(&joined, parameters.data, parameters.size);
    copy = arena_copy(&ims->source->arena, buffer_bytes(&joined));
    buffer_release(&joined);
    return copy.data ? copy : href;
}

/* The page that `resource` opens, into item->entry and item->kind. */
static enum status open_resource(struct ims *ims, xmlNode *resource, struct bytes parameters,
                                 struct course_item *item)
{
    struct bytes base = base_of(ims, resource);
    struct bytes href = import_xml_attribute(ims->source, resource, "href");

    item->kind = bytes_text(kind_of(ims, resource));
    if (href.size == 0) { /* web links and assessments of a cartridge have only a file */
        href = import_xml_attribute(ims->source, import_xml_child(resource, "file"), "href");
    }
    if (href.size == 0 && (item->entry = import_link_of_resource(ims->source, resource)).size > 0) {
        return S_OK;
    }
    if (href.size == 0) {
        import_source_note(ims->source, "resource \"%.*s\" opens no file", (int)item->id.size,
                           (const char *)item->id.data);
        item->kind = bytes_text("heading");
        return S_OK;
    }
    if (import_source_resolve(ims->source, base, with_parameters(ims, href, parameters), &item->entry) ==
        TARGET_MISSING) {
        return report_set(ims->report, S_INVALID,
                          "%s: item \"%.*s\" opens \"%.*s\", which is not in the package", ims->name,
                          (int)item->title.size, (const char *)item->title.data, (int)href.size,
                          (const char *)href.data);
    }
    if (bytes_equal(item->kind, bytes_text("weblink")) || bytes_equal(item->kind, bytes_text("lti"))) {
        struct bytes link = import_link_of_file(ims->source, item->entry);

        item->entry = link.size > 0 ? link : item->entry;
    }
    return S_OK;
}

/* Else it would be a surprise that everybody passes. */
static int32_t mastery_missing(struct ims *ims, xmlNode *node, struct bytes said)
{
    struct bytes title = import_xml_text(ims->source, import_xml_child(node, "title"));

    import_source_note(ims->source, "the score \"%.*s\" that \"%.*s\" is passed with cannot be: none is asked for", (int)said.size,
                       (const char *)said.data, (int)title.size, (const char *)title.data);
    return -1;
}

/* The score needed in percent, -1 when nothing is said: adlcp:masteryscore (1.2), minNormalizedMeasure of the
 * primary objective (2004). */
static double mastery_of(struct ims *ims, xmlNode *node)
{
    struct bytes said = import_xml_text(ims->source, import_xml_child(node, "masteryscore"));
    xmlNode *objectives = import_xml_child(import_sequencing_of(ims->source, ims->manifest, node, "objectives"), "objectives");
    xmlNode *primary = import_xml_child(objectives, "primaryObjective");
    double number = -1;

    if (said.size > 0) {
        return import_xml_number(said, &number) && number >= 0 && number <= 100 ? number : mastery_missing(ims, node, said);
    }
    if (!bytes_equal(import_xml_attribute(ims->source, primary, "satisfiedByMeasure"), bytes_text("true"))) {
        return -1;
    }
    if (!import_xml_child(primary, "minNormalizedMeasure")) {
        return 100; /* SN 3.10.2: 1.0 unless stated */
    }
    said = import_xml_text(ims->source, import_xml_child(primary, "minNormalizedMeasure"));
    if (!import_xml_number(said, &number) || number < -1 || number > 1) {
        return mastery_missing(ims, node, said);
    }
    return number < 0 ? 0 : number * 100;
}

/* As it stands in an item's row: whole. */
static int32_t percent_of(double mastery)
{
    return mastery < 0 ? -1 : (int32_t)(mastery + 0.5);
}

/* From 0 to 1, when whole percents do not say it; else negative. A millionth of a percent is a trifle of the arithmetic. */
static double exact_of(double mastery)
{
    double exact = floor(mastery * 1e6 + 0.5) / 1e8;

    return mastery < 0 || floor(exact * 1e8 + 0.5) == percent_of(mastery) * 1e6 ? -1 : exact;
}

/* The sequencing of an item; the first one carries that of the organization along. NULL: nobody decides anything. */
static json_t *sequencing_of(struct ims *ims, xmlNode *node)
{
    if (!ims->sequenced) {
        return NULL;
    }
    json_t *object = import_sequencing_json(ims->source, ims->manifest, node);
    if (ims->source->items.size == 0) {
        json_t *root = import_sequencing_json(ims->source, ims->manifest, ims->sequenced);
        struct bytes id = import_xml_attribute(ims->source, ims->sequenced, "identifier");
        json_object_set_new(root, "identifier", json_stringn(id.size ? (const char *)id.data : "", id.size));
        json_object_set_new(object, "organization", root);
    }
    if (json_object_size(object) == 0) {
        json_decref(object);
        object = NULL;
    }
    return object;
}

/* What SCORM lets the manifest tell the content (CAM 3.4.1): 1.2 and 2004 write some names differently. */
static struct bytes details_of(struct ims *ims, xmlNode *node, double mastery)
{
    struct import_source *source = ims->source;
    struct bytes data = import_xml_text(source, import_xml_child(node, "datafromlms"));
    xmlNode *threshold = import_xml_child(node, "completionThreshold");
    double measure = -1;

    data = data.size > 0 ? data : import_xml_text(source, import_xml_child(node, "dataFromLMS"));
    if (!import_xml_number(import_xml_attribute(source, threshold, "minProgressMeasure"), &measure) &&
        !import_xml_number(import_xml_text(source, threshold), &measure)) {
        measure = -1;
    }
    struct bytes action = import_xml_text(source, import_xml_child(node, "timelimitaction"));
    const struct import_detail details[] = {
        {.name = "launchData", .text = data, .number = -1},
        {.name = "maxTimeAllowed", .text = import_xml_text(source, import_xml_child(node, "maxtimeallowed")), .number = -1},
        {.name = "timeLimitAction",
         .text = action.size > 0 ? action : import_xml_text(source, import_xml_child(node, "timeLimitAction")),
         .number = -1},
        {.name = "prerequisites", .text = import_xml_text(source, import_xml_child(node, "prerequisites")), .number = -1},
        {.name = "completionThreshold", .number = measure},
        {.name = "masteryScore", .number = exact_of(mastery)},
        {.name = "sequencing", .number = -1, .object = sequencing_of(ims, node)},
        {.name = NULL},
    };
    return import_source_details(source, details);
}

static enum status add_item(struct ims *ims, xmlNode *node, uint32_t depth)
{
    struct bytes reference = import_xml_attribute(ims->source, node, "identifierref");
    struct bytes parameters = import_xml_attribute(ims->source, node, "parameters");
    struct course_item item = {.depth = depth, .entry = bytes_of("", 0), .kind = bytes_text("heading")};
    enum status status = S_OK;

    item.id = import_xml_attribute(ims->source, node, "identifier");
    item.title = import_xml_text(ims->source, import_xml_child(node, "title"));
    item.title = item.title.size > 0 ? item.title : item.id;
    double mastery = mastery_of(ims, node);
    item.mastery_percent = percent_of(mastery);
    item.details = details_of(ims, node, mastery);
    if (reference.size > 0) {
        xmlNode *resource = find_resource(ims, reference);

        if (!resource) {
            return report_set(ims->report, S_INVALID,
                              "%s: item \"%.*s\" refers to resource \"%.*s\", which is not declared",
                              ims->name, (int)item.title.size, (const char *)item.title.data,
                              (int)reference.size, (const char *)reference.data);
        }
        status = open_resource(ims, resource, parameters, &item);
    }
    import_source_add_item(ims->source, item);
    return status;
}

/* The whole tree below `top`, in document order, without recursion. */
static enum status add_items(struct ims *ims, xmlNode *top)
{
    xmlNode *node = import_xml_child(top, "item");
    uint32_t depth = 0;

    while (node) {
        xmlNode *child = import_xml_child(node, "item");
        enum status status = add_item(ims, node, depth);

        if (status != S_OK) {
            return status;
        }
        if (child) {
            node = child;
            depth++;
            continue;
        }
        while (node != top && !import_xml_next(node, "item")) {
            node = node->parent;
            depth -= node != top ? 1 : 0;
        }
        node = node == top ? NULL : import_xml_next(node, "item");
    }
    return S_OK;
}

/* Other orders of the same resources, of which a package may have several (CAM 3.4.1.7): one is taken. */
static void others_note(struct ims *ims, const xmlNode *taken)
{
    unsigned count = 0;

    for (const xmlNode *node = taken ? taken->parent->children : NULL; node; node = node->next) {
        count += node != taken && import_xml_is(node, "organization");
    }
    if (count > 0) {
        import_source_note(ims->source, "%s has %u more organization(s) than the default one, which is taken alone", ims->name, count);
    }
}

/* The default organization, or the first one. */
static xmlNode *organization_of(struct ims *ims)
{
    struct bytes missing = bytes_of("", 0);
    xmlNode *organization = import_organization_of(ims->source, ims->manifest, &missing);

    if (missing.size > 0) {
        import_source_note(ims->source,
                           "%s: the default organization \"%.*s\" does not exist, the first one is used",
                           ims->name, (int)missing.size, (const char *)missing.data);
    }
    others_note(ims, organization);
    return organization;
}

/* Of a page among the resources, or of questions: a test stands for its items (QTI 2). */
static bool is_opened_alone(struct ims *ims, const xmlNode *resource, bool has_test)
{
    struct bytes type = import_xml_attribute(ims->source, resource, "type");

    if (!import_text_has(type, "imsqti")) {
        return bytes_equal(type, bytes_text("webcontent")) && import_xml_attribute(ims->source, resource, "href").size > 0;
    }
    return !import_text_has(type, "question-bank") && (!has_test || import_text_has(type, "imsqti_test"));
}

/* What the file of a resource calls itself, or how it is called. */
static struct bytes title_of(struct ims *ims, xmlNode *resource)
{
    struct bytes href = import_xml_attribute(ims->source, resource, "href"), title = bytes_of("", 0);

    href = href.size > 0 ? href : import_xml_attribute(ims->source, import_xml_child(resource, "file"), "href");
    const struct import_file *file = import_text_has(import_xml_attribute(ims->source, resource, "type"), "imsqti")
                                         ? import_source_find_target(ims->source, base_of(ims, resource), href)
                                         : NULL;
    xmlDoc *doc = file && file->content.data ? import_xml_parse(file, NULL) : NULL;
    if (doc) {
        xmlNode *top = xmlDocGetRootElement(doc), *inner = import_xml_child(top, "assessment");
        title = import_xml_attribute(ims->source, inner ? inner : top, "title");
        xmlFreeDoc(doc);
    }
    return title.size > 0 ? title : href;
}

/* Without items in the organization every page among the resources is one. */
static enum status add_resources(struct ims *ims)
{
    xmlNode *list = import_xml_child(ims->manifest, "resources");
    enum status status = S_OK;
    bool has_test = false;

    for (xmlNode *node = import_xml_child(list, "resource"); node; node = import_xml_next(node, "resource")) {
        has_test = has_test || import_text_has(import_xml_attribute(ims->source, node, "type"), "imsqti_test");
    }
    for (xmlNode *node = import_xml_child(list, "resource"); node && status == S_OK;
         node = import_xml_next(node, "resource")) {
        struct course_item item = {.mastery_percent = -1, .entry = bytes_of("", 0)};

        item.id = import_xml_attribute(ims->source, node, "identifier");
        if (is_opened_alone(ims, node, has_test)) {
            item.title = title_of(ims, node);
            status = open_resource(ims, node, bytes_of("", 0), &item);
            import_source_add_item(ims->source, item);
        }
    }
    return status;
}

/* lom/general/title and language, in the forms of LOM 1.0 (string) and of SCORM 1.2 (langstring). */
static void take_metadata(struct ims *ims)
{
    xmlNode *metadata = import_xml_child(ims->manifest, "metadata"), *lom = import_xml_child(metadata, "lom");
    xmlNode *general = import_xml_child(lom ? lom : metadata, "general"); /* MIT OpenCourseWare leaves out the element around it */
    xmlNode *title = import_xml_child(general, "title");
    xmlNode *text = import_xml_child(title, "string") ? import_xml_child(title, "string")
                                                      : import_xml_child(title, "langstring");
    struct import_description *description = &ims->source->description;
    struct bytes lang = import_xml_text(ims->source, import_xml_child(general, "language"));

    if (description->title.size == 0 || description->format == PACKAGE_COMMON_CARTRIDGE) {
        struct bytes better = import_xml_text(ims->source, text);

        description->title = better.size > 0 ? better : description->title;
    }
    if (lang.size == 0) {
        lang = import_xml_attribute(ims->source, text, "lang");
    }
    if (lang.size == 0) {
        lang = import_xml_attribute(ims->source, text, "language");
    }
    lang = import_source_lang(lang);
    description->lang = lang.size > 0 ? lang : description->lang;
}

/* The one mastery score that the items state, when they agree. */
static int32_t common_mastery(const struct import_source *source)
{
    const struct course_item *items = (const struct course_item *)(const void *)source->items.data;
    int32_t common = -1;

    for (size_t i = 0; i < source->items.size / sizeof items[0]; i++) {
        if (items[i].mastery_percent < 0 || items[i].mastery_percent == common) {
            continue;
        }
        if (common >= 0) {
            return -1;
        }
        common = items[i].mastery_percent;
    }
    return common;
}

/* The pages of an organization whose items open none: those among the resources. */
static enum status pages_find(struct ims *ims)
{
    bool has_items = ims->source->items.size > 0;
    enum status status = import_items_open(ims->source) ? S_OK : add_resources(ims);

    if (status != S_OK || import_items_open(ims->source)) {
        return status;
    }
    return report_set(ims->report, S_INVALID,
                      has_items ? "%s: no item opens a file (its resources have no href): there is nothing to learn in it"
                                : "%s has neither items nor pages to open",
                      ims->name);
}

static enum status describe_organization(struct ims *ims)
{
    struct import_description *description = &ims->source->description;
    xmlNode *organization = organization_of(ims), *top = organization;
    xmlNode *only = import_xml_child(organization, "item");
    enum status status;

    description->title = import_xml_text(ims->source, import_xml_child(organization, "title"));
    take_metadata(ims);
    /* A cartridge wraps its table of contents in one item without a title. */
    if (description->format == PACKAGE_COMMON_CARTRIDGE && only && !import_xml_next(only, "item") &&
        !import_xml_child(only, "title")) {
        top = only;
    }
    if (description->format == PACKAGE_SCORM2004 && import_sequencing_is_in(organization)) {
        ims->sequenced = organization;
    }
    status = top ? add_items(ims, top) : S_OK;
    status = status == S_OK ? pages_find(ims) : status;
    description->mastery_percent = percent_of(mastery_of(ims, organization));
    if (description->mastery_percent < 0) {
        description->mastery_percent = common_mastery(ims->source);
    }
    return status == S_OK && !import_items_tell_apart(ims->source, ims->name) ? S_NO_MEMORY : status;
}

enum status import_manifest_ims(struct import_source *source, const struct import_file *file,
                                struct report *report)
{
    struct ims ims = {.source = source, .report = report, .name = "imsmanifest.xml"};
    xmlDoc *doc = import_repair_parse(source, file, report);
    enum status status = S_NO_MEMORY;

    if (!doc) {
        return report->status;
    }
    ims.manifest = xmlDocGetRootElement(doc);
    if (!ims.manifest || !import_xml_is(ims.manifest, "manifest")) {
        status = report_set(report, S_INVALID, "imsmanifest.xml does not begin with a <manifest> element");
    } else {
        ims.base = extend_base(&ims, source->root, ims.manifest);
        source->description.format = import_ims_format(source, ims.manifest);
        import_submanifests_unfold(source, ims.manifest);
        if (load_resources(&ims)) {
            status = describe_organization(&ims);
        }
        if (status == S_OK) {
            note_missing_files(&ims);
        }
    }
    xmlFreeDoc(doc);
    return status == S_NO_MEMORY ? report_set(report, status, "imsmanifest.xml is too large to be read")
                                 : status;
}
