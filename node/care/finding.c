#include "node/care/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "replication/base/bytes.h"
#include "replication/base/check.h"

static const struct finding_row {
    const char *code;
    enum finding_level level;
    const char *fix;
} codes[FINDING_COUNT] = {
#define X(name, level, code, fix) [FINDING_##name] = {code, FINDING_LEVEL_##level, fix},
    FINDING_LIST(X)
#undef X
};

void findings_init(struct findings *findings)
{
    *findings = (struct findings){.rows = json_array(), .checked = json_array()};
    CHECK(findings->rows && findings->checked);
}

void findings_release(struct findings *findings)
{
    json_decref(findings->rows);
    json_decref(findings->checked);
    *findings = (struct findings){0};
}

/* Texts of damaged things need not be UTF-8: what is not becomes '?'. */
static void text_clean(char *text)
{
    if (!utf8_is_valid(bytes_text(text))) {
        for (char *c = text; *c; c++) {
            *c = (unsigned char)*c < 0x80 ? *c : '?';
        }
    }
}

void findings_add(struct findings *findings, enum finding_code code, const char *subject, const char *cause, ...)
{
    char subject_text[FINDING_SUBJECT_MAX], cause_text[FINDING_CAUSE_MAX];
    va_list args;

    CHECK(code < FINDING_COUNT);
    findings->total++;
    findings->faults += codes[code].level == FINDING_LEVEL_FAULT;
    if (findings->total > FINDINGS_KEPT_MAX) {
        return;
    }
    snprintf(subject_text, sizeof subject_text, "%s", subject);
    va_start(args, cause);
    vsnprintf(cause_text, sizeof cause_text, cause, args);
    va_end(args);
    text_clean(subject_text);
    text_clean(cause_text);
    json_t *row = json_pack("{s:s, s:s, s:s, s:s, s:s}", "code", codes[code].code, "level",
                            codes[code].level == FINDING_LEVEL_FAULT ? "fault" : "advice", "subject", subject_text,
                            "cause", cause_text, "fix", codes[code].fix);
    CHECK(row && json_array_append_new(findings->rows, row) == 0);
}

void findings_note(struct findings *findings, const char *what)
{
    CHECK(json_array_append_new(findings->checked, json_string(what)) == 0);
}

size_t findings_count(const struct findings *findings, enum finding_code code)
{
    size_t count = 0, index;
    json_t *row;

    json_array_foreach(findings->rows, index, row) {
        count += strcmp(json_string_value(json_object_get(row, "code")), codes[code].code) == 0;
    }
    return count;
}

const char *finding_code_text(enum finding_code code)
{
    CHECK(code < FINDING_COUNT);
    return codes[code].code;
}
