#include "node/cmd/authority_paper.h"

#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "node/store/stream/roster.h"
#include "replication/base/check.h"

struct paper *paper_new(const struct id *federation)
{
    struct paper *paper = calloc(1, sizeof *paper);

    CHECK(paper != NULL);
    paper->federation = *federation;
    return paper;
}

void paper_free(struct paper *paper)
{
    if (paper != NULL) {
        for (size_t i = 0; i < paper->count; i++) {
            buffer_release(&paper->statements[i]);
        }
        free(paper);
    }
}

enum status paper_add(struct paper *paper, struct bytes statement)
{
    for (size_t i = 0; i < paper->count; i++) {
        if (bytes_equal(buffer_bytes(&paper->statements[i]), statement)) {
            return S_OK;
        }
    }
    if (paper->count == PAPER_STATEMENTS_MAX) {
        return S_TOO_LARGE;
    }
    buffer_init(&paper->statements[paper->count]);
    buffer_append(&paper->statements[paper->count++], statement.data, statement.size);
    return S_OK;
}

/* --- signatures ------------------------------------------------------------------------------------------- */

/* True when the paper holds a signature of `key` under the statement `hash`. */
static bool is_signed_by(const struct paper *paper, const struct hash *hash, const uint8_t key[SIGN_PUBLIC_SIZE])
{
    struct statement statement;

    for (size_t i = 0; i < paper->count; i++) {
        statement_read(buffer_bytes(&paper->statements[i]), &statement);
        bool is_about = statement.kind == STATEMENT_COSIGN ? hash_equal(&statement.about, hash) : hash_equal(&statement.hash, hash);
        if (is_about && memcmp(statement.signer_public, key, SIGN_PUBLIC_SIZE) == 0) {
            return true;
        }
    }
    return false;
}

uint32_t paper_signatures(const struct paper *paper, const struct hash *hash, struct bytes keys)
{
    uint32_t count = 0;

    for (size_t at = 0; at + SIGN_PUBLIC_SIZE <= keys.size; at += SIGN_PUBLIC_SIZE) {
        count += is_signed_by(paper, hash, keys.data + at);
    }
    return count;
}

enum status paper_sign(struct paper *paper, const struct authority_keys *keys, uint64_t wall_ms)
{
    size_t count = paper->count;
    struct statement statement;
    struct buffer signature;
    enum status status = S_OK;

    buffer_init(&signature);
    for (size_t i = 0; i < count * keys->count && status == S_OK; i++) {
        size_t key = i % keys->count;
        statement_read(buffer_bytes(&paper->statements[i / keys->count]), &statement);
        if (statement.kind == STATEMENT_COSIGN || is_signed_by(paper, &statement.hash, keys->public_keys[key])) {
            continue;
        }
        buffer_clear(&signature);
        status = statement_cosign(&paper->federation, &statement.hash, wall_ms, &keys->signers[key], &signature);
        if (status == S_OK) {
            status = paper_add(paper, buffer_bytes(&signature));
        }
    }
    buffer_release(&signature);
    return status;
}

/* --- the file --------------------------------------------------------------------------------------------- */

static json_t *hex_json(struct bytes bytes)
{
    char *text = malloc(2 * bytes.size + 1);

    CHECK(text != NULL);
    sodium_bin2hex(text, 2 * bytes.size + 1, bytes.data, bytes.size);
    json_t *json = json_string(text);
    free(text);
    return json;
}

enum status paper_save(const struct paper *paper, const char *path, struct report *report)
{
    json_t *list = json_array();

    for (size_t i = 0; i < paper->count; i++) {
        json_array_append_new(list, hex_json(buffer_bytes(&paper->statements[i])));
    }
    json_t *document = json_pack("{s:i, s:o, s:o}", "authority_paper", 1, "federation",
                                 hex_json(bytes_of(paper->federation.b, sizeof paper->federation.b)), "statements", list);
    char *text = json_dumps(document, JSON_INDENT(1));
    CHECK(text != NULL);
    enum status status = dir_write_file(path, bytes_text(text), 0644, report);
    free(text);
    json_decref(document);
    return status;
}

static enum status line_take(struct paper *paper, const char *hex, struct report *report)
{
    uint8_t raw[STATEMENT_SIZE_MAX];
    struct statement statement;
    size_t size = hex ? strlen(hex) / 2 : 0;

    if (size == 0 || size > sizeof raw || strlen(hex) != 2 * size || !hex_decode(hex, raw, size)) {
        return report_set(report, S_INVALID, "statement %zu of the paper is malformed", paper->count + 1);
    }
    enum status status = statement_decode(bytes_of(raw, size), &statement, report);
    if (status == S_OK && !id_equal(&statement.federation, &paper->federation)) {
        status = report_set(report, S_INVALID, "statement %zu of the paper is of another federation", paper->count + 1);
    }
    if (status == S_OK && paper_add(paper, bytes_of(raw, size)) != S_OK) {
        status = report_set(report, S_TOO_LARGE, "a paper holds at most %d statements", PAPER_STATEMENTS_MAX);
    }
    return status;
}

static enum status document_read(const json_t *document, const char *path, struct paper **paper_out, struct report *report)
{
    const char *federation = json_string_value(json_object_get(document, "federation"));
    const json_t *list = json_object_get(document, "statements"), *line;
    struct paper *paper = paper_new(&(struct id){{0}});
    enum status status = S_OK;
    size_t index;

    if (json_integer_value(json_object_get(document, "authority_paper")) != 1 || !federation || !json_is_array(list) ||
        strlen(federation) != 2 * sizeof paper->federation.b || !hex_decode(federation, paper->federation.b, sizeof paper->federation.b)) {
        status = report_set(report, S_INVALID, "'%s' is no paper of an authority", path);
    }
    json_array_foreach(list, index, line)
    {
        status = status == S_OK ? line_take(paper, json_string_value(line), report) : status;
    }
    if (status == S_OK && paper->count == 0) {
        status = report_set(report, S_INVALID, "'%s' holds no statement", path);
    }
    if (status == S_OK) {
        *paper_out = paper;
    } else {
        paper_free(paper);
    }
    return status;
}

enum status paper_load(const char *path, struct paper **paper_out, struct report *report)
{
    struct buffer file;

    *paper_out = NULL;
    buffer_init(&file);
    enum status status = dir_read_file(path, PAPER_SIZE_MAX, &file, report);
    if (status == S_OK) {
        json_t *document = json_loadb((const char *)file.data, file.size, JSON_REJECT_DUPLICATES, NULL);
        status = document_read(document, path, paper_out, report);
        json_decref(document);
    }
    buffer_release(&file);
    return status;
}

/* --- into the roster -------------------------------------------------------------------------------------- */

enum status paper_put(struct db *db, void *arg)
{
    const struct paper *paper = arg;
    enum status status = S_OK;

    for (size_t i = 0; i < paper->count && status == S_OK; i++) {
        struct bytes bytes = buffer_bytes(&paper->statements[i]);
        struct statement statement;
        statement_read(bytes, &statement);
        status = roster_statement_put(db, bytes, statement.at_ms);
    }
    return status;
}
