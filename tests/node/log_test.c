#include "node/log.h"
#include "tests/kit/kit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void a_line_has_level_event_and_values_and_respects_the_level(void **state)
{
    char text[512] = "";
    int kept = dup(STDERR_FILENO);
    FILE *file = tmpfile();
    (void)state;

    assert_non_null(file);
    fflush(stderr);
    dup2(fileno(file), STDERR_FILENO);
    log_set_level(LOG_INFO);
    log_event(LOG_DEBUG, "frame_seen", "size=%d", 3);
    log_event(LOG_INFO, "peer_synced", "peer=%s cells=%d", "hub", 7);
    log_event(LOG_INFO, "file_seen", "name=%s", "\xd8\xb9\n\xc2\x9b" "2J\xe2\x80\xae");
    log_set_level(LOG_WARNING);
    log_event(LOG_INFO, "peer_synced", "peer=%s", "again");
    log_check_failed("node/here.c", 7, "is_so");
    fflush(stderr);
    dup2(kept, STDERR_FILENO);
    close(kept);
    rewind(file);
    assert_true(fread(text, 1, sizeof text - 1, file) > 0);
    fclose(file);
    assert_string_equal(text, "level=info event=peer_synced peer=hub cells=7\nlevel=info event=file_seen name=\xd8\xb9??2J?\n"
                              "level=error event=check_failed file=node/here.c line=7 check=\"is_so\"\n");
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_line_has_level_event_and_values_and_respects_the_level)};
    return KIT_RUN(tests);
}
