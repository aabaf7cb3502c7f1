/* import_describe.h: finds out what a package is. Runs in the sandboxed child only (import_child.h). */
#ifndef QANAT_NODE_LEARN_IMPORT_IMPORT_DESCRIBE_H
#define QANAT_NODE_LEARN_IMPORT_IMPORT_DESCRIBE_H

#include "node/learn/import/import_source.h"

/* What the parent sends along: whole files up to this size when named so, ... */
enum { DESCRIBE_MANIFEST_MAX = 8 * 1024 * 1024 };
/* ... tables of contents in pages of HTML up to this, ... */
enum { DESCRIBE_CONTENTS_MAX = 256 * 1024 };
/* ... else small XML files and the beginnings of pages, until there are this many bytes. Where there are many pages, the
 * later ones have their titles looked for in less of them: a node has to do with 64 MiB. */
enum {
    DESCRIBE_HEAD_MAX = 16 * 1024,
    DESCRIBE_HEADS_LONG_MAX = 8 * 1024 * 1024, /* up to here a page gives DESCRIBE_HEAD_MAX, then ... */
    DESCRIBE_HEAD_SHORT = 3 * 1024,
    DESCRIBE_HEADS_SIZE_MAX = 24 * 1024 * 1024,
};

/* Lets the XML and JSON libraries, and the code pages of `lang` (import_name.h), do what they cannot do in the sandbox. */
void import_describe_prepare(const char *lang);

/* Reads MEMBER and FILE frames until DONE from `in_fd`, writes DESCRIPTION and DONE, or FAULT, to `out_fd`.
 */
bool import_describe(int in_fd, int out_fd);

/* One for each format. They fill source->description or report what is wrong. */
enum status import_manifest_ims(struct import_source *source, const struct import_file *file,
                                struct report *report);
enum status import_manifest_cmi5(struct import_source *source, const struct import_file *file,
                                 struct report *report);
enum status import_manifest_h5p(struct import_source *source, const struct import_file *file,
                                struct report *report);
enum status import_manifest_plain(struct import_source *source, struct report *report);

/* False, and nothing is described, when it names no page of the package: then its pages are what it is. */
bool import_manifest_tincan(struct import_source *source, const struct import_file *file);

/* The same of an EPUB, by META-INF/container.xml; one whose pages are encrypted is refused. */
bool import_manifest_epub(struct import_source *source, struct report *report);

/* True when a page of HTML or Markdown lies directly in `folder` ("" or ending in '/'). */
bool import_manifest_plain_is_at(const struct import_source *source, struct bytes folder);

#endif
