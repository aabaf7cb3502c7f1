/* The rules of a SCORM 2004 manifest, as they reach the player. */
#include "node/learn/import/import_sequencing.h"

#include <string.h>

#include "tests/kit/import.h"

#define HEAD                                                                                                 \
    "<manifest xmlns:adlcp='http://www.adlnet.org/xsd/adlcp_v1p3' "                                          \
    "xmlns:s='http://www.imsglobal.org/xsd/imsss'"                                                           \
    " xmlns:q='http://www.adlnet.org/xsd/adlseq_v1p3'><metadata><schemaversion>2004 4th "                    \
    "Edition</schemaversion></metadata>"                                                                     \
    "<organizations><organization identifier='o'><title>T</title>"
#define TAIL                                                                                                 \
    "</organization></organizations><resources><resource identifier='r' adlcp:scormType='sco' "              \
    "href='i.html'/></resources>"

static json_t *details(const struct manifest *manifest, size_t i)
{
    json_t *object =
        json_loadb((const char *)manifest->items[i].details.data, manifest->items[i].details.size, 0, NULL);

    assert_non_null(object);
    return object;
}

static const char *text_of(json_t *object, const char *list, size_t i, const char *name)
{
    json_t *found = json_object_get(object, list);

    found = json_is_array(found) ? json_array_get(found, i) : found;
    return json_string_value(json_object_get(found, name));
}

static const struct manifest *read(struct kit_import *import, const char *xml)
{
    const struct kit_file files[] = {{"imsmanifest.xml", xml}, {"i.html", "x"}, {NULL, NULL}};

    kit_archive_write(import->path, KIT_ZIP, files);
    assert_int_equal(kit_import_read(import), S_OK);
    return &import->package.manifest;
}

static void rules_come_with_the_item_and_what_it_lacks_from_the_collection(void **state)
{
    struct kit_import *import = *state;
    const struct manifest *manifest = read(
        import, HEAD
        "<item identifier='a' identifierref='r' isvisible='false'><title>A</title><s:sequencing "
        "IDRef='c'><s:sequencingRules><s:preConditionRule>"
        "<s:ruleConditions conditionCombination='any'><s:ruleCondition "
        "condition='objectiveMeasureGreaterThan' measureThreshold='0.5' "
        "operator='not' referencedObjective='x'/></s:ruleConditions><s:ruleAction "
        "action='skip'/></s:preConditionRule></s:sequencingRules>"
        "<s:objectives><s:primaryObjective objectiveID='p' "
        "satisfiedByMeasure='true'><s:minNormalizedMeasure>0.6</s:minNormalizedMeasure>"
        "<s:mapInfo targetObjectiveID='g' writeSatisfiedStatus='true'/></s:primaryObjective></s:objectives>"
        "<q:objectives><q:objective objectiveID='p'><q:mapInfo targetObjectiveID='raw' "
        "writeRawScore='true'/></q:objective></q:objectives>"
        "</s:sequencing></item><item identifier='b' identifierref='r'><title>B</title></item>"
        "<s:sequencing><s:controlMode flow='true' forwardOnly='true'/><s:limitConditions "
        "attemptLimit='2'/></s:sequencing>" TAIL
        "<s:sequencingCollection><s:sequencing ID='c'><s:deliveryControls tracked='false'/><s:rollupRules "
        "objectiveMeasureWeight='0'>"
        "<s:rollupRule childActivitySet='any'><s:rollupConditions><s:rollupCondition "
        "condition='attempted'/></s:rollupConditions>"
        "<s:rollupAction "
        "action='completed'/></s:rollupRule></s:rollupRules><s:sequencingRules/></s:sequencing></"
        "s:sequencingCollection></manifest>");
    json_t *first = details(manifest, 0), *rules = json_object_get(first, "sequencing");
    json_t *rule = json_array_get(json_object_get(rules, "preConditionRule"), 0),
           *objective = json_array_get(json_object_get(rules, "objectives"), 0);

    assert_string_equal(json_string_value(json_object_get(rule, "action")), "skip");
    assert_string_equal(json_string_value(json_object_get(rule, "conditionCombination")), "any");
    assert_string_equal(text_of(rule, "conditions", 0, "measureThreshold"), "0.5");
    assert_string_equal(text_of(rules, "deliveryControls", 0, "tracked"), "false");
    assert_string_equal(text_of(rules, "rollup", 0, "objectiveMeasureWeight"), "0");
    assert_string_equal(text_of(json_object_get(rules, "rollup"), "rules", 0, "action"), "completed");
    assert_true(json_is_true(json_object_get(objective, "primary")));
    assert_string_equal(json_string_value(json_object_get(objective, "minNormalizedMeasure")), "0.6");
    assert_string_equal(text_of(objective, "maps", 0, "targetObjectiveID"), "g");
    assert_string_equal(text_of(objective, "maps", 1, "writeRawScore"), "true");
    assert_true(json_is_false(json_object_get(rules, "visible")));
    rules = json_object_get(rules, "organization");
    assert_string_equal(json_string_value(json_object_get(rules, "identifier")), "o");
    assert_string_equal(text_of(rules, "controlMode", 0, "forwardOnly"), "true");
    assert_string_equal(text_of(rules, "limitConditions", 0, "attemptLimit"), "2");
    assert_int_equal(manifest->items[1].details.size, 0); /* nothing is said of it */
    json_decref(first);
    import_package_release(&import->package);
}

static void one_item_or_no_rules_leave_nothing_to_decide(void **state)
{
    static const char *const manifests[] = {
        HEAD "<item identifier='a' identifierref='r'><title>A</title></item><s:sequencing><s:controlMode "
             "flow='true'/></s:sequencing>" TAIL "</manifest>",
        HEAD "<item identifier='a' identifierref='r'><title>A</title></item><item identifier='b' "
             "identifierref='r'><title>B</title></item>" TAIL "</manifest>"};
    struct kit_import *import = *state;

    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(read(import, manifests[i])->items[0].details.size, 0);
        import_package_release(&import->package);
    }
}

static void rules_without_end_are_cut_and_noted(void **state)
{
    struct kit_import *import = *state;
    struct buffer xml;

    buffer_init(&xml);
    buffer_append(&xml, HEAD, strlen(HEAD));
    const char item[] =
        "<item identifier='a' "
        "identifierref='r'><title>A</title><dataFromLMS>kept</dataFromLMS><s:sequencing><s:sequencingRules>";
    buffer_append(&xml, item, strlen(item));
    for (int i = 0; i < 400; i++) { /* each longer than a 64th of the room */
        static const char rule[] = "<s:preConditionRule><s:ruleConditions><s:ruleCondition "
                                   "condition='satisfied' referencedObjective='"
                                   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                                   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                                   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                                   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                                   "'/></s:ruleConditions><s:ruleAction action='skip'/></s:preConditionRule>";
        buffer_append(&xml, rule, strlen(rule));
    }
    const char end[] = "</s:sequencingRules></s:sequencing></item><item identifier='b' "
                       "identifierref='r'><title>B</title></item>" TAIL "</manifest>";
    buffer_append(&xml, end, sizeof end);
    const struct manifest *manifest = read(import, (const char *)xml.data);
    json_t *first = details(manifest, 0);
    assert_string_equal(json_string_value(json_object_get(first, "launchData")), "kept");
    assert_null(json_object_get(first, "sequencing"));
    assert_non_null(memmem(import->package.notes.data, import->package.notes.size, "sequencing", 10));
    json_decref(first);
    buffer_release(&xml);
    import_package_release(&import->package);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_IMPORT_TEST(rules_come_with_the_item_and_what_it_lacks_from_the_collection),
        KIT_IMPORT_TEST(one_item_or_no_rules_leave_nothing_to_decide),
        KIT_IMPORT_TEST(rules_without_end_are_cut_and_noted),
    };
    return KIT_RUN(tests);
}
