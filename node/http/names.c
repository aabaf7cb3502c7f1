#include "node/http/names.h"

#include <stddef.h>
#include <string.h>

const char *names_find(const char *name, const char *names)
{
    const size_t size = strlen(name);

    if (size == 0 || strpbrk(name, " " NAMES_KINDS)) {
        return NULL;
    }
    for (const char *at = names; at && (at = strstr(at, name)) != NULL; at += size) {
        if ((at == names || at[-1] == ' ') && strchr(" " NAMES_KINDS, at[size])) { /* the end is among them */
            return at + size;
        }
    }
    return NULL;
}

void names_list(const char *names, char out[2 * NAMES_MAX])
{
    size_t size = 0;

    for (; *names && size + 3 < 2 * NAMES_MAX; names++) {
        if (*names == ' ') {
            out[size++] = ',';
        }
        if (!strchr(NAMES_KINDS, *names)) {
            out[size++] = *names;
        }
    }
    out[size] = '\0';
}
