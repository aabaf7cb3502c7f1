#include "tests/sim/truth.h"

#include <string.h>

#include "tests/sim/world.h"

/* What `node` holds of an object into `out` (MEMBER_WHOLE_MAX); how much, 0 when it is not held. */
static size_t object_take(struct node *node, const struct hash *object, uint8_t *out)
{
    struct view view = node_view(node);
    uint64_t size;

    if (!view.ops->object_find(view.ctx, object, &size) || size > MEMBER_WHOLE_MAX) {
        return 0;
    }
    return view.ops->object_read(view.ctx, object, 0, out, (size_t)size);
}

/* Whatever object is held is what its name says: the first one by its hash, the others like it byte for byte. */
static void object_check(struct world *world, const struct hash *object)
{
    static uint8_t first[MEMBER_WHOLE_MAX], data[MEMBER_WHOLE_MAX];
    size_t first_size = 0;

    for (unsigned i = 0; i < world->node_count; i++) {
        struct node *node = &world->nodes[i];
        if (!node->is_up || node->is_revoked) {
            continue;
        }
        size_t size = object_take(node, object, first_size ? data : first);
        bool is_it = size == 0 || (size == first_size && memcmp(first, data, size) == 0);
        if (first_size == 0 && size > 0) {
            struct hash hash = hash_of(bytes_of(NULL, 0), bytes_of(first, size));
            is_it = hash_equal(&hash, object);
            first_size = size;
        }
        if (!is_it) {
            world_fail(world, "node %u holds an object with another's content", i);
        }
    }
}

void truth_check_objects(struct world *world)
{
    for (unsigned at = 0; at < world->course_count; at++) {
        for (unsigned i = 0; i < world->courses[at].objects; i++) {
            object_check(world, &world->courses[at].object[i]);
        }
    }
}
