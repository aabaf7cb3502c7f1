/* room.c: the main() of a room's tests: each file of them runs in a process of its own, and what they say
 * becomes one TAP stream. Arguments name the files to run; without any, all run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "node/learn/import/import_child.h"
#include "tests/kit/kit.h"

/* What has to be free in memory for scratch directories to lie there. */
#define SCRATCH_MEMORY_MIN (1024ULL * 1024 * 1024)

static struct kit_tests *files;

struct tally {
    const char *file;               /* which one is running */
    unsigned told, failed;          /* of all files */
    unsigned planned, seen, broken; /* of this one */
};

void kit_tests_enter(struct kit_tests *file)
{
    struct kit_tests **place = &files;

    while (*place && strcmp((*place)->path, file->path) < 0) {
        place = &(*place)->next;
    }
    file->next = *place;
    *place = file;
}

static void verdict(struct tally *tally, int holds, const char *said)
{
    tally->told++;
    tally->seen++;
    if (!holds) {
        tally->failed++;
        tally->broken++;
    }
    printf("%s %u - %s: %s\n", holds ? "ok" : "not ok", tally->told, tally->file, said);
}

/* A line of what a file says: plans are added up, results are numbered on, everything else stays as it is. */
static void line_take(struct tally *tally, char *line)
{
    unsigned number;
    int name = 0;

    line[strcspn(line, "\n")] = '\0';
    if (sscanf(line, "1..%u%n", &number, &name) == 1) {
        tally->planned += number;
        if (number == 0) {
            printf("ok %u - %s%s\n", ++tally->told, tally->file, line + name);
        }
    } else if (sscanf(line, "ok %u - %n", &number, &name) == 1 && name > 0) {
        verdict(tally, 1, line + name);
    } else if (sscanf(line, "not ok %u - %n", &number, &name) == 1 && name > 0) {
        verdict(tally, 0, line + name);
    } else {
        puts(line);
    }
}

/* What the file's process did not say itself: that it ended early, or badly after everything held. */
static void end_take(struct tally *tally, int status)
{
    char said[96];

    if (WIFSIGNALED(status)) {
        snprintf(said, sizeof said, "ended by signal %d after %u of %u", WTERMSIG(status), tally->seen,
                 tally->planned);
    } else if (tally->seen != tally->planned || (WEXITSTATUS(status) != 0 && tally->broken == 0)) {
        snprintf(said, sizeof said, "ended with %d after %u of %u", WEXITSTATUS(status), tally->seen,
                 tally->planned);
    } else {
        return;
    }
    verdict(tally, 0, said);
}

/* Never returns in the file's own process. */
static void file_run(const struct kit_tests *file, struct tally *tally)
{
    int ends[2], status;
    char *line = NULL;
    size_t size = 0;

    fflush(stdout);
    if (pipe(ends) != 0) {
        abort();
    }
    pid_t child = fork();
    if (child < 0) {
        abort();
    }
    if (child == 0) {
        close(ends[0]);
        dup2(ends[1], STDOUT_FILENO);
        close(ends[1]);
        setvbuf(stdout, NULL, _IOLBF, 0);
        exit(file->run());
    }
    close(ends[1]);
    tally->planned = tally->seen = tally->broken = 0;
    FILE *said = fdopen(ends[0], "r");
    while (getline(&line, &size, said) >= 0) {
        line_take(tally, line);
    }
    fclose(said);
    free(line);
    waitpid(child, &status, 0);
    end_take(tally, status);
}

/* Its path below tests/ without its ending, to be freed. */
static char *file_name(const struct kit_tests *file)
{
    const char *below = strstr(file->path, "tests/");
    const char *name = below ? below + strlen("tests/") : file->path;

    return strndup(name, strlen(name) - strlen(".c"));
}

/* The end of the path will do: "course_test", "course/course_test". */
static int is_asked_for(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        size_t length = strlen(argv[i]), all = strlen(name);

        if (length <= all && strcmp(name + all - length, argv[i]) == 0 &&
            (length == all || name[all - length - 1] == '/')) {
            return 1;
        }
    }
    return argc == 1;
}

/* Thousands of databases are made, and what a test must see of a disk it plays itself (tests/crash): they lie
 * in memory, where there is room. */
static void scratch_choose(void)
{
    struct statvfs room;

    if (!getenv("TMPDIR") && access("/dev/shm", W_OK) == 0 && statvfs("/dev/shm", &room) == 0 &&
        (unsigned long long)room.f_bavail * room.f_frsize >= SCRATCH_MEMORY_MIN) {
        setenv("TMPDIR", "/dev/shm", 1);
    }
}

int main(int argc, char **argv)
{
    struct tally tally = {0};
    int run = 0;

    if (import_child_is(argc, argv)) { /* the importer starts this very program again */
        return import_child_main(argc, argv);
    }
    setenv("CMOCKA_MESSAGE_OUTPUT", "TAP", 1);
    scratch_choose();
    for (const struct kit_tests *file = files; file; file = file->next) {
        char *name = file_name(file);

        if (is_asked_for(name, argc, argv)) {
            tally.file = name;
            file_run(file, &tally);
            run++;
        }
        free(name);
    }
    printf("1..%u\n", tally.told);
    if (run == 0) {
        fprintf(stderr, "%s: no file of these tests has such a name\n", argv[0]);
        return 2;
    }
    return tally.failed > 0;
}
