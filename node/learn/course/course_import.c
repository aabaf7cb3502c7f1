/* An import: read (import.h), store the blobs, then rows of blobs, members and version in one transaction.
 *
 * Without --version, versions of (course, lang) are whole numbers: one more than the greatest so far. An
 * archive (or files from a folder) that is there already as a version of (course, lang) gives no new one; what that version
 * has lost (scrub --repair) is put back. Of two imports at once the one that comes second to the rows looks again. */
#include "node/learn/course/course_import.h"

#include "node/learn/course/course_choose.h"
#include "node/learn/course/course_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "node/learn/course/course_source.h"
#include "node/store/course/blob.h"
#include "replication/base/check.h"

struct importing {
    struct courses *courses;
    const struct course_import *import;
    struct course_imported *out;
    struct import_package package;
    struct blob_batch *batch;
    struct member manifest; /* the encoded manifest as a blob */
    struct report *report;
};

static uint64_t elapsed_ms(const struct timespec *since)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)((now.tv_sec - since->tv_sec) * 1000 + (now.tv_nsec - since->tv_nsec) / 1000000);
}

static bool is_said(const char *text)
{
    return text && text[0];
}

/* Ids and versions are parts of addresses. */
static bool is_part_of_path(const char *text)
{
    return !strchr(text, '/') && strcmp(text, ".") != 0 && strcmp(text, "..") != 0;
}

static bool is_line(const char *text)
{
    for (const char *c = text; *c; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f) {
            return false;
        }
    }
    return utf8_is_valid(bytes_text(text));
}

static enum status check_said(const struct course_import *import, struct report *report)
{
    if (!is_part_of_path(import->id) || (is_said(import->version) && !is_part_of_path(import->version))) {
        return report_set(report, S_USAGE, "--id and --version are parts of addresses: they hold no \"/\", and are not \".\" or \"..\"");
    }
    if (catalogue_id_check(bytes_text(import->id), COURSE_ID_MAX) != S_OK) {
        return report_set(report, S_USAGE, "--id \"%.200s\" is no course id: 1 to %d bytes of UTF-8",
                          import->id, COURSE_ID_MAX);
    }
    if (lang_check_said(bytes_text(import->lang)) != S_OK) {
        return report_set(report, S_USAGE,
                          "--lang \"%.60s\" is no language tag: as in en, fr, pt-BR, zh-Hans", import->lang);
    }
    if (is_said(import->version) && catalogue_id_check(bytes_text(import->version), VERSION_MAX) != S_OK) {
        return report_set(report, S_USAGE, "--version \"%.100s\" is no version: 1 to %d bytes of UTF-8",
                          import->version, VERSION_MAX);
    }
    if (is_said(import->localises) &&
        catalogue_id_check(bytes_text(import->localises), COURSE_ID_MAX) != S_OK) {
        return report_set(report, S_USAGE, "--localises \"%.200s\" is no course id", import->localises);
    }
    const char *texts[] = {import->title, import->series};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (is_said(texts[i]) &&
            (strlen(texts[i]) > COURSE_TEXT_MAX || !is_line(texts[i]))) {
            return report_set(report, S_USAGE, "a title or series is one line of UTF-8 of at most %d bytes",
                              COURSE_TEXT_MAX);
        }
    }
    return S_OK;
}

/* Compares one stored member with the manifest's. */
struct comparison {
    const struct member *member;
    bool is_equal;
};

static void compare_member(void *ctx, const struct course_member_row *row)
{
    struct comparison *comparison = ctx;

    comparison->is_equal =
        bytes_equal(row->path, comparison->member->path) && hash_equal(&row->hash, &comparison->member->hash);
}

static bool has_same_members(struct db *db, const struct course_row *row, const struct manifest *manifest)
{
    struct bytes after = bytes_text(COURSE_FILES);

    if (row->member_count != manifest->member_count) {
        return false;
    }
    for (size_t i = 0; i < manifest->member_count; i++) {
        struct comparison comparison = {.member = &manifest->members[i]};

        if (!course_member_next(db, row->id, after, compare_member, &comparison) || !comparison.is_equal) {
            return false;
        }
        after = manifest->members[i].path;
    }
    return true;
}

/* The same archive, or files that came without one: another archive of the same files is another version, so
 * that each can be given back as it came. */
static bool is_same_original(struct importing *importing, const struct course_row *row)
{
    const struct manifest *manifest = &importing->package.manifest;
    struct report ignored = {.status = S_OK};
    struct manifest other;
    struct buffer encoding;
    struct arena arena;
    bool is_same;

    if (manifest->original_size == 0 ||
        course_manifest_load(importing->courses->blobs, row, &arena, &encoding, &other, &ignored) != S_OK) {
        return true;
    }
    is_same = hash_equal(&other.original_hash, &manifest->original_hash);
    arena_release(&arena);
    buffer_release(&encoding);
    return is_same;
}

/* Of a version that lost members nothing but the hash of its manifest is left to compare (course_blob_forget). */
static bool is_same_manifest(const struct importing *importing, const struct course_row *row)
{
    struct buffer encoding;

    buffer_init(&encoding);
    bool is_same = manifest_encode(&importing->package.manifest, &encoding) == S_OK;
    if (is_same) {
        struct hash hash = hash_of(bytes_of(NULL, 0), buffer_bytes(&encoding));
        is_same = hash_equal(&hash, &row->manifest);
    }
    buffer_release(&encoding);
    return is_same;
}

static bool is_same_package(struct importing *importing, struct db *db, const struct course_row *row)
{
    if (!row->is_listed && is_same_manifest(importing, row)) {
        return true;
    }
    return has_same_members(db, row, &importing->package.manifest) && is_same_original(importing, row);
}

/* The number that a version is, 0 when it is none. */
static unsigned long number_of(const char *version)
{
    char *end;
    unsigned long number = version[0] >= '1' && version[0] <= '9' ? strtoul(version, &end, 10) : 0;

    return number > 0 && *end == '\0' && number < 1000000000 ? number : 0;
}

/* Looks through the own versions of (course, lang): the version to make, or the one that has these files
 * already. */
static void find_version(struct importing *importing, struct db *db)
{
    struct course_imported *out = importing->out;
    const char *wanted = is_said(importing->import->version) ? importing->import->version : NULL;
    unsigned long last = 0;
    struct course_row row;
    struct buffer ids;
    int64_t id;

    buffer_init(&ids);
    (void)course_row_list_of(db, bytes_text(importing->import->id), &ids);
    for (size_t at = 0; at < ids.size && !out->is_known; at += sizeof id) {
        memcpy(&id, ids.data + at, sizeof id);
        if (!course_row_get(db, id, &row) || strcmp(row.lang, importing->import->lang) != 0 ||
            !id_equal(&row.publisher, &importing->courses->self)) {
            continue;
        }
        last = number_of(row.version) > last ? number_of(row.version) : last;
        if ((course_is_held(&row) || row.state == COURSE_FETCHING) && (!wanted || strcmp(wanted, row.version) == 0) &&
            is_same_package(importing, db, &row)) {
            out->row = row;
            out->is_known = true;
        }
    }
    buffer_release(&ids);
    if (!out->is_known && wanted) {
        snprintf(out->row.version, sizeof out->row.version, "%s", wanted);
    } else if (!out->is_known) {
        snprintf(out->row.version, sizeof out->row.version, "%lu", last + 1);
    }
}

/* A course that is not known here may come later, or be mistyped: worth a word. */
static void localises_look(const struct course_import *import, struct db *db, struct course_imported *out)
{
    size_t used = strlen(out->notes);
    struct buffer ids;

    buffer_init(&ids);
    (void)course_row_list_of(db, bytes_text(import->localises), &ids);
    if (ids.size == 0) {
        snprintf(out->notes + used, sizeof out->notes - used,
                 "no course \"%s\" is known here yet, which --localises names: see qanat course list --available\n", import->localises);
    }
    buffer_release(&ids);
}

/* What it was translated from, if it was: as said, or as the other languages here suggest. */
static enum status find_source(struct importing *importing, struct db *db)
{
    const struct course_import *import = importing->import;
    struct course_imported *out = importing->out;
    size_t used;

    if (out->is_known) {
        return S_OK;
    }
    if (is_said(import->localises)) {
        localises_look(import, db, out);
    }
    used = strlen(out->notes);
    snprintf(out->row.course, sizeof out->row.course, "%s", import->id);
    snprintf(out->row.lang, sizeof out->row.lang, "%s", import->lang);
    snprintf(out->row.localises, sizeof out->row.localises, "%s", import->localises ? import->localises : "");
    enum status status = course_source_choose(db, import->from, &out->row, importing->report);
    if (status == S_OK && out->row.source_lang[0] && !is_said(import->from)) {
        snprintf(out->notes + used, sizeof out->notes - used,
                 "taken as a translation of version %s in %s; --from LANG@VERSION says otherwise\n",
                 out->row.source_version, out->row.source_lang);
    }
    return status;
}

static void copy_text(char *out, size_t size, struct bytes text)
{
    snprintf(out, size, "%.*s", (int)text.size, (const char *)text.data);
}

/* Title and language as said, and what the package says of itself. */
static void name_package(struct importing *importing)
{
    const struct course_import *import = importing->import;
    struct manifest *manifest = &importing->package.manifest;
    struct course_imported *out = importing->out;
    int used;

    copy_text(out->notes, sizeof out->notes, importing->package.notes);
    used = (int)strlen(out->notes);
    if (manifest->lang.size > 0 && strncasecmp((const char *)manifest->lang.data, import->lang, 2) != 0) {
        snprintf(out->notes + used, sizeof out->notes - (size_t)used,
                 "the package says its language is \"%.*s\", --lang says \"%s\"\n", (int)manifest->lang.size,
                 (const char *)manifest->lang.data, import->lang);
    }
    manifest->lang = bytes_text(import->lang);
    if (is_said(import->title)) {
        manifest->title = bytes_text(import->title);
    } else if (manifest->title.size == 0) {
        manifest->title = bytes_text(import->id);
    }
    out->item_count = manifest->item_count;
}

/* Writes the manifest as a blob of the batch. */
static enum status write_manifest(struct importing *importing)
{
    struct buffer encoding;
    struct blob_writer *writer;
    enum status status;

    buffer_init(&encoding);
    status = manifest_encode(&importing->package.manifest, &encoding);
    if (status != S_OK) {
        buffer_release(&encoding);
        return report_set(importing->report, status, "the package's table of files and items is %s",
                          status_text(status));
    }
    writer = blob_writer_open(importing->batch);
    status = blob_writer_write(writer, buffer_bytes(&encoding));
    if (status == S_OK) {
        status = blob_writer_finish(writer, &importing->manifest);
    }
    blob_writer_close(writer);
    buffer_release(&encoding);
    return status == S_OK
               ? S_OK
               : report_set(importing->report, status, "cannot store the manifest: %s", status_text(status));
}

static void fill_row(struct importing *importing, struct course_row *row)
{
    const struct course_import *import = importing->import;
    const struct manifest *manifest = &importing->package.manifest;

    snprintf(row->course, sizeof row->course, "%s", import->id);
    snprintf(row->lang, sizeof row->lang, "%s", import->lang);
    snprintf(row->series, sizeof row->series, "%s", import->series ? import->series : "");
    snprintf(row->localises, sizeof row->localises, "%s", import->localises ? import->localises : "");
    copy_text(row->title, sizeof row->title, manifest->title);
    row->publisher = importing->courses->self;
    row->format = manifest->format;
    row->manifest = importing->manifest.hash;
    row->manifest_size = importing->manifest.size;
    row->size = importing->package.size;
    row->member_count = manifest->member_count;
    row->imported_ms = course_wall_ms();
    row->state = COURSE_IMPORTED;
    row->missing = 0;
    row->problem[0] = '\0';
    row->is_listed = true;
}

/* A version of that name may be there: only one that was let go makes way; what it had is appended to `left`. */
static enum status put_version(struct importing *importing, struct db *db, struct buffer *left)
{
    struct course_row *row = &importing->out->row, old;

    fill_row(importing, row);
    uint64_t latest_ms = course_latest(db, row).imported_ms;
    row->imported_ms = row->imported_ms > latest_ms ? row->imported_ms : latest_ms + 1;
    if (!course_row_find(db, bytes_text(row->course), bytes_text(row->lang), bytes_text(row->version),
                         &row->publisher, &old)) {
        return course_row_insert(db, row);
    }
    if (course_is_held(&old)) {
        return S_EXISTS;
    }
    row->id = old.id;
    row->stamp = old.stamp;
    row->published_ms = old.published_ms;
    row->is_pinned = old.is_pinned;
    enum status status = course_detach(db, &old, left);
    return status == S_OK ? course_row_update(db, row) : status;
}

static enum status put_member(struct importing *importing, struct db *db, const struct member *member,
                              struct bytes path)
{
    struct blob_row blob;

    return blob_row_find(db, &member->hash, &blob)
               ? course_member_insert(db, importing->out->row.id, path, blob.id, member->media_type)
               : S_STALE;
}

static enum status put_members(struct importing *importing, struct db *db)
{
    const struct manifest *manifest = &importing->package.manifest;
    char name[COURSE_PART_NAME_MAX];
    enum status status = S_OK;

    for (size_t i = 0; i < manifest->member_count && status == S_OK; i++) {
        status = put_member(importing, db, &manifest->members[i], manifest->members[i].path);
    }
    for (size_t i = 0; i < manifest->part_count && status == S_OK; i++) {
        status = put_member(importing, db, &manifest->parts[i], course_part_name(i, name));
    }
    return status == S_OK ? course_contents_put(db, &importing->out->row, manifest) : status;
}

/* Another import may have taken the number since it was looked for: it made the same version, or the next number is this one's. */
static enum status put_version_or_next(struct importing *importing, struct db *db, struct buffer *left)
{
    enum status status = put_version(importing, db, left);

    if (status != S_EXISTS || is_said(importing->import->version)) {
        return status;
    }
    find_version(importing, db);
    return importing->out->is_known ? S_OK : put_version(importing, db, left);
}

static enum status put_rows(struct db *db, void *arg)
{
    struct importing *importing = arg;
    struct buffer completed, left;
    enum status status;

    buffer_init(&completed), buffer_init(&left);
    status = blob_batch_rows(importing->batch, db, &completed);
    status = status == S_OK ? put_version_or_next(importing, db, &left) : status;
    status = status == S_OK && !importing->out->is_known ? put_members(importing, db) : status;
    status = status == S_OK ? course_drop_unused(db, &left) : status; /* but what this one has as well */
    status = status == S_OK ? course_blobs_completed(importing->courses, db, &completed) : status;
    status = status == S_OK ? course_choose(db, importing->out->row.course, importing->out->row.lang) : status;
    if (status == S_OK) {
        (void)course_row_get(db, importing->out->row.id, &importing->out->row);
    }
    buffer_release(&completed), buffer_release(&left);
    return status;
}

/* Within the quota, with all of it counted as new: what is here already is known only later. */
static bool has_quota(struct importing *importing)
{
    struct courses unlimited = *importing->courses;
    char problem[COURSE_PROBLEM_MAX + 1];
    struct db *db = store_read_begin(unlimited.store);
    bool has_room = unlimited.quota_size == 0 ||
                    course_has_room(importing->courses, db, importing->package.size, problem, sizeof problem);

    store_read_end(unlimited.store, db);
    if (!has_room) {
        report_set(importing->report, S_NO_SPACE, "\"%s\": %s", importing->import->path, problem);
    }
    return has_room;
}

static bool has_space(struct importing *importing)
{
    uint64_t room = 0;
    bool has = blobs_have_room(importing->courses->blobs, 1, &room);

    if (!has) {
        report_set(importing->report, S_NO_SPACE, "no room for \"%s\": less than disk_floor_mib would stay free", importing->import->path);
    }
    return has;
}

static enum status blobs_and_rows(struct importing *importing, store_job *rows)
{
    enum status status = blob_batch_store(importing->batch);

    status = status == S_OK ? store_write_wait(importing->courses->store, rows, importing) : status;
    if (status != S_OK) {
        blob_batch_undone(importing->batch);
    }
    return status;
}

/* Says what failed. */
static enum status stored(struct importing *importing, enum status status)
{
    return status == S_OK ? S_OK : report_set(importing->report, status, "cannot store \"%s\": %s", importing->import->path, status_text(status));
}

static enum status store(struct importing *importing)
{
    struct course_imported *out = importing->out;
    enum status status;

    if (!has_quota(importing) || !has_space(importing)) {
        return importing->report->status;
    }
    status = blobs_and_rows(importing, put_rows);
    if (status == S_EXISTS) {
        return report_set(importing->report, status,
                          "version \"%s\" of \"%s\" in %s is here already, with other files or as another "
                          "archive: choose another --version",
                          out->row.version, importing->import->id, importing->import->lang);
    }
    return stored(importing, status);
}

/* What was published is installed by the last of its contents; what was only imported is listed and counted here (course_lost.c). */
static enum status restore_imported(struct importing *importing, struct db *db)
{
    struct course_row *row = &importing->out->row;
    uint64_t size;

    if (!course_row_get(db, row->id, row) || row->state != COURSE_IMPORTED) {
        return db_status(db);
    }
    enum status status = course_member_delete_all(db, row->id);
    status = status == S_OK ? put_members(importing, db) : status;
    if (status != S_OK) {
        return status;
    }
    row->is_listed = blob_row_is_whole(db, &row->manifest);
    course_member_missing(db, row->id, &row->missing, &size);
    return course_row_update(db, row);
}

/* Contents of the package that are not here whole, the manifest among them. */
static size_t lacking_count(const struct importing *importing, struct db *db)
{
    const struct manifest *manifest = &importing->package.manifest;
    size_t count = !blob_row_is_whole(db, &importing->out->row.manifest);

    for (size_t i = 0; i < manifest->member_count; i++) {
        count += !blob_row_is_whole(db, &manifest->members[i].hash);
    }
    for (size_t i = 0; i < manifest->part_count; i++) {
        count += !blob_row_is_whole(db, &manifest->parts[i].hash);
    }
    return count;
}

static enum status restore_rows(struct db *db, void *arg)
{
    struct importing *importing = arg;
    struct buffer completed;

    buffer_init(&completed);
    importing->out->restored = lacking_count(importing, db);
    enum status status = blob_batch_rows(importing->batch, db, &completed);
    if (status == S_OK) {
        status = course_blobs_completed(importing->courses, db, &completed);
    }
    buffer_release(&completed);
    return status == S_OK ? restore_imported(importing, db) : status;
}

/* The version is known and lacks files that this package has. Its manifest may be one of them. */
static enum status restore(struct importing *importing)
{
    struct db *db = store_read_begin(importing->courses->store);
    bool has_manifest = blob_row_is_whole(db, &importing->out->row.manifest);

    store_read_end(importing->courses->store, db);
    if (!has_space(importing)) {
        return importing->report->status;
    }
    enum status status = has_manifest ? S_OK : write_manifest(importing);
    return stored(importing, status == S_OK ? blobs_and_rows(importing, restore_rows) : status);
}

static enum status read_and_store(struct importing *importing)
{
    struct timespec start;
    struct db *db;
    enum status status;

    clock_gettime(CLOCK_MONOTONIC, &start);
    status = import_package_read(&importing->package, importing->batch, importing->import->path, importing->import->lang,
                                 importing->import->watch, importing->report);
    importing->out->read_ms = elapsed_ms(&start);
    if (status != S_OK) {
        return status;
    }
    name_package(importing);
    db = store_read_begin(importing->courses->store);
    find_version(importing, db);
    status = find_source(importing, db);
    store_read_end(importing->courses->store, db);
    if (status != S_OK) {
        return status;
    }
    if (importing->out->is_known) {
        const struct course_row *row = &importing->out->row;
        return row->missing > 0 || !row->is_listed || !course_is_held(row) ? restore(importing) : S_OK;
    }
    status = write_manifest(importing);
    if (status == S_OK) {
        clock_gettime(CLOCK_MONOTONIC, &start);
        status = store(importing);
        importing->out->store_ms = elapsed_ms(&start);
    }
    return status;
}

enum status course_import(struct courses *courses, const struct course_import *import,
                          struct course_imported *imported_out, struct report *report)
{
    struct importing *importing = calloc(1, sizeof *importing);
    enum status status = check_said(import, report);

    CHECK(importing);
    memset(imported_out, 0, sizeof *imported_out);
    if (status == S_OK) {
        *importing =
            (struct importing){.courses = courses, .import = import, .out = imported_out, .report = report};
        importing->batch = blob_batch_open(courses->blobs);
        status = read_and_store(importing);
        import_package_release(&importing->package);
        blob_batch_close(importing->batch);
    }
    free(importing);
    return status;
}
