#include "node/cmd/problem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "node/cmd/screen.h"
#include "node/dir.h"

enum { READER_WAIT_MS = 1000, LOOK_MS = 20 };

static _Thread_local int lost; /* why output of this thread's command was lost before its end, or 0 */

void problem_none(struct command_context *context, const char *format, ...)
{
    char text[REPORT_TEXT_MAX];
    va_list args;

    if (context->is_json) {
        return;
    }
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    screen_line(context->err, text);
    fputc('\n', context->err);
}

void problem_hand_on(FILE *out)
{
    if (fflush(out) != 0 && lost == 0) {
        lost = errno;
    }
}

/* What is no file is written to as it is. */
static FILE *special_open(const char *path)
{
    const struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK);

    for (int waited_ms = 0; fd < 0 && errno == ENXIO && waited_ms < READER_WAIT_MS; waited_ms += LOOK_MS) {
        (void)nanosleep(&pause, NULL);
        fd = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK);
    }
    FILE *out = fd >= 0 && fcntl(fd, F_SETFL, O_WRONLY) == 0 ? fdopen(fd, "w") : NULL;
    if (!out && fd >= 0) {
        close(fd);
    }
    return out;
}

FILE *problem_open(struct command_context *context, const char *path, unsigned mode, struct draft *draft)
{
    struct stat info;
    bool is_special = stat(path, &info) == 0 && !S_ISREG(info.st_mode);
    FILE *out = NULL;

    draft->fd = -1;
    if (is_special) {
        out = special_open(path);
    } else if (draft_open(draft, path) && dir_set_mode(draft->fd, mode)) {
        out = draft_stream(draft);
    }
    if (!out) {
        report_set(&context->report, error_is_no_space(errno) ? S_NO_SPACE : S_IO, "'%s' cannot be written: %s", path,
                   errno == ENXIO ? "nobody reads from that pipe: start what reads first, or name a file" : strerror(errno));
        draft_close(draft);
    }
    return out;
}

enum status problem_close(struct command_context *context, FILE *out, struct draft *draft, int *error_out)
{
    if (out == context->out) {
        return S_OK;
    }
    bool has_failed = fflush(out) != 0 || ferror(out);
    *error_out = errno;
    has_failed = fclose(out) != 0 || has_failed;
    if (!has_failed && draft->fd >= 0 && !draft_publish(draft, true)) {
        *error_out = errno;
        has_failed = true;
    }
    draft_close(draft);
    return !has_failed ? S_OK : error_is_no_space(*error_out) ? S_NO_SPACE : S_IO;
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

/* Does the file system of `path`, which may not be there itself, lack inodes and not room? */
static bool path_lacks_inodes(const char *path, size_t size)
{
    char above[DIR_PATH_MAX];
    struct statvfs disk;

    snprintf(above, sizeof above, "%.*s", (int)size, path);
    while (statvfs(above, &disk) != 0) {
        char *slash = strrchr(above, '/');
        if (!slash || slash == above) {
            return false;
        }
        *slash = '\0';
    }
    return dir_lacks_inodes(&disk);
}

/* Is there less room beside the file `name`, as seen from the working directory, than where `dir` lies? */
static bool has_less_room(const char *name, size_t size, const char *dir)
{
    char folder[DIR_PATH_MAX];
    struct statvfs there, here;

    snprintf(folder, sizeof folder, "%.*s", (int)size, name);
    char *slash = strrchr(folder, '/');
    if (slash) {
        *slash = '\0';
    }
    return size > 0 && statvfs(slash ? folder : ".", &there) == 0 && statvfs(dir, &here) == 0 &&
           there.f_bavail * there.f_frsize < here.f_bavail * here.f_frsize;
}

/* The place in `text` that is full when it is not where `dir` lies: a whole path, or a name that leads to a fuller disk (a stick). */
static const char *full_elsewhere(const char *text, const char *dir)
{
    if (dir && strstr(text, "disk_floor_mib")) { /* that is of the data directory alone */
        return NULL;
    }
    for (const char *at = text; (at = strpbrk(at, "\"'")) != NULL; at++) {
        size_t size = strcspn(at + 1, "\"'");
        if (at[1] == '/' ? !dir || !strstr(text, dir) : dir && at[1 + size] == *at && has_less_room(at + 1, size, dir)) {
            return at + 1;
        }
    }
    return NULL;
}

static void space_advise(struct command_context *context)
{
    const char *text = context->report.text;

    if (strstr(text, "content_quota_mib")) { /* what its people allow is used up, not the disk (course_room.c) */
        fprintf(context->err, "Let go of courses (qanat course clean), or raise content_quota_mib in qanat.conf, and say it again.\n");
        return;
    }
    const char *elsewhere = full_elsewhere(text, context->dir);
    bool is_elsewhere = !context->dir || elsewhere;
    const char *path = !is_elsewhere ? context->dir : elsewhere ? elsewhere : "";
    bool has_room = path_lacks_inodes(path, is_elsewhere ? strcspn(path, "\"'") : strlen(path));

    fprintf(context->err, "%s %s%s%s%s and say it again: what was reported as stored is stored.\n", has_room ? "Delete some files" : "Free some space",
            is_elsewhere ? "there" : "where ", is_elsewhere ? "" : context->dir, is_elsewhere ? "" : " lies",
            has_room ? ", there is room but no inode for another (df -i)," : "");
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
