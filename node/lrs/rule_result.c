/* Verbs, results and attachments: xAPI 1.0.3 part 2 sections 2.4.3, 2.4.5, 2.4.11; IEEE 9274.1.1
 * sections 4.2.2.2, 4.2.2.4, 4.2.2.6. */
#include "node/lrs/rule.h"

#include <string.h>

bool rule_verb(struct rules *rules, const struct tree *value)
{
    static const struct rule table[] = {
        {.name = "id", .check = rule_iri, .is_required = true},
        {.name = "display", .check = rule_language_map},
    };

    return RULE_OBJECT(rules, value, table);
}

static bool rule_scaled(struct rules *rules, const struct tree *value)
{
    if (!rule_decimal(rules, value)) {
        return false;
    }
    double scaled = tree_number(value);
    return (scaled >= -1 && scaled <= 1) || rule_fault(rules, "must be between -1 and 1");
}

static bool rule_score(struct rules *rules, const struct tree *value)
{
    static const struct rule table[] = {
        {.name = "scaled", .check = rule_scaled},
        {.name = "raw", .check = rule_decimal},
        {.name = "min", .check = rule_decimal},
        {.name = "max", .check = rule_decimal},
    };

    if (!RULE_OBJECT(rules, value, table)) {
        return false;
    }
    const struct tree *raw = tree_find(value, "raw"), *min = tree_find(value, "min"),
                      *max = tree_find(value, "max");
    if (min && max && tree_number(min) >= tree_number(max)) {
        return rule_fault(rules, "min must be less than max");
    }
    if (raw &&
        ((min && tree_number(raw) < tree_number(min)) || (max && tree_number(raw) > tree_number(max)))) {
        return rule_fault(rules, "raw must lie between min and max");
    }
    return true;
}

static bool rule_duration(struct rules *rules, const struct tree *value)
{
    int64_t ms;

    return (value->type == TREE_STRING && format_duration_parse(value->text, &ms)) ||
           rule_fault(rules, "must be a duration of ISO 8601");
}

bool rule_result(struct rules *rules, const struct tree *value)
{
    static const struct rule table[] = {
        {.name = "score", .check = rule_score},        {.name = "success", .check = rule_boolean},
        {.name = "completion", .check = rule_boolean}, {.name = "response", .check = rule_string},
        {.name = "duration", .check = rule_duration},  {.name = "extensions", .check = rule_extensions},
    };

    return RULE_OBJECT(rules, value, table);
}

/* --- attachments --- */

static bool rule_media_type(struct rules *rules, const struct tree *value)
{
    return (value->type == TREE_STRING && format_is_media_type(value->text)) ||
           rule_fault(rules, "must be an Internet media type");
}

static bool rule_length(struct rules *rules, const struct tree *value)
{
    bool is_whole = value->type == TREE_NUMBER && !memchr(value->text.data, '.', value->text.size) &&
                    !memchr(value->text.data, 'e', value->text.size) &&
                    !memchr(value->text.data, 'E', value->text.size);

    return (is_whole && value->text.data[0] != '-') || rule_fault(rules, "must be a whole number of octets");
}

static bool rule_sha2(struct rules *rules, const struct tree *value)
{
    return (value->type == TREE_STRING && format_is_sha2(value->text)) ||
           rule_fault(rules, "must be a SHA-2 in hexadecimal digits");
}

static bool rule_attachment(struct rules *rules, const struct tree *value)
{
    static const struct rule table[] = {
        {.name = "usageType", .check = rule_iri, .is_required = true},
        {.name = "display", .check = rule_language_map, .is_required = true},
        {.name = "description", .check = rule_language_map},
        {.name = "contentType", .check = rule_media_type, .is_required = true},
        {.name = "length", .check = rule_length, .is_required = true},
        {.name = "sha2", .check = rule_sha2, .is_required = true},
        {.name = "fileUrl", .check = rule_iri},
    };

    return RULE_OBJECT(rules, value, table);
}

bool rule_attachments(struct rules *rules, const struct tree *value)
{
    return rule_array(rules, value, rule_attachment);
}
