#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "node/badge/issue.h"
#include "node/badge/print.h"
#include "node/badge/verify.h"
#include "node/badge/wording.h"
#include "node/cmd/command.h"
#include "node/cmd/problem.h"
#include "node/cmd/screen.h"
#include "node/cmd/table.h"
#include "node/input.h"
#include "node/learn/vocabulary.h"
#include "node/local_time.h"
#include "node/store/people/credential.h"
#include "node/store/people/person.h"
#include "node/timestamp.h"
#include "replication/base/check.h"

enum { LIST_DEFAULT = 100, LIMIT_MAX = 1000 * 1000, FILE_MAX = 32 * 1024 * 1024 };

static struct issuer issuer_of(const struct command_context *context)
{
    return (struct issuer){.store = context->store,
                           .federation = context->federation,
                           .identity = context->identity,
                           .config = context->config};
}

/* Opens FILE for writing; "-" and NULL are stdout. NULL after a report. */
static FILE *out_open(struct command_context *context, const char *path, struct draft *draft)
{
    if (!path || strcmp(path, "-") == 0) {
        return context->out;
    }
    return problem_open(context, path, 0644, draft);
}

static enum status out_close(struct command_context *context, FILE *out, struct draft *draft, const char *path)
{
    int error;
    enum status status = problem_close(context, out, draft, &error);

    return status == S_OK ? S_OK : report_set(&context->report, status, "'%s' could not be written: %s", path, strerror(error));
}

static bool is_pdf(const char *path, const char *format)
{
    size_t length = path ? strlen(path) : 0;

    return format ? strcmp(format, "pdf") == 0 : length > 4 && strcmp(path + length - 4, ".pdf") == 0;
}

/* Writes a document, as it is or as a certificate to print. */
static enum status document_write(struct command_context *context, const char *text, const char *path,
                                  const char *format)
{
    struct issuer issuer = issuer_of(context);
    struct draft draft;
    struct buffer pdf;
    enum status status = S_OK;

    buffer_init(&pdf);
    if (is_pdf(path, format)) {
        status = print_pdf(&issuer, bytes_text(text), NULL, &pdf, &context->report);
    }
    FILE *out = status == S_OK ? out_open(context, path, &draft) : NULL;
    if (!out) {
        buffer_release(&pdf);
        return context->report.status;
    }
    if (pdf.size) {
        fwrite(pdf.data, 1, pdf.size, out);
    } else {
        fprintf(out, "%s\n", text);
    }
    buffer_release(&pdf);
    return out_close(context, out, &draft, path);
}

/* --- issue ---------------------------------------------------------------------------------------------- */

/* A date of an option, and a score; false after a report. */
static bool options_read(struct command_context *context, const char *expires, const char *score,
                         struct issue_request *request)
{
    if (expires && (!timestamp_parse(bytes_text(expires), &request->expires_ms) ||
                    request->expires_ms <= request->now_ms)) {
        report_set(&context->report, S_USAGE, "--expires '%s': write a day to come as 2027-10-05", expires);
        return false;
    }
    if (score && !decimal_parse(bytes_text(score), 100, &request->score)) {
        report_set(&context->report, S_USAGE, "--score '%s' is no number from 0 to 100", score);
        return false;
    }
    return true;
}

static void issue_remark(struct command_context *context, const struct issue_request *request,
                         const struct issue_outcome *outcome)
{
    const char *said = outcome->is_new ? "issued" : "was issued before and stands:";

    if (outcome->is_new && !outcome->is_known_course) {
        fprintf(context->err,
                "qanat credential issue: no package of '%.*s' is known here: issued all the same\n",
                (int)request->course.size, request->course.data);
    }
    if (outcome->is_new && !outcome->has_completed) {
        fprintf(context->err,
                "qanat credential issue: no completion of '%.*s' by '%.*s' is recorded here: issued all the "
                "same\n",
                (int)request->course.size, request->course.data, (int)request->person.size,
                request->person.data);
    }
    fprintf(context->err, "%s %s to '%.*s' for '%.*s'\n", said, (const char *)outcome->uuid.data,
            (int)request->person.size, request->person.data, (int)request->course.size, request->course.data);
}

static enum status run_issue(struct command_context *context)
{
    const char *person = command_option(context, "person"), *course = command_option(context, "course");
    const char *cohort = command_option(context, "cohort"), *expires = command_option(context, "expires");
    const char *score = command_option(context, "score"), *path = command_option(context, "out");
    struct issue_request request = {.lang = command_option(context, "lang"),
                                    .title = command_option(context, "title"),
                                    .score = SCORE_NONE,
                                    .now_ms = (int64_t)local_time_now()};
    struct issuer issuer = issuer_of(context);
    struct issue_outcome outcome;
    enum status status = command_words(context, 0, 0);

    if (status == S_OK && (!person || !course)) {
        status = report_set(&context->report, S_USAGE, "say --person ID and --course ID");
    }
    if (status != S_OK || !options_read(context, expires, score, &request)) {
        return context->report.status;
    }
    request.person = bytes_text(person);
    request.course = bytes_text(course);
    request.cohort = bytes_text(cohort ? cohort : "");
    issue_outcome_init(&outcome);
    status = credential_issue(&issuer, &request, &outcome, &context->report);
    if (status == S_OK) {
        issue_remark(context, &request, &outcome);
        status = document_write(context, (const char *)outcome.document.data, path, NULL);
    }
    issue_outcome_release(&outcome);
    return status;
}

/* --- verify --------------------------------------------------------------------------------------------- */

static enum status file_read(struct command_context *context, const char *path, struct buffer *out)
{
    FILE *in = strcmp(path, "-") == 0 ? context->in : input_stream(path, &context->report);
    size_t size = 0;

    if (!in) {
        return context->report.status;
    }
    do {
        uint8_t *room = buffer_reserve(out, 64 * 1024);
        size = fread(room, 1, 64 * 1024, in);
        out->size += size;
    } while (size && out->size < FILE_MAX);
    bool has_failed = ferror(in);
    if (in != context->in) {
        fclose(in);
    }
    return has_failed ? report_set(&context->report, S_IO, "'%s' cannot be read: %s", path, strerror(errno))
                      : S_OK;
}

static void verification_print(FILE *out, const struct verification *v)
{
    char at[WORDING_DATE_SIZE], id[UUID_TEXT_SIZE], score[16];
    const struct credential *credential = &v->credential;

    fprintf(out, "%s: ", verdict_text(v->verdict));
    screen_line(out, v->sentence);
    fputc('\n', out);
    if (!v->is_read) {
        return;
    }
    wording_date("en", credential->issued_ms, at);
    uuid_format(&credential->uuid, id);
    fputs("  it says:   ", out); /* whoever made it wrote these */
    screen_line(out, credential->person);
    fputs(" completed \"", out);
    screen_line(out, credential->title);
    fprintf(out, "\"%s", *credential->course ? ", course " : "");
    screen_line(out, credential->course);
    fprintf(out, ", %s\n", at);
    if (credential->score != SCORE_NONE) {
        score_format(credential->score, score);
        fprintf(out, "  score:     %s of 100\n", score);
    }
    fputs("  issuer:    ", out);
    screen_line(out, *v->issuer_name ? v->issuer_name : *credential->issuer_name ? credential->issuer_name : "not known here");
    fprintf(out, "%s%s%s\n", *v->issuer_country ? " (" : "", v->issuer_country, *v->issuer_country ? ")" : "");
    fprintf(out, "  number:    %s\n", id);
    if (v->is_own) {
        fprintf(out, "  revoked:   by this node's own list, as it is now\n");
    } else if (v->standing.has_list && *v->issuer_name) {
        timestamp_format(v->standing.as_of_ms / 1000 * 1000, at);
        fprintf(out, "  revoked:   by the issuer's list of %s, %lld hours old\n", at,
                (long long)(v->list_age_ms / (3600 * 1000)));
    }
}

static enum status run_verify(struct command_context *context)
{
    struct verify_request request = {.store = context->store,
                                     .federation = context->federation,
                                     .self = &context->identity->node,
                                     .now_ms = (int64_t)local_time_now()};
    struct verification verification;
    struct buffer text;
    enum status status = command_words(context, 1, 1);

    if (status != S_OK) {
        return status;
    }
    buffer_init(&text);
    if (strstr(context->argv[0], "QANAT1.")) {
        buffer_append(&text, context->argv[0], strlen(context->argv[0])); /* what a phone read */
    } else {
        status = file_read(context, context->argv[0], &text);
    }
    if (status == S_OK) {
        status = verify_text(&request, buffer_bytes(&text), &verification, &context->report);
        if (status == S_OK) {
            if (context->is_json) {
                table_print_json(context->out, verification_json(&verification));
            } else {
                verification_print(context->out, &verification);
            }
            if (verification.verdict != VERDICT_VALID) {
                status = report_set(&context->report, S_DENIED, "'%.200s' is not good: %s", context->argv[0],
                                    verification.sentence);
            }
        }
        verification_release(&verification);
    }
    buffer_release(&text);
    return status;
}

/* --- revoke --------------------------------------------------------------------------------------------- */

static enum status run_revoke(struct command_context *context)
{
    const char *reason = command_option(context, "reason");
    struct issuer issuer = issuer_of(context);
    bool is_new = false;
    enum status status = command_words(context, 1, 1);

    if (status == S_OK && !reason) {
        status = report_set(&context->report, S_USAGE,
                            "say --reason TEXT: it goes to every node, so nothing personal");
    }
    if (status == S_OK) {
        status = credential_revoke(&issuer, context->argv[0], reason, (int64_t)local_time_now(), &is_new,
                                   &context->report);
    }
    if (status != S_OK) {
        return status;
    }
    if (context->is_json) {
        table_print_json(context->out, json_pack("{s:s,s:b}", "revoked", context->argv[0], "new", is_new));
    } else {
        fprintf(context->out,
                is_new ? "revoked '%s': other nodes know when they are next in step\n"
                       : "'%s' was revoked before\n",
                context->argv[0]);
    }
    return S_OK;
}

/* --- list and export ------------------------------------------------------------------------------------ */

struct listing {
    json_t *rows;
    int64_t last;
};

static json_t *text_of(struct bytes text)
{
    return text.size ? json_stringn((const char *)text.data, text.size) : json_string("");
}

static void list_take(void *ctx, const struct credential_row *row)
{
    struct listing *listing = ctx;
    char issued[TIMESTAMP_TEXT_SIZE], revoked[TIMESTAMP_TEXT_SIZE];

    timestamp_format(row->issued_ms / 1000 * 1000, issued);
    if (row->revoked_ms) {
        timestamp_format(row->revoked_ms / 1000 * 1000, revoked);
    }
    json_t *entry =
        json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:s,s:o,s:o}", "id", text_of(row->credential), "person",
                  row->person ? text_of(row->person_id) : json_null(), "course", text_of(row->course), "lang",
                  text_of(row->lang), "version", text_of(row->version), "cohort", text_of(row->cohort),
                  "issued", issued, "revoked", row->revoked_ms ? json_string(revoked) : json_null(), "reason",
                  text_of(row->reason));
    CHECK(entry);
    json_array_append_new(listing->rows, entry);
    listing->last = row->id;
}

/* The row number of a person; 0 after a report. */
static int64_t person_row_of(struct command_context *context, struct db *db, const char *id)
{
    struct person person;

    if (person_find_dims(db, bytes_text(id), &person)) {
        return person.row;
    }
    report_set(&context->report, S_NOT_FOUND, "there is no person '%s' here", id);
    return 0;
}

static enum status run_list(struct command_context *context)
{
    static const struct table_column columns[] = {{"id", "NUMBER", false},     {"person", "PERSON", false},
                                                  {"course", "COURSE", false}, {"cohort", "COHORT", false},
                                                  {"issued", "ISSUED", false}, {"revoked", "REVOKED", false},
                                                  {"reason", "REASON", false}};
    const char *person = command_option(context, "person");
    struct listing listing = {.rows = json_array()};
    long max = LIST_DEFAULT;
    enum status status = command_number(context, "limit", 1, LIMIT_MAX, &max);

    if (status == S_OK) {
        status = command_words(context, 0, 0);
    }
    if (status == S_OK) {
        struct db *db = store_read_begin(context->store);
        int64_t row = person ? person_row_of(context, db, person) : 0;
        if (!person || row) {
            credential_page(db, INT64_MAX, row, (size_t)max, list_take, &listing);
        }
        store_read_end(context->store, db);
        status = context->report.status;
    }
    if (status != S_OK) {
        json_decref(listing.rows);
    } else if (context->is_json) {
        table_print_json(context->out, json_pack("{s:o}", "credentials", listing.rows));
    } else {
        table_print(context->out, context->is_tty, columns, sizeof columns / sizeof *columns, listing.rows);
        if (json_array_size(listing.rows) == 0) {
            problem_none(context, "No certificate was issued here%s%s%s.", person ? " to '" : "", person ? person : "", person ? "'" : "");
        }
        json_decref(listing.rows);
    }
    return status;
}

static void document_take(void *ctx, const struct credential_row *row)
{
    struct buffer *out = ctx;

    buffer_append(out, row->document.data, row->document.size);
    buffer_append_u8(out, '\0');
}

static enum status run_export(struct command_context *context)
{
    const char *format = command_option(context, "format");
    struct buffer document;
    struct id uuid;
    char text[UUID_TEXT_SIZE];
    enum status status = command_words(context, 1, 2);

    if (status == S_OK && format && strcmp(format, "json") != 0 && strcmp(format, "pdf") != 0) {
        status = report_set(&context->report, S_USAGE, "--format is json or pdf, not '%s'", format);
    }
    if (status == S_OK && !uuid_parse(context->argv[0], &uuid)) {
        status = report_set(&context->report, S_INVALID, "'%s' is no number of a certificate (a UUID)",
                            context->argv[0]);
    }
    if (status != S_OK) {
        return status;
    }
    uuid_format(&uuid, text);
    buffer_init(&document);
    struct db *db = store_read_begin(context->store);
    bool is_found = credential_find(db, bytes_text(text), document_take, &document);
    store_read_end(context->store, db);
    if (!is_found || document.size <= 1) {
        status = report_set(&context->report, S_NOT_FOUND,
                            is_found ? "'%s' is no longer here: its holder was erased"
                                     : "no certificate '%s' was issued here: see qanat credential list",
                            context->argv[0]);
    } else {
        status = document_write(context, (const char *)document.data,
                                context->argc == 2 ? context->argv[1] : NULL, format);
    }
    buffer_release(&document);
    return status;
}

/* --- the status list ------------------------------------------------------------------------------------ */

struct lists {
    struct id list;
    bool is_found;
};

static void list_note(void *ctx, const struct credential_row *row)
{
    struct lists *lists = ctx;

    lists->list = row->list;
    lists->is_found = true;
}

static enum status run_status(struct command_context *context)
{
    struct issuer issuer = issuer_of(context);
    struct lists lists = {.is_found = false};
    struct id uuid;
    char text[UUID_TEXT_SIZE];
    enum status status = command_words(context, 0, 1);

    if (status != S_OK) {
        return status;
    }
    struct db *db = store_read_begin(context->store);
    if (context->argc == 0) {
        credential_page(db, INT64_MAX, 0, 1, list_note, &lists);
    } else if (uuid_parse(context->argv[0], &uuid)) {
        uuid_format(&uuid, text);
        (void)credential_find(db, bytes_text(text), list_note, &lists);
    }
    store_read_end(context->store, db);
    if (!lists.is_found) {
        return report_set(&context->report, S_NOT_FOUND, "no such certificate was issued here");
    }
    table_print_json(context->out, credential_status_list(&issuer, &lists.list, (int64_t)local_time_now()));
    return S_OK;
}

const struct command credential_commands[] = {
    {"credential issue", NEEDS_WRITE,
     "--person ID --course ID [--cohort C] [--lang TAG] [--title T] [--score N] [--expires DAY] [--out FILE]",
     "issue a certificate: an Open Badges 3.0 credential",
     "Prints the signed document (or writes it to FILE; a FILE.pdf becomes a certificate to print, with a QR "
     "code). It can be\n"
     "checked at any node of the federation without a link, and by any verifier of Open Badges 3.0. Issuing "
     "counts `certified`\n"
     "once; the same person, course and cohort again gives the one that stands.\n\n"
     "  qanat credential issue --dir D --person p7 --course running-a-centre-node --out p7.json\n",
     run_issue},
    {"credential verify", NEEDS_READ, "FILE|-|CODE", "check a certificate, with no link",
     "FILE is a credential (JSON) or a certificate of ours (PDF); CODE is what its QR code says. Says "
     "whether it was altered,\n"
     "who issued it and whether that node belongs to the federation, whether it was revoked, and how old the "
     "list of\n"
     "revocations is that this rests on. Exits 1 when it is not good.\n\n"
     "  qanat credential verify --dir D p7.json\n",
     run_verify},
    {"credential revoke", NEEDS_WRITE, "NUMBER --reason TEXT", "revoke a certificate of this node",
     "Every node learns it, with the reason: write nothing personal. Counts `revoked` once. It cannot be "
     "taken back; issue a\n"
     "new one instead.\n\n"
     "  qanat credential revoke --dir D 1b4e28ba-2fa1-41d2-883f-0016d3cca427 --reason 'issued in error'\n",
     run_revoke},
    {"credential list", NEEDS_READ, "[--person ID] [--limit N]", "show certificates issued here",
     "The newest 100, or N.\n", run_list},
    {"credential export", NEEDS_READ, "NUMBER [FILE] [--format json|pdf]",
     "write a certificate again, as JSON or PDF",
     "  qanat credential export --dir D 1b4e28ba-2fa1-41d2-883f-0016d3cca427 p7.pdf\n", run_export},
    {"credential status", NEEDS_READ, "[NUMBER]", "print the signed status list for verifiers elsewhere",
     "A Bitstring Status List with every revocation of this node in it: that of the certificate NUMBER, else "
     "of the newest. For\n"
     "verifiers outside of the federation; nodes hear of revocations by themselves. With the option "
     "public_url set it is\n"
     "also served at URL/verify/status/LIST.\n",
     run_status},
    {NULL, NEEDS_NOTHING, NULL, NULL, NULL, NULL},
};
