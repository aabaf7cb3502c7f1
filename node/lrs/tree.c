/* One pass over the input with a stack of the open containers; no recursion, so depth costs no C stack. A
 * value is 80 bytes; with "0," as the smallest element a body grows at most forty-fold, and the arena's limit
 * ends it before that. */
#include "node/lrs/tree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"

struct parser {
    struct bytes json;
    size_t at;
    struct arena *arena;
    struct report *report;
    struct tree *open[TREE_DEPTH_MAX];
    size_t depth;
};

static enum status fault(struct parser *parser, const char *what)
{
    return report_set(parser->report, S_INVALID, "JSON: %s at byte %zu", what, parser->at);
}

static enum status full(struct parser *parser)
{
    return report_set(parser->report, S_TOO_LARGE, "JSON: too many values for the memory of one request");
}

static int peek(const struct parser *parser)
{
    return parser->at < parser->json.size ? parser->json.data[parser->at] : -1;
}

static void blanks_skip(struct parser *parser)
{
    int c = peek(parser);

    while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        parser->at++;
        c = peek(parser);
    }
}

/* --- strings --- */

static bool hex4(const struct parser *parser, size_t at, unsigned *out)
{
    *out = 0;
    if (at + 4 > parser->json.size) {
        return false;
    }
    for (size_t i = 0; i < 4; i++) {
        int c = parser->json.data[at + i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0) {
            return false;
        }
        *out = *out * 16 + (unsigned)digit;
    }
    return true;
}

static size_t utf8_put(uint8_t *out, unsigned code)
{
    if (code < 0x80) {
        out[0] = (uint8_t)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (uint8_t)(0xc0 | code >> 6);
        out[1] = (uint8_t)(0x80 | (code & 63));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (uint8_t)(0xe0 | code >> 12);
        out[1] = (uint8_t)(0x80 | (code >> 6 & 63));
        out[2] = (uint8_t)(0x80 | (code & 63));
        return 3;
    }
    out[0] = (uint8_t)(0xf0 | code >> 18);
    out[1] = (uint8_t)(0x80 | (code >> 12 & 63));
    out[2] = (uint8_t)(0x80 | (code >> 6 & 63));
    out[3] = (uint8_t)(0x80 | (code & 63));
    return 4;
}

/* "uXXXX" at the parser's place, with its second half where it is a surrogate. */
static bool unicode_take(struct parser *parser, uint8_t *out, size_t *size_io)
{
    unsigned code, low;

    if (!hex4(parser, parser->at + 1, &code) || code == 0) {
        return false;
    }
    parser->at += 5;
    if (code >= 0xd800 && code < 0xe000) {
        if (code >= 0xdc00 || peek(parser) != '\\' || parser->at + 1 >= parser->json.size ||
            parser->json.data[parser->at + 1] != 'u' || !hex4(parser, parser->at + 2, &low) || low < 0xdc00 ||
            low > 0xdfff) {
            return false;
        }
        parser->at += 6;
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    *size_io += utf8_put(out + *size_io, code);
    return true;
}

static bool escape_take(struct parser *parser, uint8_t *out, size_t *size_io)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    int c = peek(parser);

    if (c == 'u') {
        return unicode_take(parser, out, size_io);
    }
    const char *found = c > 0 ? strchr(from, c) : NULL;
    if (!found) {
        return false;
    }
    out[(*size_io)++] = (uint8_t)to[found - from];
    parser->at++;
    return true;
}

/* The rest of a string that has escapes, from `start` (behind the quote) on. */
static enum status string_decode(struct parser *parser, size_t start, struct bytes *text_out)
{
    size_t end = parser->at, size = 0;

    while (end < parser->json.size && parser->json.data[end] != '"') {
        end += parser->json.data[end] == '\\' ? 2 : 1;
    }
    if (end >= parser->json.size) {
        return fault(parser, "a string has no end");
    }
    uint8_t *out = arena_alloc(parser->arena, end - start);
    if (!out) {
        return full(parser);
    }
    parser->at = start;
    while (peek(parser) != '"') {
        int c = peek(parser);
        if (c < 0x20) {
            return fault(parser, "a control character in a string");
        }
        parser->at++;
        if (c != '\\') {
            out[size++] = (uint8_t)c;
        } else if (!escape_take(parser, out, &size)) {
            return fault(parser, "an escape that is none");
        }
    }
    parser->at++;
    *text_out = bytes_of(out, size);
    return S_OK;
}

static enum status string_take(struct parser *parser, struct bytes *text_out, bool *is_plain_out)
{
    size_t start = ++parser->at;
    const uint8_t *data = parser->json.data;

    while (parser->at < parser->json.size && data[parser->at] != '"' && data[parser->at] != '\\' &&
           data[parser->at] >= 0x20) {
        parser->at++;
    }
    *is_plain_out = peek(parser) == '"';
    if (*is_plain_out) {
        *text_out = bytes_of(data + start, parser->at - start);
        parser->at++;
        return S_OK;
    }
    return peek(parser) == '\\' ? string_decode(parser, start, text_out)
                                : fault(parser, "a string has no end");
}

/* --- numbers and words --- */

static size_t digits_take(struct parser *parser)
{
    size_t start = parser->at;

    while (peek(parser) >= '0' && peek(parser) <= '9') {
        parser->at++;
    }
    return parser->at - start;
}

static enum status number_take(struct parser *parser, struct tree *value)
{
    size_t start = parser->at;
    bool is_good, has_exponent = false;

    parser->at += peek(parser) == '-';
    bool has_zero = peek(parser) == '0';
    size_t whole = digits_take(parser);
    is_good = whole > 0 && (!has_zero || whole == 1);
    if (peek(parser) == '.') {
        parser->at++;
        is_good = digits_take(parser) > 0 && is_good;
    }
    if (peek(parser) == 'e' || peek(parser) == 'E') {
        has_exponent = true;
        parser->at++;
        parser->at += peek(parser) == '+' || peek(parser) == '-';
        is_good = digits_take(parser) > 0 && is_good;
    }
    value->text = bytes_of(parser->json.data + start, parser->at - start);
    if (!is_good || value->text.size > TREE_NUMBER_MAX || (has_exponent && !isfinite(tree_number(value)))) {
        parser->at = start;
        return fault(parser, "a number that is none, or has no finite value");
    }
    return S_OK;
}

static bool word_take(struct parser *parser, const char *word)
{
    size_t size = strlen(word);

    if (parser->json.size - parser->at < size || memcmp(parser->json.data + parser->at, word, size) != 0) {
        return false;
    }
    parser->at += size;
    return true;
}

/* --- values --- */

static enum status value_take(struct parser *parser, struct tree *value)
{
    switch (peek(parser)) {
    case '{':
    case '[':
        value->type = peek(parser) == '{' ? TREE_OBJECT : TREE_ARRAY;
        if (parser->depth == TREE_DEPTH_MAX) {
            return fault(parser, "values lie too deep in each other");
        }
        parser->open[parser->depth++] = value;
        parser->at++;
        return S_OK;
    case '"':
        value->type = TREE_STRING;
        return string_take(parser, &value->text, &value->is_plain);
    case 't':
        value->type = TREE_TRUE;
        return word_take(parser, "true") ? S_OK : fault(parser, "an unknown word");
    case 'f':
        value->type = TREE_FALSE;
        return word_take(parser, "false") ? S_OK : fault(parser, "an unknown word");
    case 'n':
        value->type = TREE_NULL;
        return word_take(parser, "null") ? S_OK : fault(parser, "an unknown word");
    default:
        value->type = TREE_NUMBER;
        return number_take(parser, value);
    }
}

static bool has_member(const struct tree *object, struct bytes key)
{
    for (const struct tree *member = object->first; member; member = member->next) {
        if (bytes_equal(member->key, key)) {
            return true;
        }
    }
    return false;
}

/* Name and colon of the next member. */
static enum status key_take(struct parser *parser, const struct tree *object, struct bytes *key_out)
{
    bool is_plain;

    if (peek(parser) != '"') {
        return fault(parser, "a member without a name");
    }
    enum status status = string_take(parser, key_out, &is_plain);
    if (status != S_OK) {
        return status;
    }
    if (object->count >= TREE_MEMBERS_MAX) {
        return fault(parser, "an object with too many members");
    }
    if (has_member(object, *key_out)) {
        return fault(parser, "a name that stands twice in one object");
    }
    blanks_skip(parser);
    if (peek(parser) != ':') {
        return fault(parser, "a member without a value");
    }
    parser->at++;
    blanks_skip(parser);
    return S_OK;
}

/* The next child of the innermost open container, or its end. */
static enum status child_take(struct parser *parser)
{
    struct tree *parent = parser->open[parser->depth - 1];
    bool is_object = parent->type == TREE_OBJECT;
    struct bytes key = {NULL, 0};
    enum status status = S_OK;

    blanks_skip(parser);
    if (peek(parser) == (is_object ? '}' : ']')) {
        parser->at++;
        parser->depth--;
        return S_OK;
    }
    if (parent->count > 0) {
        if (peek(parser) != ',') {
            return fault(parser, "a comma is missing");
        }
        parser->at++;
        blanks_skip(parser);
    }
    if (is_object) {
        status = key_take(parser, parent, &key);
    }
    if (status != S_OK) {
        return status;
    }
    struct tree *child = tree_new(parser->arena, TREE_NULL);
    if (!child) {
        return full(parser);
    }
    child->key = key;
    tree_append(parent, child);
    return value_take(parser, child);
}

enum status tree_parse(struct bytes json, struct arena *arena, struct tree **tree_out, struct report *report)
{
    struct parser parser = {.json = json, .arena = arena, .report = report};

    *tree_out = NULL;
    if (!utf8_is_valid(json)) {
        return report_set(report, S_INVALID, "JSON: this is not UTF-8, or holds a NUL");
    }
    struct tree *root = tree_new(arena, TREE_NULL);
    if (!root) {
        return full(&parser);
    }
    blanks_skip(&parser);
    enum status status = value_take(&parser, root);
    while (status == S_OK && parser.depth > 0) {
        status = child_take(&parser);
    }
    blanks_skip(&parser);
    if (status == S_OK && parser.at < json.size) {
        status = fault(&parser, "something follows the value");
    }
    if (status == S_OK) {
        *tree_out = root;
    }
    return status;
}

/* --- looking --- */

struct tree *tree_find(const struct tree *object, const char *key)
{
    if (!object || object->type != TREE_OBJECT) {
        return NULL;
    }
    struct bytes name = bytes_text(key);
    for (struct tree *member = object->first; member; member = member->next) {
        if (bytes_equal(member->key, name)) {
            return member;
        }
    }
    return NULL;
}

struct bytes tree_text(const struct tree *object, const char *key)
{
    const struct tree *member = tree_find(object, key);

    return member && member->type == TREE_STRING ? member->text : bytes_of(NULL, 0);
}

bool tree_is_text(const struct tree *string, const char *text)
{
    return string && string->type == TREE_STRING && bytes_equal(string->text, bytes_text(text));
}

double tree_number(const struct tree *number)
{
    char text[TREE_NUMBER_MAX + 1];

    if (number->text.size > TREE_NUMBER_MAX) {
        return INFINITY;
    }
    memcpy(text, number->text.data, number->text.size);
    text[number->text.size] = '\0';
    return strtod(text, NULL);
}

/* --- making --- */

struct tree *tree_new(struct arena *arena, enum tree_type type)
{
    struct tree *tree = arena_alloc(arena, sizeof *tree);

    if (tree) {
        memset(tree, 0, sizeof *tree);
        tree->type = type;
    }
    return tree;
}

struct tree *tree_string(struct arena *arena, struct bytes text)
{
    struct tree *tree = tree_new(arena, TREE_STRING);

    if (tree) {
        tree->text = text;
    }
    return tree;
}

void tree_append(struct tree *parent, struct tree *child)
{
    CHECK(parent->type == TREE_ARRAY || parent->type == TREE_OBJECT);
    child->next = NULL;
    if (parent->last) {
        parent->last->next = child;
    } else {
        parent->first = child;
    }
    parent->last = child;
    parent->count++;
}

void tree_remove(struct tree *object, const char *key)
{
    struct tree *before = NULL;

    for (struct tree *member = object->first; member; before = member, member = member->next) {
        if (!bytes_equal(member->key, bytes_text(key))) {
            continue;
        }
        if (before) {
            before->next = member->next;
        } else {
            object->first = member->next;
        }
        if (object->last == member) {
            object->last = before;
        }
        object->count--;
        return;
    }
}

void tree_put(struct tree *object, const char *key, struct tree *value)
{
    value->key = bytes_text(key);
    for (struct tree **at = &object->first; *at; at = &(*at)->next) {
        if (bytes_equal((*at)->key, value->key)) {
            value->next = (*at)->next;
            if (object->last == *at) {
                object->last = value;
            }
            *at = value;
            return;
        }
    }
    tree_append(object, value);
}

struct tree *tree_share(struct arena *arena, const struct tree *tree)
{
    struct tree *copy = arena_alloc(arena, sizeof *copy);

    if (copy) {
        *copy = *tree;
        copy->next = NULL;
    }
    return copy;
}
