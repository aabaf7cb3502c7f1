#include "node/learn/result/refusal.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "replication/base/bytes.h"
#include "replication/base/check.h"

#define X(name, word, text) word,
static const char *const words[] = {REFUSAL_LIST(X)};
#undef X
#define X(name, word, text) text,
static const char *const advices[] = {REFUSAL_LIST(X)};
#undef X

const char *refusal_word(enum refusal reason)
{
    CHECK((unsigned)reason < REFUSAL_COUNT);
    return words[reason];
}

const char *refusal_advice(enum refusal reason)
{
    CHECK((unsigned)reason < REFUSAL_COUNT);
    return advices[reason];
}

void refusals_init(struct refusals *refusals, size_t examples_max)
{
    memset(refusals, 0, sizeof *refusals);
    refusals->examples_max = examples_max;
}

void refusals_release(struct refusals *refusals)
{
    for (int i = 0; i < REFUSAL_COUNT; i++) {
        free(refusals->reason[i].examples);
    }
    refusals_init(refusals, 0);
}

void refusals_add(struct refusals *refusals, enum refusal reason, uint64_t line, const char *format, ...)
{
    va_list args;

    CHECK((unsigned)reason < REFUSAL_COUNT);
    refusals->total++;
    refusals->reason[reason].count++;
    if (refusals->reason[reason].example_count >= refusals->examples_max) {
        return;
    }
    if (!refusals->reason[reason].examples) {
        refusals->reason[reason].examples = calloc(refusals->examples_max, sizeof(struct refusal_example));
        CHECK(refusals->reason[reason].examples);
    }
    struct refusal_example *example =
        &refusals->reason[reason].examples[refusals->reason[reason].example_count++];
    example->line = line;
    va_start(args, format);
    vsnprintf(example->text, sizeof example->text, format, args);
    va_end(args);
    utf8_disarm_line(example->text); /* files come from elsewhere: what is shown of them neither steers a terminal nor looks like lines of ours */
}

void refusals_forget_lines(struct refusals *refusals)
{
    for (int i = 0; i < REFUSAL_COUNT; i++) {
        for (size_t k = 0; k < refusals->reason[i].example_count; k++) {
            refusals->reason[i].examples[k].line = 0;
        }
    }
}

json_t *refusals_json(const struct refusals *refusals)
{
    json_t *list = json_array();

    for (int i = 0; i < REFUSAL_COUNT; i++) {
        if (refusals->reason[i].count == 0) {
            continue;
        }
        json_t *examples = json_array();
        for (size_t k = 0; k < refusals->reason[i].example_count; k++) {
            const struct refusal_example *example = &refusals->reason[i].examples[k];
            json_t *line = example->line ? json_integer((json_int_t)example->line) : json_null();
            json_array_append_new(examples, json_pack("{s:o,s:s}", "line", line, "text", example->text));
        }
        json_array_append_new(list, json_pack("{s:s,s:I,s:s,s:o}", "reason", words[i], "count",
                                              (json_int_t)refusals->reason[i].count, "advice", advices[i],
                                              "examples", examples));
    }
    return list;
}

void refusals_print(const struct refusals *refusals, FILE *out)
{
    for (int i = 0; i < REFUSAL_COUNT; i++) {
        uint64_t count = refusals->reason[i].count;
        if (count == 0) {
            continue;
        }
        fprintf(out, "%llu refused, %s: %s\n", (unsigned long long)count, words[i], advices[i]);
        for (size_t k = 0; k < refusals->reason[i].example_count; k++) {
            const struct refusal_example *example = &refusals->reason[i].examples[k];
            if (example->line) {
                fprintf(out, "  line %llu: %s\n", (unsigned long long)example->line, example->text);
            } else {
                fprintf(out, "  %s\n", example->text);
            }
        }
        if (count > refusals->reason[i].example_count) {
            fprintf(out, "  and %llu more\n",
                    (unsigned long long)(count - refusals->reason[i].example_count));
        }
    }
}

enum status refusals_report(uint64_t total, const char *advice, struct report *report)
{
    if (total == 0) {
        return S_OK;
    }
    return report_set(report, S_PARTIAL, "%llu %s refused: %s", (unsigned long long)total, total == 1 ? "row was" : "rows were", advice);
}
