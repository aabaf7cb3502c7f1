/* vocabulary.h: the closed lists of words in people's and results' files: genders, roles, kinds of event.
 *
 * Words are stored and published in the form given here; parsing forgives ASCII case and spaces around. The
 * numbers are stored in the database: add at the end, never reuse. */
#ifndef QANAT_NODE_LEARN_VOCABULARY_H
#define QANAT_NODE_LEARN_VOCABULARY_H

#include <stdbool.h>

#include "replication/base/bytes.h"

#define GENDER_LIST(X)                                                                                       \
    X(FEMALE, "female")                                                                                      \
    X(MALE, "male")                                                                                          \
    X(OTHER, "other")                                                                                        \
    X(UNDISCLOSED, "undisclosed")                                                                            \
    X(NOT_ASKED, "not_asked")

#define ROLE_LIST(X)                                                                                         \
    X(LEARNER, "learner")                                                                                    \
    X(FACILITATOR, "facilitator")                                                                            \
    X(TRAINER, "trainer")                                                                                    \
    X(MANAGER, "manager")                                                                                    \
    X(ADMINISTRATOR, "administrator")

/* What happened between a person and a course. */
#define EVENT_KIND_LIST(X)                                                                                   \
    X(ENROLLED, "enrolled")                                                                                  \
    X(STARTED, "started")                                                                                    \
    X(ACTIVE, "active")                                                                                      \
    X(COMPLETED, "completed")                                                                                \
    X(DROPPED, "dropped")                                                                                    \
    X(CERTIFIED, "certified")                                                                                \
    X(REVOKED, "revoked")                                                                                    \
    X(ATTENDED, "attended")

enum gender {
#define X(name, text) GENDER_##name,
    GENDER_LIST(X)
#undef X
    GENDER_COUNT
};

enum role {
#define X(name, text) ROLE_##name,
    ROLE_LIST(X)
#undef X
    ROLE_COUNT
};

enum event_kind {
#define X(name, text) EVENT_##name,
    EVENT_KIND_LIST(X)
#undef X
    EVENT_KIND_COUNT
};

/* False for numbers that no word has: a row is damaged, and nobody is counted by it. */
bool dims_are_known(int role, int gender);

/* The word; "?" for a number that none has. */
const char *gender_text(enum gender gender);
const char *role_text(enum role role);
const char *event_kind_text(enum event_kind kind);

/* False when the text is none of the words. Empty means not_asked and learner; f and m are understood. */
bool gender_parse(struct bytes text, enum gender *gender_out);
bool role_parse(struct bytes text, enum role *role_out);
bool event_kind_parse(struct bytes text, enum event_kind *kind_out);

/* All words of each list, for messages. */
#define GENDER_WORDS     "female, male, other, undisclosed or not_asked"
#define ROLE_WORDS       "learner, facilitator, trainer, manager or administrator"
#define EVENT_KIND_WORDS "enrolled, started, active, completed, dropped, certified, revoked or attended"

/* Text without ASCII white space around it. */
struct bytes text_trim(struct bytes text);

/* True when a text can stand in a cell key and in a list on a screen: 1 to `size_max` bytes of UTF-8 without
 * control characters. */
bool text_is_name(struct bytes text, size_t size_max);

/* The same, and when it is none, says why in `fault_out`, with what it is (`what`: "the title"), how it begins and the limit:
 * "the title 'Introd...' has 412 bytes, 256 at most". */
enum { TEXT_FAULT_SIZE = 192 };
bool text_check_name(const char *what, struct bytes text, size_t size_max, char fault_out[TEXT_FAULT_SIZE]);

/* Parses a decimal number of 0 to `max` (in whole units) with a point or a comma into hundredths; digits
 * behind the second are rounded half up, but what is over `max` stays over it. */
bool decimal_parse(struct bytes text, int64_t max, int64_t *hundredths_out);

#endif
