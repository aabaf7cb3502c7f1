/* kit_hub.h: a hub in a scratch directory, made and driven by commands, for tests of what operators do. */
#ifndef QANAT_TESTS_KIT_KIT_HUB_H
#define QANAT_TESTS_KIT_KIT_HUB_H

#include <jansson.h>

struct kit_hub {
    char scratch[128];
    char dir[160];   /* scratch/hub */
    char *out, *err; /* of the last command; replaced by the next */
};

/* Makes a hub with some people, results and one stored blob. */
void kit_hub_open(struct kit_hub *hub);
void kit_hub_close(struct kit_hub *hub);

/* Runs a command (words ended by NULL); returns its exit code. */
int kit_hub_run(struct kit_hub *hub, ...) __attribute__((sentinel));

/* The JSON document that the last command printed; released by the caller. */
json_t *kit_hub_json(const struct kit_hub *hub);

/* Runs a shell command in the scratch directory; its exit code. */
int kit_hub_shell(struct kit_hub *hub, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Alters the database of `dir` as no code of ours would. */
void kit_hub_sql(const char *dir, const char *sql);

/* True when a finding with `code` is in the document of the last command (--json). */
int kit_hub_has_finding(const struct kit_hub *hub, const char *code);

#endif
