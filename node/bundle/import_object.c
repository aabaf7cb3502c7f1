/* Objects in: put together from their pieces in the order in which a bundle holds them, hashed, and stored
 * when they are wanted here. */
#include <stdio.h>
#include <string.h>

#include "node/bundle/import.h"
#include "node/store/course/want.h"
#include "replication/base/check.h"

static void assembly_drop(struct import *import)
{
    import->is_assembling = false;
    import->data.size = import->object_count > 0 ? import->objects[import->object_count - 1].start +
                                                       import->objects[import->object_count - 1].size
                                                 : 0;
}

/* Is it the manifest of a version that is subscribed here and waits for room? Its members pass by unwanted, then. */
static void room_look(struct import *import, struct db *db, const struct hash *object)
{
    struct bundle_imported *imported = import->imported;
    struct course_row row;
    struct buffer ids;
    size_t at = 0;

    buffer_init(&ids);
    if (!imported->waiting[0] && course_row_list_with_manifest(db, object, &ids) == S_OK) {
        while (course_row_next(db, &ids, &at, &row) && !imported->waiting[0]) {
            if (row.state == COURSE_WAITING) {
                snprintf(imported->waiting, sizeof imported->waiting, "\"%s\" %s: %s", row.course, row.version, row.problem);
            }
        }
    }
    buffer_release(&ids);
}

/* Writer thread. What is wanted is asked for each one: a manifest that came makes its members wanted. */
static enum status objects_run(struct db *db, void *arg)
{
    struct import *import = arg;
    struct courses *courses = import->node->courses;
    struct bundle_imported *imported = import->imported;
    uint64_t taken = 0, bytes = 0, known = 0, skipped = 0, size;
    enum status status = S_OK;

    for (size_t i = 0; i < import->object_count && status == S_OK; i++) {
        const struct import_object *one = &import->objects[i];

        if (want_find(db, &one->object)) {
            status = course_object_put(courses, db, &one->object,
                                       bytes_of(import->data.data + one->start, one->size));
            taken++;
            bytes += one->size;
        } else if (course_object_find(courses, db, &one->object, &size)) {
            known++;
        } else {
            skipped++;
        }
        room_look(import, db, &one->object);
    }
    if (status == S_OK) {
        imported->objects += taken;
        imported->object_bytes += bytes;
        imported->known_objects += known;
        imported->skipped_objects += skipped;
    }
    return status == S_OK ? db_status(db) : status;
}

enum status import_objects_store(struct import *import)
{
    enum status status = S_OK;

    assembly_drop(import);
    if (import->object_count > 0) {
        status = store_write_wait(import->node->store, objects_run, import);
    }
    import->object_count = 0;
    buffer_clear(&import->data);
    if (status != S_OK) {
        report_set(import->report, status, "course content could not be stored: %s", status_text(status));
    }
    return status;
}

static enum status object_complete(struct import *import)
{
    size_t start = import->data.size - import->object_size;
    struct hash found = hash_of(bytes_of(NULL, 0), bytes_of(import->data.data + start, import->object_size));

    import->is_assembling = false;
    if (!hash_equal(&found, &import->object)) {
        assembly_drop(import);
        import_refuse(import, "an object whose content is not what its name says");
        return S_OK;
    }
    import->objects[import->object_count++] =
        (struct import_object){import->object, start, import->object_size};
    if (import->object_count == IMPORT_GATHER_COUNT || import->data.size >= IMPORT_GATHER_MAX) {
        return import_objects_store(import);
    }
    return S_OK;
}

/* True when `piece` goes on where the last one ended, or begins an object. */
static bool piece_fits(struct import *import, const struct piece *piece)
{
    if (piece->offset == 0) {
        assembly_drop(import);
        import->object = piece->object;
        import->object_size = piece->size;
        import->is_assembling = piece->size <= MEMBER_WHOLE_MAX;
    }
    size_t start = import->object_count > 0 ? import->objects[import->object_count - 1].start +
                                                  import->objects[import->object_count - 1].size
                                            : 0;
    return import->is_assembling && hash_equal(&import->object, &piece->object) &&
           import->object_size == piece->size && piece->offset == import->data.size - start &&
           piece->data.size <= piece->size - piece->offset && (piece->data.size > 0 || piece->size == 0);
}

enum status import_pieces(struct import *import, const struct pieces_message *message)
{
    enum status status = S_OK;

    for (size_t i = 0; i < message->count && status == S_OK; i++) {
        const struct piece *piece = &message->pieces[i];

        if (!piece_fits(import, piece)) {
            assembly_drop(import);
            import_refuse(import, "a piece that does not belong where it stands");
            continue;
        }
        buffer_append(&import->data, piece->data.data, piece->data.size);
        if (piece->offset + piece->data.size == piece->size) {
            status = object_complete(import);
        }
    }
    return status;
}
