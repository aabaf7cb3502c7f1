#include "node/cmd/problem.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/cmd/screen.h"

static _Thread_local int lost; /* why output of this thread's command was lost before its end, or 0 */

void problem_hand_on(FILE *out)
{
    if (fflush(out) != 0 && lost == 0) {
        lost = errno;
    }
}

enum status problem_close(struct command_context *context, FILE *out, const char *path, int *error_out)
{
    struct stat info;

    if (out == context->out) {
        return S_OK;
    }
    bool is_file = fstat(fileno(out), &info) == 0 && S_ISREG(info.st_mode);
    bool has_failed = fflush(out) != 0 || ferror(out);
    *error_out = errno;
    if (fclose(out) == 0 && !has_failed) {
        return S_OK;
    }
    if (is_file) {
        unlink(path);
    }
    return error_is_no_space(*error_out) ? S_NO_SPACE : S_IO;
}

int problem_flush(struct command_context *context, int code)
{
    errno = 0;
    bool is_lost = fflush(context->out) != 0 || ferror(context->out);
    int error = lost ? lost : errno;

    lost = 0;

    if (!is_lost || error == EPIPE) {
        return code;
    }
    const char *cause = error == EBADF ? "stdout is closed, or not open for writing" : error ? strerror(error) : "";
    fprintf(context->err, "qanat%s%s: its output could not all be written%s%s\n", context->command ? " " : "",
            context->command ? context->command->name : "", *cause ? ": " : "", cause);
    if (code != EXIT_DONE) {
        return code;
    }
    return error_is_no_space(error) ? EXIT_NO_SPACE : EXIT_PROBLEM;
}

static void space_advise(struct command_context *context)
{
    const char *text = context->report.text;
    bool has_path = strstr(text, "\"/") || strstr(text, "'/");
    bool is_elsewhere = !context->dir || (has_path && !strstr(text, context->dir));

    fprintf(context->err, "Free some space %s%s%s and say it again: what was reported as stored is stored.\n", is_elsewhere ? "there" : "where ",
            is_elsewhere ? "" : context->dir, is_elsewhere ? "" : " lies");
}

int problem_print(struct command_context *context, enum status status)
{
    const char *name = context->command ? context->command->name : "";

    if (status != S_OK) {
        fprintf(context->err, "qanat%s%s: ", *name ? " " : "", name);
        screen_line(context->err, context->report.status != S_OK ? context->report.text : status_text(status));
        fputc('\n', context->err);
        if (status == S_NO_SPACE) {
            space_advise(context);
        }
        if (status == S_USAGE) {
            fprintf(context->err, "Try: qanat %s%s--help\n", name, *name ? " " : "");
        }
    }
    int code = problem_flush(context, command_exit_code(status));
    fflush(context->err);
    return code;
}
