/* window_parse(): the input is the text of a window. What is read must come back from its own writing. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "replication/base/check.h"
#include "replication/schedule/window.h"

const char fuzz_name[] = "window";

enum { TEXT_MAX = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[TEXT_MAX + 1], first[WINDOW_TEXT_MAX], second[WINDOW_TEXT_MAX];
    struct window window;
    struct report report;

    if (size > TEXT_MAX) {
        return 0;
    }
    if (size) {
        memcpy(text, data, size);
    }
    text[size] = '\0';
    report_clear(&report);
    if (window_parse(text, &window, &report) != S_OK) {
        CHECK(report.status == S_INVALID);
        return 0;
    }
    window_format(&window, first);
    CHECK(window_parse(first, &window, NULL) == S_OK);
    window_format(&window, second);
    CHECK(strcmp(first, second) == 0);
    uint64_t change = window_next_change(&window, 1793577600000, 180);
    CHECK(change > 1793577600000);
    return 0;
}
