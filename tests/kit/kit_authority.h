/* kit_authority.h: what tests of the authority's commands share, on a kit_command hub. */
#ifndef QANAT_TESTS_KIT_KIT_AUTHORITY_H
#define QANAT_TESTS_KIT_KIT_AUTHORITY_H

#include <jansson.h>

#include "tests/kit/kit_command.h"

/* kit_command() with printf-style words. */
int kit_say(struct kit_command *kit, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The document of the last command, to be released. */
json_t *kit_document(const struct kit_command *kit);

/* Draws SCRATCH/<name>.key; its public half, 64 digits, into `key_out`. */
void kit_key_make(struct kit_command *kit, const char *name, char key_out[65]);

/* Hands the authority on from SCRATCH/hub/authority.key to two of a.key, b.key, c.key. */
void kit_hand_on(struct kit_command *kit);

/* A member without a machine: admitted below the hub by a file. */
void kit_member_make(struct kit_command *kit, const char *name, const char *kind);

#endif
