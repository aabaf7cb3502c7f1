/* What a member of the roster may be called and contain; see roster.h. */
#include <string.h>

#include "replication/base/check.h"
#include "replication/trust/roster.h"

static const char *const kind_names[] = {
    [NODE_HUB] = "hub",           [NODE_NATIONAL] = "national", [NODE_TRAINING] = "training",
    [NODE_REGIONAL] = "regional", [NODE_CAMPUS] = "campus",
};

const char *node_kind_name(enum node_kind kind)
{
    return kind >= NODE_HUB && kind <= NODE_CAMPUS ? kind_names[kind] : "?";
}

bool node_kind_parse(const char *text, enum node_kind *kind_out)
{
    for (enum node_kind kind = NODE_HUB; kind <= NODE_CAMPUS; kind++) {
        if (strcmp(text, kind_names[kind]) == 0) {
            *kind_out = kind;
            return true;
        }
    }
    return false;
}

static bool is_printable(struct bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < 0x20 || text.data[i] == 0x7f) {
            return false;
        }
    }
    return utf8_is_valid(text);
}

enum status node_name_check(struct bytes name)
{
    if (name.size > NODE_NAME_MAX) {
        return S_TOO_LARGE;
    }
    if (name.size == 0 || !is_printable(name) || memchr(name.data, '~', name.size)) {
        return S_INVALID;
    }
    return name.data[0] == ' ' || name.data[name.size - 1] == ' ' ? S_INVALID : S_OK;
}

static bool country_is_valid(const char *country)
{
    if (country[0] == '\0') {
        return true;
    }
    return country[0] >= 'A' && country[0] <= 'Z' && country[1] >= 'A' && country[1] <= 'Z' &&
           country[2] == '\0';
}

bool country_take(char country[COUNTRY_SIZE])
{
    CHECK(memchr(country, 0, COUNTRY_SIZE));
    for (char *c = country; *c; c++) {
        *c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
    }
    return country_is_valid(country);
}

static bool endpoint_is_valid(const char *endpoint)
{
    if (endpoint[0] == '\0') {
        return true;
    }
    for (const char *c = endpoint; *c; c++) {
        if (*c <= ' ' || *c > '~') {
            return false;
        }
    }
    return strncmp(endpoint, "tcp://", 6) == 0 && endpoint[6] != '\0';
}

enum status roster_node_check(const struct roster_node *node, struct report *report)
{
    static const uint8_t zero[SIGN_PUBLIC_SIZE];

    if (!memchr(node->name, 0, sizeof node->name) || !memchr(node->country, 0, sizeof node->country) ||
        !memchr(node->region, 0, sizeof node->region) || !memchr(node->endpoint, 0, sizeof node->endpoint)) {
        return report_set(report, S_TOO_LARGE, "A text of the node is too long.");
    }
    if (node_name_check(bytes_text(node->name))) {
        return report_set(
            report, S_INVALID,
            "\"%s\" is no name for a node: 1 to %d bytes, no control characters, no \"~\", no blank "
            "at either end.",
            is_printable(bytes_text(node->name)) ? node->name : "?", NODE_NAME_MAX);
    }
    if (node->kind < NODE_HUB || node->kind > NODE_CAMPUS) {
        return report_set(report, S_INVALID, "Node \"%s\" has the unknown kind %d.", node->name,
                          (int)node->kind);
    }
    if (!country_is_valid(node->country)) {
        return report_set(report, S_INVALID,
                          "\"%s\" is no country: two capital letters of ISO 3166-1, such as KE.",
                          node->country);
    }
    if (!is_printable(bytes_text(node->region))) {
        return report_set(report, S_INVALID, "The region of node \"%s\" holds control characters.",
                          node->name);
    }
    if (!endpoint_is_valid(node->endpoint)) {
        return report_set(report, S_INVALID, "\"%s\" is no endpoint: write tcp://host:port.", node->endpoint);
    }
    if (memcmp(node->sign_public, zero, sizeof zero) == 0 ||
        memcmp(node->curve_public, zero, sizeof zero) == 0) {
        return report_set(report, S_INVALID, "Node \"%s\" has no keys.", node->name);
    }
    return S_OK;
}
