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

/* The head of a document that loads `entry`. */
static void head_write(struct page *page, const char *title, const char *entry)
{
    const char *markup = web_entry(entry);

    CHECK(markup);
    buffer_init(&page->html);
    page_markup(page, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
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

void page_begin(struct page *page, const char *title)
{
    head_write(page, title, "plain");
    main_open(page, title);
    page->end = "</main>\n</body>\n</html>\n";
}

void page_begin_face(struct page *page, const char *title, const char *entry)
{
    head_write(page, title, entry);
    page_markup(page, "<div id=\"app\"></div>\n<noscript>\n");
    main_open(page, title);
    page->end = "</main>\n</noscript>\n</body>\n</html>\n";
}

void page_begin_player(struct page *page)
{
    head_write(page, "Qanat", "player");
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
