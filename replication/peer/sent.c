/* A sketch: a gear hash (package/gear.h) rolls over the beginning of a content; at the places where its lower
 * bits are zero, which depend on the bytes around them alone, each of four random linear maps of the hash
 * competes, and its greatest value is a feature. Two contents that share nine tenths of these places share
 * each feature with that probability, wherever bytes were put in or taken away (Broder's min-hash; the
 * sampling after Shilane et al., "WAN optimized replication", FAST 2012). */
#include "replication/peer/sent.h"

#include <string.h>

#include "replication/package/gear.h"

enum { PLACE_MASK = 0x3f };

static const uint64_t maps[SKETCH_FEATURES][2] = {
    {0x9e3779b97f4a7c15, 0x3c6ef372fe94f82b},
    {0xbf58476d1ce4e5b9, 0xa54ff53a5f1d36f1},
    {0x94d049bb133111eb, 0x510e527fade682d1},
    {0xd6e8feb86659fd93, 0x1f83d9abfb41bd6b},
};

void sketch_make(struct bytes beginning, struct sketch *sketch_out)
{
    size_t size = beginning.size < SKETCH_FROM ? beginning.size : SKETCH_FROM;
    uint64_t hash = 0;

    memset(sketch_out, 0, sizeof *sketch_out);
    for (size_t i = 0; i < size; i++) {
        hash = (hash << 1) + gear_table[beginning.data[i]];
        if ((hash >> 32 & PLACE_MASK) != 0) {
            continue;
        }
        for (size_t k = 0; k < SKETCH_FEATURES; k++) {
            uint64_t value = hash * maps[k][0] + maps[k][1];

            if (value > sketch_out->features[k]) {
                sketch_out->features[k] = value;
            }
        }
    }
}

static size_t kept(size_t count, size_t max)
{
    return count < max ? count : max;
}

void sent_text_note(struct sent *sent, const struct hash *object, uint32_t size)
{
    sent->texts[sent->text_count++ % SENT_TEXTS_MAX] = (struct sent_text){*object, size};
}

void sent_alike_note(struct sent *sent, const struct hash *object, const struct sketch *sketch, bool is_told)
{
    sent->alikes[sent->alike_count++ % SENT_ALIKE_MAX] = (struct sent_alike){*object, *sketch, is_told};
}

bool sent_was_told(const struct sent *sent, const struct hash *object)
{
    for (size_t i = 0; i < kept(sent->text_count, SENT_TEXTS_MAX); i++) {
        if (hash_equal(&sent->texts[i].object, object)) {
            return true;
        }
    }
    for (size_t i = 0; i < kept(sent->alike_count, SENT_ALIKE_MAX); i++) {
        if (sent->alikes[i].is_told && hash_equal(&sent->alikes[i].object, object)) {
            return true;
        }
    }
    return false;
}

static unsigned shared_features(const struct sketch *a, const struct sketch *b)
{
    unsigned count = 0;

    for (size_t i = 0; i < SKETCH_FEATURES; i++) {
        count += a->features[i] != 0 && a->features[i] == b->features[i];
    }
    return count;
}

bool sent_alike_find(const struct sent *sent, const struct hash *object, const struct sketch *sketch,
                     struct hash *base_out)
{
    size_t count = kept(sent->alike_count, SENT_ALIKE_MAX);
    unsigned best = 0;

    for (size_t i = 1; i <= count; i++) {
        const struct sent_alike *alike = &sent->alikes[(sent->alike_count - i) % SENT_ALIKE_MAX];
        unsigned shared = shared_features(&alike->sketch, sketch);

        if (shared > best && !hash_equal(&alike->object, object)) {
            best = shared;
            *base_out = alike->object;
        }
    }
    return best > 0;
}

size_t sent_window(const struct sent *sent, size_t max, size_t size_max, struct hash *bases_out)
{
    size_t held = kept(sent->text_count, SENT_TEXTS_MAX), count = 0, size = 0;

    for (size_t i = 1; i <= held && i <= SENT_WINDOW_LOOKS && count < max; i++) {
        const struct sent_text *text = &sent->texts[(sent->text_count - i) % SENT_TEXTS_MAX];

        if (text->size > 0 && text->size <= size_max - size) {
            size += text->size;
            bases_out[count++] = text->object;
        }
    }
    for (size_t i = 0; i < count / 2; i++) { /* oldest first: what is nearest is told shortest */
        struct hash swapped = bases_out[i];
        bases_out[i] = bases_out[count - 1 - i];
        bases_out[count - 1 - i] = swapped;
    }
    return count;
}
