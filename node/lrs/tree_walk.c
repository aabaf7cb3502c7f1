/* Walking whole trees: comparing and printing. The stack holds one cursor for each open container; trees that
 * were made and not read are no deeper than what was read plus a few, which WALK_DEPTH_MAX allows for. */
#include <string.h>

#include "node/lrs/tree.h"
#include "replication/base/check.h"

enum { WALK_DEPTH_MAX = TREE_DEPTH_MAX + 16 };

static struct tree *member_of(const struct tree *object, struct bytes key)
{
    for (struct tree *member = object->first; member; member = member->next) {
        if (bytes_equal(member->key, key)) {
            return member;
        }
    }
    return NULL;
}

/* Equal but for what lies inside them. */
static bool is_like(const struct tree *a, const struct tree *b)
{
    if (a->type != b->type || a->count != b->count) {
        return false;
    }
    switch (a->type) {
    case TREE_STRING:
        return bytes_equal(a->text, b->text);
    case TREE_NUMBER:
        return bytes_equal(a->text, b->text) || tree_number(a) == tree_number(b);
    case TREE_NULL:
    case TREE_FALSE:
    case TREE_TRUE:
    case TREE_ARRAY:
    case TREE_OBJECT:
        break;
    }
    return true;
}

/* Where a comparison stands inside two containers: the next child of the one, and the other. */
struct pair {
    const struct tree *next;
    const struct tree *other;      /* object: whose member is looked up */
    const struct tree *other_next; /* array: the element in the same place */
};

static void pair_open(struct pair *pair, const struct tree *a, const struct tree *b)
{
    pair->next = a->first;
    pair->other = b;
    pair->other_next = b->first;
}

bool tree_equal(const struct tree *a, const struct tree *b)
{
    struct pair stack[WALK_DEPTH_MAX];
    size_t depth = 0;

    if (!is_like(a, b)) {
        return false;
    }
    pair_open(&stack[depth++], a, b);
    while (depth > 0) {
        struct pair *top = &stack[depth - 1];
        const struct tree *child = top->next;
        if (!child) {
            depth--;
            continue;
        }
        const struct tree *other =
            top->other->type == TREE_OBJECT ? member_of(top->other, child->key) : top->other_next;
        if (!other || !is_like(child, other)) {
            return false;
        }
        top->next = child->next;
        top->other_next = other->next;
        if (child->first) {
            CHECK(depth < WALK_DEPTH_MAX);
            pair_open(&stack[depth++], child, other);
        }
    }
    return true;
}

/* --- printing --- */

static void escape_print(uint8_t c, struct buffer *out)
{
    static const char hex[] = "0123456789abcdef";
    const char *names = "\b\f\n\r\t", *letters = "bfnrt";
    const char *found = c ? strchr(names, c) : NULL;
    char text[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};

    if (c == '"' || c == '\\') {
        text[1] = (char)c;
        buffer_append(out, text, 2);
    } else if (found) {
        text[1] = letters[found - names];
        buffer_append(out, text, 2);
    } else {
        buffer_append(out, text, sizeof text);
    }
}

void tree_print_text(struct bytes text, struct buffer *out)
{
    size_t start = 0;

    buffer_append_u8(out, '"');
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i];
        if (c >= 0x20 && c != '"' && c != '\\') {
            continue;
        }
        buffer_append(out, text.data + start, i - start);
        escape_print(c, out);
        start = i + 1;
    }
    buffer_append(out, text.data + start, text.size - start);
    buffer_append_u8(out, '"');
}

static void literal_print(struct buffer *out, const char *text)
{
    buffer_append(out, text, strlen(text));
}

/* A value without what lies inside it; containers are opened. */
static void value_print(const struct tree *value, struct buffer *out)
{
    switch (value->type) {
    case TREE_NULL:
        literal_print(out, "null");
        return;
    case TREE_FALSE:
        literal_print(out, "false");
        return;
    case TREE_TRUE:
        literal_print(out, "true");
        return;
    case TREE_NUMBER:
        buffer_append(out, value->text.data, value->text.size);
        return;
    case TREE_STRING:
        if (value->is_plain) {
            uint8_t *to = buffer_reserve(out, value->text.size + 2);
            to[0] = '"';
            memcpy(to + 1, value->text.data, value->text.size);
            to[value->text.size + 1] = '"';
            out->size += value->text.size + 2;
        } else {
            tree_print_text(value->text, out);
        }
        return;
    case TREE_ARRAY:
        buffer_append_u8(out, '[');
        return;
    case TREE_OBJECT:
        buffer_append_u8(out, '{');
        return;
    }
}

void tree_print(const struct tree *tree, struct buffer *out)
{
    struct {
        const struct tree *container, *next;
    } stack[WALK_DEPTH_MAX];
    size_t depth = 0;
    const struct tree *value = tree;

    while (value) {
        value_print(value, out);
        if (value->type == TREE_ARRAY || value->type == TREE_OBJECT) {
            CHECK(depth < WALK_DEPTH_MAX);
            stack[depth].container = value;
            stack[depth++].next = value->first;
        }
        value = NULL;
        while (depth > 0 && !value) {
            const struct tree *container = stack[depth - 1].container;
            value = stack[depth - 1].next;
            if (!value) {
                buffer_append_u8(out, container->type == TREE_OBJECT ? '}' : ']');
                depth--;
                continue;
            }
            stack[depth - 1].next = value->next;
            if (value != container->first) {
                buffer_append_u8(out, ',');
            }
            if (container->type == TREE_OBJECT) {
                tree_print_text(value->key, out);
                buffer_append_u8(out, ':');
            }
        }
    }
}
