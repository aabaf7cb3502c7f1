/* mirror.c: `qanat mirror`: web servers, caches and object stores from which course content can be had beside
 * the nodes. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/cmd/command.h"
#include "node/cmd/course.h"
#include "node/cmd/table.h"
#include "node/learn/course/course_file.h"
#include "node/local_time.h"
#include "node/status.h"
#include "node/store/course/blob.h"
#include "node/store/course/mirror.h"
#include "node/store/stream/roster.h"
#include "node/timestamp.h"

enum { PART_SIZE = 256 * 1024 };

/* --- naming
 * ------------------------------------------------------------------------------------------------- */

struct naming {
    const struct roster *roster;
    const struct id *self;
    char url[MIRROR_URL_MAX + 1];
    bool is_named;
};

static enum status naming_run(struct db *db, void *arg)
{
    const struct naming *naming = arg;

    return mirror_put(db, naming->roster, naming->self, naming->url, naming->is_named);
}

static enum status naming_report(struct command_context *context, const struct naming *naming,
                                 enum status status)
{
    switch (status) {
    case S_OK:
        fprintf(context->err,
                naming->is_named ? "This node and those below it take course content from %s too.\n"
                                 : "%s is named no more.\n",
                naming->url);
        return S_OK;
    case S_EXISTS:
        return report_set(&context->report, status, "this node names '%s' already: see qanat mirror list",
                          naming->url);
    case S_NOT_FOUND:
        return report_set(&context->report, status, "this node does not name '%s': see qanat mirror list",
                          naming->url);
    case S_TOO_LARGE:
        return report_set(&context->report, status, "this node names %d mirrors already: remove one first",
                          MIRRORS_MAX);
    case S_INVALID:
    case S_VERSION:
    case S_USAGE:
    case S_DENIED:
    case S_BAD_SIGNATURE:
    case S_BAD_DIGEST:
    case S_FORKED:
    case S_NO_SPACE:
    case S_NO_MEMORY:
    case S_IO:
    case S_CORRUPT:
    case S_UNREACHABLE:
    case S_BUSY:
    case S_STALE:
    case S_PARTIAL:
    case S_INTERNAL:
        break;
    }
    return report_set(&context->report, status, "the mirror could not be written: %s", status_text(status));
}

static enum status mirror_change(struct command_context *context, bool is_named)
{
    struct naming naming = {.self = &context->identity->node, .is_named = is_named};
    struct report report = {.status = S_OK};
    struct roster *roster;

    enum status status = command_words(context, 1, 1);
    if (status != S_OK) {
        return status;
    }
    if (mirror_url_read(bytes_text(context->argv[0]), naming.url, &report) != S_OK) {
        return report_set(&context->report, S_USAGE, "%s", report.text);
    }
    status = command_roster(context, &roster);
    if (status != S_OK) {
        return status;
    }
    naming.roster = roster;
    status = naming_report(context, &naming, store_write_wait(context->store, naming_run, &naming));
    roster_free(roster);
    return status;
}

static enum status mirror_add_run(struct command_context *context)
{
    return mirror_change(context, true);
}

static enum status mirror_remove_run(struct command_context *context)
{
    return mirror_change(context, false);
}

/* --- listing
 * ------------------------------------------------------------------------------------------------ */

static json_t *row_json(struct command_context *context, struct db *db, const struct roster *roster,
                        const struct mirror *mirror)
{
    const struct roster_node *by = roster_find(roster, &mirror->by);
    struct mirror_record record;
    char iso[TIMESTAMP_TEXT_SIZE] = "", ago[64];
    uint64_t now_ms = local_time_now();

    mirror_record_get(db, mirror->url, &record);
    bool is_resting = record.rests_until_ms > now_ms;
    status_ago(record.at_ms, now_ms, ago, sizeof ago);
    json_t *row = json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:s, s:s, s:n}", "url", mirror->url, "by",
                            by ? by->name : context->config->name, "state",
                            is_resting             ? "resting"
                            : record.rate_bits > 0 ? "in use"
                            : record.objects > 0   ? "used"
                                                   : "not used yet",
                            "bytes", (json_int_t)record.bytes, "objects", (json_int_t)record.objects, "rate",
                            (json_int_t)record.rate_bits, "failures", (json_int_t)record.failures, "last",
                            ago, "error", record.error, "rests_until");
    if (is_resting) {
        timestamp_format((int64_t)record.rests_until_ms, iso);
        json_object_set_new(row, "rests_until", json_string(iso));
    }
    return row;
}

static enum status mirror_list_run(struct command_context *context)
{
    static const struct table_column columns[] = {{"url", "MIRROR", false},  {"by", "NAMED BY", false},
                                                  {"state", "STATE", false}, {"bytes", "BYTES", true},
                                                  {"last", "LAST", false},   {"error", "ERROR", false}};
    struct mirror mirrors[MIRRORS_MAX];
    struct roster *roster;

    enum status status = command_words(context, 0, 0);
    if (status == S_OK) {
        status = command_roster(context, &roster);
    }
    if (status != S_OK) {
        return status;
    }
    struct db *db = store_read_begin(context->store);
    size_t count = mirror_list(db, roster, &context->identity->node, mirrors);
    json_t *rows = json_array();
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(rows, row_json(context, db, roster, &mirrors[i]));
    }
    store_read_end(context->store, db);
    roster_free(roster);
    if (context->is_json) {
        table_print_json(context->out, json_pack("{s:o}", "mirrors", rows));
        return S_OK;
    }
    if (count > 0) {
        table_print(context->out, context->is_tty, columns, sizeof columns / sizeof *columns, rows);
    } else {
        fprintf(context->err, "No mirror: course content comes from nodes alone.\n");
    }
    json_decref(rows);
    return S_OK;
}

/* --- filling one
 * -------------------------------------------------------------------------------------------- */

struct filling {
    const char *folder;
    uint64_t written, bytes, kept;
};

static enum status file_copy(int from, int to)
{
    uint8_t *part = malloc(PART_SIZE);
    enum status status = part ? S_OK : S_NO_MEMORY;
    ssize_t got = 1;

    while (status == S_OK && got > 0) {
        got = read(from, part, PART_SIZE);
        for (ssize_t at = 0; got > 0 && at < got && status == S_OK;) {
            ssize_t put = write(to, part + at, (size_t)(got - at));
            if (put < 0 && errno != EINTR) {
                status = error_is_no_space(errno) ? S_NO_SPACE : S_IO;
            }
            at += put > 0 ? put : 0;
        }
    }
    free(part);
    return status == S_OK && got < 0 ? S_IO : status;
}

/* Under its name complete, or not at all: whoever serves the folder never gives a part. */
static enum status content_write(struct filling *filling, const struct course_file *file)
{
    char hex[HASH_HEX_SIZE], path[DIR_PATH_MAX], tmp[DIR_PATH_MAX + 8];
    struct stat there;

    hash_hex(&file->hash, hex);
    if (snprintf(path, sizeof path, "%s/%s", filling->folder, hex) >= (int)sizeof path) {
        return S_TOO_LARGE;
    }
    if (stat(path, &there) == 0 && (uint64_t)there.st_size == file->size) {
        filling->kept++;
        return S_OK;
    }
    snprintf(tmp, sizeof tmp, "%s.tmp", path);
    int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) {
        return error_is_no_space(errno) ? S_NO_SPACE : S_IO;
    }
    enum status status = file_copy(file->fd, fd);
    if (status == S_OK && fsync(fd) != 0) {
        status = error_is_no_space(errno) ? S_NO_SPACE : S_IO;
    }
    if (close(fd) != 0 || (status == S_OK && rename(tmp, path) != 0)) {
        status = S_IO;
    }
    if (status != S_OK) {
        unlink(tmp);
        return status;
    }
    filling->written++;
    filling->bytes += file->size;
    return S_OK;
}

static enum status contents_write(struct course_desk *desk, struct filling *filling)
{
    struct blob_row row = {.id = 0};
    enum status status = S_OK;
    bool is_more = true;

    while (status == S_OK && is_more) {
        struct course_file file = {.fd = -1};
        struct db *db = store_read_begin(desk->context->store);
        is_more = blob_row_next(db, row.id, &row);
        enum status found =
            is_more && row.is_whole ? course_blob_open(desk->blobs, db, &row.hash, &file) : S_NOT_FOUND;
        store_read_end(desk->context->store, db);
        if (found == S_OK) {
            status = content_write(filling, &file);
        } else if (found != S_NOT_FOUND) {
            status = found;
        }
        if (file.fd >= 0) {
            close(file.fd);
        }
    }
    return status;
}

static enum status mirror_export_run(struct command_context *context)
{
    struct filling filling = {0};
    struct course_desk desk;
    struct stat there;

    enum status status = command_words(context, 1, 1);
    if (status != S_OK) {
        return status;
    }
    filling.folder = context->argv[0];
    if (mkdir(filling.folder, 0755) != 0 && errno != EEXIST) {
        return report_set(&context->report, error_is_no_space(errno) ? S_NO_SPACE : S_IO, "the folder '%s' cannot be made: %s", filling.folder,
                          strerror(errno));
    }
    if (stat(filling.folder, &there) != 0 || !S_ISDIR(there.st_mode)) {
        return report_set(&context->report, S_INVALID, "'%s' is no folder", filling.folder);
    }
    status = course_desk_open(&desk, context);
    if (status == S_OK) {
        status = contents_write(&desk, &filling);
        report_set(&context->report, status, "'%s' is not complete: %s; say it again and it goes on",
                   filling.folder, status_text(status));
    }
    course_desk_close(&desk);
    if (status != S_OK) {
        return status;
    }
    if (context->is_json) {
        table_print_json(context->out,
                         json_pack("{s:I, s:I, s:I}", "written", (json_int_t)filling.written, "bytes",
                                   (json_int_t)filling.bytes, "kept", (json_int_t)filling.kept));
    } else {
        fprintf(context->out, "%llu contents of %llu bytes written, %llu were there\n",
                (unsigned long long)filling.written, (unsigned long long)filling.bytes,
                (unsigned long long)filling.kept);
    }
    return S_OK;
}

const struct command mirror_commands[] = {
    {"mirror add", NEEDS_WRITE, "URL",
     "name a web server, cache or object store that has course content, too",
     "Contents are asked for as URL/HASH, the 64 hex digits of their BLAKE2b-256. The name travels with the "
     "roster, signed; this node\n"
     "and every node below it (below a hub: every node) then take large contents from there and fall back to "
     "their peers when it\n"
     "fails, lies or is slow. What comes is checked against its hash, so nobody has to trust a mirror. "
     "Windows, rates and quotas of\n"
     "the node above hold for it as well. http and https only. Any node with --http is one: its contents are "
     "at /blob/.\n\n"
     "  qanat mirror add --dir /var/lib/qanat https://cdn.example.org/qanat/\n"
     "  qanat mirror add --dir /var/lib/qanat http://hub.example.org:8080/blob/",
     mirror_add_run},
    {"mirror remove", NEEDS_WRITE, "URL", "name a mirror no more",
     "Only the node that named it can take it back.", mirror_remove_run},
    {"mirror list", NEEDS_READ, "[--json]", "the mirrors this node goes by, and how it went with each",
     "Those that this node, a node above it or a hub named. \"resting\": it failed, lied or was slow, and is "
     "asked again later.",
     mirror_list_run},
    {"mirror export", NEEDS_WRITE, "FOLDER", "write the published contents as files that a mirror can serve",
     "One file for each content of a published course, named by its hash: upload the folder to an object "
     "store, or let any web server\n"
     "serve it. Again writes what is new. Courses that are not published stay here.\n\n"
     "  qanat mirror export --dir /var/lib/qanat /srv/www/qanat",
     mirror_export_run},
    {0},
};
