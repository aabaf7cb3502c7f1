/* import_describe(): the first byte says what the file is called, the rest is in it: manifests in XML and JSON, pages.
 * Whatever comes, the child answers with a description that its parent can read, or with a fault. */
#include "tests/fuzz/fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

#include "node/learn/import/import_describe.h"
#include "node/learn/import/import_frame.h"
#include "replication/base/check.h"

const char fuzz_name[] = "describe";

enum { INPUT_MAX = 256 * 1024 };

static int memory_file(void)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);

    CHECK(fd >= 0);
    return fd;
}

static void package_write(int fd, struct bytes content, unsigned which)
{
    static const char *const names[] = {"imsmanifest.xml", "cmi5.xml", "h5p.json", "content/content.json", "index.html", "folder/imsmanifest.xml"};
    const char *name = names[which % (sizeof names / sizeof *names)];

    CHECK(import_frame_write(fd, IMPORT_FRAME_MEMBER, bytes_text(name)) && import_frame_write(fd, IMPORT_FRAME_FILE, content));
    if (which % 6 == 3) {
        CHECK(import_frame_write(fd, IMPORT_FRAME_MEMBER, bytes_text("h5p.json")));
        CHECK(import_frame_write(fd, IMPORT_FRAME_FILE, bytes_text("{\"title\":\"t\",\"mainLibrary\":\"H5P.X\",\"language\":\"en\"}")));
    }
    CHECK(import_frame_write(fd, IMPORT_FRAME_MEMBER, bytes_text("page.html")) && import_frame_write(fd, IMPORT_FRAME_FILE, bytes_text("<title>page</title>")));
    CHECK(import_frame_write(fd, IMPORT_FRAME_DONE, bytes_of(NULL, 0)) && lseek(fd, 0, SEEK_SET) == 0);
}

static void answer_check(int fd, bool is_described)
{
    struct import_reader reader;
    struct import_description description;
    enum import_frame type;
    struct bytes payload;
    struct arena arena;

    CHECK(lseek(fd, 0, SEEK_SET) == 0);
    import_reader_init(&reader, fd);
    CHECK(import_frame_read(&reader, &type, &payload) == S_OK);
    CHECK(type == (is_described ? IMPORT_FRAME_DESCRIPTION : IMPORT_FRAME_FAULT));
    if (is_described) {
        arena_init(&arena, 64 * 1024 * 1024);
        CHECK(import_description_decode(payload, &arena, &description) == S_OK);
        arena_release(&arena);
    }
    import_reader_release(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool is_prepared;
    int in, out;

    if (size == 0 || size > INPUT_MAX) {
        return 0;
    }
    if (!is_prepared) {
        import_describe_prepare("");
        is_prepared = true;
    }
    in = memory_file(), out = memory_file();
    package_write(in, bytes_of(data + 1, size - 1), data[0]);
    answer_check(out, import_describe(in, out));
    close(in);
    close(out);
    return 0;
}
