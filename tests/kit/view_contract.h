/* view_contract.h: what every store behind a view must do, whatever it is made of.
 *
 * A test program of a store gives the functions below and runs view_contract_tests: the same assertions hold
 * for SQLite and for the simulator's memory. */
#ifndef QANAT_TESTS_KIT_VIEW_CONTRACT_H
#define QANAT_TESTS_KIT_VIEW_CONTRACT_H

#include "replication/peer/view.h"

/* One kind of store. Writes are durable and visible to the next view_begin() when they return. */
struct view_maker {
    /* An empty store of `federation`; node `self` owns it. */
    void *(*make)(const struct id *federation, const struct id *self);
    void (*release)(void *store);

    /* What the core is given for one step, and the end of the step. */
    struct view (*view_begin)(void *store, const struct roster *roster);
    void (*view_end)(void *store);

    /* What effects ask for. apply: S_BAD_DIGEST and S_INVALID also drop what was staged, as the driver does.
     */
    enum status (*stage)(void *store, const struct stream_id *stream, uint64_t after_seq, uint64_t seq,
                         struct bytes body);
    enum status (*apply)(void *store, const struct stream_id *stream, uint64_t after_seq, struct bytes body);
    enum status (*unstage)(void *store, const struct stream_id *stream);
    enum status (*held_put)(void *store, const struct held *held);
};

/* Runs the contract as a cmocka group called `name`; returns the number of failed tests. Call kit_setup()
 * before. */
int view_contract_run(const char *name, const struct view_maker *maker);

#endif
