/* page.h: a small HTML page being written: everything a person or a peer named is escaped.
 *
 * The memory belongs to the page until page_take(). */
#ifndef QANAT_NODE_HTTP_PAGE_H
#define QANAT_NODE_HTTP_PAGE_H

#include <jansson.h>

#include "replication/base/bytes.h"

struct page {
    struct buffer html;
    const char *end; /* closes the document */
};

/* One column of a table: the member of a row (dots reach inside) and its heading. */
struct page_column {
    const char *key;
    const char *title;
};

/* Opens a document that needs no program, in a language of the catalogues (web.h), with its title and heading; `node` is
 * this node's name. */
void page_begin(struct page *page, const char *lang, const char *title, const char *node);

/* The foot of such a document: the same address in the other languages (`query`, escaped for an address, is added to
 * "?lang=..": "" or "&c=..."), and the ways to other pages. */
void page_foot(struct page *page, const char *lang, const char *address, const char *query);

/* The same where a browser with scripts shows an entry of node/web ("learner", "hub", ...): what follows is for all others. */
void page_begin_face(struct page *page, const char *title, const char *entry);

/* The page around a course. */
void page_begin_player(struct page *page);

/* Markup as it stands; use it for literals only. */
void page_markup(struct page *page, const char *markup);

/* Text, escaped; page_line() puts it into an element of its own, e.g. "p" or "h2". */
void page_text(struct page *page, const char *text);
void page_line(struct page *page, const char *element, const char *text);

/* A text of the catalogues with what stands in its gaps: "{issuer}" becomes the escaped and isolated text of that
 * name. `gaps` ends with a NULL name. */
struct page_gap {
    const char *name, *text;
};
void page_filled(struct page *page, const char *text, const struct page_gap *gaps);

/* A table of `rows` (array of objects); columns end with a NULL key. */
void page_table(struct page *page, const struct page_column *columns, json_t *rows);

/* Closes the document; the caller frees the text. */
char *page_take(struct page *page, size_t *size_out);

#endif
