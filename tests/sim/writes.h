/* writes.h: what a node writes itself: results, courses, statements, and what it was told when it was rebuilt. */
#ifndef QANAT_TESTS_SIM_WRITES_H
#define QANAT_TESTS_SIM_WRITES_H

#include "tests/sim/job.h"

struct world;
struct node;

/* Runs a job of the kinds RESULTS, COURSE, STATEMENT, WELCOME: the truth learns of each cell. */
void own_write(struct world *world, struct node *node, struct job *job);

/* A statement into the living roster stream. */
void statement_cell_write(struct world *world, struct node *node, struct bytes statement);

/* How far a stream is held; 0: not at all. */
uint64_t node_seq(struct node *node, const struct stream_id *stream);

/* The next statement of a welcome; false at its end. */
bool welcome_take(struct bytes *rest, struct bytes *statement_out);

/* Applied to a stream of its own before everybody was heard (replication/peer/adopt.h): it is of before, whatever the clocks said. */
void own_came_back(struct node *node, const struct stream_id *stream);

/* A subscriber wants what the catalogue names, and a relay what was published below it, so that it can go up. */
void catalogue_take(struct world *world, struct node *node, const struct stream_id *stream);

#endif
