/* course.h: what the files of `qanat course` share: opening the courses, naming publishers, one row as JSON. */
#ifndef QANAT_NODE_CMD_COURSE_H
#define QANAT_NODE_CMD_COURSE_H

#include <jansson.h>

#include "node/cmd/command.h"
#include "node/learn/course/course.h"

/* The blobs and courses of the command's node; closed by course_desk_close(). */
struct course_desk {
    struct command_context *context;
    struct courses courses;
    struct blobs *blobs;
    struct roster *roster; /* NULL until course_row_json() needs it */
    const char *lang;      /* --lang as tags are written, or "" */
    char lang_text[LANG_MAX + 1];
    const char *version;   /* --version, or "" */
};

/* Opens them, and takes --lang and --version; S_USAGE when one of them is empty. */
enum status course_desk_open(struct course_desk *desk, struct command_context *context);
void course_desk_close(struct course_desk *desk);

/* One version with stable keys. */
json_t *course_row_json(struct course_desk *desk, struct db *db, const struct course_row *row);

/* Finds the version that the first word and --lang, --version mean. */
enum status course_desk_find(struct course_desk *desk, struct db *db, bool must_be_held,
                             struct course_row *row_out);

enum status course_run_import(struct command_context *context);
enum status course_run_list(struct command_context *context);
enum status course_run_subscriptions(struct command_context *context);
enum status course_run_show(struct command_context *context);
enum status course_run_clean(struct command_context *context);
enum status course_run_export(struct command_context *context);
enum status course_run_verify(struct command_context *context);

#endif
