/* kit_content.h: a node, and a large content of random bytes that comes to it piece by piece. */
#ifndef QANAT_TESTS_KIT_KIT_CONTENT_H
#define QANAT_TESTS_KIT_KIT_CONTENT_H

#include "tests/kit/package.h"

struct kit_content {
    struct kit_node node;
    uint8_t *data; /* of all pieces, one after the other */
    struct chunk *chunks;
    size_t piece_count, piece_size;
    struct member member; /* what is expected: all pieces, until a test says otherwise */
    int64_t id;           /* of what was expected last, and whether it was whole already */
    bool is_whole;
    struct buffer completed; /* ids, as blob_put() tells them */
};

void kit_content_open(struct kit_content *content, size_t piece_count, size_t piece_size);
void kit_content_close(struct kit_content *content);

/* The member becomes that of the first `piece_count` pieces, with the bytes that they have now. */
void kit_content_cut(struct kit_content *content, size_t piece_count);

struct bytes kit_content_piece(const struct kit_content *content, size_t number);

/* Each a job of its own, durable on return. */
void kit_content_expect(struct kit_content *content);
void kit_content_put(struct kit_content *content, size_t number);
void kit_content_put_all(struct kit_content *content);

/* Can the object be passed on? And is the member whole, under its name? */
bool kit_content_is_held(struct kit_content *content, const struct hash *object);
bool kit_content_is_sound(struct kit_content *content);

#endif
