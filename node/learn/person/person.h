/* person.h: people join, change and leave this node; the "registered" figures follow.
 *
 * Registered counts people by gender, role and the month of their registration. A changed row moves a person
 * from one figure to another in the same transaction. People are never replicated. */
#ifndef QANAT_NODE_LEARN_PERSON_PERSON_H
#define QANAT_NODE_LEARN_PERSON_PERSON_H

#include <stdio.h>

#include "node/dir.h"
#include "node/learn/result/refusal.h"
#include "node/learn/vocabulary.h"
#include "node/store/people/person.h"
#include "node/store/store.h"

/* Refused rows are shown one by one: so many of each reason. */
enum { PERSON_EXAMPLES_MAX = 1000 };

struct person_import {
    struct store *store;
    FILE *in;
    int64_t now_ms;                              /* registration of new people whose row does not say it */
    bool is_dry_run;                             /* everything is checked, nothing written */
    bool is_one;                                 /* the one row was said, and is no line of a file */
    bool is_only_new;                            /* a person who is here already is refused, not changed */
    bool is_limited;                             /* who imports may neither make nor change people above `role_max` */
    enum role role_max;
    void (*warn)(void *ctx, const char *column); /* told each ignored column */
    void *ctx;
};

struct person_outcome {
    uint64_t added, updated, unchanged;
    struct refusals refusals;
};

void person_outcome_init(struct person_outcome *outcome);
void person_outcome_release(struct person_outcome *outcome);

/* Takes every good row of a CSV file (id, name; gender, role, institution, password, registered, lang when
 * there); the others are in outcome->refusals. The same file again changes nothing. S_PARTIAL when rows were
 * refused; on other errors the outcome says what is durable. */
enum status person_import(const struct person_import *import, struct person_outcome *outcome,
                          struct report *report);

/* Deletes a person with their xAPI statements and documents, takes them off the registered figure and out of
 * their events, which stay counted without them, those of a moment ago too: a sketch of distinct people cannot forget.
 * *events_out is how many events. S_NOT_FOUND. */
enum status person_erase(struct store *store, const struct federation *federation, struct bytes id, int64_t *events_out, struct report *report);

/* --- in a job, for the files of this room --- */

/* Puts a person (row, id, name) into the full-text index, with the ids merged into it. */
enum status person_index(struct db *db, const struct person *person);

/* Moves the registered figure of a person (gender, role, registered_ms) by `change`. */
enum status person_registered(struct db *db, const struct person *person, int64_t change);

#endif
