#include "node/http/page.h"

#include <stdio.h>
#include <string.h>

#include "node/json.h"
#include "node/web/web.h"
#include "replication/base/check.h"

void page_markup(struct page *page, const char *markup)
{
    buffer_append(&page->html, markup, strlen(markup));
}

static const char *entity_of(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void page_text(struct page *page, const char *text)
{
    for (const char *c = text; *c; c++) {
        const char *entity = entity_of(*c);
        if (entity) {
            page_markup(page, entity);
        } else {
            buffer_append_u8(&page->html, (uint8_t)*c);
        }
    }
}

/* The mark of the face (node/web/src/app/art.jsx). */
#define MARK                                                                                                 \
    "<svg class=\"mark\" width=\"34\" height=\"34\" viewBox=\"0 0 48 48\" aria-hidden=\"true\">"                  \
    "<rect class=\"mark-tile\" x=\"9\" y=\"9\" width=\"30\" height=\"30\" rx=\"2\"/>"                             \
    "<rect class=\"mark-tile\" x=\"9\" y=\"9\" width=\"30\" height=\"30\" rx=\"2\" transform=\"rotate(45 24 24)\"/>" \
    "<path class=\"mark-shaft\" d=\"M16 13v16M24 10v20M32 13v18\"/>"                                           \
    "<path class=\"mark-water\" d=\"M9 29L39 33V37L9 33Z\"/></svg>"

/* The head of a document that loads `entry`. */
static void head_write(struct page *page, const char *lang, const char *title, const char *entry)
{
    const char *markup = web_entry(entry);

    CHECK(markup);
    buffer_init(&page->html);
    page_markup(page, "<!DOCTYPE html>\n<html lang=\"");
    page_text(page, lang);
    page_markup(page, "\" dir=\"");
    page_text(page, web_text(lang, "lang.dir"));
    page_markup(page, "\">\n<head>\n<meta charset=\"utf-8\">\n"
                      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1, viewport-fit=cover\">\n"
                      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
    page_text(page, title);
    page_markup(page, "</title>\n");
    page_markup(page, markup);
    page_markup(page, "</head>\n<body>\n");
}

static void main_open(struct page *page, const char *title)
{
    page_markup(page, "<header><nav aria-label=\"Pages\"><a href=\"/\">Start</a> <a href=\"/courses\">Courses</a> "
                      "<a href=\"/hub\">Figures</a> <a href=\"/admin\">Status</a></nav></header>\n<main>\n<h1>");
    page_text(page, title);
    page_markup(page, "</h1>\n");
}

void page_begin(struct page *page, const char *lang, const char *title, const char *node)
{
    head_write(page, lang, title, "plain");
    page_markup(page, "<div id=\"app\">\n<a class=\"skip\" href=\"#main\">");
    page_text(page, web_text(lang, "app.skip"));
    page_markup(page, "</a>\n<header class=\"top\"><a class=\"brand\" href=\"/\">" MARK "<span class=\"brand-name\" dir=\"auto\"><bdi>");
    page_text(page, *node ? node : "Qanat");
    page_markup(page, "</bdi></span></a>\n<nav class=\"ways\" aria-label=\"");
    page_text(page, web_text(lang, "app.pages"));
    page_markup(page, "\"><a href=\"/courses\">");
    page_text(page, web_text(lang, "app.courses"));
    page_markup(page, "</a></nav></header>\n<main id=\"main\"><div class=\"page narrow\">\n<h1>");
    page_text(page, title);
    page_markup(page, "</h1>\n");
    page->end = "</div>\n</body>\n</html>\n";
}

void page_foot(struct page *page, const char *lang, const char *address, const char *query)
{
    static const char *const ways[][2] = {
        {"/", "app.learn"}, {"/courses", "app.courses"}, {"/hub", "app.figures"}, {"/admin", "app.console"}};
    const char *other;

    page_markup(page, "</div></main>\n<footer class=\"foot\"><nav class=\"tongues\" aria-label=\"");
    page_text(page, web_text(lang, "app.language"));
    page_markup(page, "\">");
    for (size_t i = 0; (other = web_language_at(i)) != NULL; i++) {
        page_markup(page, "<a href=\"");
        page_text(page, address);
        page_markup(page, "?lang=");
        page_text(page, other);
        page_text(page, query);
        page_markup(page, "\" lang=\"");
        page_text(page, other);
        page_markup(page, other == lang ? "\" aria-current=\"true\">" : "\">");
        page_text(page, web_text(other, "lang.name"));
        page_markup(page, "</a> ");
    }
    page_markup(page, "</nav>\n<p class=\"foot-word\">");
    page_text(page, web_text(lang, "app.motto"));
    page_markup(page, "</p>\n<p class=\"foot-links\">");
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        page_markup(page, "<a href=\"");
        page_text(page, ways[i][0]);
        page_markup(page, "\">");
        page_text(page, web_text(lang, ways[i][1]));
        page_markup(page, "</a> ");
    }
    page_markup(page, "</p></footer>\n");
}

void page_filled(struct page *page, const char *text, const struct page_gap *gaps)
{
    while (*text) {
        const struct page_gap *gap = gaps;
        size_t size = 0;

        for (; *text == '{' && gap->name; gap++) {
            size = strlen(gap->name);
            if (strncmp(text + 1, gap->name, size) == 0 && text[1 + size] == '}') {
                break;
            }
        }
        if (*text == '{' && gap->name) {
            page_markup(page, "<bdi>");
            page_text(page, gap->text);
            page_markup(page, "</bdi>");
            text += size + 2;
        } else {
            const char one[2] = {*text++, '\0'};
            page_text(page, one);
        }
    }
}

void page_begin_face(struct page *page, const char *title, const char *entry)
{
    head_write(page, "en", title, entry);
    page_markup(page, "<div id=\"app\"></div>\n<noscript>\n");
    main_open(page, title);
    page->end = "</main>\n</noscript>\n</body>\n</html>\n";
}

void page_begin_player(struct page *page)
{
    head_write(page, "en", "Qanat", "player");
    page_markup(page, "<main id=\"player\"></main>\n<noscript>A course needs a browser with JavaScript.</noscript>\n");
    page->end = "</body>\n</html>\n";
}

void page_line(struct page *page, const char *element, const char *text)
{
    page_markup(page, "<");
    page_markup(page, element);
    page_markup(page, ">");
    page_text(page, text);
    page_markup(page, "</");
    page_markup(page, element);
    page_markup(page, ">\n");
}

static void cell_write(struct page *page, json_t *value)
{
    char number[32];

    if (json_is_string(value)) {
        page_markup(page, "<td><bdi>");
        page_text(page, json_string_value(value));
        page_markup(page, "</bdi></td>");
        return;
    }
    if (json_is_integer(value)) {
        snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
    } else if (json_is_real(value)) {
        snprintf(number, sizeof number, "%.1f", json_real_value(value));
    } else {
        snprintf(number, sizeof number, "%s", json_is_true(value) ? "yes" : json_is_false(value) ? "no" : "\u2013");
    }
    page_markup(page, "<td class=\"number\">");
    page_text(page, number);
    page_markup(page, "</td>");
}

void page_table(struct page *page, const struct page_column *columns, json_t *rows)
{
    size_t index;
    json_t *row;

    page_markup(page, "<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr>");
    for (const struct page_column *column = columns; column->key; column++) {
        page_markup(page, "<th scope=\"col\">");
        page_text(page, column->title);
        page_markup(page, "</th>");
    }
    page_markup(page, "</tr></thead>\n<tbody>\n");
    json_array_foreach(rows, index, row) {
        page_markup(page, "<tr>");
        for (const struct page_column *column = columns; column->key; column++) {
            cell_write(page, json_member(row, column->key));
        }
        page_markup(page, "</tr>\n");
    }
    page_markup(page, "</tbody></table></div>\n");
}

char *page_take(struct page *page, size_t *size_out)
{
    page_markup(page, page->end);
    char *text = (char *)page->html.data;
    *size_out = page->html.size;
    buffer_init(&page->html);
    CHECK(text);
    return text;
}
