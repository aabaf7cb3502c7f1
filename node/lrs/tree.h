/* tree.h: JSON (RFC 8259) of strangers as a tree in an arena.
 *
 * Stricter than the grammar where a statement must mean one thing: member names are unique, strings are UTF-8
 * without NUL or lone surrogates, numbers are finite. Numbers keep the digits they came with, so that what is
 * stored is what was said. Depth, members of an object and memory are bounded. Strings without escapes are
 * borrowed from the input, which must stay as long as the tree. */
#ifndef QANAT_NODE_LRS_TREE_H
#define QANAT_NODE_LRS_TREE_H

#include "replication/base/arena.h"
#include "replication/base/status.h"

enum {
    TREE_DEPTH_MAX = 64,     /* arrays and objects inside each other */
    TREE_MEMBERS_MAX = 1024, /* members of one object */
    TREE_NUMBER_MAX = 64,    /* characters of a number */
};

enum tree_type { TREE_NULL, TREE_FALSE, TREE_TRUE, TREE_NUMBER, TREE_STRING, TREE_ARRAY, TREE_OBJECT };

struct tree {
    enum tree_type type;
    bool is_plain;     /* the text prints as it is, between quotes */
    uint32_t count;    /* members or elements */
    struct bytes key;  /* of a member, decoded */
    struct bytes text; /* string: decoded; number: as written */
    struct tree *first, *last, *next;
};

/* Reads one value that fills `json`. S_INVALID with what and where in the report; S_TOO_LARGE when the arena
 * is full. */
enum status tree_parse(struct bytes json, struct arena *arena, struct tree **tree_out, struct report *report);

/* The member of an object; NULL when there is none (or `object` is NULL or no object). */
struct tree *tree_find(const struct tree *object, const char *key);

/* The text of a string member; empty (data NULL) when there is none. */
struct bytes tree_text(const struct tree *object, const char *key);

bool tree_is_text(const struct tree *string, const char *text);
double tree_number(const struct tree *number);

/* Making and changing. NULL when the arena is full. Texts are borrowed. */
struct tree *tree_new(struct arena *arena, enum tree_type type);
struct tree *tree_string(struct arena *arena, struct bytes text);
void tree_append(struct tree *parent, struct tree *child);
void tree_put(struct tree *object, const char *key,
              struct tree *value); /* `key` is a literal; replaces in place */
void tree_remove(struct tree *object, const char *key);

/* A copy of one node that shares its children; for the roots of altered answers. */
struct tree *tree_share(struct arena *arena, const struct tree *tree);

/* The same value, whatever the order of members and the writing of numbers. */
bool tree_equal(const struct tree *a, const struct tree *b);

/* Appends `tree` without blanks. */
void tree_print(const struct tree *tree, struct buffer *out);

/* Appends a text in quotes, escaped. */
void tree_print_text(struct bytes text, struct buffer *out);

#endif
