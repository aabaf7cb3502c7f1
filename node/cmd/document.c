#include "node/cmd/document.h"

#include <sys/types.h>

static ssize_t on_write(void *cookie, const char *data, size_t size)
{
    struct document *document = cookie;

    document->size += size;
    return fwrite(data, 1, size, document->out) == size ? (ssize_t)size : -1;
}

void document_begin(struct document *document, struct command_context *context)
{
    const cookie_io_functions_t functions = {.write = on_write};

    *document = (struct document){.out = context->out};
    if (context->is_json && context->command->needs != NEEDS_DAEMON) {
        document->counted = fopencookie(document, "w", functions);
        context->out = document->counted ? document->counted : context->out;
    }
}

void document_end(struct document *document, struct command_context *context, bool is_done)
{
    if (!document->counted) {
        return;
    }
    fclose(document->counted);
    context->out = document->out;
    if (document->size == 0 && is_done) {
        fputs("{\n  \"done\": true\n}\n", context->out);
    }
}
