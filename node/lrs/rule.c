#include "node/lrs/rule.h"

#include <string.h>

void rules_init(struct rules *rules, enum lrs_version version, struct report *report)
{
    rules->version = version;
    rules->report = report;
    rules->place[0] = '\0';
    rules->place_size = 0;
}

bool rule_fault(struct rules *rules, const char *what)
{
    report_set(rules->report, S_INVALID, "%s%s%s", rules->place_size ? rules->place : "the statement", ": ",
               what);
    return false;
}

/* Moves into a property; returns where to come back to. */
static size_t place_enter(struct rules *rules, struct bytes name)
{
    size_t before = rules->place_size;
    size_t room = sizeof rules->place - before - 1, size = name.size + (before > 0);

    if (size > room) {
        return before;
    }
    if (before > 0) {
        rules->place[before] = '.';
    }
    memcpy(rules->place + before + (before > 0), name.data, name.size);
    rules->place_size = before + size;
    rules->place[rules->place_size] = '\0';
    return before;
}

static void place_leave(struct rules *rules, size_t before)
{
    rules->place_size = before;
    rules->place[before] = '\0';
}

static const struct rule *rule_find(const struct rules *rules, const struct rule *table, size_t count,
                                    struct bytes name)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes_equal(bytes_text(table[i].name), name) && (!table[i].is_new || rules->version == LRS_2_0)) {
            return &table[i];
        }
    }
    return NULL;
}

bool rule_object(struct rules *rules, const struct tree *value, const struct rule *table, size_t count)
{
    uint32_t seen = 0;

    if (value->type != TREE_OBJECT) {
        return rule_fault(rules, "must be an object");
    }
    for (const struct tree *member = value->first; member; member = member->next) {
        const struct rule *rule = rule_find(rules, table, count, member->key);
        size_t before = place_enter(rules, member->key);
        if (!rule) {
            return rule_fault(rules, "is no property that may stand here");
        }
        if (!rule->check(rules, member)) {
            return false;
        }
        seen |= 1u << (rule - table);
        place_leave(rules, before);
    }
    for (size_t i = 0; i < count; i++) {
        if (table[i].is_required && !(seen & 1u << i)) {
            place_enter(rules, bytes_text(table[i].name));
            return rule_fault(rules, "is missing");
        }
    }
    return true;
}

bool rule_array(struct rules *rules, const struct tree *value, rule_check *check)
{
    if (value->type != TREE_ARRAY) {
        return rule_fault(rules, "must be an array");
    }
    for (const struct tree *element = value->first; element; element = element->next) {
        if (!check(rules, element)) {
            return false;
        }
    }
    return true;
}

/* --- simple values --- */

bool rule_string(struct rules *rules, const struct tree *value)
{
    return value->type == TREE_STRING || rule_fault(rules, "must be a string");
}

bool rule_boolean(struct rules *rules, const struct tree *value)
{
    return value->type == TREE_TRUE || value->type == TREE_FALSE ||
           rule_fault(rules, "must be true or false");
}

bool rule_decimal(struct rules *rules, const struct tree *value)
{
    return value->type == TREE_NUMBER || rule_fault(rules, "must be a number");
}

bool rule_iri(struct rules *rules, const struct tree *value)
{
    return (value->type == TREE_STRING && format_is_iri(value->text)) ||
           rule_fault(rules, "must be an IRI with its scheme");
}

bool rule_uuid(struct rules *rules, const struct tree *value)
{
    uint8_t uuid[LRS_UUID_SIZE];

    return (value->type == TREE_STRING && lrs_uuid_parse(value->text, uuid)) ||
           rule_fault(rules, "must be a UUID");
}

bool rule_time(struct rules *rules, const struct tree *value)
{
    int64_t ms;

    return (value->type == TREE_STRING && format_time_parse(value->text, rules->version, &ms)) ||
           rule_fault(rules, rules->version == LRS_2_0 ? "must be a timestamp of RFC 3339"
                                                       : "must be a timestamp of ISO 8601");
}

bool rule_language(struct rules *rules, const struct tree *value)
{
    return (value->type == TREE_STRING && format_is_language(value->text)) ||
           rule_fault(rules, "must be a language tag of RFC 5646");
}

bool rule_language_map(struct rules *rules, const struct tree *value)
{
    if (value->type != TREE_OBJECT) {
        return rule_fault(rules, "must be a language map");
    }
    for (const struct tree *member = value->first; member; member = member->next) {
        if (!format_is_language(member->key)) {
            return rule_fault(rules, "has a key that is no language tag of RFC 5646");
        }
        if (member->type != TREE_STRING) {
            return rule_fault(rules, "has a text that is no string");
        }
    }
    return true;
}

bool rule_extensions(struct rules *rules, const struct tree *value)
{
    if (value->type != TREE_OBJECT) {
        return rule_fault(rules, "must be an object");
    }
    for (const struct tree *member = value->first; member; member = member->next) {
        if (!format_is_iri(member->key)) {
            return rule_fault(rules, "has a key that is no IRI");
        }
    }
    return true;
}

/* --- the statement --- */

/* "1.0", "1.0.3", "2.0.0": of the major version that the request speaks, or with 2.0 of an older one. */
static bool rule_version(struct rules *rules, const struct tree *value)
{
    struct bytes text = value->text;
    bool is_good = value->type == TREE_STRING && text.size >= 3 && text.data[1] == '.' &&
                   text.data[2] == '0' &&
                   (text.data[0] == '1' || (text.data[0] == '2' && rules->version == LRS_2_0)) &&
                   (text.size == 3 || (text.size > 4 && text.data[3] == '.'));

    for (size_t i = 4; is_good && i < text.size; i++) {
        is_good = text.data[i] >= '0' && text.data[i] <= '9';
    }
    return is_good || rule_fault(rules, "must be a version that this server speaks, as 1.0.3 or 2.0.0");
}

bool rule_statement(struct rules *rules, const struct tree *statement)
{
    static const struct rule table[] = {
        {.name = "id", .check = rule_uuid},
        {.name = "actor", .check = rule_actor, .is_required = true},
        {.name = "verb", .check = rule_verb, .is_required = true},
        {.name = "object", .check = rule_any_object, .is_required = true},
        {.name = "result", .check = rule_result},
        {.name = "context", .check = rule_context},
        {.name = "timestamp", .check = rule_time},
        {.name = "stored", .check = rule_time},
        {.name = "authority", .check = rule_authority},
        {.name = "version", .check = rule_version},
        {.name = "attachments", .check = rule_attachments},
    };

    return RULE_OBJECT(rules, statement, table) && rule_together(rules, statement);
}
