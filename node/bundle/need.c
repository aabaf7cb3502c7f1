/* Each volume can be read by itself: an object that opens one comes behind the manifest of its course. So the least size that does is what every volume
 * repeats, and the largest sum of a manifest and one object. */
#include "node/bundle/need.h"

#include <string.h>

#include "node/bundle/parcel.h"
#include "node/bundle/select.h"
#include "replication/base/check.h"

static bool is_sent(const struct need *need, const struct hash *object)
{
    return !seen_has(need->seen, object) && !(need->inventory && inventory_holds(need->inventory, object));
}

void need_add(struct need *need, const struct buffer *objects)
{
    struct selected_object selected;
    uint64_t manifest = 0;

    CHECK(objects->size % sizeof selected == 0);
    for (size_t at = 0; at < objects->size; at += sizeof selected) {
        memcpy(&selected, objects->data + at, sizeof selected);
        uint64_t cost = parcel_cost(selected.size);
        if (is_sent(need, &selected.object)) {
            need->room = cost <= need->room ? need->room - cost : 0;
            need->size = need->room > 0 && manifest + cost > need->size ? manifest + cost : need->size;
        }
        manifest = at == 0 && selected.size <= MEMBER_WHOLE_MAX ? cost : manifest;
    }
}
