#include "node/learn/import/import_page.h"

#include <ctype.h>
#include <libxml/HTMLparser.h>
#include <string.h>

#include "node/learn/import/import_path.h"
#include "node/learn/import/import_xml.h"

enum page_kind import_page_kind(struct bytes path)
{
    if (import_path_ends_with(path, ".html") || import_path_ends_with(path, ".htm") || import_path_ends_with(path, ".xhtml")) {
        return PAGE_HTML;
    }
    return import_path_ends_with(path, ".md") || import_path_ends_with(path, ".markdown") ? PAGE_MARKDOWN : PAGE_NONE;
}

/* The first <title> and the lang of <html>, in document order without recursion. */
static struct bytes html_title(struct import_source *source, const struct import_file *file,
                               struct bytes *lang_out)
{
    const int options = HTML_PARSE_NONET | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_RECOVER;
    struct bytes title = bytes_of("", 0);
    htmlDocPtr doc = file->content.data ? htmlReadMemory((const char *)file->content.data,
                                                         (int)file->content.size, NULL, NULL, options)
                                        : NULL;
    xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;

    if (root) {
        *lang_out = import_xml_attribute(source, root, "lang");
        title = import_xml_text(source, import_xml_child(import_xml_child(root, "head"), "title"));
    }
    xmlFreeDoc(doc);
    return title;
}

static struct bytes take_line(struct bytes *text)
{
    const uint8_t *end = memchr(text->data, '\n', text->size);
    size_t size = end ? (size_t)(end - text->data) : text->size;
    struct bytes line = bytes_of(text->data, size);

    *text = bytes_of(text->data + size + (end ? 1 : 0), text->size - size - (end ? 1 : 0));
    while (line.size > 0 && isspace(line.data[line.size - 1])) {
        line.size--;
    }
    return line;
}

/* A heading without its marks: "[Lesson](a.md) `one` **two** ##" is "Lesson one two". */
static struct bytes plain_heading(struct import_source *source, struct bytes line)
{
    struct buffer out;
    struct bytes text;

    buffer_init(&out);
    for (size_t i = 0; i < line.size; i++) {
        const uint8_t *end;

        if (line.data[i] == ']' && i + 1 < line.size && line.data[i + 1] == '(') {
            end = memchr(line.data + i, ')', line.size - i);
            i = end ? (size_t)(end - line.data) : i;
        } else if (!strchr("[]*`#", line.data[i]) &&
                   !(line.data[i] == '!' && i + 1 < line.size && line.data[i + 1] == '[')) {
            buffer_append_u8(&out, line.data[i]);
        }
    }
    text = import_source_text(source, buffer_bytes(&out), COURSE_TEXT_MAX);
    buffer_release(&out);
    return text;
}

static bool starts_with(struct bytes line, const char *start)
{
    return line.size >= strlen(start) && memcmp(line.data, start, strlen(start)) == 0;
}

/* The first heading outside comments, front matter and code. */
static struct bytes markdown_title(struct import_source *source, const struct import_file *file)
{
    struct bytes rest = import_source_unmarked(file->content), last = bytes_of("", 0);
    bool is_comment = false, is_code = false, is_matter = false, is_first = true;

    while (rest.size > 0) {
        struct bytes line = take_line(&rest);

        if (is_matter && starts_with(line, "title:")) {
            return plain_heading(source, bytes_of(line.data + 6, line.size - 6));
        }
        if (bytes_equal(line, bytes_text("---")) && (is_first || is_matter)) {
            is_matter = !is_matter;
        } else if (starts_with(line, "<!--")) {
            is_comment = true;
        } else if (!is_comment && (starts_with(line, "```") || starts_with(line, "~~~"))) {
            is_code = !is_code;
        } else if (!is_comment && !is_code && !is_matter) {
            if (starts_with(line, "# ") || starts_with(line, "## ")) {
                return plain_heading(source, line);
            }
            if (starts_with(line, "===") && last.size > 0) {
                return plain_heading(source, last);
            }
            last = line;
        }
        if (is_comment && memmem(line.data, line.size, "-->", 3)) {
            is_comment = false;
        }
        is_first = false;
    }
    return bytes_of("", 0);
}

struct bytes import_page_title(struct import_source *source, const struct import_file *file, struct bytes *lang_out)
{
    *lang_out = bytes_of("", 0);
    return import_page_kind(file->path) == PAGE_HTML ? html_title(source, file, lang_out) : markdown_title(source, file);
}
