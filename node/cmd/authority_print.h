/* authority_print.h: what papers of the authority say, in words and as JSON. */
#ifndef QANAT_NODE_CMD_AUTHORITY_PRINT_H
#define QANAT_NODE_CMD_AUTHORITY_PRINT_H

#include <jansson.h>

#include "node/cmd/authority_paper.h"

/* Prints the paper: {"published","statements":[{"what","text","generation","signatures","needed","hash"}]}. `roster` gives the
 * names and who must sign; NULL: neither is known. */
void paper_print(struct command_context *context, const struct paper *paper, const struct roster *roster, bool is_published);

/* 32 bytes as 64 hex digits. */
json_t *authority_hex(const uint8_t bytes[32]);

#endif
