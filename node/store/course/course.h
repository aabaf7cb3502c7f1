/* course.h: rows of course versions, their members and subscriptions. What they mean is decided in
 * node/learn/course/course*.
 *
 * Errors stay in db_status(); functions that write return it. */
#ifndef QANAT_NODE_STORE_COURSE_COURSE_H
#define QANAT_NODE_STORE_COURSE_COURSE_H

#include "node/store/db.h"
#include "replication/package/catalogue.h"

enum { COURSE_PROBLEM_MAX = 255 };

/* See schema/sql/tables/course.sql. */
enum course_state {
    COURSE_IMPORTED,   /* own, held, not published */
    COURSE_PUBLISHED,  /* own, held, in the catalogue */
    COURSE_CATALOGUED, /* another's, known, not wanted */
    COURSE_FETCHING,   /* wanted, parts are missing */
    COURSE_WAITING,    /* wanted, but there is no room */
    COURSE_INSTALLED,  /* another's, held and verified */
    COURSE_REFUSED,    /* wanted, but what came does not hold together */
};

/* "imported", ...; never NULL. */
const char *course_state_name(enum course_state state);

struct course_row {
    int64_t id;
    char course[COURSE_ID_MAX + 1];
    char lang[LANG_MAX + 1];
    char version[VERSION_MAX + 1];
    struct id publisher;
    char title[COURSE_TEXT_MAX + 1];
    char series[COURSE_TEXT_MAX + 1];
    char localises[COURSE_ID_MAX + 1];
    enum package_format format;
    struct hash manifest;
    uint64_t manifest_size;
    uint64_t size;
    uint64_t member_count;
    uint64_t stamp; /* hlc of publication; 0: not published */
    uint64_t published_ms;
    uint64_t imported_ms;
    enum course_state state;
    uint64_t missing; /* blobs */
    char problem[COURSE_PROBLEM_MAX + 1];
    bool is_current;
    bool is_pinned;
    bool is_listed;
    bool is_asked;
    bool is_withdrawn;
    char source_lang[LANG_MAX + 1]; /* "": no translation */
    char source_version[VERSION_MAX + 1];
};

bool course_row_get(struct db *db, int64_t id, struct course_row *row_out);
bool course_row_find(struct db *db, struct bytes course, struct bytes lang, struct bytes version,
                     const struct id *publisher, struct course_row *row_out);
/* The version that is served, of any language when `lang` is "": the first by language. */
bool course_row_current(struct db *db, struct bytes course, struct bytes lang, struct course_row *row_out);
enum status course_row_insert(struct db *db, struct course_row *row); /* fills row->id */
enum status course_row_update(struct db *db, const struct course_row *row);
enum status course_row_delete(struct db *db, int64_t id);

/* Walks the ids that the lists below gave, from *at = 0 on; false at the end. Those gone since are left out. */
bool course_row_next(struct db *db, const struct buffer *ids, size_t *at, struct course_row *row_out);

/* Append row ids (int64_t): of all versions by course, language and age; of one course; in one state; with a
 * manifest; that hold a blob. */
enum status course_row_list(struct db *db, struct buffer *ids);
enum status course_row_list_of(struct db *db, struct bytes course, struct buffer *ids);
/* What is held or under way, and `known_max` of those that are only known, the newest of each publisher first. "": any language, or series. */
enum status course_row_list_shown(struct db *db, const char *lang, const char *series, size_t known_max, struct buffer *ids);
enum status course_row_list_in_state(struct db *db, enum course_state state, struct buffer *ids);
uint64_t course_size_in_state(struct db *db, enum course_state state); /* bytes */

/* Bytes that versions under way still lack: what is listed by its files, else the whole version. */
uint64_t course_size_left(struct db *db);
enum status course_row_list_with_manifest(struct db *db, const struct hash *manifest, struct buffer *ids);
enum status course_row_list_with_blob(struct db *db, int64_t blob, struct buffer *ids);

struct course_member_row {
    struct bytes path; /* borrowed until the next call */
    struct bytes media_type;
    int64_t blob;
    struct hash hash;
    uint64_t size;
    bool is_whole;
};

/* What makes the imported archive again stands among the members of a version, under names that no file can have
 * and that sort before all files: COURSE_PARTS and the number of the part. Files begin after COURSE_FILES. */
#define COURSE_PARTS "\001"
#define COURSE_FILES "\002"
enum { COURSE_PART_NAME_MAX = 16 };
struct bytes course_part_name(size_t number, char name_out[COURSE_PART_NAME_MAX]);

enum status course_member_insert(struct db *db, int64_t course, struct bytes path, int64_t blob,
                                 struct bytes media_type);

/* Gives one member to `take`; false when there is none. */
typedef void course_member_take(void *ctx, const struct course_member_row *row);
bool course_member_find(struct db *db, int64_t course, struct bytes path, course_member_take *take,
                        void *ctx);

/* The same for a path that differs only in upper and lower case of A to Z, in versions of not too many files. */
bool course_member_find_any_case(struct db *db, int64_t course, struct bytes path, course_member_take *take, void *ctx);

/* The same for the first member with a path above `after`. */
bool course_member_next(struct db *db, int64_t course, struct bytes after, course_member_take *take,
                        void *ctx);

/* And for the last one with a path below `before`. */
bool course_member_before(struct db *db, int64_t course, struct bytes before, course_member_take *take,
                          void *ctx);

/* No version has the blob any more. */
enum status course_member_drop_blob(struct db *db, int64_t blob);

/* How many members are listed. */
uint64_t course_member_count(struct db *db, int64_t course);

/* Blobs of a version that are not whole, and their size. */
void course_member_missing(struct db *db, int64_t course, uint64_t *count_out, uint64_t *size_out);

/* Appends the ids of the different blobs of a version; is a blob a member of anything? */
enum status course_blob_list(struct db *db, int64_t course, struct buffer *ids);
bool course_blob_is_used(struct db *db, int64_t blob);

/* Appends the ids of blobs that no version needs. Looks at every one. */
enum status course_orphan_list(struct db *db, struct buffer *ids);

/* By how many files a translation is behind its source, which went from version `then` to `now`; all three
 * listed. */
uint64_t course_member_behind(struct db *db, int64_t then, int64_t now, int64_t translation);
enum status course_member_delete_all(struct db *db, int64_t course);

#endif
