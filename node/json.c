#include "node/json.h"

#include <string.h>

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
