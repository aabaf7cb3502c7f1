/* import_page.h: a page by itself: what kind it is, and what it calls itself. Child only (import_child.h). */
#ifndef QANAT_NODE_LEARN_IMPORT_IMPORT_PAGE_H
#define QANAT_NODE_LEARN_IMPORT_IMPORT_PAGE_H

#include "node/learn/import/import_source.h"

enum page_kind { PAGE_NONE, PAGE_HTML, PAGE_MARKDOWN };

/* By its name. */
enum page_kind import_page_kind(struct bytes path);

/* The <title> of a page of HTML and the lang of its <html>; the first heading of one of Markdown, outside comments, front matter and code. "" where it has
 * none. */
struct bytes import_page_title(struct import_source *source, const struct import_file *file, struct bytes *lang_out);

#endif
