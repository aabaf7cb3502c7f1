/* adoptions.h: what one node adopts of its closed streams (replication/peer/adopt.h), and what it gives up again. Private to tests/sim. */
#ifndef QANAT_TESTS_SIM_ADOPTIONS_H
#define QANAT_TESTS_SIM_ADOPTIONS_H

struct job;
struct node;
struct world;

/* Looks at what was heard since; an adoption is a job like any other. */
void adoptions_look(struct world *world, struct node *node);

/* The job ADOPT: what is due then, and what is begun anew or given up beside. */
void adoptions_run(struct world *world, struct node *node, struct job *job);

/* A batch is applied. One of its own streams may turn out to be longer than it was adopted, or show that another machine adopted the same. */
void adoptions_apply(struct world *world, struct node *node, struct job *job);

#endif
