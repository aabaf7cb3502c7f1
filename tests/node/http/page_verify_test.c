#include "node/http/page_verify.h"

#include <stdlib.h>
#include <string.h>

#include "node/store/stream/figure.h"
#include "node/web/web.h"
#include "tests/kit/kit.h"

static char *page_of(const char *lang, const struct verification *v)
{
    struct page page;
    size_t size;

    page_begin(&page, lang, web_text(lang, "app.verify"), "Node <1>");
    page_verify(&page, lang, v);
    page_foot(&page, lang, "/verify", "&c=A");
    char *html = page_take(&page, &size);
    html = realloc(html, size + 1);
    assert_non_null(html);
    html[size] = '\0';
    return html;
}

static void has(const char *html, const char *text)
{
    if (!strstr(html, text)) {
        fail_msg("the page does not say \"%s\"", text);
    }
}

static struct verification a_verification(enum verdict verdict)
{
    struct verification v = {.verdict = verdict, .is_read = true, .list_age_ms = -1};

    v.credential.person = "<Amina>";
    v.credential.title = "مقرر";
    v.credential.issuer_name = "claimed";
    v.credential.issued_ms = 1759622400000; /* 2025-10-05 */
    v.credential.score = 8750;
    strcpy(v.issuer_name, "Centre & Co");
    strcpy(v.sentence, "spoken only there");
    return v;
}

static void every_verdict_is_said_in_every_language(void **state)
{
    const char *lang;
    (void)state;

    for (size_t i = 0; (lang = web_language_at(i)) != NULL; i++) {
        char *html = page_of(lang, NULL);
        has(html, web_text(lang, "verify.offline"));
        has(html, "العربية</a>");
        has(html, "/verify?lang=kk&amp;c=A");
        has(html, strcmp(lang, "ar") == 0 ? "<html lang=\"ar\" dir=\"rtl\">" : "dir=\"ltr\">\n<head>");
        free(html);
        for (enum verdict verdict = VERDICT_VALID; verdict <= VERDICT_REVOKED; verdict++) {
            struct verification v = a_verification(verdict);
            char key[64];
            v.is_read = verdict != VERDICT_UNREADABLE;
            html = page_of(lang, &v);
            snprintf(key, sizeof key, "verify.%s", verdict_text(verdict));
            has(html, web_text(lang, key));
            assert_null(strstr(html, "{issuer}"));
            assert_null(strstr(html, "{date}"));
            assert_int_equal(strstr(html, "spoken only there") != NULL, verdict != VERDICT_VALID);
            assert_null(strstr(html, "<Amina>"));
            free(html);
        }
    }
}

static void what_is_not_proven_is_said_to_be_so(void **state)
{
    struct verification v = a_verification(VERDICT_ALTERED);
    char *html = page_of("en", &v);
    (void)state;

    has(html, "What it says, without proof");
    assert_null(strstr(html, "Revocations known"));
    has(html, "87.5 / 100");
    has(html, "<bdi>&lt;Amina&gt;</bdi>");
    assert_null(strstr(html, "decision"));
    free(html);
    v.credential.is_attested = true;
    html = page_of("en", &v);
    has(html, "attests the completion by a decision of its own");
    free(html);
    v = a_verification(VERDICT_UNKNOWN_ISSUER);
    v.issuer_name[0] = '\0';
    html = page_of("en", &v);
    has(html, "<bdi>claimed</bdi>");
    free(html);
}

static void the_age_of_the_list_is_said(void **state)
{
    enum { HOUR = 3600 * 1000 };
    struct verification v = a_verification(VERDICT_VALID);
    char *html = page_of("en", &v);
    (void)state;

    has(html, "<bdi>Centre &amp; Co</bdi> signed it. Whether it was revoked since then is not known");
    free(html);
    v.is_own = true;
    html = page_of("en", &v);
    has(html, "It was issued here");
    has(html, "own list, as it is now");
    free(html);
    v.is_own = false;
    v.standing.has_list = true;
    v.standing.as_of_ms = 1759671900000; /* 13:45 */
    v.list_age_ms = 47LL * HOUR;
    html = page_of("en", &v);
    has(html, "Revocations known up to</dt><dd><bdi>5 October 2025, 13:45 UTC");
    has(html, "in hours</dt><dd><bdi>47<");
    free(html);
    v.list_age_ms = 48LL * HOUR;
    html = page_of("en", &v);
    has(html, "in days</dt><dd><bdi>2<");
    assert_null(strstr(html, "The list is old"));
    free(html);
    v.list_age_ms = 30LL * 24 * HOUR;
    html = page_of("fr", &v);
    has(html, "La liste est ancienne");
    free(html);
}

static void a_day_that_no_calendar_has_is_unknown(void **state)
{
    struct verification v = a_verification(VERDICT_REVOKED);
    char *html;
    (void)state;

    v.revocation.at_ms = INT64_MAX;
    snprintf(v.revocation.reason, sizeof v.revocation.reason, "<b>");
    html = page_of("en", &v);
    has(html, "took it back on <bdi>an unknown day</bdi>");
    has(html, "Reason: <bdi>&lt;b&gt;</bdi>");
    free(html);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_verdict_is_said_in_every_language),
        cmocka_unit_test(what_is_not_proven_is_said_to_be_so),
        cmocka_unit_test(the_age_of_the_list_is_said),
        cmocka_unit_test(a_day_that_no_calendar_has_is_unknown),
    };
    return KIT_RUN(tests);
}
