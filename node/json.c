#include "node/json.h"

#include <stdlib.h>
#include <string.h>

#include "replication/base/bytes.h"
#include "replication/base/check.h"

json_t *json_member(json_t *object, const char *path)
{
    while (object) {
        size_t length = strcspn(path, ".");
        object = json_object_getn(object, path, length);
        if (!path[length]) {
            return object;
        }
        path += length + 1;
    }
    return NULL;
}

json_t *json_file_name(const char *name)
{
    json_t *text = json_string(name);

    if (!text) {
        char *shown = strdup(name);
        CHECK(shown);
        for (char *c = shown; *c; c++) {
            *c = (unsigned char)*c < 0x80 ? *c : '?';
        }
        text = json_string(shown);
        free(shown);
    }
    CHECK(text);
    return text;
}
