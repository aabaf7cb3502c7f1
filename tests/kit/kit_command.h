/* kit_command.h: runs commands of qanat inside the test, on a hub in a scratch directory. */
#ifndef QANAT_TESTS_KIT_KIT_COMMAND_H
#define QANAT_TESTS_KIT_KIT_COMMAND_H

enum { KIT_WORDS_MAX = 32 };

struct kit_command {
    char scratch[256];
    char dir[300];
    const char *in;  /* what the next command reads from stdin, or NULL */
    char *out, *err; /* what the last command said; freed by the next one */
    int code;
};

/* `qanat init` of a hub called "hub" of the federation "Test". */
void kit_command_open(struct kit_command *kit);
void kit_command_close(struct kit_command *kit);

/* A campus below it, joined by the file of an invitation, in a directory beside it: no link is needed, and there is none. */
void kit_command_campus(struct kit_command *hub, struct kit_command *campus, const char *name);

/* Runs words separated by spaces (a word in '' may hold spaces), with --dir added; returns the exit code. */
int kit_command(struct kit_command *kit, const char *words);

/* Runs words as above: the exit code must be `code`, and `said` stand in what it says. */
void kit_command_says(struct kit_command *kit, const char *words, int code, const char *said);

/* For cmocka: *state is an open hub. */
int kit_command_setup(void **state);
int kit_command_teardown(void **state);

/* Writes SCRATCH/name. */
void kit_command_file(struct kit_command *kit, const char *name, const char *text);

#endif
