/* person_row.h: one row of a people's file, checked. */
#ifndef QANAT_NODE_LEARN_PERSON_PERSON_ROW_H
#define QANAT_NODE_LEARN_PERSON_PERSON_ROW_H

#include "node/learn/csv.h"
#include "node/learn/result/refusal.h"
#include "node/store/people/person.h"
#include "replication/base/arena.h"

enum { PERSON_TEXT_MAX = 256 }; /* name, institution: bytes */

#define PERSON_FIELD_LIST(X)                                                                                 \
    X(ID, "id", true)                                                                                        \
    X(NAME, "name", true)                                                                                    \
    X(GENDER, "gender", false)                                                                               \
    X(ROLE, "role", false)                                                                                   \
    X(INSTITUTION, "institution", false)                                                                     \
    X(PASSWORD, "password", false)                                                                           \
    X(REGISTERED, "registered", false)                                                                       \
    X(LANG, "lang", false)

enum person_field {
#define X(name, text, is_required) PERSON_##name,
    PERSON_FIELD_LIST(X)
#undef X
    PERSON_FIELD_COUNT
};

struct person_row {
    uint64_t line;
    struct person person;  /* texts in the arena; password empty: not in the file */
    struct bytes password; /* as it was written; wipe it */
    bool has_registered;   /* else person.registered_ms is now, for a new person only */
    bool keeps_gender, keeps_role, keeps_institution; /* the file has no such column: of a known person, what is stored stays */
    bool is_refused;       /* by what is stored already */
    enum refusal why;
};

/* The columns of a people's file, in the order of the enum. */
void person_columns(struct csv_column columns[PERSON_FIELD_COUNT]);

/* Checks the fields; texts are copied into `arena`. False when the row is refused: why is counted in
 * `refusals`. */
bool person_row_read(const struct bytes field[PERSON_FIELD_COUNT], uint64_t line, int64_t now_ms,
                     struct arena *arena, struct person_row *row_out, struct refusals *refusals);

#endif
