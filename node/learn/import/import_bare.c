#include "node/learn/import/import_bare.h"

#include <ctype.h>
#include <string.h>
#include <unistd.h>

#include "node/learn/import/import_source.h"

enum { LOOK_SIZE = 16 * 1024 }; /* comments and licences stand before the first element */

static struct bytes behind(struct bytes text, size_t size)
{
    return bytes_of(text.data + size, text.size - size);
}

/* Skips what may stand before the first element: a mark, spaces, declarations, comments. */
static struct bytes first_element(struct bytes text)
{
    text = import_source_unmarked(text);
    while (text.size > 1) {
        const bool is_comment = text.size >= 4 && memcmp(text.data, "<!--", 4) == 0;
        const char *end_text = is_comment ? "-->" : ">";

        if (isspace(text.data[0])) {
            text = behind(text, 1);
        } else if (text.data[0] == '<' && (text.data[1] == '?' || text.data[1] == '!')) {
            const uint8_t *end = memmem(text.data, text.size, end_text, strlen(end_text));
            text = end ? behind(text, (size_t)(end - text.data) + strlen(end_text)) : bytes_of(text.data, 0);
        } else {
            break;
        }
    }
    return text;
}

const char *import_bare_name(int fd)
{
    static const struct {
        const char *element, *name;
    } manifests[] = {{"courseStructure", "cmi5.xml"}, {"manifest", "imsmanifest.xml"}};
    uint8_t data[LOOK_SIZE];
    const ssize_t size = pread(fd, data, sizeof data, 0);
    struct bytes text = first_element(bytes_of(data, size > 0 ? (size_t)size : 0));
    size_t end = 1, begin = 1;

    if (text.size == 0 || text.data[0] != '<') {
        return NULL;
    }
    while (end < text.size && !isspace(text.data[end]) && text.data[end] != '>' && text.data[end] != '/') {
        begin = text.data[end] == ':' ? end + 1 : begin;
        end++;
    }
    for (size_t i = 0; i < sizeof manifests / sizeof *manifests; i++) {
        if (bytes_equal(bytes_of(text.data + begin, end - begin), bytes_text(manifests[i].element))) {
            return manifests[i].name;
        }
    }
    return NULL;
}
