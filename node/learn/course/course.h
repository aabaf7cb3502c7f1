/* course.h: the courses of a node: versions side by side, which one is served, what is fetched and what is let go.
 *
 * A version is imported here, or known from the catalogue and fetched when a subscription, a pin or a node
 * below wants it. Functions that take a `struct db` and write run in a job on the writer thread. */
#ifndef QANAT_NODE_LEARN_COURSE_COURSE_H
#define QANAT_NODE_LEARN_COURSE_COURSE_H

#include "node/blob/copy.h"
#include "node/config.h"
#include "node/dir.h"
#include "node/rest.h"
#include "node/store/course/course.h"
#include "node/store/course/subscription.h"
#include "node/store/course/want.h"
#include "node/store/view.h"
#include "replication/trust/roster.h"

/* What every function here needs; lives as long as the node or the command. */
struct courses {
    struct store *store;
    struct blobs *blobs;
    struct id self;
    const struct federation *federation; /* NULL: publishers cannot be named */
    bool is_relay;                       /* fetches what nodes below ask for */
    uint64_t quota_size;                 /* bytes of content that may be here; 0: any number */
    struct rest rest;                    /* after a long look at the catalogue */
};

/* How a person names a version; "" for `lang` or `version`: see course_resolve() (course_choose.h). */
struct course_ref {
    const char *course;
    const char *lang;
    const char *version;
};

/* Fills `courses`, and sets the blobs' floor from `config`. Everything given is borrowed. */
void courses_init(struct courses *courses, struct store *store, struct blobs *blobs,
                  const struct identity *identity, const struct federation *federation,
                  const struct config *config);

/* --- the catalogue and what is wanted of it (course_refresh.c, course_fetch.c, course_wish.c) --- */

/* Folds the catalogue's cells into the rows, decides what is wanted, and renews the wants. After a change of the catalogue, the
 * subscriptions or the pins; and once at start. */
enum status course_refresh(struct courses *courses, struct db *db);
void course_refresh_defer(struct courses *courses, struct db *db); /* in a job: once, at the end of its transaction */
/* The same for what others say, again and again if they like: put off while the last look is to be rested from (course_refresh() is then due: `rest`). */
void course_refresh_for_others(struct courses *courses, struct db *db);

/* Starts to fetch a version whose state is COURSE_FETCHING: asks for its manifest, or when that is here lists
 * its members and asks for what is missing. May end installed, waiting (no room) or refused: see row->state,
 * row->problem. */
enum status course_fetch(struct courses *courses, struct db *db, struct course_row *row);

/* Goes on with every version that waited for these blobs (as of blob_put and blob_batch_rows). */
enum status course_blobs_completed(struct courses *courses, struct db *db, const struct buffer *completed);

/* The blob with this row id is no longer whole (blob_mend): versions that hold it fetch it again, after a course_refresh(). */
enum status course_blob_lost(struct db *db, int64_t blob);

/* Puts the wants of one fetching version: what is missing, but for what blobs_copy() brings in a running node, with this. */
enum status course_want(struct courses *courses, struct db *db, const struct course_row *row);
struct blob_copier course_copier(struct courses *courses);

/* --- what resembles it here (course_base.c): in a job, after the wants --- */

/* Notes bases for all that a fetching version lacks: of its members, or before they are known of its manifest. */
enum status course_base_all(struct db *db, const struct course_row *row);

/* Notes what of the blob `old` resembles what is wanted of the blob `fresh`: themselves, or their chunks. */
enum status course_base_set(struct db *db, const struct hash *fresh, const struct hash *old);

/* Is `row` wanted by a subscription or a pin, given all versions of its course? */
struct course_wishes;
struct course_wishes *course_wishes_load(struct courses *courses, struct db *db);
bool course_is_wished(struct course_wishes *wishes, struct db *db, const struct course_row *row);
void course_wishes_free(struct course_wishes *wishes);

/* Has the same publisher put out a later version of the same localisation? */
bool course_is_overtaken(struct db *db, const struct course_row *row);

/* Is there room for `size` more bytes of content, above the floor and within the quota? If not, `problem` says so (course_room.c). */
bool course_has_room(struct courses *courses, struct db *db, uint64_t size, char *problem,
                     size_t problem_size);

/* --- for the link: objects for and from peers (course_object.c). `ctx` is the struct courses --- */

/* What a session's view asks (node/store/view.h). */
struct store_objects course_objects(struct courses *courses);

bool course_object_find(void *ctx, struct db *db, const struct hash *object, uint64_t *size_out);
size_t course_object_read(void *ctx, struct db *db, const struct hash *object, uint64_t offset, uint8_t *out,
                          size_t size);
size_t course_object_wanted(void *ctx, struct db *db, size_t skip, size_t max, struct wanted *wanted_out);
size_t course_object_bases(void *ctx, struct db *db, const struct hash *object, size_t max,
                           struct hash *bases_out);
bool course_object_place(void *ctx, struct db *db, const struct hash *object, bool is_from_start, struct content_place *place);

/* An object came whole and verified: keeps it and goes on with what waited for it. In a job. */
enum status course_object_put(void *ctx, struct db *db, const struct hash *object, struct bytes data);

/* A stream of somebody else moved. In a job. */
enum status course_stream_moved(void *ctx, struct db *db, const struct stream_id *stream);

/* A peer asked for an object that is not here: one below this node, or one for which it is offered. In a job. */
enum status course_object_demand(void *ctx, struct db *db, const struct hash *object);

/* Is it the manifest of a version that a node below this one published? Then any other node can get it only
 * through here. */
bool course_object_is_offered(void *ctx, struct db *db, const struct roster *roster, const struct hash *object);

/* --- publishing and letting go (course_publish.c, course_remove.c) --- */

/* Puts the version into the catalogue, or withdraws it from there (held here or lost). */
enum status course_publish(struct courses *courses, struct db *db, struct course_row *row, bool is_withdrawn);

/* Publishes what `ref` means among the own versions: of each language the one imported last, or the version
 * named; what is in the catalogue already stays as it is. Appends the ids of those meant to `ids`.
 * S_NOT_FOUND when there is none. */
enum status course_publish_ref(struct courses *courses, struct db *db, const struct course_ref *ref,
                               struct buffer *ids);

/* Lets go of the files of a version: what no other version needs is deleted by the sweep. An own published
 * one is withdrawn first. A version of somebody else stays in the catalogue. */
enum status course_remove(struct courses *courses, struct db *db, struct course_row *row);

/* The table of contents as rows and in the full-text index (course_contents.c). */
enum status course_contents_put(struct db *db, const struct course_row *row, const struct manifest *manifest);
/* Nobody finds or opens it any more. Its items stay while anybody is registered in the course: what they do in launches that are
 * open, or is still under way to this node, is judged by them. */
enum status course_contents_drop(struct db *db, const struct course_row *row);
bool course_contents_is_needed(struct db *db, const struct course_row *row);

/* Drops the members and the manifest of a version, as far as no other needs them. */
enum status course_release(struct db *db, struct course_row *row);

/* The same in two steps, for who puts another in its place meanwhile, which may need some of what it had: appends that to `ids_out`. */
enum status course_detach(struct db *db, struct course_row *row, struct buffer *ids_out);
enum status course_drop_unused(struct db *db, const struct buffer *ids);

/* This machine's clock, in milliseconds since 1970: informs, never decides. */
uint64_t course_wall_ms(void);

#endif
