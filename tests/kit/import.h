/* import.h: tests of the importer: one package at a time, read into a fresh node. */
#ifndef QANAT_TESTS_KIT_IMPORT_H
#define QANAT_TESTS_KIT_IMPORT_H

#include "node/learn/import/import.h"
#include "node/learn/import/import_child.h"
#include "tests/kit/package.h"

struct kit_import {
    struct kit_node node;
    struct import_package package;
    struct report report;
    char path[512]; /* where the test puts its package: a file or a folder */
    const char *lang; /* of the package; NULL: not known */
};

int kit_import_setup(void **state);
int kit_import_teardown(void **state);

/* Reads the package; checks that nothing stays behind of it but what is in import->package, which the caller
 * releases. */
enum status kit_import_read(struct kit_import *import);

/* Reads it, and checks that it is refused with a text that holds `part`. */
void kit_import_refused(struct kit_import *import, const char *part);

void kit_text_is(struct bytes text, const char *wanted);
void kit_file_write(const char *path, const void *data, size_t size);
size_t kit_file_read(const char *path, uint8_t *out, size_t size);

#define KIT_IMPORT_TEST(name) cmocka_unit_test_setup_teardown(name, kit_import_setup, kit_import_teardown)

#endif
