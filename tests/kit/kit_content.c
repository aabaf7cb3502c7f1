#include "tests/kit/kit_content.h"

#include <sodium.h>
#include <string.h>

void kit_content_open(struct kit_content *content, size_t piece_count, size_t piece_size)
{
    memset(content, 0, sizeof *content);
    kit_node_open(&content->node);
    content->data = test_malloc(piece_count * piece_size);
    content->chunks = test_calloc(piece_count, sizeof content->chunks[0]);
    content->piece_count = piece_count;
    content->piece_size = piece_size;
    randombytes_buf(content->data, piece_count * piece_size);
    buffer_init(&content->completed);
    kit_content_cut(content, piece_count);
}

void kit_content_close(struct kit_content *content)
{
    buffer_release(&content->completed);
    kit_node_close(&content->node);
    test_free(content->chunks);
    test_free(content->data);
}

void kit_content_cut(struct kit_content *content, size_t piece_count)
{
    size_t size = piece_count * content->piece_size;

    for (size_t i = 0; i < piece_count; i++) {
        content->chunks[i].size = (uint32_t)content->piece_size;
        content->chunks[i].hash = hash_of(bytes_of(NULL, 0), kit_content_piece(content, i));
    }
    content->member = (struct member){.hash = hash_of(bytes_of(NULL, 0), bytes_of(content->data, size)),
                                      .size = size,
                                      .chunks = content->chunks,
                                      .chunk_count = piece_count};
}

struct bytes kit_content_piece(const struct kit_content *content, size_t number)
{
    return bytes_of(content->data + number * content->piece_size, content->piece_size);
}

static enum status expect(struct db *db, void *arg)
{
    struct kit_content *content = arg;

    return blob_expect(content->node.blobs, db, &content->member, &content->id, &content->is_whole);
}

void kit_content_expect(struct kit_content *content)
{
    assert_int_equal(store_write_wait(content->node.store, expect, content), S_OK);
}

struct putting {
    struct kit_content *content;
    size_t number;
};

static enum status put(struct db *db, void *arg)
{
    const struct putting *putting = arg;
    struct kit_content *content = putting->content;

    return blob_put(content->node.blobs, db, &content->chunks[putting->number].hash,
                    kit_content_piece(content, putting->number), &content->completed);
}

void kit_content_put(struct kit_content *content, size_t number)
{
    struct putting putting = {content, number};

    assert_int_equal(store_write_wait(content->node.store, put, &putting), S_OK);
}

void kit_content_put_all(struct kit_content *content)
{
    for (size_t i = 0; i < content->piece_count; i++) {
        kit_content_put(content, i);
    }
}

bool kit_content_is_held(struct kit_content *content, const struct hash *object)
{
    struct db *db = store_read_begin(content->node.store);
    uint64_t size;
    bool is_held = blob_find(content->node.blobs, db, object, &size);

    store_read_end(content->node.store, db);
    return is_held;
}

bool kit_content_is_sound(struct kit_content *content)
{
    return blob_verify(content->node.blobs, &content->member.hash, content->member.size) == S_OK;
}
