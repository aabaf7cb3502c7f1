#include "node/learn/person/person_row.h"

#include <ctype.h>
#include <string.h>

#include "node/learn/person/password.h"
#include "node/learn/result/result_row.h"
#include "node/learn/vocabulary.h"
#include "node/timestamp.h"
#include "replication/base/check.h"

void person_columns(struct csv_column columns[PERSON_FIELD_COUNT])
{
#define X(field, text, required)                                                                             \
    columns[PERSON_##field] = (struct csv_column){.name = text, .is_required = required};
    PERSON_FIELD_LIST(X)
#undef X
}

/* At most so much of a faulty field is shown. */
static int shown(struct bytes text)
{
    return text.size > 64 ? 64 : (int)text.size;
}

static bool refuse(struct refusals *refusals, enum refusal reason, uint64_t line, const char *field,
                   struct bytes text)
{
    refusals_add(refusals, reason, line, "%s '%.*s'", field, shown(text), text.data);
    return false;
}

static bool name_check(struct refusals *refusals, uint64_t line, const char *field, struct bytes text, size_t size_max)
{
    char fault[TEXT_FAULT_SIZE];

    if (text_check_name(field, text, size_max, fault)) {
        return true;
    }
    refusals_add(refusals, REFUSAL_NAME, line, "%s", fault);
    return false;
}

/* "2.98011E+13": what spreadsheets make of a long number. Many people's national numbers become one. */
static bool is_shortened(struct bytes text)
{
    size_t at = 0;

    while (at < text.size && (isdigit(text.data[at]) || text.data[at] == '.' || text.data[at] == ',')) {
        at++;
    }
    if (at == 0 || !isdigit(text.data[0]) || text.size - at < 3 || (text.data[at] != 'E' && text.data[at] != 'e') || text.data[at + 1] != '+') {
        return false;
    }
    for (at += 2; at < text.size && isdigit(text.data[at]);) {
        at++;
    }
    return at == text.size;
}

static bool texts_check(const struct bytes field[PERSON_FIELD_COUNT], uint64_t line,
                        struct refusals *refusals)
{
    if (field[PERSON_ID].size == 0 || field[PERSON_NAME].size == 0) {
        refusals_add(refusals, REFUSAL_MISSING, line, "%s is empty", field[PERSON_ID].size ? "name" : "id");
        return false;
    }
    if (!name_check(refusals, line, "id", field[PERSON_ID], PERSON_ID_MAX) ||
        !name_check(refusals, line, "name", field[PERSON_NAME], PERSON_TEXT_MAX) ||
        (field[PERSON_INSTITUTION].size && !name_check(refusals, line, "institution", field[PERSON_INSTITUTION], PERSON_TEXT_MAX))) {
        return false;
    }
    if (is_shortened(field[PERSON_ID])) {
        return refuse(refusals, REFUSAL_SHORTENED, line, "id", field[PERSON_ID]);
    }
    if (field[PERSON_LANG].size && lang_check_said(field[PERSON_LANG]) != S_OK) {
        return refuse(refusals, REFUSAL_LANG, line, "lang", field[PERSON_LANG]);
    }
    size_t password = field[PERSON_PASSWORD].size;
    if (password && (password < PASSWORD_MIN || password > PASSWORD_MAX)) {
        refusals_add(refusals, REFUSAL_PASSWORD, line, "the password has %zu bytes", password);
        return false;
    }
    return true;
}

static struct bytes keep(struct arena *arena, struct bytes text)
{
    struct bytes copy = arena_copy(arena, text);

    CHECK(copy.data);
    return copy;
}

bool person_row_read(const struct bytes field[PERSON_FIELD_COUNT], uint64_t line, int64_t now_ms,
                     struct arena *arena, struct person_row *row_out, struct refusals *refusals)
{
    struct bytes text[PERSON_FIELD_COUNT];
    enum gender gender;
    enum role role;

    memset(row_out, 0, sizeof *row_out);
    for (int i = 0; i < PERSON_FIELD_COUNT; i++) {
        text[i] = i == PERSON_PASSWORD ? field[i] : text_trim(csv_unguard(field[i]));
    }
    if (!texts_check(text, line, refusals)) {
        return false;
    }
    if (!gender_parse(text[PERSON_GENDER], &gender)) {
        return refuse(refusals, REFUSAL_GENDER, line, "gender", text[PERSON_GENDER]);
    }
    if (!role_parse(text[PERSON_ROLE], &role)) {
        return refuse(refusals, REFUSAL_ROLE, line, "role", text[PERSON_ROLE]);
    }
    row_out->person.registered_ms = now_ms;
    row_out->has_registered = text[PERSON_REGISTERED].size > 0;
    if (row_out->has_registered &&
        !timestamp_parse(text[PERSON_REGISTERED], &row_out->person.registered_ms)) {
        return refuse(refusals, REFUSAL_TIME, line, "registered", text[PERSON_REGISTERED]);
    }
    row_out->line = line;
    row_out->person.id = keep(arena, text[PERSON_ID]);
    row_out->person.name = keep(arena, text[PERSON_NAME]);
    row_out->person.gender = (int)gender;
    row_out->person.role = (int)role;
    row_out->person.institution = keep(arena, text[PERSON_INSTITUTION]);
    row_out->person.lang = keep(arena, text[PERSON_LANG]);
    row_out->password = keep(arena, text[PERSON_PASSWORD]);
    return true;
}
