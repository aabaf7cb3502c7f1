#include "node/lrs/old.h"

#include <string.h>
#include <strings.h>

#include "node/lrs/format.h"

#define VERBS "http://adlnet.gov/expapi/verbs/"
#define KINDS "http://adlnet.gov/expapi/activities/"

bool old_is_version(const char *text)
{
    return text && (strcmp(text, "0.9") == 0 || strcmp(text, "0.90") == 0 || strcmp(text, "0.95") == 0);
}

/* Puts a copy of `value` under another name; false: the arena is full. */
static bool put_copy(struct tree *object, const char *name, const struct tree *value, struct arena *arena)
{
    struct tree *copy = tree_share(arena, value);

    if (copy) {
        tree_put(object, name, copy);
    }
    return copy != NULL;
}

/* "completed" behind `list`, where it is no IRI itself. */
static struct tree *iri_of(const char *list, struct bytes word, struct arena *arena)
{
    struct buffer text;

    if (format_is_iri(word)) {
        return tree_string(arena, word);
    }
    buffer_init(&text);
    buffer_append(&text, list, strlen(list));
    buffer_append(&text, word.data, word.size);
    struct bytes copy = arena_copy(arena, buffer_bytes(&text));
    buffer_release(&text);
    return copy.data ? tree_string(arena, copy) : NULL;
}

static void extensions_trim(struct tree *extensions)
{
    struct tree *last = NULL;

    if (!extensions || extensions->type != TREE_OBJECT) {
        return;
    }
    for (struct tree *member = extensions->first; member; member = member->next) {
        if (format_is_iri(member->key)) {
            last = member;
            continue;
        }
        if (last) {
            last->next = member->next;
        } else {
            extensions->first = member->next;
        }
        extensions->count--;
    }
    extensions->last = last;
}

/* {"accountServiceHomePage":..., "accountName":...}, or a list of such. */
static bool account_lift(struct tree *agent, struct arena *arena)
{
    static const char *const names[][2] = {{"accountServiceHomePage", "homePage"}, {"accountName", "name"}};
    const struct tree *said = tree_find(agent, "account");
    struct tree *account;

    if (said && said->type == TREE_ARRAY) {
        said = said->first;
    }
    if (!said || said->type != TREE_OBJECT) {
        return true;
    }
    if (!put_copy(agent, "account", said, arena)) {
        return false;
    }
    account = tree_find(agent, "account");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct tree *value = tree_find(account, names[i][0]);
        if (value && !put_copy(account, names[i][1], value, arena)) {
            return false;
        }
        tree_remove(account, names[i][0]);
    }
    return true;
}

enum status old_agent(struct tree *agent, struct arena *arena)
{
    static const char *const lists[] = {"name", "mbox", "mbox_sha1sum", "openid"};
    static const char *const parts[] = {"givenName", "familyName", "firstName", "lastName"};
    static const char *const identifiers[] = {"account", "mbox", "mbox_sha1sum", "openid"};
    bool has_one = false;

    if (!agent || agent->type != TREE_OBJECT) {
        return S_OK;
    }
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        const struct tree *value = tree_find(agent, lists[i]);
        if (value && value->type == TREE_ARRAY && value->first && !put_copy(agent, lists[i], value->first, arena)) {
            return S_TOO_LARGE;
        }
        if (value && value->type == TREE_ARRAY && !value->first) {
            tree_remove(agent, lists[i]);
        }
    }
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        tree_remove(agent, parts[i]);
    }
    if (!account_lift(agent, arena)) {
        return S_TOO_LARGE;
    }
    for (size_t i = 0; i < sizeof identifiers / sizeof *identifiers; i++) { /* one is enough now */
        if (has_one) {
            tree_remove(agent, identifiers[i]);
        }
        has_one = has_one || tree_find(agent, identifiers[i]);
    }
    if (tree_is_text(tree_find(agent, "objectType"), "Person")) {
        tree_remove(agent, "objectType");
    }
    return S_OK;
}

/* A text where languages belong. */
static bool languages_lift(struct tree *object, const char *name, struct arena *arena)
{
    const struct tree *said = tree_find(object, name);
    struct tree *languages = said && said->type == TREE_STRING ? tree_new(arena, TREE_OBJECT) : NULL;

    if (!said || said->type != TREE_STRING) {
        return true;
    }
    if (!languages || !put_copy(languages, "und", said, arena)) {
        return false;
    }
    tree_put(object, name, languages);
    return true;
}

static enum status activity_lift(struct tree *activity, struct arena *arena)
{
    struct tree *definition = tree_find(activity, "definition");
    const struct bytes kind = tree_text(definition, "type");

    if (!definition || definition->type != TREE_OBJECT) {
        return S_OK;
    }
    if (!languages_lift(definition, "name", arena) || !languages_lift(definition, "description", arena)) {
        return S_TOO_LARGE;
    }
    if (kind.data) {
        struct tree *iri = iri_of(KINDS, kind, arena);
        if (!iri) {
            return S_TOO_LARGE;
        }
        tree_put(definition, "type", iri);
    }
    extensions_trim(tree_find(definition, "extensions"));
    return S_OK;
}

static enum status verb_lift(struct tree *statement, struct arena *arena)
{
    const struct tree *said = tree_find(statement, "verb");
    struct tree *verb, *id;

    if (!said || said->type != TREE_STRING) {
        return S_OK;
    }
    verb = tree_new(arena, TREE_OBJECT);
    id = iri_of(VERBS, said->text, arena);
    if (!verb || !id || !put_copy(verb, "display", said, arena) || !languages_lift(verb, "display", arena)) {
        return S_TOO_LARGE;
    }
    tree_put(verb, "id", id);
    tree_put(statement, "verb", verb);
    return S_OK;
}

static enum status context_lift(struct tree *context, struct arena *arena)
{
    struct tree *kinds = tree_find(context, "contextActivities");
    enum status status = old_agent(tree_find(context, "instructor"), arena);

    status = status == S_OK ? old_agent(tree_find(context, "team"), arena) : status;
    for (struct tree *kind = kinds ? kinds->first : NULL; kind && status == S_OK; kind = kind->next) {
        status = kind->type == TREE_OBJECT ? activity_lift(kind, arena) : S_OK;
        for (struct tree *one = kind->type == TREE_ARRAY ? kind->first : NULL; one && status == S_OK; one = one->next) {
            status = activity_lift(one, arena);
        }
    }
    extensions_trim(tree_find(context, "extensions"));
    return status;
}

/* 0.9 says "Completed". */
static enum status result_lift(struct tree *result, struct arena *arena)
{
    const struct tree *said = tree_find(result, "completion");
    struct tree *is_true;

    extensions_trim(tree_find(result, "extensions"));
    if (!said || said->type != TREE_STRING) {
        return S_OK;
    }
    if (said->text.size != strlen("Completed") || strncasecmp((const char *)said->text.data, "Completed", said->text.size) != 0) {
        tree_remove(result, "completion");
        return S_OK;
    }
    is_true = tree_new(arena, TREE_TRUE);
    if (is_true) {
        tree_put(result, "completion", is_true);
    }
    return is_true ? S_OK : S_TOO_LARGE;
}

enum status old_statement(struct tree *statement, struct arena *arena)
{
    struct tree *object = tree_find(statement, "object");
    const struct bytes kind = tree_text(object, "objectType");
    const bool is_person = kind.data && (bytes_equal(kind, bytes_text("Agent")) || bytes_equal(kind, bytes_text("Person")));
    enum status status = old_agent(tree_find(statement, "actor"), arena);

    status = status == S_OK ? verb_lift(statement, arena) : status;
    status = status != S_OK ? status : is_person ? old_agent(object, arena) : activity_lift(object, arena);
    status = status == S_OK ? context_lift(tree_find(statement, "context"), arena) : status;
    status = status == S_OK ? result_lift(tree_find(statement, "result"), arena) : status;
    tree_remove(statement, "inProgress");
    tree_remove(statement, "voided");
    tree_remove(statement, "authority");
    return status;
}
