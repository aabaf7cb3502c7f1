#include "node/web/web.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "node/web/files.h"
#include "replication/base/check.h"

static int compare(const void *key, const void *element)
{
    return strcmp(key, ((const struct web_file *)element)->name);
}

const struct web_file *web_file_find(const char *name)
{
    return bsearch(name, web_files, WEB_FILE_COUNT, sizeof *web_files, compare);
}

const struct web_file *web_file_at(size_t index)
{
    return index < WEB_FILE_COUNT ? &web_files[index] : NULL;
}

const char *web_entry(const char *entry)
{
    for (size_t i = 0; i < WEB_ENTRY_COUNT; i++) {
        if (strcmp(web_entries[i].name, entry) == 0) {
            return web_entries[i].markup;
        }
    }
    return NULL;
}

enum { TEXT_COUNT = sizeof web_texts / sizeof *web_texts };

const char *web_text(const char *lang, const char *key)
{
    size_t low = 0, high = TEXT_COUNT;

    while (low < high) {
        const size_t at = low + (high - low) / 2;
        const int order = strcmp(web_texts[at].lang, lang);
        const int then = order ? order : strcmp(web_texts[at].key, key);
        if (then == 0) {
            return web_texts[at].text;
        }
        low = then < 0 ? at + 1 : low;
        high = then < 0 ? high : at;
    }
    CHECK_NEVER("a text that no catalogue has");
    return "";
}

const char *web_language_at(size_t index)
{
    const char *last = "";

    for (size_t i = 0; i < TEXT_COUNT; i++) {
        if (strcmp(web_texts[i].lang, last) != 0) {
            last = web_texts[i].lang;
            if (index-- == 0) {
                return last;
            }
        }
    }
    return NULL;
}

const char *web_language_find(const char *tag, size_t size)
{
    size_t first = 0;
    const char *lang;

    while (first < size && tag[first] != '-' && tag[first] != '_') {
        first++;
    }
    for (size_t i = 0; (lang = web_language_at(i)) != NULL; i++) {
        if (strlen(lang) == first && strncasecmp(lang, tag, first) == 0) {
            return lang;
        }
    }
    return NULL;
}

const char *web_media_type(const char *name)
{
    static const struct {
        const char *end;
        const char *media_type;
    } types[] = {{".js", "text/javascript; charset=utf-8"},
                 {".css", "text/css; charset=utf-8"},
                 {".svg", "image/svg+xml"},
                 {".woff2", "font/woff2"},
                 {".gif", "image/gif"},
                 {".txt", "text/plain; charset=utf-8"}};
    const char *end = strrchr(name, '.');

    for (size_t i = 0; end && i < sizeof types / sizeof *types; i++) {
        if (strcmp(end, types[i].end) == 0) {
            return types[i].media_type;
        }
    }
    return "application/octet-stream";
}
