/* A package without a manifest: pages of HTML or Markdown, in the order in which a person would read the
 * folder.
 *
 * A folder's own page (index.html, README.md) stands for the folder; its other pages and folders follow,
 * numbers in names counted as numbers. Titles come from <title>, or from the first heading of a Markdown
 * page. Where there is no page at all, films, sounds and documents are taken. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "node/learn/import/import_describe.h"
#include "node/learn/import/import_page.h"
#include "node/learn/import/import_path.h"

struct page {
    const struct import_file *file;
    enum page_kind kind;
};

/* Pages that stand for their folder, the best first. */
static const char *const folder_pages[] = {"index.html", "index.htm", "index.xhtml", "README.md",
                                           "readme.md",  "index.md",  "Readme.md",   "README.markdown",
                                           "default.html", "default.htm"};

enum { FOLDER_PAGE_COUNT = sizeof folder_pages / sizeof folder_pages[0] };

/* The part after the last '/'. */
static struct bytes name_of(struct bytes path)
{
    const uint8_t *slash = memrchr(path.data, '/', path.size);

    return slash ? bytes_of(slash + 1, (size_t)(path.data + path.size - slash) - 1) : path;
}

static bool is_folder_page(struct bytes path)
{
    struct bytes name = name_of(path);

    for (size_t i = 0; i < FOLDER_PAGE_COUNT; i++) {
        if (bytes_equal(name, bytes_text(folder_pages[i]))) {
            return true;
        }
    }
    return false;
}

/* The page of `folder` ("" or ending in '/'); NULL when it has none. */
static const struct import_file *find_folder_page(const struct import_source *source, struct bytes folder)
{
    uint8_t path[PATH_SIZE_MAX + 32];

    for (size_t i = 0; i < FOLDER_PAGE_COUNT && folder.size <= PATH_SIZE_MAX; i++) {
        size_t size = strlen(folder_pages[i]);
        const struct import_file *file;

        memcpy(path, folder.data, folder.size);
        memcpy(path + folder.size, folder_pages[i], size);
        file = import_source_find(source, bytes_of(path, folder.size + size));
        if (file) {
            return file;
        }
    }
    return NULL;
}

static struct bytes next_part(struct bytes *path)
{
    const uint8_t *slash = memchr(path->data, '/', path->size);
    struct bytes part = bytes_of(path->data, slash ? (size_t)(slash - path->data) : path->size);
    size_t skip = part.size + (slash ? 1 : 0);

    *path = bytes_of(path->data + skip, path->size - skip);
    return part;
}

static size_t digits_at(struct bytes text, size_t at)
{
    size_t end = at;

    while (end < text.size && isdigit(text.data[end])) {
        end++;
    }
    return end - at;
}

/* By letters without case, and runs of digits by their value. */
static int compare_natural(struct bytes a, struct bytes b)
{
    size_t i = 0, k = 0;

    while (i < a.size && k < b.size) {
        size_t x = digits_at(a, i), y = digits_at(b, k);

        if (x > 0 && y > 0) {
            while (x > 1 && a.data[i] == '0') {
                i++;
                x--;
            }
            while (y > 1 && b.data[k] == '0') {
                k++;
                y--;
            }
            int order = x != y ? (x > y) - (x < y) : memcmp(a.data + i, b.data + k, x);
            if (order) {
                return order;
            }
            i += x;
            k += y;
        } else {
            int order = tolower(a.data[i++]) - tolower(b.data[k++]);
            if (order) {
                return order;
            }
        }
    }
    return (a.size - i > 0) - (b.size - k > 0);
}

static int compare_page(const void *a, const void *b)
{
    struct bytes x = ((const struct page *)a)->file->path, y = ((const struct page *)b)->file->path;
    bool x_stands = is_folder_page(x), y_stands = is_folder_page(y);

    for (;;) {
        struct bytes p = next_part(&x), q = next_part(&y);
        bool x_is_first = x_stands && x.size == 0, y_is_first = y_stands && y.size == 0;
        int order = x_is_first || y_is_first ? (int)y_is_first - (int)x_is_first : compare_natural(p, q);

        if (order == 0) {
            order = bytes_compare(p, q);
        }
        if (order != 0 || (x.size == 0 && y.size == 0)) {
            return order;
        }
    }
}

/* How many folders above the page, below the package's top, have a page of their own. */
static uint32_t depth_of(const struct import_source *source, struct bytes path)
{
    uint32_t depth = 0;

    for (size_t at = source->root.size; at < path.size; at++) {
        if (path.data[at] == '/') {
            const struct import_file *page = find_folder_page(source, bytes_of(path.data, at + 1));

            depth += page && !bytes_equal(page->path, path) ? 1 : 0;
        }
    }
    return depth;
}

static void add_page(struct import_source *source, const struct page *page)
{
    struct course_item item = {.id = page->file->path, .mastery_percent = -1, .kind = bytes_text("page")};
    struct bytes lang, name = name_of(page->file->path);

    item.title = import_page_title(source, page->file, &lang);
    item.title = item.title.size > 0 ? item.title : name;
    item.depth = depth_of(source, page->file->path);
    item.entry = import_source_entry(source, page->file->path, bytes_of("", 0));
    if (source->description.lang.size == 0) {
        source->description.lang = import_source_lang(lang);
    }
    import_source_add_item(source, item);
}

/* People pack archives in archives. */
static enum status nothing_to_open(const struct import_source *source, struct report *report)
{
    static const char *const archives[] = {".zip", ".imscc", ".h5p", ".epub", ".tar", ".tar.gz", ".tgz"};

    report_set(report, S_INVALID,
               "no course in it: neither imsmanifest.xml, cmi5.xml nor h5p.json at its top, and no page of HTML or Markdown, no film and no document");
    for (size_t i = 0; i < source->file_count; i++) {
        struct bytes path = source->files[i].path;

        for (size_t k = 0; k < sizeof archives / sizeof archives[0]; k++) {
            if (import_path_ends_with(path, archives[k]) && !import_source_is_litter(path)) {
                report_clear(report);
                return report_set(report, S_INVALID, "no course in it, but the archive \"%.*s\": take it out and import that", (int)path.size,
                                  (const char *)path.data);
            }
        }
    }
    return report->status;
}

bool import_manifest_plain_is_at(const struct import_source *source, struct bytes folder)
{
    for (size_t i = 0; i < source->file_count; i++) {
        struct bytes path = source->files[i].path, name = name_of(path);

        if (path.size - name.size == folder.size && memcmp(path.data, folder.data, folder.size) == 0 && import_page_kind(path) != PAGE_NONE &&
            !import_source_is_litter(path)) {
            return true;
        }
    }
    return false;
}

/* What the player shows or hands out by itself (node/web/src/player/plain.js): where there are no pages, these are what there is to learn. */
static bool is_shown_alone(struct bytes path)
{
    static const char *const ends[] = {".mp4", ".webm", ".m4v", ".ogv", ".mov", ".mp3",  ".m4a",  ".ogg", ".oga", ".opus",
                                       ".wav", ".flac", ".pdf", ".doc", ".ppt", ".docx", ".pptx", ".odt", ".odp"};
    bool is_one = false;

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        is_one = is_one || import_path_ends_with(path, ends[i]);
    }
    return is_one;
}

static size_t collect_alone(const struct import_source *source, struct page *pages)
{
    size_t count = 0;

    for (size_t i = 0; i < source->file_count; i++) {
        if (is_shown_alone(source->files[i].path) && !import_source_is_litter(source->files[i].path)) {
            pages[count++] = (struct page){.file = &source->files[i], .kind = PAGE_NONE};
        }
    }
    return count;
}

enum status import_manifest_plain(struct import_source *source, struct report *report)
{
    const struct import_file *top = find_folder_page(source, source->root);
    bool is_only_html = top && import_page_kind(top->path) == PAGE_HTML;
    struct page *pages = arena_alloc(&source->arena, (source->file_count + 1) * sizeof *pages);
    size_t count = 0;

    for (size_t i = 0; pages && i < source->file_count; i++) {
        enum page_kind kind = import_page_kind(source->files[i].path);

        if (import_source_is_litter(source->files[i].path)) {
            continue;
        }
        if (kind == PAGE_HTML || (kind == PAGE_MARKDOWN && !is_only_html)) {
            pages[count++] = (struct page){.file = &source->files[i], .kind = kind};
        }
    }
    count = count > 0 || !pages ? count : collect_alone(source, pages);
    if (count == 0) {
        return nothing_to_open(source, report);
    }
    qsort(pages, count, sizeof *pages, compare_page);
    source->description.format = PACKAGE_PLAIN;
    for (size_t i = 0; i < count && i <= COURSE_ITEMS_MAX /* so that the cut is noted */; i++) {
        add_page(source, &pages[i]);
    }
    if (top) {
        struct bytes lang;

        source->description.title = import_page_title(source, top, &lang);
        source->description.entry = import_source_entry(source, top->path, bytes_of("", 0));
    }
    return S_OK;
}
