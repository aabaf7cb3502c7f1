/* courses.h: nodes that publish and fetch courses, and a session between two of them without any network. */
#ifndef QANAT_TESTS_KIT_COURSES_H
#define QANAT_TESTS_KIT_COURSES_H

#include "node/learn/course/course_import.h"
#include "tests/kit/import.h"

struct kit_courses {
    struct kit_node node;
    struct identity identity;
    struct id federation;
    struct config config;
    struct courses courses;
    struct report report;
    char path[300]; /* where packages are written */
};

/* Two nodes: one publishes, one fetches. */
struct kit_pair {
    struct kit_courses hub, campus;
};

int kit_pair_setup(void **state);
int kit_pair_teardown(void **state);
#define KIT_PAIR_TEST(name) cmocka_unit_test_setup_teardown(name, kit_pair_setup, kit_pair_teardown)

/* Node number `number` (its identity follows from it) of the one federation of these tests. */
void kit_courses_open(struct kit_courses *node, uint8_t number);
void kit_courses_close(struct kit_courses *node);

/* Writes `files` as a zip and imports it; the version in *imported_out (may be NULL). Fails the test when
 * refused. */
void kit_course_import(struct kit_courses *node, const char *id, const char *lang,
                       const struct kit_file *files, struct course_imported *imported_out);

/* The same, with a file "large.bin" of `size` bytes drawn from `seed` beside an index page. */
void kit_course_import_large(struct kit_courses *node, const char *id, size_t size, uint64_t seed);

void kit_course_publish(struct kit_courses *node, const char *id);
void kit_course_subscribe(struct kit_courses *node, const char *id);
void kit_course_refresh(struct kit_courses *node);

/* Moves the catalogue of `from` to `to`, with the refresh that follows. */
void kit_catalogue_move(struct kit_courses *from, struct kit_courses *to);

/* Moves up to `max` wanted objects; returns how many. */
size_t kit_objects_move(struct kit_courses *from, struct kit_courses *to, size_t max);

/* The one version with these names at `node`; fails the test when it is not known. */
struct course_row kit_course_row(struct kit_courses *node, const char *id, const char *lang,
                                 const char *version);

/* Runs `job` and fails the test when it fails. */
void kit_job(struct kit_courses *node, store_job *job, void *arg);

#endif
