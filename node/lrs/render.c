#include "node/lrs/render.h"

#include <string.h>

#include "node/lrs/index.h"
#include "node/store/people/record.h"

static void text_append(struct buffer *out, const char *text)
{
    buffer_append(out, text, strlen(text));
}

enum status render_statement(const struct render *render, struct bytes body, struct buffer *out)
{
    struct tree *statement;
    struct arena arena;

    if (render->format == RENDER_EXACT) {
        buffer_append(out, body.data, body.size);
        return S_OK;
    }
    arena_init(&arena, RENDER_MEMORY_MAX);
    enum status status = tree_parse(body, &arena, &statement, NULL);
    if (status == S_OK) {
        bool is_done = render->format == RENDER_IDS ? render_ids(statement, &arena)
                                                    : render_canonical(render, statement, &arena);
        status = is_done ? S_OK : S_TOO_LARGE;
    }
    if (status == S_OK) {
        tree_print(statement, out);
    }
    arena_release(&arena);
    return status == S_INVALID ? S_CORRUPT : status;
}

void render_activity(const struct render *render, struct bytes activity, struct buffer *out)
{
    struct buffer definition;
    int64_t last;

    buffer_init(&definition);
    text_append(out, "{\"objectType\":\"Activity\",\"id\":");
    tree_print_text(activity, out);
    if (record_activity_find(render->db, index_term(render->lrs, INDEX_NAME, activity), &last, &definition)) {
        text_append(out, ",\"definition\":");
        buffer_append(out, definition.data, definition.size);
    }
    text_append(out, "}");
    buffer_release(&definition);
}

/* --- persons --- */

struct names {
    struct buffer *out;
    struct bytes own; /* the name in the question, first */
    bool is_first;
};

static void name_write(void *ctx, struct bytes name)
{
    struct names *names = ctx;

    if (!names->is_first && bytes_equal(name, names->own)) {
        return;
    }
    text_append(names->out, names->is_first ? ",\"name\":[" : ",");
    tree_print_text(name, names->out);
    names->is_first = false;
}

void render_person(const struct render *render, const struct tree *agent, struct buffer *out)
{
    static const char *const members[] = {"mbox", "mbox_sha1sum", "openid", "account"};
    struct names names = {.out = out, .own = tree_text(agent, "name"), .is_first = true};

    text_append(out, "{\"objectType\":\"Person\"");
    if (names.own.data) {
        name_write(&names, names.own);
    }
    record_names(render->db, index_agent(render->lrs, INDEX_NAME, agent), name_write, &names);
    text_append(out, names.is_first ? "" : "]");
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const struct tree *value = tree_find(agent, members[i]);
        if (value) {
            text_append(out, ",\"");
            text_append(out, members[i]);
            text_append(out, "\":[");
            tree_print(value, out);
            text_append(out, "]");
        }
    }
    text_append(out, "}");
}
