#include "replication/schedule/share.h"

#include <string.h>

#include "replication/base/check.h"

/* A number that every node computes alike. Nobody's advantage depends on it, so it need not be secret: a finalizer that spreads every bit (splitmix64). */
static uint64_t share_weight(const struct id *node, const struct hash *object)
{
    uint64_t weight, part;

    memcpy(&weight, object->b, sizeof weight);
    for (size_t at = 0; at < sizeof node->b; at += sizeof part) {
        memcpy(&part, node->b + at, sizeof part);
        weight = (weight ^ part) + 0x9e3779b97f4a7c15;
        weight = (weight ^ weight >> 30) * 0xbf58476d1ce4e5b9;
        weight = (weight ^ weight >> 27) * 0x94d049bb133111eb;
        weight ^= weight >> 31;
    }
    return weight;
}

enum share_choice share_choose(const struct id *self, const struct hash *object, const struct share_sibling *siblings,
                               size_t count)
{
    uint64_t own = share_weight(self, object);
    bool is_own = true;

    CHECK(count <= SHARE_SIBLINGS_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct share_sibling *sibling = &siblings[i];

        switch (sibling->state) {
        case SHARE_UNKNOWN:
            if (sibling->is_awaited) {
                return SHARE_LEAVE;
            }
            break;
        case SHARE_LATER:
        case SHARE_COMING:
            return SHARE_LEAVE;
        case SHARE_LACKS:
            if (sibling->is_wanting) {
                uint64_t weight = share_weight(&sibling->node, object);
                is_own = is_own && (own > weight || (own == weight && id_compare(self, &sibling->node) > 0));
            }
            break;
        }
    }
    return is_own ? SHARE_TAKE : SHARE_SPARE;
}
