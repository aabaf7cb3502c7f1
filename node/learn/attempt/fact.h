/* fact.h: what this node derives from the work of its learners, as events and cells: said once, revised when it changes.
 *
 * A fact is an event with an id that follows from what it is about ("completed: this person, this course"). Saying it again changes nothing;
 * saying it otherwise takes the old figures back and adds the new ones, in the dimensions under which it was counted first; so corrections
 * lower figures and replays do not raise them. A fact that is not true any more counts nothing. Sketches of distinct people cannot forget.
 *
 * After a loss (a database put back, a machine replaced) the figures of before come back, and facts are derived anew: by commits that browsers
 * send again, by people who go on. Each is known by its id: of enrolled and started a fingerprint comes back (store/known.h), of
 * completed, attended and a month's minutes what they counted as (store/share.h). So it counts once, whichever comes first: the best score, of each
 * launch the longer time. What somebody decided goes before what came back.
 *
 * Of attended earlier versions published the fingerprint alone. Such a fact stays as it is until it is revised, and has a share from then on, together
 * with what it was before (fact_base_put()). Where only its fingerprint came back, as what it was counted is not known: said again, corrected or taken
 * back it counts as it did, and nothing besides. */
#ifndef QANAT_NODE_LEARN_ATTEMPT_FACT_H
#define QANAT_NODE_LEARN_ATTEMPT_FACT_H

#include "node/learn/attempt/share_sum.h"
#include "node/learn/result/result_row.h"

enum { FACT_ID_SIZE = 80 };

struct facts; /* of one job: gathers the changes, so that each cell is written once */

struct facts *facts_new(const struct federation *federation);
void facts_free(struct facts *facts);

struct fact {
    const char *id;        /* of fact_id(), or enrol_id() */
    const char *id_before; /* how it was named by versions before, or NULL */
    int64_t person;        /* row */
    struct bytes person_id;
    struct event_group dims;
    enum event_kind kind;
    int64_t at_ms, score, minutes; /* as in struct event */
    const struct share *time;      /* its parts: time by launch, instead of minutes; or NULL */
    bool is_lasting;               /* what was said first stays */
    bool is_decided;               /* by somebody: what came back after a loss gives way */
};

/* "KIND-" and a keyed hash of what it is about: tells nobody who it is. */
void fact_id(const struct facts *facts, enum event_kind kind, struct bytes about, char out[FACT_ID_SIZE]);

/* The kind of the fact in a row of events, also of one that is not true any more; false where the id does not say (who did it was erased). */
bool fact_kind_find(struct db *db, int64_t row, int *kind_out);

/* Makes it true, as said here. Writer thread. */
enum status fact_put(struct facts *facts, struct db *db, const struct fact *fact);

/* Makes it untrue, if it ever was true: of `fact` only the ids, the kind and is_decided are looked at. Writer thread. */
enum status fact_drop(struct facts *facts, struct db *db, const struct fact *fact);

/* As fact_put(), where it is true already; else nothing. Its dimensions and person.row are not looked at. Writer thread. */
enum status fact_correct(struct facts *facts, struct db *db, const struct fact *fact);

/* Writes the cells. Once, as the last thing of the job. */
enum status facts_flush(struct facts *facts, struct db *db);

#endif
