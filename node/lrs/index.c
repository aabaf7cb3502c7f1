#include "node/lrs/index.h"

#include <sodium.h>
#include <string.h>

#include "node/lrs/rule.h"

uint64_t index_term(const struct lrs *lrs, enum index_role role, struct bytes value)
{
    uint64_t hash;

    crypto_shorthash((uint8_t *)&hash, value.data, value.size, lrs->key);
    return (hash & ~(uint64_t)7) | (uint64_t)role; /* the roles of one value lie side by side: on one page, mostly */
}

bool index_identifier(const struct tree *agent, struct buffer *out)
{
    static const char *const names[] = {"mbox", "mbox_sha1sum", "openid"};
    const struct tree *account = tree_find(agent, "account");

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct bytes value = tree_text(agent, names[i]);
        if (value.data) {
            buffer_append(out, names[i], strlen(names[i]));
            buffer_append_u8(out, ' ');
            buffer_append(out, value.data, value.size);
            return true;
        }
    }
    if (!account) {
        return false;
    }
    struct bytes home = tree_text(account, "homePage"), name = tree_text(account, "name");
    buffer_append(out, "account ", 8);
    buffer_append(out, home.data, home.size);
    buffer_append_u8(out, ' ');
    buffer_append(out, name.data, name.size);
    return true;
}

uint64_t index_agent(const struct lrs *lrs, enum index_role role, const struct tree *agent)
{
    struct buffer text;
    uint64_t term = 0;

    buffer_init(&text);
    if (index_identifier(agent, &text)) {
        term = index_term(lrs, role, buffer_bytes(&text));
    }
    buffer_release(&text);
    return term;
}

/* --- collecting --- */

struct collector {
    const struct lrs *lrs;
    struct buffer *terms;
    size_t first;       /* where this statement's terms begin */
    struct buffer text; /* scratch */
};

static void term_add(struct collector *collector, uint64_t term)
{
    uint64_t other;

    for (size_t at = collector->first; at < collector->terms->size; at += sizeof other) {
        memcpy(&other, collector->terms->data + at, sizeof other);
        if (other == term) {
            return;
        }
    }
    buffer_append(collector->terms, &term, sizeof term);
}

static void text_add(struct collector *collector, enum index_role role, struct bytes value)
{
    if (value.data) {
        term_add(collector, index_term(collector->lrs, role, value));
    }
}

static void identifier_add(struct collector *collector, const struct tree *agent, bool is_direct)
{
    buffer_clear(&collector->text);
    if (!index_identifier(agent, &collector->text)) {
        return;
    }
    if (is_direct) {
        text_add(collector, INDEX_AGENT, buffer_bytes(&collector->text));
    }
    text_add(collector, INDEX_RELATED_AGENT, buffer_bytes(&collector->text));
}

/* An agent, or a group and its members. */
static void agent_add(struct collector *collector, const struct tree *agent, bool is_direct)
{
    const struct tree *members = tree_find(agent, "member");

    if (agent) {
        identifier_add(collector, agent, is_direct);
    }
    for (const struct tree *member = members ? members->first : NULL; member; member = member->next) {
        identifier_add(collector, member, is_direct);
    }
}

static void context_agents_add(struct collector *collector, const struct tree *list, const char *name)
{
    for (const struct tree *entry = list ? list->first : NULL; entry; entry = entry->next) {
        agent_add(collector, tree_find(entry, name), false);
    }
}

static void context_add(struct collector *collector, const struct tree *context)
{
    const struct tree *kinds = tree_find(context, "contextActivities");

    agent_add(collector, tree_find(context, "instructor"), false);
    agent_add(collector, tree_find(context, "team"), false);
    context_agents_add(collector, tree_find(context, "contextAgents"), "agent");
    context_agents_add(collector, tree_find(context, "contextGroups"), "group");
    for (const struct tree *kind = kinds ? kinds->first : NULL; kind; kind = kind->next) {
        if (kind->type == TREE_OBJECT) {
            text_add(collector, INDEX_RELATED_ACTIVITY, tree_text(kind, "id"));
            continue;
        }
        for (const struct tree *activity = kind->first; activity; activity = activity->next) {
            text_add(collector, INDEX_RELATED_ACTIVITY, tree_text(activity, "id"));
        }
    }
}

static void object_add(struct collector *collector, const struct tree *object, bool is_direct)
{
    const struct tree *type = tree_find(object, "objectType");

    if (rule_is_activity(object)) {
        if (is_direct) {
            text_add(collector, INDEX_ACTIVITY, tree_text(object, "id"));
        }
        text_add(collector, INDEX_RELATED_ACTIVITY, tree_text(object, "id"));
    } else if (tree_is_text(type, "Agent") || tree_is_text(type, "Group")) {
        agent_add(collector, object, is_direct);
    }
}

void index_collect(const struct lrs *lrs, const struct tree *statement, struct buffer *terms)
{
    struct collector collector = {.lrs = lrs, .terms = terms, .first = terms->size};
    const struct tree *object = tree_find(statement, "object"), *context = tree_find(statement, "context");
    uint8_t registration[LRS_UUID_SIZE];

    buffer_init(&collector.text);
    agent_add(&collector, tree_find(statement, "actor"), true);
    agent_add(&collector, tree_find(statement, "authority"), false);
    text_add(&collector, INDEX_VERB, tree_text(tree_find(statement, "verb"), "id"));
    object_add(&collector, object, true);
    context_add(&collector, context);
    if (lrs_uuid_parse(tree_text(context, "registration"), registration)) {
        text_add(&collector, INDEX_REGISTRATION, bytes_of(registration, sizeof registration));
    }
    if (tree_is_text(tree_find(object, "objectType"), "SubStatement")) {
        agent_add(&collector, tree_find(object, "actor"), false);
        object_add(&collector, tree_find(object, "object"), false);
        context_add(&collector, tree_find(object, "context"));
    }
    buffer_release(&collector.text);
}

bool index_target(const struct tree *statement, uint8_t target_out[LRS_UUID_SIZE], bool *is_voiding_out)
{
    const struct tree *object = tree_find(statement, "object");

    if (!tree_is_text(tree_find(object, "objectType"), "StatementRef") ||
        !lrs_uuid_parse(tree_text(object, "id"), target_out)) {
        return false;
    }
    *is_voiding_out = tree_is_text(tree_find(tree_find(statement, "verb"), "id"), RULE_VOIDED);
    return true;
}
