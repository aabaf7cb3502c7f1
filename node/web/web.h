/* web.h: the built face of the node (node/web/dist), compiled in: files by their name, and what a page's head
 * says to load one of its entries.
 *
 * Names carry the hash of their content, so an answer may be kept for ever. Texts are stored compressed
 * (gzip, RFC 1952), which every browser takes. Data only: nothing here knows HTTP. */
#ifndef QANAT_NODE_WEB_WEB_H
#define QANAT_NODE_WEB_WEB_H

#include <stdbool.h>
#include <stddef.h>

struct web_file {
    const char *name; /* "learner-5YBTQ5VP.js" */
    const unsigned char *data;
    size_t size;
    bool is_gzip;
};

/* The file of that name, or NULL. */
const struct web_file *web_file_find(const char *name);

/* The markup that loads an entry ("learner", "hub", "player", or "plain": the style sheet alone); NULL when
 * there is none. */
const char *web_entry(const char *entry);

/* The language of the catalogues (node/web/src/i18n) that a BCP 47 tag of `size` bytes means, by its first part:
 * "ar" for "ar-EG"; NULL when there is none. The n-th language, or NULL. */
const char *web_language_find(const char *tag, size_t size);
const char *web_language_at(size_t index);

/* The text `key` ("verify.valid") in such a language, of those that pages without a program show, and
 * "lang.name" (its own name), "lang.dir" ("rtl" or "ltr"). Gaps as in the catalogues: "{issuer}". It must exist. */
const char *web_text(const char *lang, const char *key);

/* From the end of the name; never NULL. */
const char *web_media_type(const char *name);

/* The n-th file, or NULL: for tests. */
const struct web_file *web_file_at(size_t index);

#endif
