/* Rows of blobs and chunks. */
#include "node/store/course/blob.h"

#include <string.h>

#include "tests/kit/kit.h"
#include "tests/node/store/desk.h"

static enum status run(struct db *db, void *arg)
{
    const struct hash hash = {{1}}, other = {{9}};
    const struct chunk chunks[2] = {{.hash = {{2}}, .size = 10},
                                    {.hash = {{2}}, .size = 10}}; /* the same content twice */
    struct blob_row row, found;
    struct chunk_row chunk;
    struct hash stray;
    uint64_t count, size;

    (void)arg;
    assert_false(blob_row_find(db, &hash, &row));
    assert_int_equal(blob_row_insert(db, &hash, 20, false, &row.id), S_OK);
    assert_int_equal(blob_row_insert_chunks(db, row.id, chunks, 2, false), S_OK);
    assert_true(blob_row_find(db, &hash, &found) && found.id == row.id && found.size == 20 &&
                !found.is_whole);
    assert_true(chunk_row_next(db, row.id, -1, &chunk) && chunk.number == 0 && chunk.start == 0);
    assert_true(chunk_row_next(db, row.id, 0, &chunk) && chunk.number == 1 && chunk.start == 10);
    assert_false(chunk_row_next(db, row.id, 1, &chunk));
    for (int i = 0; i < 2; i++) {
        assert_true(chunk_row_find_missing(db, &chunks[0].hash, &chunk));
        assert_true(blob_row_lacks_chunk(db, row.id));
        assert_int_equal(blob_row_set_chunk_held(db, row.id, chunk.number, true), S_OK);
    }
    assert_false(chunk_row_find_missing(db, &chunks[0].hash, &chunk));
    assert_false(blob_row_lacks_chunk(db, row.id));
    assert_true(chunk_row_find_held(db, &chunks[0].hash, &chunk, &found) && found.id == row.id);
    assert_int_equal(blob_row_set_whole(db, row.id, true), S_OK);
    blob_row_totals(db, &count, &size);
    assert_int_equal(count, 1);
    assert_int_equal(size, 20);
    assert_int_equal(stray_row_insert(db, &other), S_OK);
    assert_int_equal(stray_row_insert(db, &other), S_OK);
    assert_true(stray_row_next(db, NULL, &stray) && hash_equal(&stray, &other));
    assert_false(stray_row_next(db, &other, &stray));
    assert_int_equal(stray_row_delete(db, &other), S_OK);
    assert_false(stray_row_next(db, NULL, &stray));
    assert_int_equal(blob_row_delete(db, row.id), S_OK); /* and its chunks */
    assert_false(chunk_row_next(db, row.id, -1, &chunk));
    assert_false(blob_row_get(db, row.id, &found));
    return S_OK;
}

static void rows_of_blobs_and_chunks_hold_together(void **state)
{
    struct desk *desk = desk_open();

    (void)state;
    assert_int_equal(store_write_wait(desk->store, run, NULL), S_OK);
    desk_close(desk);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_blobs_and_chunks_hold_together),
    };
    return KIT_RUN(tests);
}
