/* import_unpack(): the input is an archive. The child's answer is frames that end with DONE, or with a fault. */
#include "tests/fuzz/fuzz.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "node/learn/import/import_frame.h"
#include "node/learn/import/import_unpack.h"
#include "replication/base/check.h"

const char fuzz_name[] = "archive";

enum { INPUT_MAX = 256 * 1024, ANSWER_MAX = 32 * 1024 * 1024 }; /* the parent stops reading a bomb: here writing fails */

static void limits_set(void)
{
    struct rlimit limit = {ANSWER_MAX, ANSWER_MAX};

    CHECK(signal(SIGXFSZ, SIG_IGN) != SIG_ERR && setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

static void answer_check(int fd, bool is_whole)
{
    enum import_frame type = IMPORT_FRAME_DATA, last = IMPORT_FRAME_DATA;
    struct import_reader reader;
    struct bytes payload;
    enum status status;

    CHECK(lseek(fd, 0, SEEK_SET) == 0);
    import_reader_init(&reader, fd);
    while ((status = import_frame_read(&reader, &type, &payload)) == S_OK) {
        CHECK(last != IMPORT_FRAME_DONE && last != IMPORT_FRAME_FAULT);
        last = type;
    }
    CHECK(!is_whole || (status == S_NOT_FOUND && last == IMPORT_FRAME_DONE));
    import_reader_release(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool is_limited;
    int in, out;

    if (size > INPUT_MAX) {
        return 0;
    }
    if (!is_limited) {
        limits_set();
        is_limited = true;
    }
    in = memfd_create("in", MFD_CLOEXEC), out = memfd_create("out", MFD_CLOEXEC);
    CHECK(in >= 0 && out >= 0);
    CHECK(size == 0 || write(in, data, size) == (ssize_t)size);
    CHECK(lseek(in, 0, SEEK_SET) == 0);
    answer_check(out, import_unpack(in, out));
    close(in);
    close(out);
    return 0;
}
