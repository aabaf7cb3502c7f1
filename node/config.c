#include "node/config.h"

#include <confuse.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "node/dir.h"
#include "replication/base/bytes.h"
#include "replication/base/check.h"
#include "replication/trust/roster.h"

enum option_type { OPTION_TEXT, OPTION_NUMBER, OPTION_SWITCH };
enum text_form { FORM_ANY, FORM_ADDRESS, FORM_ENDPOINT, FORM_KIND, FORM_URL };

/* One row per option: adding an option is adding a member to struct config and a row here. */
struct option {
    const char *name;
    enum option_type type;
    enum text_form form; /* OPTION_TEXT: FORM_ADDRESS is HOST:PORT, FORM_ENDPOINT tcp://HOST:PORT, FORM_KIND a node's kind, FORM_URL http(s)://...; empty
                            is right, too */
    size_t offset;      /* into struct config */
    size_t size;        /* OPTION_TEXT: of the array */
    long min, max;      /* OPTION_NUMBER */
    const char *text;   /* the comment in qanat.conf */
};

#define FORMED(form, member, text) {#member, OPTION_TEXT, form, offsetof(struct config, member), sizeof((struct config *)0)->member, 0, 0, text}
#define TEXT(member, text) FORMED(FORM_ANY, member, text)
#define ADDRESS(member, text) FORMED(FORM_ADDRESS, member, text)
#define ENDPOINT(member, text) FORMED(FORM_ENDPOINT, member, text)
#define URL(member, text) FORMED(FORM_URL, member, text)
#define NUMBER(member, low, high, text) {#member, OPTION_NUMBER, FORM_ANY, offsetof(struct config, member), 0, low, high, text}
#define SWITCH(member, text) {#member, OPTION_SWITCH, FORM_ANY, offsetof(struct config, member), 0, 0, 1, text}

static const struct option options[] = {
    TEXT(name, "this node's name in the federation"),
    FORMED(FORM_KIND, kind, "hub, national, training, regional or campus"),
    TEXT(country, "ISO 3166-1 alpha-2 code"),
    TEXT(region, "region in reports; empty: from the country"),
    ENDPOINT(listen, "where peers dial in, tcp://ADDRESS:PORT; empty: this node only dials out"),
    ENDPOINT(advertise, "what tokens tell others instead of listen, tcp://HOST:PORT"),
    ADDRESS(http, "web pages and API, ADDRESS:PORT; empty: none"),
    ADDRESS(content, "course content, ADDRESS:PORT: an origin of its own"),
    ENDPOINT(uplink, "the node above, tcp://HOST:PORT; set by join"),
    URL(public_url, "https://HOST of the pages for everybody, named in certificates and their codes; empty: none"),
    URL(public_content, "https://HOST of course content for whoever comes by public_url; a host of its own, that a proxy leads to content"),
    NUMBER(sync_interval_s, 1, 7 * 86400, "talk to the uplink at least this often, in seconds"),
    NUMBER(retry_min_ms, 10, 3600 * 1000, "shortest wait before dialling again, in milliseconds"),
    NUMBER(retry_max_ms, 10, 86400 * 1000, "longest wait before dialling again, in milliseconds"),
    NUMBER(late_after_h, 1, 24 * 366, "a node silent for longer than this is late, in hours"),
    NUMBER(disclosure_min, 0, 1000, "published figures below this are suppressed"),
    NUMBER(disk_floor_mib, 0, 1 << 30, "no course content is fetched below so much free space, in MiB"),
    NUMBER(ballast_mib, 0, 1 << 20, "room kept back so that results can still be stored when the disk is full, in MiB; 0: none"),
    TEXT(registration_code, "people who know this code may register themselves on the pages; empty: nobody"),
    TEXT(neighbours, "names of nodes nearby, with commas: course files that they have come from there, not over the far link"),
    TEXT(time_zone, "the time zone of transfer windows, as Africa/Cairo; empty: the machine's"),
    NUMBER(content_quota_mib, 0, 1 << 30, "no course content is fetched above so much in all, in MiB; 0: no limit"),
    TEXT(mirror_proxy, "the proxy through which mirrors are called, http://HOST:PORT; empty: none"),
    SWITCH(content_windows, "courses that report from a window of their own work; all courses then share one store of cookies and data"),
    NUMBER(plausible_completions, 0, 1000000, "status and doctor tell nodes with more completions in one month for each of their people; 0: none"),
    NUMBER(plausible_people, 0, 1 << 30, "status and doctor tell nodes with more people than this; 0: none"),
    SWITCH(relay_demand, "fetch courses that nodes below ask for"),
};
enum { OPTION_COUNT = sizeof options / sizeof *options };

static void *member_at(const struct config *config, const struct option *option)
{
    return (char *)(uintptr_t)config + option->offset;
}

void config_init(struct config *config)
{
    memset(config, 0, sizeof *config);
    config->sync_interval_s = 900;
    config->retry_min_ms = 500;
    config->retry_max_ms = 60 * 1000;
    config->late_after_h = 48;
    config->disclosure_min = 10;
    config->disk_floor_mib = 256;
    config->ballast_mib = 16;
    config->plausible_completions = 20;
    config->plausible_people = 1000000;
    config->relay_demand = true;
}

static bool is_host(const char *text, const char *end)
{
    bool is_bracketed = *text == '[' && end - text > 2 && end[-1] == ']';

    for (const char *c = text; c < end; c++) {
        bool is_colon = *c == ':', is_bracket = *c == '[' || *c == ']';
        if (*c <= ' ' || *c > '~' || *c == '/' || *c == '@' || (is_colon && !is_bracketed) ||
            (is_bracket && !(is_bracketed && (c == text || c == end - 1)))) {
            return false;
        }
    }
    return end > text;
}

/* HOST:PORT with a port of up to 65535. */
static bool is_address(const char *text)
{
    const char *colon = strrchr(text, ':');
    size_t digits = colon ? strspn(colon + 1, "0123456789") : 0;

    return colon && is_host(text, colon) && digits > 0 && digits <= 5 && !colon[1 + digits] && atoi(colon + 1) <= 65535;
}

bool config_is_endpoint(const char *text)
{
    char address[ENDPOINT_MAX];
    size_t size = strlen(text);

    if (strncmp(text, "tcp://", 6) != 0 || size >= sizeof address) {
        return false;
    }
    memcpy(address, text + 6, size - 5);
    if (size > 8 && strcmp(text + size - 2, ":*") == 0) {
        address[size - 7] = '0'; /* the system picks a port */
    }
    return is_address(address);
}

/* What stands in front of a path: it is printed on certificates, and signed. */
static bool is_url(const char *text)
{
    const char *host = strncasecmp(text, "https://", 8) == 0 ? text + 8 : strncasecmp(text, "http://", 7) == 0 ? text + 7 : "";

    for (const char *c = host; *c; c++) {
        if ((unsigned char)*c <= ' ' || *c == 0x7f || strchr("\"'<>\\?#", *c)) {
            return false;
        }
    }
    return *host && *host != '/';
}

/* The form that addresses and kinds must have. */
static enum status text_check(const struct option *option, const char *value, struct report *report)
{
    char whole[CONFIG_TEXT_MAX + 1];
    bool is_right = !*value;
    enum node_kind kind;

    switch (option->form) {
    case FORM_ANY:
        return S_OK;
    case FORM_ADDRESS:
        snprintf(whole, sizeof whole, "%s%s", *value == ':' ? "*" : "", value); /* ":8080" is every address */
        is_right |= is_address(whole);
        break;
    case FORM_ENDPOINT:
        is_right |= config_is_endpoint(value);
        break;
    case FORM_URL:
        return is_right || is_url(value) ? S_OK : report_set(report, S_INVALID, "option '%s': '%s' is not https://HOST", option->name, value);
    case FORM_KIND:
        return is_right || node_kind_parse(value, &kind)
                   ? S_OK
                   : report_set(report, S_INVALID, "option 'kind': '%s' is no kind of node: hub, national, training, regional or campus", value);
    }
    return is_right ? S_OK
                    : report_set(report, S_INVALID, "option '%s': '%s' is not %sADDRESS:PORT, with a port up to 65535", option->name,
                                 value, option->form == FORM_ENDPOINT ? "tcp://" : "");
}

static enum status option_set_text(struct config *config, const struct option *option, const char *value,
                                   struct report *report)
{
    if (!value) { /* libconfuse found no room for it */
        return report_set(report, S_NO_MEMORY, "option '%s' cannot be read: there is no memory", option->name);
    }
    if (strlen(value) >= option->size) {
        return report_set(report, S_TOO_LARGE, "option '%s': the value is longer than %zu bytes", option->name,
                          option->size - 1);
    }
    if (!utf8_is_valid(bytes_text(value))) {
        return report_set(report, S_INVALID, "option '%s': the value is not UTF-8", option->name);
    }
    enum status status = text_check(option, value, report);
    if (status != S_OK) {
        return status;
    }
    size_t size = strlen(value);
    while (option->form == FORM_URL && size > 0 && value[size - 1] == '/') {
        size--; /* a path is put behind it */
    }
    memset(member_at(config, option), 0, option->size);
    memcpy(member_at(config, option), value, size);
    return S_OK;
}

static enum status option_set_number(struct config *config, const struct option *option, long value,
                                     struct report *report)
{
    if (value < option->min || value > option->max) {
        return report_set(report, S_INVALID, "option '%s': %ld is not between %ld and %ld", option->name, value,
                          option->min, option->max);
    }
    *(int *)member_at(config, option) = (int)value;
    return S_OK;
}

enum status config_set(struct config *config, const char *name, const char *value, struct report *report)
{
    const struct option *option = options;
    char *end;

    while (option < options + OPTION_COUNT && strcmp(option->name, name) != 0) {
        option++;
    }
    if (option == options + OPTION_COUNT) {
        return report_set(report, S_INVALID, "there is no option '%s': see conf/centre.conf for all of them", name);
    }
    switch (option->type) {
    case OPTION_TEXT:
        return option_set_text(config, option, value, report);
    case OPTION_NUMBER:
        errno = 0;
        long number = strtol(value, &end, 10);
        if ((*value != '-' && (*value < '0' || *value > '9')) || errno || end == value || *end) {
            return report_set(report, S_INVALID, "option '%s': '%s' is not a number", name, value);
        }
        return option_set_number(config, option, number, report);
    case OPTION_SWITCH:
        if (strcmp(value, "true") != 0 && strcmp(value, "false") != 0) {
            return report_set(report, S_INVALID, "option '%s': say true or false, not '%s'", name, value);
        }
        *(bool *)member_at(config, option) = strcmp(value, "true") == 0;
        return S_OK;
    }
    return S_INTERNAL;
}

/* libconfuse reports through a callback without a context; the parse is not concurrent. */
static _Thread_local struct report *parse_report;
static _Thread_local const char *parse_path;

static void parse_error(cfg_t *cfg, const char *format, va_list args)
{
    char text[256];
    vsnprintf(text, sizeof text, format, args);
    report_set(parse_report, S_INVALID, "%s:%d: %s", parse_path, cfg ? cfg->line : 0, text);
}

/* The lines where the options were set so far (where their values end); the last may be followed by another. */
static _Thread_local int parse_lines[OPTION_COUNT];
static _Thread_local char *parse_twice;

/* Which of the options has the name; OPTION_COUNT: none. */
static size_t option_index(const char *name)
{
    size_t i = 0;

    while (i < OPTION_COUNT && strcmp(options[i].name, name) != 0) {
        i++;
    }
    return i;
}

/* libconfuse calls it whenever the file sets an option. */
static int option_seen(cfg_t *cfg, cfg_opt_t *opt)
{
    const size_t i = option_index(opt->name);

    if (i < OPTION_COUNT) {
        if (parse_lines[i] && !*parse_twice) {
            snprintf(parse_twice, CONFIG_NOTE_MAX, "'%s' is set in line %d and again in line %d: the last one holds", opt->name, parse_lines[i], cfg->line);
        }
        parse_lines[i] = cfg->line;
    }
    return 0;
}

static void table_fill(cfg_opt_t table[OPTION_COUNT + 1], const struct config *config)
{
    memset(table, 0, sizeof *table * (OPTION_COUNT + 1));
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = &options[i];
        switch (option->type) {
        case OPTION_TEXT:
            table[i] = (cfg_opt_t)CFG_STR(option->name, member_at(config, option), CFGF_NONE);
            break;
        case OPTION_NUMBER:
            table[i] = (cfg_opt_t)CFG_INT(option->name, *(int *)member_at(config, option), CFGF_NONE);
            break;
        case OPTION_SWITCH:
            table[i] = (cfg_opt_t)CFG_BOOL(option->name, *(bool *)member_at(config, option) ? cfg_true : cfg_false,
                                           CFGF_NONE);
            break;
        }
        table[i].validcb = option_seen;
    }
    table[OPTION_COUNT] = (cfg_opt_t)CFG_END();
}

/* The end of a comment or quoted text that begins at `text`: what follows it; NULL when it has none. */
static char *piece_end(char *text)
{
    if (*text == '/' && text[1] == '*') {
        char *end = strstr(text + 2, "*/");
        return end ? end + 2 : NULL;
    }
    if (*text == '#' || *text == '/') {
        return text + strcspn(text, "\n");
    }
    for (char *at = text + 1; *at; at++) {
        if (*at == *text) {
            return at + 1;
        }
        at += *at == '\\' && at[1];
    }
    return NULL;
}

/* Makes comments blank: libconfuse counts each line of theirs thrice, and takes one without an end, or a quoted text, for the end of the file. */
static enum status comments_blank(char *text, const char *path, struct report *report)
{
    static const char between[] = " \t\r\n={}(),+"; /* what a word ends at */
    bool is_first = true;                           /* of a word */
    int line = 1;

    for (char *at = text; *at;) {
        const bool is_comment = is_first && (*at == '#' || (*at == '/' && (at[1] == '/' || at[1] == '*')));
        const bool is_quoted = *at == '"' || *at == '\'';
        char *end = is_comment || is_quoted ? piece_end(at) : at + 1;
        if (!end) {
            return report_set(report, S_INVALID, "%s:%d: %s begins here and does not end", path, line, is_comment ? "a comment" : "a quoted text");
        }
        is_first = is_comment || is_quoted || strchr(between, *at);
        for (; at < end; at++) {
            line += *at == '\n';
            *at = is_comment && *at != '\n' ? ' ' : *at;
        }
    }
    return S_OK;
}

/* The text of the file, ended by a NUL, in `out`. */
static enum status text_read(const char *path, struct buffer *out, struct report *report)
{
    enum status status = dir_read_file(path, CONFIG_FILE_MAX, out, report);

    if (status == S_NOT_FOUND) {
        report_clear(report);
    }
    if (status != S_OK) {
        return status;
    }
    if (out->size >= 3 && memcmp(out->data, "\xef\xbb\xbf", 3) == 0) {
        memset(out->data, ' ', 3);
    }
    if (out->size && memchr(out->data, '\0', out->size)) {
        return report_set(report, S_INVALID, "'%s' is no text: it holds a byte of zero", path);
    }
    buffer_append_u8(out, 0);
    return comments_blank((char *)out->data, path, report);
}

static enum status values_take(struct config *config, cfg_t *cfg, const char *path, struct report *report)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = &options[i];
        enum status status = S_OK;
        switch (option->type) {
        case OPTION_TEXT:
            status = option_set_text(config, option, cfg_getstr(cfg, option->name), report);
            break;
        case OPTION_NUMBER:
            status = option_set_number(config, option, cfg_getint(cfg, option->name), report);
            break;
        case OPTION_SWITCH:
            *(bool *)member_at(config, option) = cfg_getbool(cfg, option->name) == cfg_true;
            break;
        }
        if (status != S_OK) {
            struct report said = *report;
            int line = parse_lines[i];
            report_clear(report);
            return line ? report_set(report, status, "%s:%d: %s", path, line, said.text) : report_set(report, status, "%s", said.text);
        }
    }
    return S_OK;
}

enum status config_load(struct config *config, const char *path, struct report *report)
{
    cfg_opt_t table[OPTION_COUNT + 1];
    struct config read = *config;
    struct buffer text;

    buffer_init(&text);
    enum status status = text_read(path, &text, report);
    if (status != S_OK) {
        buffer_release(&text);
        return status;
    }
    table_fill(table, config);
    cfg_t *cfg = cfg_init(table, CFGF_NONE);
    CHECK(cfg);
    cfg_set_error_function(cfg, parse_error);
    parse_report = report;
    parse_path = path;
    memset(parse_lines, 0, sizeof parse_lines);
    read.twice[0] = '\0';
    parse_twice = read.twice;
    int rc = cfg_parse_buf(cfg, (const char *)text.data);
    parse_report = NULL;
    parse_twice = NULL;
    status = rc == CFG_SUCCESS ? values_take(&read, cfg, path, report)
                               : report_set(report, S_INVALID, "'%s' cannot be understood", path);
    cfg_free(cfg);
    buffer_release(&text);
    if (status == S_OK) {
        *config = read;
    }
    return status;
}

int config_line(const char *path, const char *name)
{
    struct report ignored = {.status = S_OK};
    struct config scratch;
    const size_t i = option_index(name);

    config_init(&scratch);
    if (config_load(&scratch, path, &ignored) != S_OK) {
        return 0;
    }
    return i < OPTION_COUNT ? parse_lines[i] : 0;
}

/* Appends `name = value`, quoting texts as libconfuse reads them. */
static void option_print(struct buffer *out, const struct option *option, const struct config *config)
{
    char number[32];

    buffer_append(out, option->name, strlen(option->name));
    buffer_append(out, " = ", 3);
    switch (option->type) {
    case OPTION_TEXT:
        buffer_append_u8(out, '"');
        for (const char *c = member_at(config, option); *c; c++) {
            if (*c == '"' || *c == '\\' || *c == '$') { /* "${HOME}" would be what the environment says */
                buffer_append_u8(out, '\\');
            }
            buffer_append_u8(out, (uint8_t)*c);
        }
        buffer_append(out, "\"\n", 2);
        return;
    case OPTION_NUMBER:
        snprintf(number, sizeof number, "%d\n", *(int *)member_at(config, option));
        buffer_append(out, number, strlen(number));
        return;
    case OPTION_SWITCH:
        buffer_append(out, *(bool *)member_at(config, option) ? "true\n" : "false\n",
                      *(bool *)member_at(config, option) ? 5 : 6);
        return;
    }
}

static bool option_differs(const struct option *option, const struct config *a, const struct config *b)
{
    switch (option->type) {
    case OPTION_TEXT:
        return strcmp(member_at(a, option), member_at(b, option)) != 0;
    case OPTION_NUMBER:
        return *(int *)member_at(a, option) != *(int *)member_at(b, option);
    case OPTION_SWITCH:
        return *(bool *)member_at(a, option) != *(bool *)member_at(b, option);
    }
    return true;
}

enum status config_save(const struct config *config, const char *path, struct report *report)
{
    struct config defaults;
    struct buffer text;

    config_init(&defaults);
    buffer_init(&text);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (option_differs(&options[i], config, &defaults)) {
            buffer_append(&text, "# ", 2);
            buffer_append(&text, options[i].text, strlen(options[i].text));
            buffer_append_u8(&text, '\n');
            option_print(&text, &options[i], config);
        }
    }
    enum status status = dir_write_file(path, buffer_bytes(&text), 0644, report);
    buffer_release(&text);
    return status;
}

/* Where the text's line `number` (from 1) begins and ends, its line feed included; both at the end when there is none. */
static void line_bounds(struct bytes text, int number, size_t *from_out, size_t *to_out)
{
    size_t from = 0, to = 0;

    for (int line = 0; line < number; line++) {
        from = to;
        const uint8_t *end = from < text.size ? memchr(text.data + from, '\n', text.size - from) : NULL;
        to = end ? (size_t)(end - text.data) + 1 : text.size;
    }
    *from_out = from, *to_out = to;
}

/* True for a line that sets this option and nothing else begins before it. */
static bool line_sets(struct bytes line, const char *name)
{
    const size_t length = strlen(name);
    size_t at = 0;

    while (at < line.size && (line.data[at] == ' ' || line.data[at] == '\t')) {
        at++;
    }
    return line.size - at > length && memcmp(line.data + at, name, length) == 0 && strchr(" \t=", line.data[at + length]);
}

enum status config_rewrite(const struct config *config, const char *path, const char *name, struct report *report)
{
    const size_t option = option_index(name);
    struct buffer text, out;
    size_t from, to;

    CHECK(option < OPTION_COUNT);
    const int line = config_line(path, name);
    buffer_init(&text), buffer_init(&out);
    enum status status = dir_read_file(path, CONFIG_FILE_MAX, &text, report);
    if (status == S_OK) {
        line_bounds(buffer_bytes(&text), line, &from, &to);
        if (line == 0 || !line_sets(bytes_of(text.data + from, to - from), name)) {
            from = to = text.size; /* the last one counts */
        }
        buffer_append(&out, text.data, from);
        if (from > 0 && text.data[from - 1] != '\n') {
            buffer_append_u8(&out, '\n');
        }
        option_print(&out, &options[option], config);
        buffer_append(&out, text.data + to, text.size - to);
        status = dir_write_file(path, buffer_bytes(&out), 0644, report);
    }
    buffer_release(&text), buffer_release(&out);
    return status;
}
