#include "replication/stream/apply.h"

#include "replication/base/check.h"

void stream_apply_begin(struct stream_apply *apply, const struct id *federation,
                        const struct stream_head *head, const struct lthash *state, stream_put *put,
                        void *ctx)
{
    CHECK(put);
    CHECK(head->count <= head->seq);
    apply->key = lthash_key(federation, &head->stream);
    apply->state = *state;
    apply->head = *head;
    apply->put = put;
    apply->ctx = ctx;
}

enum status stream_apply_cell(struct stream_apply *apply, const struct cell *cell)
{
    struct cell old;
    bool found = false;

    if (cell_check(cell) != S_OK || cell->seq <= apply->head.seq) {
        return S_INVALID;
    }
    enum status status = apply->put(apply->ctx, cell, &old, &found);
    if (status != S_OK) {
        return status;
    }
    if (found) {
        if (cell_check(&old) != S_OK || old.seq >= cell->seq) {
            return S_CORRUPT;
        }
        lthash_subtract(&apply->state, &apply->key, &old);
    } else {
        apply->head.count++;
    }
    lthash_add(&apply->state, &apply->key, cell);
    apply->head.seq = cell->seq;
    CHECK(apply->head.count <= apply->head.seq);
    return S_OK;
}

enum status stream_apply_finish(struct stream_apply *apply, const struct certificate *certificate)
{
    const struct stream_head *head = &certificate->head;

    CHECK(stream_id_compare(&head->stream, &apply->head.stream) == 0);
    if (head->seq != apply->head.seq || head->count != apply->head.count) {
        return S_BAD_DIGEST;
    }
    struct hash digest = lthash_digest(&apply->state);
    if (!hash_equal(&digest, &head->digest)) {
        return S_BAD_DIGEST;
    }
    apply->head = *head;
    return S_OK;
}
