/* fill.c: writes workload rows as own result cells of a node, through the same path as results do.
 *
 * usage: fill DIR ROWS.tsv ORIGIN     rows: origin centre course period dimension value, tab-separated; only those of ORIGIN are taken. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/dir.h"
#include "node/store/store.h"
#include "node/store/stream/own.h"
#include "replication/base/check.h"

enum { ROWS_PER_JOB = 50000, FIELDS = 6 };

struct fill {
    FILE *rows;
    const char *origin;
    uint64_t taken;
    bool is_done;
};

/* Splits `line` at tabs; false unless there are exactly FIELDS fields. */
static bool line_split(char *line, char *fields[FIELDS])
{
    size_t count = 0;

    line[strcspn(line, "\n")] = '\0';
    for (char *field = strtok(line, "\t"); field; field = strtok(NULL, "\t")) {
        if (count == FIELDS) {
            return false;
        }
        fields[count++] = field;
    }
    return count == FIELDS;
}

static enum status row_put(struct db *db, char *fields[FIELDS], struct buffer *key, struct buffer *value)
{
    struct bytes segments[] = {bytes_text("r"),       bytes_text(fields[2]), bytes_text(""),        bytes_text(""), bytes_text(fields[1]),
                               bytes_text("learner"), bytes_text(""),        bytes_text(fields[3]), bytes_text(fields[4])};

    enum status status = cell_key_join(segments, sizeof segments / sizeof *segments, key);
    buffer_clear(value);
    cell_value_number(value, CELL_COUNT, strtoll(fields[5], NULL, 10));
    return status == S_OK ? own_cell_put(db, TOPIC_RESULTS, buffer_bytes(key), buffer_bytes(value)) : status;
}

static enum status rows_put(struct db *db, void *arg)
{
    struct fill *fill = arg;
    struct buffer key, value;
    char line[1024], *fields[FIELDS];
    enum status status = S_OK;

    buffer_init(&key);
    buffer_init(&value);
    for (unsigned rows = 0; status == S_OK && rows < ROWS_PER_JOB && !fill->is_done;) {
        if (!fgets(line, sizeof line, fill->rows)) {
            fill->is_done = true;
        } else if (line_split(line, fields) && strcmp(fields[0], fill->origin) == 0) {
            status = row_put(db, fields, &key, &value);
            rows++;
            fill->taken++;
        }
    }
    buffer_release(&key);
    buffer_release(&value);
    return status;
}

int main(int argc, char **argv)
{
    struct store_options options = {0};
    struct fill fill = {0};
    struct identity identity;
    struct federation federation;
    struct report report = {0};
    struct store *store;

    if (argc != 4 || sodium_init() < 0 || !(fill.rows = fopen(argv[2], "r"))) {
        fputs("usage: fill DIR ROWS.tsv ORIGIN\n", stderr);
        return 2;
    }
    fill.origin = argv[3];
    if (dir_load_identity(argv[1], &identity, &report) != S_OK || dir_load_federation(argv[1], &federation, &report) != S_OK ||
        store_open(argv[1], &options, &store, &report) != S_OK) {
        fprintf(stderr, "fill: %s\n", report.text);
        return 1;
    }
    store_set_identity(store, &identity, &federation.id);
    while (!fill.is_done) {
        enum status status = store_write_wait(store, rows_put, &fill);
        CHECK(status == S_OK);
    }
    store_close(store);
    fclose(fill.rows);
    printf("%llu\n", (unsigned long long)fill.taken);
    return 0;
}
