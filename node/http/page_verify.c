#include "node/http/page_verify.h"

#include <stdio.h>
#include <string.h>

#include "node/badge/wording.h"
#include "node/local_time.h"
#include "node/timestamp.h"
#include "node/web/web.h"

/* A list of revocations this old is said to be old. */
enum { LIST_OLD_DAYS = 30, HOUR_MS = 3600 * 1000, DAY_HOURS = 24 };

static const char *headline_key(const struct verification *v)
{
    switch (v->verdict) {
    case VERDICT_VALID:
        return "verify.valid";
    case VERDICT_UNREADABLE:
        return "verify.unreadable";
    case VERDICT_UNKNOWN_ISSUER:
        return "verify.unknown_issuer";
    case VERDICT_ISSUER_REVOKED:
        return *v->successor_name ? "verify.issuer_replaced" : "verify.issuer_revoked";
    case VERDICT_ALTERED:
        return "verify.altered";
    case VERDICT_EXPIRED:
        return "verify.expired";
    case VERDICT_REVOKED:
        return "verify.revoked";
    }
    return "";
}

static const char *sentence_key(const struct verification *v)
{
    switch (v->verdict) {
    case VERDICT_VALID:
        return v->is_own ? "verify.valid_own" : v->standing.has_list ? "verify.valid_signed" : "verify.valid_unlisted";
    case VERDICT_UNREADABLE:
        return "verify.unreadable_why";
    case VERDICT_UNKNOWN_ISSUER:
        return "verify.unknown_issuer_why";
    case VERDICT_ISSUER_REVOKED:
        return *v->successor_name ? "verify.issuer_replaced_why" : "verify.issuer_revoked_why";
    case VERDICT_ALTERED:
        return "verify.altered_why";
    case VERDICT_EXPIRED:
        return "verify.expired_why";
    case VERDICT_REVOKED:
        return "verify.revoked_why";
    }
    return "";
}

/* A day in the page's language; what no calendar has is said to be unknown. */
static void day_write(const char *lang, int64_t ms, char out[WORDING_DATE_SIZE])
{
    if (ms > 0 && ms <= TIMESTAMP_MS_MAX) {
        wording_date(lang, ms, out);
    } else {
        snprintf(out, WORDING_DATE_SIZE, "%s", web_text(lang, "verify.unknown_day"));
    }
}

static void moment_write(const char *lang, int64_t ms, char out[WORDING_DATE_SIZE + sizeof ", 12:30 UTC"])
{
    day_write(lang, ms, out);
    if (ms > 0 && ms <= TIMESTAMP_MS_MAX) {
        char iso[TIMESTAMP_TEXT_SIZE];
        timestamp_format(ms, iso);
        snprintf(out + strlen(out), sizeof ", 12:30 UTC", ", %.5s UTC", iso + 11);
    }
}

static void verdict_write(struct page *page, const char *lang, const struct verification *v)
{
    const bool is_good = v->verdict == VERDICT_VALID;
    char date[WORDING_DATE_SIZE] = "";

    if (v->is_read) {
        day_write(lang, v->verdict == VERDICT_REVOKED ? v->revocation.at_ms : v->credential.expires_ms, date);
    }
    const struct page_gap gaps[] = {{"issuer", v->issuer_name}, {"successor", v->successor_name}, {"date", date}, {NULL, NULL}};
    page_markup(page, is_good ? "<section class=\"verdict good\"><svg class=\"icon\" viewBox=\"0 0 24 24\" width=\"40\" height=\"40\" "
                                "aria-hidden=\"true\"><circle cx=\"12\" cy=\"12\" r=\"10\"/><path d=\"M7.5 12.5l3 3 6-7\"/></svg><div>\n"
                              : "<section class=\"verdict bad\"><svg class=\"icon\" viewBox=\"0 0 24 24\" width=\"40\" height=\"40\" "
                                "aria-hidden=\"true\"><circle cx=\"12\" cy=\"12\" r=\"10\"/><path d=\"M8.5 8.5l7 7M15.5 8.5l-7 7\"/></svg><div>\n");
    page_line(page, "h2", web_text(lang, headline_key(v)));
    page_markup(page, "<p>");
    page_filled(page, web_text(lang, sentence_key(v)), gaps);
    page_markup(page, "</p>\n");
    if (v->verdict == VERDICT_REVOKED && *v->revocation.reason) {
        page_markup(page, "<p>");
        page_text(page, web_text(lang, "verify.reason"));
        page_markup(page, ": <bdi>");
        page_text(page, v->revocation.reason);
        page_markup(page, "</bdi></p>\n");
    }
    if (!is_good) {
        page_markup(page, "<details><summary>");
        page_text(page, web_text(lang, "verify.details"));
        page_markup(page, "</summary><p lang=\"en\" dir=\"ltr\">");
        page_text(page, v->sentence);
        page_markup(page, "</p></details>\n");
    }
    page_markup(page, "</div></section>\n");
}

static void claim_write(struct page *page, const char *lang, const char *key, const char *value)
{
    if (*value) {
        page_markup(page, "<div><dt>");
        page_text(page, web_text(lang, key));
        page_markup(page, "</dt><dd><bdi>");
        page_text(page, value);
        page_markup(page, "</bdi></dd></div>\n");
    }
}

/* How old the knowledge of what was revoked is. */
static void list_write(struct page *page, const char *lang, const struct verification *v)
{
    char date[WORDING_DATE_SIZE + sizeof ", 12:30 UTC"], age[32];

    if (v->is_own) { /* "now" is soon another day, on paper */
        moment_write(lang, (int64_t)local_time_now(), date);
        char own[160];
        snprintf(own, sizeof own, "%s (%s)", web_text(lang, "verify.own_list"), date);
        claim_write(page, lang, "verify.as_of", own);
        return;
    }
    if (!*v->issuer_name || !v->standing.has_list) {
        return;
    }
    moment_write(lang, v->standing.as_of_ms, date);
    claim_write(page, lang, "verify.as_of", date);
    if (v->list_age_ms >= 0) {
        const long long hours = (long long)(v->list_age_ms / HOUR_MS);
        const bool is_days = hours >= 2 * DAY_HOURS;
        snprintf(age, sizeof age, "%lld", is_days ? hours / DAY_HOURS : hours);
        claim_write(page, lang, is_days ? "verify.age_days" : "verify.age_hours", age);
    }
}

/* What it says, and on what that rests. */
static void claims_write(struct page *page, const char *lang, const struct verification *v)
{
    const bool is_proven = v->verdict != VERDICT_ALTERED && v->verdict != VERDICT_UNKNOWN_ISSUER;
    const struct credential *credential = &v->credential;
    char date[WORDING_DATE_SIZE], id[UUID_TEXT_SIZE], score[32] = "";

    page_markup(page, is_proven ? "<section class=\"card\">\n" : "<section class=\"card unproven\">\n");
    if (!is_proven) {
        page_line(page, "h2", web_text(lang, "verify.claims"));
    }
    page_markup(page, "<dl class=\"claims\">\n");
    claim_write(page, lang, "verify.name", credential->person);
    claim_write(page, lang, "verify.course", credential->title);
    day_write(lang, credential->issued_ms, date);
    claim_write(page, lang, "verify.issued", date);
    if (credential->expires_ms) {
        day_write(lang, credential->expires_ms, date);
        claim_write(page, lang, "verify.until", date);
    }
    if (credential->score != SCORE_NONE) {
        score_format(credential->score, score);
        strcat(score, " / 100");
    }
    claim_write(page, lang, "verify.score", score);
    claim_write(page, lang, "verify.issuer", *v->issuer_name ? v->issuer_name : credential->issuer_name);
    uuid_format(&credential->uuid, id);
    claim_write(page, lang, "verify.number", id);
    if (is_proven) {
        list_write(page, lang, v);
    }
    page_markup(page, "</dl>\n");
    if (credential->is_attested) {
        page_line(page, "p", wording_text(lang, WORDING_ATTESTED));
    }
    if (is_proven && !v->is_own && v->list_age_ms >= (int64_t)LIST_OLD_DAYS * DAY_HOURS * HOUR_MS) {
        page_line(page, "p", web_text(lang, "verify.old"));
    }
    page_markup(page, "<p class=\"hint\">");
    page_text(page, web_text(lang, "verify.compare"));
    page_markup(page, "</p>\n</section>\n");
}

static void form_write(struct page *page, const char *lang, bool is_another)
{
    if (is_another) {
        page_line(page, "h2", web_text(lang, "verify.another"));
    }
    page_markup(page, "<form class=\"card\" method=\"post\" action=\"/verify?lang=");
    page_text(page, lang);
    page_markup(page, "\" enctype=\"multipart/form-data\">\n<div class=\"field\"><label for=\"file\">");
    page_text(page, web_text(lang, "verify.file"));
    page_markup(page, "</label><input id=\"file\" name=\"file\" type=\"file\" aria-describedby=\"file-hint\" "
                      "accept=\".pdf,.json,application/pdf,application/json\"><p id=\"file-hint\" class=\"hint\">");
    page_text(page, web_text(lang, "verify.file_hint"));
    page_markup(page, "</p></div>\n<div class=\"field\"><label for=\"text\">");
    page_text(page, web_text(lang, "verify.text"));
    page_markup(page, "</label><textarea id=\"text\" name=\"text\" rows=\"4\" dir=\"ltr\" aria-describedby=\"text-hint\" "
                      "autocomplete=\"off\" spellcheck=\"false\"></textarea><p id=\"text-hint\" class=\"hint\">");
    page_text(page, web_text(lang, "verify.text_hint"));
    page_markup(page, "</p></div>\n<button class=\"button\" type=\"submit\">");
    page_text(page, web_text(lang, "verify.check"));
    page_markup(page, "</button>\n</form>\n<p class=\"hint\">");
    page_text(page, web_text(lang, "verify.offline"));
    page_markup(page, "</p>\n");
}

void page_verify(struct page *page, const char *lang, const struct verification *v)
{
    if (v) {
        verdict_write(page, lang, v);
    }
    if (v && v->is_read) {
        claims_write(page, lang, v);
    }
    form_write(page, lang, v != NULL);
}
