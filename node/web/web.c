#include "node/web/web.h"

#include <stdlib.h>
#include <string.h>

#include "node/web/files.h"

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
