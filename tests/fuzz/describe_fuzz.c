/* import_describe(): the first byte says what the file is called, the rest is in it: manifests in XML and JSON, pages.
 * Whatever comes, the child answers with a description that its parent can read, or with a fault. */
#include "tests/fuzz/fuzz.h"

#include <string.h>
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

static void text_write(int fd, const char *name, const char *text)
{
    CHECK(import_frame_write(fd, IMPORT_FRAME_MEMBER, bytes_text(name)) && import_frame_write(fd, IMPORT_FRAME_FILE, bytes_text(text)));
}

static void package_write(int fd, struct bytes content, unsigned which)
{
    static const char *const names[] = {"imsmanifest.xml", "cmi5.xml",  "h5p.json", "content/content.json", "index.html", "folder/imsmanifest.xml",
                                        "book.opf",        "nav.xhtml", "toc.ncx",  "tincan.xml"};
    enum { NAME_COUNT = sizeof names / sizeof *names, H5P_CONTENT = 3, EPUB = 6, EPUB_CONTENTS = 7, EPUB_END = 8 };
    const char *name = names[which %= NAME_COUNT];

    if (which >= EPUB && which <= EPUB_END) {
        text_write(fd, "META-INF/container.xml", "<container><rootfiles><rootfile full-path='book.opf'/></rootfiles></container>");
    }
    if (which >= EPUB_CONTENTS && which <= EPUB_END) {
        text_write(fd, "book.opf",
                   "<package><manifest><item id='n' href='nav.xhtml' properties='nav' media-type='application/xhtml+xml'/><item id='t' href='toc.ncx'/>"
                   "<item id='p' href='page.html' media-type='text/html'/></manifest><spine toc='t'>"
                   "<itemref idref='p'/><itemref idref='n' linear='no'/></spine></package>");
    }
    bool is_behind = strcmp(name, "page.html") > 0; /* members come sorted */
    if (is_behind) {
        text_write(fd, "page.html", "<title>page</title>");
    }
    CHECK(import_frame_write(fd, IMPORT_FRAME_MEMBER, bytes_text(name)) && import_frame_write(fd, IMPORT_FRAME_FILE, content));
    if (which == H5P_CONTENT) {
        text_write(fd, "h5p.json", "{\"title\":\"t\",\"mainLibrary\":\"H5P.X\",\"language\":\"en\"}");
    }
    if (!is_behind) {
        text_write(fd, "page.html", "<title>page</title>");
    }
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
