/* The table of contents of a version becomes rows, and its texts become findable. */
#include <string.h>

#include "node/learn/course/course.h"
#include "node/learn/search.h"
#include "node/store/course/course_item.h"
#include "node/store/people/registration.h"

enum { SEARCH_TEXT_MAX = 256 * 1024 }; /* of one version: some thousand titles */

enum status course_contents_put(struct db *db, const struct course_row *row, const struct manifest *manifest)
{
    enum status status = course_item_delete_all(db, row->id);
    struct buffer text;

    buffer_init(&text);
    search_fold(bytes_text(row->title), &text);
    search_fold(bytes_text(row->course), &text);
    search_fold(bytes_text(row->series), &text);
    for (size_t i = 0; i < manifest->item_count && status == S_OK; i++) {
        status = course_item_insert(db, row->id, (uint32_t)i, &manifest->items[i]);
        if (text.size < SEARCH_TEXT_MAX) {
            search_fold(manifest->items[i].title, &text);
        }
    }
    if (status == S_OK) {
        status = course_search_put(db, row->id, buffer_bytes(&text));
    }
    buffer_release(&text);
    return status;
}

bool course_contents_is_needed(struct db *db, const struct course_row *row)
{
    return registration_row_any(db, bytes_text(row->course));
}

enum status course_contents_drop(struct db *db, const struct course_row *row)
{
    enum status status = course_contents_is_needed(db, row) ? S_OK : course_item_delete_all(db, row->id);

    return status == S_OK ? course_search_put(db, row->id, bytes_of("", 0)) : status;
}
