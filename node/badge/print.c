#include "node/badge/print.h"

#include <cairo-pdf.h>
#include <math.h>
#include <pango/pangocairo.h>
#include <qrencode.h>
#include <stdio.h>
#include <string.h>

#include "node/badge/card.h"
#include "node/badge/wording.h"
#include "node/learn/vocabulary.h"
#include "node/library.h"
#include "replication/base/check.h"

/* What is called of Pango, of cairo and of GObject below them. */
#define PRINT_FUNCTIONS(of)                                                                                  \
    of(cairo_close_path) of(cairo_create) of(cairo_destroy) of(cairo_fill) of(cairo_font_options_create) of( \
        cairo_font_options_destroy) of(cairo_font_options_set_hint_metrics)                                  \
        of(cairo_font_options_set_hint_style) of(cairo_line_to) of(cairo_move_to) of(cairo_paint) of(        \
            cairo_pdf_surface_create_for_stream) of(cairo_pdf_surface_set_metadata) of(cairo_rectangle)      \
            of(cairo_set_line_width) of(cairo_set_source_rgb) of(cairo_show_page) of(cairo_status) of(       \
                cairo_stroke) of(cairo_surface_destroy) of(cairo_surface_finish) of(cairo_surface_status)    \
                of(g_object_unref) of(pango_cairo_context_set_font_options) of(pango_cairo_font_map_new) of( \
                    pango_cairo_show_layout) of(pango_cairo_update_context) of(pango_context_set_base_dir)   \
                    of(pango_context_set_language) of(pango_context_set_round_glyph_positions)               \
                        of(pango_font_description_free) of(pango_font_description_from_string)               \
                            of(pango_font_description_set_absolute_size) of(pango_font_map_create_context)   \
                                of(pango_language_from_string) of(pango_layout_get_line_readonly)            \
                                    of(pango_layout_get_size) of(pango_layout_get_unknown_glyphs_count)      \
                                        of(pango_layout_line_get_resolved_direction) of(pango_layout_new)    \
                                            of(pango_layout_set_alignment) of(pango_layout_set_auto_dir)     \
                                                of(pango_layout_set_font_description)                        \
                                                    of(pango_layout_set_text) of(pango_layout_set_width)     \
                                                        of(pango_layout_set_wrap)
LIBRARY_OF(PRINT_FUNCTIONS, "libpangocairo-1.0.so.0");

/* A4, lying, in points. */
static const double page_width = 842, page_height = 595, margin = 64;

/* The first family of a list that has a letter draws it; what none of them has, fontconfig looks for. */
#define SERIF "Noto Serif,Noto Naskh Arabic,Noto Serif CJK SC,Amiri,DejaVu Serif,serif"
#define SANS  "Noto Sans,Noto Naskh Arabic,Noto Sans CJK SC,DejaVu Sans,sans-serif"

enum ink { INK_TEXT, INK_QUIET, INK_ACCENT, INK_LINE, INK_FAINT };

struct sheet {
    cairo_t *cr;
    PangoContext *context;
    const char *lang;
    bool is_rtl;
    char missing[CREDENTIAL_TEXT_MAX + 1]; /* the first text without a font */
};

static void ink_set(cairo_t *cr, enum ink ink)
{
    static const double colours[][3] = {
        [INK_TEXT] = {0.10, 0.15, 0.20},    [INK_QUIET] = {0.38, 0.44, 0.48},
        [INK_ACCENT] = {0.04, 0.40, 0.43},  [INK_LINE] = {0.72, 0.60, 0.34},
        [INK_FAINT] = {0.93, 0.955, 0.955},
    };
    lib.cairo_set_source_rgb(cr, colours[ink][0], colours[ink][1], colours[ink][2]);
}

/* --- text ----------------------------------------------------------------------------------------------- */

/* A block of text: in a box from (x, y), as wide and at most as high as said; smaller letters until it fits.
 */
struct block {
    const char *text;
    const char *font; /* Pango's description, without a size */
    double size, x, y, width, height;
    bool is_middle; /* else at the page's own start: left, or right in a right-to-left language */
    enum ink ink;
};

/* Where the page starts. Pango swaps left and right for a text that runs against the page. */
static PangoAlignment start_align(const struct sheet *sheet, PangoLayout *layout)
{
    PangoLayoutLine *line = lib.pango_layout_get_line_readonly(layout, 0);
    bool is_against =
        (lib.pango_layout_line_get_resolved_direction(line) == PANGO_DIRECTION_RTL) != sheet->is_rtl;

    return sheet->is_rtl != is_against ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT;
}

static PangoLayout *layout_make(struct sheet *sheet, const struct block *block, double size)
{
    PangoLayout *layout = lib.pango_layout_new(sheet->context);
    PangoFontDescription *font = lib.pango_font_description_from_string(block->font);

    lib.pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
    lib.pango_layout_set_font_description(layout, font);
    lib.pango_font_description_free(font);
    lib.pango_layout_set_text(layout, block->text, -1);
    lib.pango_layout_set_width(layout, (int)(block->width * PANGO_SCALE));
    lib.pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    lib.pango_layout_set_auto_dir(layout, TRUE);
    lib.pango_layout_set_alignment(layout,
                                   block->is_middle ? PANGO_ALIGN_CENTER : start_align(sheet, layout));
    return layout;
}

static double layout_height(PangoLayout *layout)
{
    int height;

    lib.pango_layout_get_size(layout, NULL, &height);
    return (double)height / PANGO_SCALE;
}

/* Draws a block and returns the height it took. */
static double block_draw(struct sheet *sheet, const struct block *block)
{
    double size = block->size, height;
    PangoLayout *layout = layout_make(sheet, block, size);

    while ((height = layout_height(layout)) > block->height && size > block->size / 3) {
        size *= 0.93;
        lib.g_object_unref(layout);
        layout = layout_make(sheet, block, size);
    }
    if (lib.pango_layout_get_unknown_glyphs_count(layout) > 0 && !*sheet->missing) {
        snprintf(sheet->missing, sizeof sheet->missing, "%.120s", block->text);
    }
    ink_set(sheet->cr, block->ink);
    lib.cairo_move_to(sheet->cr, block->x, block->y);
    lib.pango_cairo_show_layout(sheet->cr, layout);
    lib.g_object_unref(layout);
    return height;
}

/* A line in the middle of the page: `block` without a place in x; returns the height it took. */
static double middle_draw(struct sheet *sheet, struct block block)
{
    block.x = margin + 30;
    block.width = page_width - 2 * block.x;
    block.is_middle = true;
    return block_draw(sheet, &block);
}

/* --- ornament ------------------------------------------------------------------------------------------- */

/* The outline of a rosette of fine lines around the middle, as on bank notes. */
static void rosette_draw(cairo_t *cr)
{
    ink_set(cr, INK_FAINT);
    lib.cairo_set_line_width(cr, 0.6);
    for (int ring = 0; ring < 9; ring++) {
        double radius = 84 + ring * 15.0;
        for (int step = 0; step <= 720; step++) {
            double angle = step * M_PI / 360, r = radius + 26 * cos(12 * angle + ring * M_PI / 9);
            lib.cairo_line_to(cr, page_width / 2 + 1.25 * r * cos(angle),
                              page_height / 2 - 8 + r * sin(angle));
        }
        lib.cairo_close_path(cr);
        lib.cairo_stroke(cr);
    }
}

static void frame_draw(cairo_t *cr)
{
    static const double inset[] = {26, 33};
    static const double width[] = {2.2, 0.7};

    for (size_t i = 0; i < 2; i++) {
        ink_set(cr, i == 0 ? INK_ACCENT : INK_LINE);
        lib.cairo_set_line_width(cr, width[i]);
        lib.cairo_rectangle(cr, inset[i], inset[i], page_width - 2 * inset[i], page_height - 2 * inset[i]);
        lib.cairo_stroke(cr);
    }
    ink_set(cr, INK_LINE);
    for (int corner = 0; corner < 4; corner++) {
        double x = corner & 1 ? page_width - 33 : 33, y = corner & 2 ? page_height - 33 : 33;
        lib.cairo_move_to(cr, x, y - 7);
        lib.cairo_line_to(cr, x + 7, y);
        lib.cairo_line_to(cr, x, y + 7);
        lib.cairo_line_to(cr, x - 7, y);
        lib.cairo_close_path(cr);
        lib.cairo_fill(cr);
    }
}

static void rule_draw(cairo_t *cr, double y, double half)
{
    ink_set(cr, INK_LINE);
    lib.cairo_set_line_width(cr, 0.9);
    lib.cairo_move_to(cr, page_width / 2 - half, y);
    lib.cairo_line_to(cr, page_width / 2 + half, y);
    lib.cairo_stroke(cr);
}

/* --- the code ------------------------------------------------------------------------------------------- */

/* The QR code in a square of `side` points: dark modules alone, on white. False when the text is too long. */
static bool code_draw(cairo_t *cr, const char *text, double x, double y, double side)
{
    QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);

    if (!code) {
        code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L);
    }
    if (!code) {
        return false;
    }
    double module = side / code->width;
    lib.cairo_set_source_rgb(cr, 1, 1, 1);
    lib.cairo_rectangle(cr, x - 4 * module, y - 4 * module, side + 8 * module, side + 8 * module);
    lib.cairo_fill(cr);
    lib.cairo_set_source_rgb(cr, 0, 0, 0);
    for (int row = 0; row < code->width; row++) {
        for (int column = 0; column < code->width; column++) {
            if (code->data[row * code->width + column] & 1) {
                lib.cairo_rectangle(cr, x + column * module, y + row * module, module, module);
            }
        }
    }
    lib.cairo_fill(cr);
    QRcode_free(code);
    return true;
}

/* --- the page ------------------------------------------------------------------------------------------- */

static void detail_draw(struct sheet *sheet, enum wording label, const char *value, int column, double y)
{
    const double width = 232;
    double x =
        sheet->is_rtl ? page_width - margin - width - column * (width + 18) : margin + column * (width + 18);
    const struct block head = {.text = wording_text(sheet->lang, label),
                               .font = SANS,
                               .size = 8.5,
                               .x = x,
                               .y = y,
                               .width = width,
                               .height = 14,
                               .ink = INK_QUIET};
    const struct block body = {.text = value,
                               .font = SANS,
                               .size = 11,
                               .x = x,
                               .y = y + 13,
                               .width = width,
                               .height = 32,
                               .ink = INK_TEXT};

    block_draw(sheet, &head);
    block_draw(sheet, &body);
}

static void details_draw(struct sheet *sheet, const struct credential *credential)
{
    char date[WORDING_DATE_SIZE], uuid[UUID_TEXT_SIZE];
    const double y = 432;

    wording_date(sheet->lang, credential->issued_ms, date);
    detail_draw(sheet, WORDING_ISSUER, credential->issuer_name, 0, y);
    detail_draw(sheet, WORDING_DATE, date, 1, y);
    uuid_format(&credential->uuid, uuid);
    detail_draw(sheet, WORDING_NUMBER, uuid, 0, y + 44);
    if (credential->expires_ms) {
        wording_date(sheet->lang, credential->expires_ms, date);
        detail_draw(sheet, WORDING_UNTIL, date, 1, y + 44);
    }
    const struct block check = {.text = wording_text(sheet->lang, WORDING_CHECK),
                                .font = SANS,
                                .size = 8,
                                .x = sheet->is_rtl ? page_width - margin - 482 : margin,
                                .y = y + 88,
                                .width = 482,
                                .height = 24,
                                .ink = INK_QUIET};
    block_draw(sheet, &check);
}

static void words_draw(struct sheet *sheet, const struct credential *credential, const char *federation)
{
#define LINE(...) middle_draw(sheet, (struct block){__VA_ARGS__})
    const char *const lang = sheet->lang;
    char text[CREDENTIAL_TEXT_MAX + 32], score[16];
    double y = 198;

    LINE(credential->issuer_name, SANS " bold", 15, .y = 58, .height = 22, .ink = INK_ACCENT);
    LINE(federation, SANS, 9.5, .y = 80, .height = 14, .ink = INK_QUIET);
    LINE(wording_text(lang, WORDING_TITLE), SERIF " bold", 36, .y = 106, .height = 60, .ink = INK_ACCENT);
    LINE(wording_text(lang, WORDING_CERTIFIES), SERIF, 13, .y = 172, .height = 22, .ink = INK_QUIET);
    y += LINE(credential->person, SERIF " bold", 33, .y = y, .height = 62, .ink = INK_TEXT);
    rule_draw(sheet->cr, y + 5, 170);
    y += 16;
    y += LINE(wording_text(lang, WORDING_COMPLETED), SERIF, 13, .y = y, .height = 22, .ink = INK_QUIET) + 5;
    y += LINE(credential->title, SERIF " bold", 22, .y = y, .height = 66, .ink = INK_TEXT) + 6;
    if (credential->score != SCORE_NONE) {
        score_format(credential->score, score);
        snprintf(text, sizeof text, "%s: %s / 100", wording_text(lang, WORDING_SCORE), score);
        y += LINE(text, SANS, 12, .y = y, .height = 20, .ink = INK_TEXT) + 4;
    }
    if (credential->is_attested) {
        LINE(wording_text(lang, WORDING_ATTESTED), SANS, 9.5, .y = y, .height = 14, .ink = INK_QUIET);
    }
#undef LINE
}

static void page_draw(struct sheet *sheet, const struct credential *credential, const char *federation,
                      const char *code, struct report *report)
{
    const double side = 118;
    double x = sheet->is_rtl ? margin : page_width - margin - side;

    lib.cairo_set_source_rgb(sheet->cr, 1, 1, 1);
    lib.cairo_paint(sheet->cr);
    rosette_draw(sheet->cr);
    frame_draw(sheet->cr);
    words_draw(sheet, credential, federation);
    details_draw(sheet, credential);
    if (!code_draw(sheet->cr, code, x, page_height - margin - side + 10, side)) {
        report_set(report, S_TOO_LARGE, "the certificate's texts are too long for a QR code");
    }
    if (*sheet->missing) {
        report_set(report, S_NOT_FOUND,
                   "no font on this machine has the letters of '%s': install fonts-noto-core, for Chinese, "
                   "Japanese and "
                   "Korean also fonts-noto-cjk",
                   sheet->missing);
    }
}

/* --- the file ------------------------------------------------------------------------------------------- */

static cairo_status_t pdf_write(void *ctx, const unsigned char *data, unsigned size)
{
    buffer_append(ctx, data, size);
    return CAIRO_STATUS_SUCCESS;
}

/* Paper has no pixels: letters stand where the font says, at every size. */
static void context_prepare(struct sheet *sheet, PangoFontMap *fonts, const char *lang)
{
    cairo_font_options_t *options = lib.cairo_font_options_create();

    lib.cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    lib.cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    sheet->context = lib.pango_font_map_create_context(fonts);
    lib.pango_cairo_update_context(sheet->cr, sheet->context);
    lib.pango_cairo_context_set_font_options(sheet->context, options);
    lib.cairo_font_options_destroy(options);
    lib.pango_context_set_round_glyph_positions(sheet->context, FALSE);
    lib.pango_context_set_language(sheet->context, lib.pango_language_from_string(*lang ? lang : "en"));
    lib.pango_context_set_base_dir(sheet->context, sheet->is_rtl ? PANGO_DIRECTION_RTL : PANGO_DIRECTION_LTR);
}

static enum status pdf_make(const struct credential *credential, const char *federation, const char *code,
                            const char *card, struct buffer *out, struct report *report)
{
    cairo_surface_t *surface =
        lib.cairo_pdf_surface_create_for_stream(pdf_write, out, page_width, page_height);
    struct sheet sheet = {.cr = lib.cairo_create(surface), .lang = wording_language(credential->lang)};

    lib.cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, credential->title);
    lib.cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_AUTHOR, credential->issuer_name);
    lib.cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_KEYWORDS, card);
    sheet.is_rtl = wording_is_rtl(sheet.lang);
    PangoFontMap *fonts = lib.pango_cairo_font_map_new(); /* of this thread alone */
    context_prepare(&sheet, fonts, credential->lang);
    page_draw(&sheet, credential, federation, code, report);
    lib.g_object_unref(sheet.context);
    lib.g_object_unref(fonts);
    lib.cairo_show_page(sheet.cr);
    bool is_drawn = lib.cairo_status(sheet.cr) == CAIRO_STATUS_SUCCESS;
    lib.cairo_destroy(sheet.cr);
    lib.cairo_surface_finish(surface);
    is_drawn = is_drawn && lib.cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS;
    lib.cairo_surface_destroy(surface);
    return is_drawn ? report->status : report_set(report, S_NO_MEMORY, "the certificate could not be drawn");
}

enum status print_pdf(const struct issuer *issuer, struct bytes document, const char *base_url,
                      struct buffer *out, struct report *report)
{
    struct credential credential;
    struct report mine = {.status = S_OK};
    struct buffer card, code;
    json_t *json = NULL;
    size_t before = out->size;

    buffer_init(&card);
    buffer_init(&code);
    enum status status = library_load(&library, &mine);
    if (status == S_OK) {
        status = credential_parse(document, &json, &mine);
    }
    if (status == S_OK) {
        status = credential_read(json, &credential, &mine);
    }
    if (status == S_OK) {
        const char *base = base_url ? base_url : issuer->config->public_url;
        card_write(&credential, issuer->identity, &card);
        if (*base) {
            buffer_append(&code, base, strlen(base));
            buffer_append(&code, "/verify?c=", 10);
        }
        buffer_append(&code, card.data, card.size + 1);
        status = pdf_make(&credential, issuer->federation->name, (const char *)code.data,
                          (const char *)card.data, out, &mine);
    }
    if (status != S_OK) {
        out->size = before;
        report_set(report, status, "%s", mine.text);
    }
    json_decref(json);
    buffer_release(&card);
    buffer_release(&code);
    return status;
}
