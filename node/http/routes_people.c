/* routes_people.c: the people of this node, for those who look after them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/http/routes.h"
#include "node/http/visitor.h"
#include "node/learn/person/person.h"
#include "node/learn/search.h"
#include "node/local_time.h"
#include "node/store/people/person_search.h"
#include "replication/base/check.h"

enum { PEOPLE_SHOWN_DEFAULT = 50, PEOPLE_SHOWN_MAX = 500 };

static json_t *text_of(struct bytes text)
{
    return text.size ? json_stringn((const char *)text.data, text.size) : json_string("");
}

static enum status entry_take(void *ctx, const struct person *person)
{
    json_t *entry = json_pack("{s:o,s:o,s:s,s:s,s:o}", "id", text_of(person->id), "name", text_of(person->name),
                              "gender", gender_text((enum gender)person->gender), "role",
                              role_text((enum role)person->role), "institution", text_of(person->institution));

    CHECK(entry);
    json_array_append_new(ctx, entry);
    return S_OK;
}

/* GET /api/v1/people?q=WORDS&limit=N, ?id=ID for one, or ?after=ID&limit=N for all in the order of their ids. */
void people_route_handle(struct exchange *exchange)
{
    const char *words = exchange_query(exchange, "q"), *after = exchange_query(exchange, "after"), *id = exchange_query(exchange, "id");
    size_t limit = exchange_query_number(exchange, "limit", PEOPLE_SHOWN_DEFAULT);
    struct person person;
    struct buffer query;

    if (!exchange_require(exchange, ROLE_FACILITATOR)) {
        return;
    }
    limit = limit == 0 || limit > PEOPLE_SHOWN_MAX ? PEOPLE_SHOWN_MAX : limit;
    json_t *people = json_array();
    buffer_init(&query);
    if (words) {
        search_query(bytes_text(words), &query);
    }
    struct db *db = store_read_begin(exchange->context->store);
    if (id) {
        struct buffer texts;
        buffer_init(&texts);
        if (person_find(db, bytes_text(id), &texts, &person)) {
            (void)entry_take(people, &person);
        }
        buffer_release(&texts);
    } else if (query.size) {
        (void)person_search(db, buffer_bytes(&query), limit, entry_take, people);
    } else if (!words) {
        (void)person_page(db, bytes_text(after ? after : ""), limit, entry_take, people);
    }
    store_read_end(exchange->context->store, db);
    buffer_release(&query);
    exchange->is_private = true;
    route_answer_json(exchange, json_pack("{s:o}", "people", people));
}

/* POST /api/v1/people/import?dry_run=1: the body is the CSV file. */
void people_import_handle(struct exchange *exchange)
{
    struct bytes body = exchange_body(exchange);
    struct person_outcome outcome;
    struct report report = {.status = S_OK};

    const struct signin *signin = exchange_require(exchange, ROLE_MANAGER);
    if (!signin) {
        return;
    }
    FILE *in = body.size ? fmemopen((void *)(uintptr_t)body.data, body.size, "r") : NULL;
    if (!in) {
        exchange_refuse(exchange, MHD_HTTP_BAD_REQUEST, "bad_request", "Send the CSV file as the body.");
        return;
    }
    const struct person_import import = {.store = exchange->context->store,
                                         .in = in,
                                         .now_ms = (int64_t)local_time_now(),
                                         .is_dry_run = exchange_query_is_on(exchange, "dry_run"),
                                         .is_limited = true,
                                         .role_max = signin->role};
    person_outcome_init(&outcome);
    enum status status = person_import(&import, &outcome, &report);
    fclose(in);
    if (status == S_OK || status == S_PARTIAL) {
        route_answer_json(exchange, json_pack("{s:b,s:I,s:I,s:I,s:I,s:o}", "dry_run", import.is_dry_run, "added",
                                              (json_int_t)outcome.added, "updated", (json_int_t)outcome.updated,
                                              "unchanged", (json_int_t)outcome.unchanged, "refused",
                                              (json_int_t)outcome.refusals.total, "reasons",
                                              refusals_json(&outcome.refusals)));
    } else {
        exchange_fail(exchange, status, &report);
    }
    person_outcome_release(&outcome);
}
