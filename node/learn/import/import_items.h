/* import_items.h: looks at a table of contents once it is read: can it be opened, and each of its items?
 *
 * What people do is kept by the ids of items: of two that open pages under one id only the first could ever be opened. Child only. */
#ifndef QANAT_NODE_LEARN_IMPORT_IMPORT_ITEMS_H
#define QANAT_NODE_LEARN_IMPORT_IMPORT_ITEMS_H

#include "node/learn/import/import_source.h"

/* Does any item open a page? */
bool import_items_open(const struct import_source *source);

/* Items that open a page and have no id, or that of one before them, get ids of their own ("ID~2"), the same ones whenever the package is read;
 * noted, with the name of the manifest. False: no memory. */
bool import_items_tell_apart(struct import_source *source, const char *manifest);

#endif
