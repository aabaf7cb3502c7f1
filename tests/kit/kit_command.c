#include "tests/kit/kit_command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/cmd/command.h"
#include "tests/kit/kit.h"

/* Cuts `text` in place at spaces outside ''. */
static int words_cut(char *text, char **words)
{
    int count = 0;

    while (*text && count < KIT_WORDS_MAX - 3) {
        char end = *text == '\'' ? '\'' : ' ';
        text += end == '\'';
        words[count++] = text;
        text += strcspn(text, end == '\'' ? "'" : " ");
        if (*text) {
            *text++ = '\0';
        }
        text += strspn(text, " ");
    }
    return count;
}

int kit_command(struct kit_command *kit, const char *words)
{
    struct command_context context = {.in = tmpfile()};
    char *copy = strdup(words), *argv[KIT_WORDS_MAX], dir[] = "--dir";
    size_t out_size, err_size;
    int argc = words_cut(copy, argv);

    argv[argc++] = dir;
    argv[argc++] = kit->dir;
    argv[argc] = NULL;
    if (!context.in || fputs(kit->in ? kit->in : "", context.in) == EOF) {
        abort();
    }
    rewind(context.in);
    kit->in = NULL;
    free(kit->out);
    free(kit->err);
    context.out = open_memstream(&kit->out, &out_size);
    context.err = open_memstream(&kit->err, &err_size);
    kit->code = command_execute(&context, argc, argv);
    fclose(context.out);
    fclose(context.err);
    fclose(context.in);
    free(copy);
    return kit->code;
}

void kit_command_open(struct kit_command *kit)
{
    memset(kit, 0, sizeof *kit);
    kit_scratch_make(kit->scratch, sizeof kit->scratch);
    snprintf(kit->dir, sizeof kit->dir, "%s/hub", kit->scratch);
    if (kit_command(kit, "init --name hub --kind hub --country CN --federation Test") != EXIT_DONE) {
        fprintf(stderr, "# %s\n", kit->err);
        abort();
    }
}

void kit_command_close(struct kit_command *kit)
{
    free(kit->out);
    free(kit->err);
    kit_scratch_remove(kit->scratch);
}

void kit_command_file(struct kit_command *kit, const char *name, const char *text)
{
    char path[512];

    snprintf(path, sizeof path, "%s/%s", kit->scratch, name);
    FILE *file = fopen(path, "w");
    if (!file || fputs(text, file) == EOF || fclose(file) != 0) {
        abort();
    }
}

void kit_command_says(struct kit_command *kit, const char *words, int code, const char *said)
{
    assert_int_equal(kit_command(kit, words), code);
    if (!strstr(kit->out, said) && !strstr(kit->err, said)) {
        fail_msg("'%s' is missing in: %s%s", said, kit->out, kit->err);
    }
}

int kit_command_setup(void **state)
{
    static struct kit_command kit;

    kit_command_open(&kit);
    *state = &kit;
    return 0;
}

int kit_command_teardown(void **state)
{
    kit_command_close(*state);
    return 0;
}

void kit_command_campus(struct kit_command *hub, struct kit_command *campus, const char *name)
{
    char words[400];

    snprintf(campus->dir, sizeof campus->dir, "%.200s/%s", hub->scratch, name);
    snprintf(words, sizeof words, "invite --name %s --kind campus --file %.200s/invitation.%s", name, hub->scratch, name);
    assert_int_equal(kit_command(hub, words), 0);
    snprintf(words, sizeof words, "join --file %.200s/invitation.%s", hub->scratch, name);
    assert_int_equal(kit_command(campus, words), 0);
}
