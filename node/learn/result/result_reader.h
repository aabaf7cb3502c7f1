/* result_reader.h: reads results files, CSV or JSONL, into batches.
 *
 * JSONL: one object per line with the columns' names as keys; ids may be numbers, other keys are ignored.
 * Memory is one batch, whatever the size of the file. */
#ifndef QANAT_NODE_LEARN_RESULT_RESULT_READER_H
#define QANAT_NODE_LEARN_RESULT_RESULT_READER_H

#include <stdio.h>

#include "node/learn/result/result_row.h"

enum { JSONL_LINE_MAX = 64 * 1024 };

struct result_reader;

/* Reads the header of a CSV file; JSONL is recognised by its first byte, '{'. `in` stays the caller's. `warn`
 * is told ignored columns. */
enum status result_reader_open(FILE *in, void (*warn)(void *ctx, const char *column), void *ctx,
                               struct result_reader **reader_out, struct report *report);
void result_reader_close(struct result_reader *reader);

/* Fills `batch` (cleared first) as far as there are rows; rows that are refused go to `refusals`.
 * *is_end_out: nothing is left. */
enum status result_reader_fill(struct result_reader *reader, struct result_batch *batch,
                               struct refusals *refusals, bool *is_end_out);

#endif
