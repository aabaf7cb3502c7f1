/* tally.h: gathers what a batch changes and adds it to this node's own figures, each touched cell read and
 * written once.
 *
 * A million events fall on far fewer cells; gathering them in a hash table first makes the fold cost nothing
 * beside storing the events. One tally serves one transaction: tally_flush() writes the cells in key order
 * and empties it. */
#ifndef QANAT_NODE_LEARN_RESULT_TALLY_H
#define QANAT_NODE_LEARN_RESULT_TALLY_H

#include "node/store/db.h"
#include "node/store/stream/figure.h"

struct tally;

/* Never NULL. */
struct tally *tally_new(void);
void tally_free(struct tally *tally);
void tally_clear(struct tally *tally);

/* One combination of parts; valid until tally_flush() or tally_clear(). */
struct tally_group;
struct tally_group *tally_group(struct tally *tally, const struct bytes part[PART_COUNT]);

/* A number of the caller's that stays with the group as long as it lives; 0 at first. */
int64_t *tally_note(struct tally_group *group);

/* Adds to a number; `change` may be negative. */
void tally_add(struct tally_group *group, enum metric metric, int64_t change);

/* Adds one score in hundredths of a point to its histogram and sum. */
void tally_score(struct tally_group *group, int64_t hundredths);

/* Takes one score back that was added once, in whatever incarnation: histograms only grow, so it is counted
 * beside them (METRIC_SCORE_OUT), and the statistics take it off. */
void tally_score_back(struct tally_group *group, int64_t hundredths);

/* Adds one person, as a keyed hash. */
void tally_person(struct tally_group *group, uint64_t person);

/* Puts everything gathered into the own cells of the results topic, on the writer thread, and empties the
 * tally. */
enum status tally_flush(struct tally *tally, struct db *db);

#endif
