/* document.h: `--json` prints one document, also for a command that has nothing to tell but that it is done. */
#ifndef QANAT_NODE_CMD_DOCUMENT_H
#define QANAT_NODE_CMD_DOCUMENT_H

#include "node/cmd/command.h"

/* What goes to stdout passes by here between the two calls, and is counted. */
struct document {
    FILE *out, *counted; /* the context's own; what it is given in its place, or NULL */
    size_t size;
};

/* Nothing happens without --json, nor for a node that is started. */
void document_begin(struct document *document, struct command_context *context);

/* Prints {"done": true} when nothing was said and `is_done`. */
void document_end(struct document *document, struct command_context *context, bool is_done);

#endif
