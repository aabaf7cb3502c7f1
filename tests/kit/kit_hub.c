#include "tests/kit/kit_hub.h"

#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/blob/blob.h"
#include "node/cmd/command.h"
#include "node/store/disk/sealed_disk.h"
#include "replication/base/check.h"
#include "tests/kit/kit.h"

enum { WORDS_MAX = 32 };

int kit_hub_run(struct kit_hub *hub, ...)
{
    struct command_context context = {.in = stdin};
    char *argv[WORDS_MAX + 1] = {NULL}, *out = NULL, *err = NULL;
    size_t out_size, err_size;
    va_list words;
    int argc = 0;

    va_start(words, hub);
    while (argc < WORDS_MAX && (argv[argc] = va_arg(words, char *))) {
        argc++;
    }
    va_end(words);
    context.out = open_memstream(&out, &out_size);
    context.err = open_memstream(&err, &err_size);
    int code = command_execute(&context, argc, argv);
    fclose(context.out);
    fclose(context.err);
    free(hub->out);
    free(hub->err);
    hub->out = out;
    hub->err = err;
    return code;
}

int kit_hub_shell(struct kit_hub *hub, const char *format, ...)
{
    char command[2048];
    int size = snprintf(command, sizeof command, "cd '%s' && ", hub->scratch);
    va_list args;

    va_start(args, format);
    vsnprintf(command + size, sizeof command - (size_t)size, format, args);
    va_end(args);
    int rc = system(command);
    return rc == -1 ? -1 : rc >> 8 & 0xff;
}

json_t *kit_hub_json(const struct kit_hub *hub)
{
    return json_loads(hub->out ? hub->out : "", 0, NULL);
}

int kit_hub_has_finding(const struct kit_hub *hub, const char *code)
{
    json_t *document = kit_hub_json(hub), *row;
    size_t index;
    int is_found = 0;

    json_array_foreach(json_object_get(document, "findings"), index, row)
    {
        is_found |= strcmp(json_string_value(json_object_get(row, "code")), code) == 0;
    }
    json_decref(document);
    return is_found;
}

void kit_hub_sql(const char *dir, const char *sql)
{
    char path[300], *error = NULL;
    sqlite3 *db = NULL;

    snprintf(path, sizeof path, "%s/qanat.db", dir);
    CHECK(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, sealed_disk(false)) == SQLITE_OK); /* as a node writes it */
    sqlite3_busy_timeout(db, 2000);
    if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK) {
        fprintf(stderr, "# %s: %s\n", sql, error);
        abort();
    }
    CHECK(sqlite3_close(db) == SQLITE_OK);
}

static enum status rows_job(struct db *db, void *arg)
{
    struct buffer completed;

    buffer_init(&completed);
    enum status status = blob_batch_rows(arg, db, &completed);
    buffer_release(&completed);
    return status;
}

/* A blob whose content is "content of a course". */
static void blob_make(struct kit_hub *hub)
{
    const struct store_options options = {0};
    struct report report = {.status = S_OK};
    struct member member;
    struct store *store;
    struct blobs *blobs;

    CHECK(store_open(hub->dir, &options, &store, &report) == S_OK);
    CHECK(blobs_open(hub->dir, store, &blobs, &report) == S_OK);
    struct blob_batch *batch = blob_batch_open(blobs);
    struct blob_writer *writer = blob_writer_open(batch);
    CHECK(blob_writer_write(writer, bytes_text("content of a course")) == S_OK);
    CHECK(blob_writer_finish(writer, &member) == S_OK);
    blob_writer_close(writer);
    CHECK(blob_batch_store(batch) == S_OK);
    CHECK(store_write_wait(store, rows_job, batch) == S_OK);
    blob_batch_close(batch);
    blobs_close(blobs);
    store_close(store);
}

void kit_hub_open(struct kit_hub *hub)
{
    char people[200], results[200];

    memset(hub, 0, sizeof *hub);
    kit_scratch_make(hub->scratch, sizeof hub->scratch);
    snprintf(hub->dir, sizeof hub->dir, "%s/hub", hub->scratch);
    snprintf(people, sizeof people, "%s/people.csv", hub->scratch);
    snprintf(results, sizeof results, "%s/results.csv", hub->scratch);
    CHECK(kit_hub_run(hub, "init", "--dir", hub->dir, "--name", "hub", "--kind", "hub", "--country", "CN",
                      "--federation", "IIOE", NULL) == EXIT_DONE);
    kit_hub_shell(hub, "printf 'id,name,gender\\np1,Amina,female\\np2,Bilal,male\\n' > people.csv");
    kit_hub_shell(
        hub, "printf 'event_id,person,course,kind,at,score,minutes\\n"
             "e1,p1,c1,enrolled,2026-03-01T10:00:00Z,,\\ne2,p1,c1,completed,2026-03-02T10:00:00Z,80,30\\n"
             "e3,p2,c1,enrolled,2026-03-03T10:00:00Z,,\\n' > results.csv");
    CHECK(kit_hub_run(hub, "person", "import", "--dir", hub->dir, people, NULL) == EXIT_DONE);
    CHECK(kit_hub_run(hub, "result", "import", "--dir", hub->dir, results, NULL) == EXIT_DONE);
    blob_make(hub);
}

void kit_hub_close(struct kit_hub *hub)
{
    free(hub->out);
    free(hub->err);
    kit_scratch_remove(hub->scratch);
}
