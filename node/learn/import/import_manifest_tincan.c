/* tincan.xml: which page opens, of a package made for Tin Can (xAPI before cmi5). Source: "Tin Can launch" by Rustici Software,
 * tincan.xsd: the first activity with a <launch> is what a learner starts; the others are parts that its pages report on.
 *
 * The authoring tools that write it put pages of their own beside that one (index_lms.html, analytics-frame.html), which by their
 * names would come first. The activity's id travels in the item's details: by it a node knows that the page is to be told, in its address, where the record
 * store is and who learns (node/learn/attempt/xapi.c), and finds the page's statements. */
#include "node/learn/import/import_describe.h"
#include "node/learn/import/import_repair.h"

static bool describe(struct import_source *source, xmlNode *launch)
{
    struct import_description *description = &source->description;
    struct course_item item = {.mastery_percent = -1, .kind = bytes_text("page")};
    struct bytes lang = import_xml_attribute(source, launch, "lang");
    const struct import_detail details[] = {
        {.name = "activityId", .text = launch ? import_xml_attribute(source, launch->parent, "id") : bytes_of("", 0), .number = -1},
        {.name = NULL},
    };

    if (!launch || import_source_resolve(source, source->root, import_xml_text(source, launch), &item.entry) != TARGET_MEMBER) {
        return false;
    }
    item.id = item.entry;
    item.details = import_source_details(source, details);
    item.title = import_xml_text(source, import_xml_child(launch->parent, "name"));
    description->format = PACKAGE_PLAIN;
    description->title = item.title;
    description->lang = import_source_lang(lang);
    item.title = item.title.size > 0 ? item.title : item.id;
    import_source_add_item(source, item);
    if (item.details.size == 0) {
        import_source_note(source, "tincan.xml says what opens, and no id of the activity: what its pages report by xAPI is not recorded");
    }
    return true;
}

bool import_manifest_tincan(struct import_source *source, const struct import_file *file)
{
    struct report ignored = {.status = S_OK};
    xmlDoc *doc = import_repair_parse(source, file, &ignored);
    bool is_told = doc && describe(source, import_xml_find(doc, "launch"));

    xmlFreeDoc(doc);
    return is_told;
}
