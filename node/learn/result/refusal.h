/* refusal.h: what was not taken from a file, why, and on which lines: counts per reason and the first
 * examples of each. */
#ifndef QANAT_NODE_LEARN_RESULT_REFUSAL_H
#define QANAT_NODE_LEARN_RESULT_REFUSAL_H

#include <jansson.h>
#include <stdint.h>

#include "replication/base/status.h"

/* The names are stable: scripts read them in --json. The text says what to do. */
#define REFUSAL_LIST(X)                                                                                      \
    X(ROW, "bad_row", "the row cannot be read: repair the file there")                                       \
    X(MISSING, "missing_field", "a field is empty that every row needs")                                     \
    X(NAME, "bad_text", "shorten the text, or take the character out of it")                                        \
    X(SHORTENED, "shortened_id", "a spreadsheet shortened the number: format that column as text there, fill it in anew, and save again") \
    X(GENDER, "unknown_gender", "write female, male, other, undisclosed or not_asked")                       \
    X(ROLE, "unknown_role", "write learner, facilitator, trainer, manager or administrator")                 \
    X(PASSWORD, "bad_password", "a password has 8 to 128 bytes")                                             \
    X(LANG, "bad_lang", "write a language as ar, en or zh-Hans")                                             \
    X(EXISTS, "already_there", "a person with this id is here already")                                      \
    X(FULL, "too_many_people", "a node hosts 1,000,000 people: erase who left (qanat person erase), or let another node host some") \
    X(RANK, "above_you", "nobody may make or change a person of a higher role than their own")              \
    X(REPEATED, "repeated_in_file", "the person is in the file already: keep one of the rows")               \
    X(KIND, "unknown_kind",                                                                                  \
      "write enrolled, started, active, completed, dropped, certified, revoked or attended")                 \
    X(TIME, "bad_time", "write times as 2026-10-05T12:30:00Z, from 1970 to 2099")                            \
    X(SCORE, "bad_score", "a score is a number from 0 to 100, or empty")                                     \
    X(MINUTES, "bad_minutes", "minutes are a number from 0 to 1,000,000, or empty")                          \
    X(PERSON, "unknown_person", "import the person first: qanat person import")                              \
    X(MEMBER, "no_member", "add the person to the cohort first: qanat cohort add")                           \
    X(TRAINER, "no_trainer",                                                                                 \
      "a trainer is a facilitator, or finished a training of trainers for the course (cohort new --trains)")                               \
    X(CONTENT, "other_content",                                                                              \
      "the event id is known with other content; the first one stays: give a correction an id of its own")

enum refusal {
#define X(name, word, text) REFUSAL_##name,
    REFUSAL_LIST(X)
#undef X
    REFUSAL_COUNT
};

enum { REFUSAL_EXAMPLE_SIZE = 192 };

struct refusal_example {
    uint64_t line; /* 0: of no file */
    char text[REFUSAL_EXAMPLE_SIZE];
};

struct refusals {
    size_t examples_max; /* kept per reason */
    uint64_t total;
    struct {
        uint64_t count;
        size_t example_count;
        struct refusal_example *examples;
    } reason[REFUSAL_COUNT];
};

void refusals_init(struct refusals *refusals, size_t examples_max);
void refusals_release(struct refusals *refusals);

/* Counts one; the printf-style text names field and content. Control characters in it become question marks. */
void refusals_add(struct refusals *refusals, enum refusal reason, uint64_t line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* What was refused stands in no file of a person: examples name no line. */
void refusals_forget_lines(struct refusals *refusals);

const char *refusal_word(enum refusal reason);
const char *refusal_advice(enum refusal reason);

/* [{"reason","count","advice","examples":[{"line" or null,"text"}]}], only reasons that occurred. */
json_t *refusals_json(const struct refusals *refusals);

/* The same for a person, a few lines per reason. */
void refusals_print(const struct refusals *refusals, FILE *out);

/* S_PARTIAL, with how many rows were refused and `advice` in the report; S_OK when none was. */
enum status refusals_report(uint64_t total, const char *advice, struct report *report);

#endif
