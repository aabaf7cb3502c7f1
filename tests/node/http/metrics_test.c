#include "node/http/metrics.h"
#include "tests/kit/kit.h"

#include <stdlib.h>
#include <string.h>

static void samples_follow_their_type_and_labels_are_escaped(void **state)
{
    json_t *status = json_pack("{s:s, s:{s:i, s:i}, s:{s:i}, s:{s:i, s:i, s:n}, "
                               "s:[{s:s, s:s, s:{s:i}, s:{s:i}, s:i, s:i, s:i}]}",
                               "state", "in_step",
                               "storage", "database_bytes", 10, "free_bytes", 20, "receipts", "hub_lacks", 3, "refused", "strangers", 5,
                               "total", 5, "last", "peers", "node",
                               "a \"b\" \\ c", "state", "behind", "we_lack", "cells", 7, "they_lack", "cells", 8, "bytes_in",
                               1, "bytes_out", 2, "refused", 0);
    size_t size;
    (void)state;

    char *text = metrics_text(status, &size);
    assert_int_equal(strlen(text), size);
    assert_non_null(strstr(text, "# TYPE qanat_peer_cells_to_come gauge\nqanat_peer_cells_to_come{peer=\"a \\\"b\\\" \\\\ c\"} 7\n"));
    assert_non_null(strstr(text, "qanat_in_step 1\n"));
    assert_non_null(strstr(text, "qanat_peer_in_step{peer=\"a \\\"b\\\" \\\\ c\"} 0\n"));
    assert_non_null(strstr(text, "# TYPE qanat_refused_total counter\nqanat_refused_total{what=\"strangers\"} 5\n"));
    assert_null(strstr(text, "total\"}"));
    assert_int_equal(text[size - 1], '\n');
    free(text);
    json_decref(status);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(samples_follow_their_type_and_labels_are_escaped)};
    return KIT_RUN(tests);
}
