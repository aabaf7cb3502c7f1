#include "tests/kit/kit_results.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/store/stream/stream.h"
#include "tests/kit/kit.h"

static FILE *text_open(const char *text)
{
    FILE *in = tmpfile();

    if (!in || fputs(text, in) == EOF) {
        abort();
    }
    rewind(in);
    return in;
}

enum status kit_people(struct kit_store *kit, const char *csv, bool is_dry_run,
                       struct person_outcome *outcome)
{
    struct person_import import = {
        .store = kit->store, .in = text_open(csv), .now_ms = KIT_NOW_S * 1000LL, .is_dry_run = is_dry_run};
    struct report report;

    report_clear(&report);
    person_outcome_init(outcome);
    enum status status = person_import(&import, outcome, &report);
    fclose(import.in);
    return status;
}

enum status kit_results(struct kit_store *kit, const char *text, struct result_outcome *outcome)
{
    struct result_import import = {
        .store = kit->store, .federation = &kit->federation, .in = text_open(text)};
    struct report report;

    report_clear(&report);
    result_outcome_init(outcome);
    enum status status = result_import(&import, outcome, &report);
    fclose(import.in);
    return status;
}

void kit_people_make(struct kit_store *kit, int count)
{
    struct person_outcome outcome;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    fputs("id,name,gender\n", out);
    for (int i = 0; i < count; i++) {
        fprintf(out, "p%d,Person %d,%s\n", i, i, i % 2 ? "male" : "female");
    }
    fclose(out);
    if (kit_people(kit, text, false, &outcome) != S_OK) {
        abort();
    }
    person_outcome_release(&outcome);
    free(text);
}

void kit_stats(struct kit_store *kit, const char *by, struct stats_result *result)
{
    struct roster *roster = roster_new(&kit->federation.id, kit->federation.authority_public);
    struct stats_request request = {
        .now_ms = KIT_NOW_S * 1000LL, .late_after_h = 24, .self = &kit->identity.node};

    if (stats_parse_by(by, &request, NULL) != S_OK ||
        stats_query(kit->store, roster, &request, result, NULL) != S_OK) {
        abort();
    }
    roster_free(roster);
}

int64_t kit_total(struct kit_store *kit, enum metric metric)
{
    struct stats_result result;

    kit_stats(kit, "", &result);
    int64_t number = result.rows[0].number[metric];
    stats_release(&result);
    return number;
}

struct hash kit_results_digest(struct kit_store *kit)
{
    struct db *db = store_read_begin(kit->store);
    struct buffer digests = {0};
    struct stream_head head;
    bool has_more = stream_next(db, NULL, &head);

    while (has_more) {
        struct stream_id at = head.stream;
        if (at.topic == TOPIC_RESULTS) {
            buffer_append(&digests, head.digest.b, sizeof head.digest.b);
        }
        has_more = stream_next(db, &at, &head);
    }
    store_read_end(kit->store, db);
    struct hash hash = hash_of(bytes_of(NULL, 0), buffer_bytes(&digests));
    buffer_release(&digests);
    return hash;
}
