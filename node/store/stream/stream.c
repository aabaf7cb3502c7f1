#include "node/store/stream/stream.h"

#include "node/store/stream/cell.h"
#include "node/store/stream/head.h"
#include "replication/stream/adoption.h"

bool stream_next(struct db *db, const struct stream_id *after, struct stream_head *head_out)
{
    uint8_t id[STREAM_ID_SIZE];
    struct head_row row;

    if (after) {
        stream_id_encode(after, id);
    }
    if (!head_after(db, bytes_of(id, after ? sizeof id : 0), &row)) {
        return false;
    }
    *head_out = row.certificate.head;
    return true;
}

bool stream_find(struct db *db, const struct stream_id *stream, struct certificate *certificate_out)
{
    struct head_row row;

    if (!head_find(db, stream, &row) || !row.certificate.head.seq) {
        return false;
    }
    *certificate_out = row.certificate;
    return true;
}

size_t stream_cells_scan(struct db *db, const struct stream_id *stream, uint64_t after_seq, size_t max,
                         struct arena *arena, struct cell *cells_out)
{
    struct head_row row;

    if (!head_find(db, stream, &row) || after_seq >= row.certificate.head.seq) {
        return 0;
    }
    return cell_rows_scan(db, row.number, after_seq, max, arena, cells_out);
}

struct walk {
    const struct stream_head *head;
    stream_cell_visit *visit;
    void *ctx;
};

static enum status walk_visit(void *ctx, const struct cell *cell)
{
    struct walk *walk = ctx;
    return walk->visit(walk->ctx, walk->head, cell);
}

enum status stream_cells_each(struct db *db, enum topic topic, stream_cell_visit *visit, void *ctx)
{
    uint8_t id[STREAM_ID_SIZE] = {(uint8_t)topic};
    struct bytes after = bytes_of(id, 1); /* sorts before every stream of the topic */
    enum status status = S_OK;
    struct head_row row;

    while (status == S_OK && head_after(db, after, &row) && row.certificate.head.stream.topic == topic) {
        struct walk walk = {&row.certificate.head, visit, ctx};
        if (adoption_counts(topic, row.certificate.head.seq, row.adopted)) {
            status = cell_rows_walk(db, row.number, walk_visit, &walk);
        }
        stream_id_encode(&row.certificate.head.stream, id);
        after = bytes_of(id, sizeof id);
    }
    return status == S_OK ? db_status(db) : status;
}
