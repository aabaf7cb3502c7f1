/* result_reader: the input is a results file, CSV or JSONL. Every row is refused with a reason or within its limits. */
#include "tests/fuzz/fuzz.h"

#include "node/learn/result/result_reader.h"
#include "replication/base/check.h"

const char fuzz_name[] = "result";

enum { INPUT_MAX = 256 * 1024 };

static void row_check(const struct result_row *row)
{
    CHECK(row->id.size > 0 && row->id.size <= EVENT_ID_MAX);
    CHECK(row->person.size > 0 && row->person.size <= PERSON_ID_MAX && row->cohort.size <= COHORT_MAX);
    CHECK(row->score == EVENT_NO_SCORE || (row->score >= 0 && row->score <= 10000));
    CHECK(row->minutes >= 0 && row->minutes <= (int64_t)MINUTES_MAX * 100);
    CHECK(row->at_ms > 0 && row->fate == FATE_WAITING);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct federation federation;
    struct result_keys keys;
    struct result_batch batch;
    struct result_reader *reader;
    struct refusals refusals;
    struct report report;
    bool is_end = false;

    if (size == 0 || size > INPUT_MAX) {
        return 0;
    }
    FILE *in = fmemopen((void *)data, size, "r");
    report_clear(&report);
    if (result_reader_open(in, NULL, NULL, &reader, &report) != S_OK) {
        CHECK(report.text[0]);
        fclose(in);
        return 0;
    }
    result_keys_init(&keys, &federation);
    result_batch_init(&batch, &keys);
    refusals_init(&refusals, 4);
    while (!is_end && result_reader_fill(reader, &batch, &refusals, &is_end) == S_OK) {
        for (size_t i = 0; i < batch.count; i++) {
            row_check(&batch.rows[i]);
        }
    }
    refusals_release(&refusals);
    result_batch_release(&batch);
    result_reader_close(reader);
    fclose(in);
    return 0;
}
