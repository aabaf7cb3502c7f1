/* What a file that is no archive is taken for, by the element that it begins with. */
#include "node/learn/import/import_bare.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "tests/kit/import.h"

static void a_manifest_is_known_by_its_first_element(void **state)
{
    static const struct {
        const char *text, *name;
    } cases[] = {
        {"<courseStructure/>", "cmi5.xml"},
        {"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- <a> --><x:courseStructure\n>", "cmi5.xml"},
        {"<?xml version='1.0'?><!DOCTYPE manifest><manifest identifier='M'>", "imsmanifest.xml"},
        {"<manifesto>", NULL},
        {"<html><courseStructure/>", NULL},
        {"<!-- never ends", NULL},
        {"<", NULL},
        {"courseStructure", NULL},
    };
    struct kit_import *import = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        kit_file_write(import->path, cases[i].text, strlen(cases[i].text));
        int fd = open(import->path, O_RDONLY);
        const char *name = import_bare_name(fd);
        close(fd);
        assert_string_equal(name ? name : "none", cases[i].name ? cases[i].name : "none");
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_IMPORT_TEST(a_manifest_is_known_by_its_first_element),
    };
    return KIT_RUN(tests);
}
