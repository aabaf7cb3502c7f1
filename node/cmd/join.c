/* join.c: `qanat join`: becomes a member, over the link with a token or from an invitation's file. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "node/cmd/command.h"
#include "node/cmd/farewell.h"
#include "node/cmd/invitation.h"
#include "node/cmd/table.h"
#include "node/link/endpoint.h"
#include "node/link/join.h"
#include "node/store/operation/act.h"
#include "node/store/stream/expel.h"
#include "node/store/stream/own.h"
#include "node/store/stream/roster.h"
#include "replication/base/check.h"

/* One join on its way. */
struct join_work {
    struct command_context *context;
    struct config config;
    struct token token;
    struct identity identity;
    struct invitation invitation; /* --file */
    bool has_file;
    struct id old; /* rekey: who we were; zero for a join */
    struct report unheard; /* rekey: what was recorded as that one and nobody heard, where it is a member no more; S_OK: nothing */
    const char *key_path; /* --key: the identity of a node whose directory was lost */
    struct join_answer answer;
    struct arena arena;
    int lock_fd;
    bool is_new;    /* this join made the node's directory */
    bool is_moving; /* a member already, that comes below another node */
};

static uint64_t wall_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000;
}

/* --- who we are ----------------------------------------------------------------------------------------- */

static enum status config_take(struct join_work *work)
{
    static const char *const names[] = {"listen", "http", "content", "advertise"};
    struct command_context *context = work->context;
    char path[DIR_PATH_MAX];
    enum status status = dir_path(context->dir, "qanat.conf", path);

    if (status == S_OK) {
        status = config_load(&work->config, path, &context->report);
        status = status == S_NOT_FOUND ? S_OK : status;
    }
    status = status == S_OK ? command_overrides(context, &work->config) : status;
    for (size_t i = 0; status == S_OK && i < sizeof names / sizeof *names; i++) {
        const char *value = command_option(context, names[i]);
        status = value && config_set(&work->config, names[i], value, &context->report) != S_OK ? S_USAGE : S_OK;
    }
    return status;
}

/* The token says who we shall be; a directory made by `init` must agree. Country and region that it leaves open are ours to say. */
static enum status name_check(struct join_work *work)
{
    struct config *config = &work->config;
    struct token *token = &work->token;
    const char *kind = node_kind_name(token->kind);

    if (!id_is_none(&work->old)) { /* another node from here on */
        config->name[0] = '\0';
    }

    if (config->name[0] && (strcmp(config->name, token->name) != 0 || strcmp(config->kind, kind) != 0)) {
        return report_set(&work->context->report, S_DENIED,
                          "the invitation is for the %s '%s', but '%s' holds the %s '%s'", kind, token->name,
                          work->context->dir, config->kind, config->name);
    }
    if (!token->country[0]) {
        snprintf(token->country, sizeof token->country, "%s", config->country);
    }
    if (!token->region[0]) {
        snprintf(token->region, sizeof token->region, "%s", config->region);
    }
    snprintf(config->name, sizeof config->name, "%s", token->name);
    snprintf(config->kind, sizeof config->kind, "%s", kind);
    snprintf(config->country, sizeof config->country, "%s", token->country);
    snprintf(config->region, sizeof config->region, "%s", token->region);
    return S_OK;
}

/* The inviter said no, or its file is no good: that is the same tomorrow, and the next token may be for another name. What was made here
 * for this one goes, so that it does not stand in the way. So does what there was no room for. */
static void directory_unmake(const struct join_work *work)
{
    static const char *const names[] = {"node.key", "qanat.conf", "lock", "blobs", "tmp"};
    char path[DIR_PATH_MAX];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (dir_path(work->context->dir, names[i], path) == S_OK) {
            (void)remove(path);
        }
    }
    (void)rmdir(work->context->dir); /* unless something else lies in it */
}

/* A new directory with keys: those of the invitation's file, or fresh ones. */
static enum status directory_make(struct join_work *work)
{
    struct command_context *context = work->context;
    uint8_t seed[IDENTITY_SEED_SIZE];
    char path[DIR_PATH_MAX];
    enum status status = dir_create(context->dir, &context->report);

    work->is_new = status == S_OK;
    if (status == S_OK) {
        status = dir_path(context->dir, "qanat.conf", path);
    }
    if (status == S_OK) {
        status = config_save(&work->config, path, &context->report);
    }
    if (status == S_OK) {
        randombytes_buf(seed, sizeof seed);
        if (work->key_path) {
            status = dir_read_identity(work->key_path, &work->identity, &context->report);
        } else {
            identity_derive(&work->identity, work->has_file ? work->invitation.seed : seed);
        }
        sodium_memzero(seed, sizeof seed);
    }
    if (status == S_OK) {
        status = dir_save_identity(context->dir, &work->identity, &context->report);
    }
    return status;
}

/* The keys of the invitation's file, in place of those that `init` drew: nothing was ever signed with them. */
static enum status identity_replace(struct join_work *work)
{
    identity_clear(&work->identity);
    identity_derive(&work->identity, work->invitation.seed);
    return dir_save_identity(work->context->dir, &work->identity, &work->context->report);
}

/* The directory holds the key that --key names, or none. */
static enum status key_check(struct join_work *work)
{
    struct command_context *context = work->context;
    struct identity given;

    if (!work->key_path) {
        return S_OK;
    }
    enum status status = dir_read_identity(work->key_path, &given, &context->report);
    if (status == S_OK && !id_equal(&given.node, &work->identity.node)) {
        status = report_set(&context->report, S_EXISTS, "'%s' holds another node's key than '%s'", context->dir, work->key_path);
    }
    identity_clear(&given);
    return status;
}

/* What the database says of this node. */
struct standing {
    struct id parent; /* zero: it cannot be read, or nobody stands above */
    bool is_missing;  /* there is a roster to read, and this node is not in it */
};

static struct standing standing_read(struct join_work *work)
{
    struct standing standing = {.is_missing = false};
    struct report ignored = {.status = S_OK};
    struct store_options options = {0};
    struct roster *roster = NULL;
    struct store *store;

    if (store_open(work->context->dir, &options, &store, &ignored) != S_OK) {
        return standing;
    }
    struct db *db = store_read_begin(store);
    if (roster_load(db, &work->answer.federation, &roster, &ignored) == S_OK) {
        const struct roster_node *above = roster_uplink(roster, &work->identity.node);
        standing.is_missing = roster_find(roster, &work->identity.node) == NULL;
        standing.parent = above ? above->node : (struct id){{0}};
    }
    roster_free(roster);
    store_read_end(store, db);
    store_close(store);
    return standing;
}

/* A member may come below another node of its federation: with a token that one made for it (`invite --moves`). Whose database was lost, and the join after
 * that cut before it was written, joins again. */
static enum status move_check(struct join_work *work)
{
    struct command_context *context = work->context;

    if (id_equal(&work->answer.federation.id, &work->token.federation) && !work->has_file) {
        struct standing standing = standing_read(work);
        work->is_moving = !id_is_none(&standing.parent) && !id_equal(&standing.parent, &work->token.inviter);
        if (work->is_moving || standing.is_missing) {
            return S_OK;
        }
    }
    return report_set(&context->report, S_EXISTS, "the node in '%s' is a member of '%s' already", context->dir, work->answer.federation.name);
}

static enum status identity_prepare(struct join_work *work)
{
    struct command_context *context = work->context;
    struct report ignored = {.status = S_OK};
    enum status status = dir_load_identity(context->dir, &work->identity, &ignored);

    if (status == S_NOT_FOUND) {
        status = directory_make(work);
        if (status != S_OK && work->is_new) {
            directory_unmake(work);
        }
    } else if (status == S_OK) {
        status = key_check(work);
        status = status == S_OK ? dir_complete(context->dir, &context->report) : status;
    }
    if (status != S_OK) {
        return report_set(&context->report, status, "%s", ignored.text);
    }
    status = dir_lock(context->dir, &work->lock_fd, &context->report);
    if (status == S_OK && dir_load_federation(context->dir, &work->answer.federation, &ignored) == S_OK &&
        !store_is_absent(context->dir)) { /* else its database was lost, and comes back from its peers */
        return move_check(work);
    }
    return status == S_OK && work->has_file ? identity_replace(work) : status;
}

/* --- asking --------------------------------------------------------------------------------------------- */

static enum status welcome_get(struct join_work *work, int wait_s)
{
    struct command_context *context = work->context;
    struct roster_node node;
    char endpoint[ENDPOINT_MAX];
    enum status status;

    if (work->has_file) {
        memcpy(work->answer.endpoint, work->invitation.uplink, sizeof work->answer.endpoint);
        buffer_append(&work->answer.frame, work->invitation.welcome.data, work->invitation.welcome.size);
        return S_OK;
    }
    status = endpoint_public(&work->config, endpoint, &context->report);
    if (status == S_OK) {
        status = token_join(&work->token, &work->identity, endpoint, &node);
    }
    if (status != S_OK) {
        return report_set(&context->report, status,
                          "the request to join cannot be made: check listen and the name");
    }
    status = join_ask(&work->token, &node, wait_s, &work->answer, &context->report);
    if (status == S_DENIED && !token_is_open(&work->token, wall_now_ms())) {
        report_clear(&context->report);
        report_set(&context->report, S_DENIED, "the token has expired: ask for a new one");
    }
    return status;
}

/* --- keeping -------------------------------------------------------------------------------------------- */

static enum status membership_put(struct db *db, void *arg)
{
    struct join_work *work = arg;
    enum status status = join_put(db, &work->answer.welcome);

    return status == S_OK ? act_decided(db, work->is_moving ? "moved" : "joined", work->answer.federation.name, work->config.name) : status;
}

static enum status membership_save(struct join_work *work)
{
    struct command_context *context = work->context;
    struct store_options options = {0};
    struct store *store;
    char path[DIR_PATH_MAX];

    snprintf(work->config.uplink, sizeof work->config.uplink, "%s", work->answer.endpoint);
    enum status status = dir_path(context->dir, "qanat.conf", path);
    if (status == S_OK && work->is_moving) { /* first: once the database says where it stands, this command does not come here again */
        status = config_rewrite(&work->config, path, "uplink", &context->report);
    }
    options.must_create = store_is_absent(context->dir); /* it is there when an earlier join was cut short */
    status = status == S_OK ? store_open(context->dir, &options, &store, &context->report) : status;
    if (status != S_OK) {
        return status;
    }
    store_set_identity(store, &work->identity, &work->answer.federation.id);
    status = store_write_wait(store, membership_put, work);
    store_close(store);
    if (work->is_moving) {
        return status;
    }
    if (status == S_OK) {
        status = config_save(&work->config, path, &context->report);
    }
    if (status == S_OK) {
        /* Last: with it the node is a member. */
        status = dir_save_federation(context->dir, &work->answer.federation, &context->report);
    }
    return status;
}

static void join_print(const struct join_work *work)
{
    const struct command_context *context = work->context;
    char node[ID_HEX_SIZE];

    id_hex(&work->identity.node, node);
    if (context->is_json) {
        table_print_json(context->out,
                         json_pack("{s:s, s:s, s:s, s:s, s:s}", "node", work->config.name, "id", node, "kind",
                                   work->config.kind, "federation", work->answer.federation.name, "uplink",
                                   work->answer.endpoint));
        return;
    }
    fprintf(context->out, "%s %s (%s) is a member of %s\n", work->config.kind, work->config.name, node,
            work->answer.federation.name);
    fprintf(context->err, "Next: qanat run --dir %s\n", context->dir);
}

/* --- the command ---------------------------------------------------------------------------------------- */

static enum status token_take(struct join_work *work, const char *path)
{
    struct command_context *context = work->context;
    enum status status = command_words(context, path ? 0 : 1, path ? 0 : 1);

    if (status == S_OK && path) {
        work->has_file = true;
        status = invitation_load(path, &work->invitation, &context->report);
    }
    if (status == S_OK) {
        status =
            token_decode(path ? work->invitation.token : context->argv[0], &work->token, &context->report);
    }
    return status;
}

static enum status join_do(struct join_work *work)
{
    struct command_context *context = work->context;
    const char *path = command_option(context, "file");
    long wait_s = JOIN_WAIT_S;

    work->key_path = command_option(context, "key");
    if (path && work->key_path) {
        return report_set(&context->report, S_USAGE, "--key: the file of an invitation brings a key of its own");
    }
    enum status status = command_number(context, "timeout", 1, JOIN_WAIT_S_MAX, &wait_s);
    if (status == S_OK) {
        status = config_take(work);
    }
    if (status == S_OK) {
        status = token_take(work, path);
    }
    if (status == S_OK) {
        status = name_check(work);
    }
    if (status == S_OK) {
        status = identity_prepare(work);
    }
    bool is_prepared = status == S_OK;
    if (status == S_OK) {
        status = welcome_get(work, (int)wait_s);
    }
    if (status == S_OK) {
        status = join_check(&work->token, &work->identity, &work->answer, &work->arena, &context->report);
    }
    bool is_refused = work->has_file ? status != S_OK : status == S_DENIED && work->answer.welcome.count == 0;
    if (is_prepared && is_refused && work->is_new) {
        directory_unmake(work);
    }
    return status == S_OK ? membership_save(work) : status;
}

static enum status work_run(struct command_context *context, enum status (*work_do)(struct join_work *work))
{
    struct join_work *work = calloc(1, sizeof *work);

    CHECK(work);
    work->context = context;
    work->lock_fd = -1;
    config_init(&work->config);
    buffer_init(&work->answer.frame);
    buffer_init(&work->invitation.welcome);
    arena_init(&work->arena, 2 * BODY_SIZE_MAX);
    enum status status = work_do(work);
    if (status == S_OK) {
        join_print(work);
    }
    if (work->lock_fd >= 0) {
        close(work->lock_fd);
    }
    arena_release(&work->arena);
    buffer_release(&work->answer.frame);
    buffer_release(&work->invitation.welcome);
    identity_clear(&work->identity);
    sodium_memzero(work, sizeof *work);
    free(work);
    return status;
}

/* --- rekey ---------------------------------------------------------------------------------------------- */

/* The directory is a copy of another node's: it gets keys of its own. They are kept before they are used, so that a rekey
 * that was cut short goes on with the same. */
static enum status rekey_prepare(struct join_work *work, struct federation *federation)
{
    struct command_context *context = work->context;
    struct report ignored = {.status = S_OK};
    struct identity old;
    uint8_t seed[IDENTITY_SEED_SIZE];
    enum status status = dir_lock(context->dir, &work->lock_fd, &context->report);

    if (status == S_OK) {
        status = dir_load_identity(context->dir, &old, &context->report);
    }
    if (status == S_OK) {
        work->old = old.node;
        identity_clear(&old);
        status = dir_load_federation(context->dir, federation, &context->report);
    }
    bool has_next = status == S_OK && dir_load_next_identity(context->dir, &work->identity, &ignored) == S_OK;
    if (has_next && id_equal(&work->identity.node, &work->old)) { /* what the other one asked for (key rotate) when this was copied */
        identity_clear(&work->identity);
        has_next = false;
    }
    if (status == S_OK && !has_next) {
        randombytes_buf(seed, sizeof seed);
        identity_derive(&work->identity, seed);
        sodium_memzero(seed, sizeof seed);
        status = dir_save_next_identity(context->dir, &work->identity, &context->report);
    }
    return status;
}

/* What the node it was a copy of published stays that node's; its results are not for this one to hold. */
static enum status rekey_put(struct db *db, void *arg)
{
    struct join_work *work = arg;
    enum status status = own_renew(db);

    status = status == S_OK ? expel_leave(db, &work->old, TOPIC_RESULTS) : status;
    if (status == S_OK) {
        status = join_put(db, &work->answer.welcome);
    }
    if (status == S_OK) {
        status = farewell_count(db, &work->answer, &work->old, &work->identity.node, &work->unheard, &work->context->report);
    }
    return status == S_OK ? act_decided(db, "rekeyed", work->answer.federation.name, work->config.name) : status;
}

static enum status rekey_save(struct join_work *work)
{
    struct command_context *context = work->context;
    struct store_options options = {0};
    struct store *store;
    char path[DIR_PATH_MAX];
    enum status status = store_open(context->dir, &options, &store, &context->report);

    if (status != S_OK) {
        return status;
    }
    store_set_identity(store, &work->identity, &work->answer.federation.id);
    status = store_write_wait(store, rekey_put, work);
    store_close(store);
    report_set(&context->report, status, "the database could not be written: %s", status_text(status));
    if (status == S_OK) {
        snprintf(work->config.uplink, sizeof work->config.uplink, "%s", work->answer.endpoint);
        status = dir_path(context->dir, "qanat.conf", path);
    }
    if (status == S_OK) {
        status = config_save(&work->config, path, &context->report);
    }
    return status == S_OK ? dir_take_next_identity(context->dir, &context->report) : status;
}

static enum status rekey_farewell(struct join_work *work, const struct federation *federation, long wait_s)
{
    struct command_context *context = work->context;
    struct identity old;
    enum status status = dir_load_identity(context->dir, &old, &context->report);

    if (status == S_OK) {
        status = farewell_say(context, &work->config, &old, federation, (uint32_t)wait_s * 1000);
        identity_clear(&old);
    }
    if (status == S_DENIED) { /* put out: the answer to the token says whether this node is to follow the one it was */
        work->unheard = context->report;
        context->report = (struct report){.status = S_OK};
        status = S_OK;
    }
    return status;
}

static enum status rekey_do(struct join_work *work)
{
    struct command_context *context = work->context;
    bool is_leaving = command_flag(context, "leave-results");
    long wait_s = JOIN_WAIT_S;
    struct federation federation;

    enum status status = command_number(context, "timeout", 1, JOIN_WAIT_S_MAX, &wait_s);
    if (status == S_OK) {
        status = config_take(work);
    }
    if (status == S_OK) {
        status = token_take(work, NULL);
    }
    if (status == S_OK) {
        status = rekey_prepare(work, &federation);
    }
    if (status == S_OK && !id_equal(&federation.id, &work->token.federation)) {
        status = report_set(&context->report, S_DENIED, "the token is of another federation than '%s'", federation.name);
    }
    if (status == S_OK) {
        status = name_check(work);
    }
    if (status == S_OK) {
        status = rekey_farewell(work, &federation, is_leaving ? 0 : wait_s);
    }
    if (status == S_OK) {
        status = welcome_get(work, (int)wait_s);
    }
    if (status == S_OK) {
        status = join_check(&work->token, &work->identity, &work->answer, &work->arena, &context->report);
    }
    return status == S_OK ? rekey_save(work) : status;
}

static enum status join_run(struct command_context *context)
{
    return work_run(context, join_do);
}

static enum status rekey_run(struct command_context *context)
{
    return work_run(context, rekey_do);
}

const struct command join_commands[] = {
    {"join", NEEDS_NEW_DIR,
     "TOKEN|--file F [--key NODE.KEY] [--listen tcp://ADDR:PORT] [--http ADDR:PORT] [--content ADDR:PORT] [--timeout SECONDS]",
     "become a member of the federation with a token from the node above",
     "Makes the directory when there is none, with the name and kind that the token names; a directory made\n"
     "by `qanat init` keeps its keys, unless the file of an invitation brings others. Before anything is said\n"
     "the node at the other end must prove the key that the token names. Exit 69: it is out of reach; 1: the\n"
     "token was used, has expired or is mistyped (said on stderr).\n"
     "A machine was lost: make the token with `qanat invite --replaces NAME` at the node above. With --key and a copy of the lost\n"
     "node.key (or that file in the directory) this is the same node again and pulls its own figures back; without a copy it is a\n"
     "new node under the old name, and the old one's figures stay. People, and files of results, are imported again: what was\n"
     "counted before is not counted twice.\n"
     "A member comes below another node with a token made there by `qanat invite --moves NAME`, its own node stopped: people, courses,\n"
     "key and figures stay.\n\n"
     "  qanat join --dir /var/lib/qanat qanat1-CiQ...\n"
     "  qanat join --dir /var/lib/qanat --key /media/stick/node.key qanat1-CiQ...",
     join_run},
    {"rekey", NEEDS_NEW_DIR, "TOKEN [--leave-results] [--timeout SECONDS]", "make a copied data directory a node of its own",
     "Two machines with one data directory write with one node's key: an alarm on every node says so. On the machine that is the\n"
     "copy, with its node stopped, this draws new keys and joins under the new name of the token, which the node above made\n"
     "with `qanat invite`. People, courses and recorded events stay; what was published so far stays the other node's and is\n"
     "not counted again. What was recorded here and is not held above yet is brought there first, as the other node's; where that\n"
     "cannot be (exit 75), nothing is changed, unless --leave-results says that those count nowhere. Then `qanat peer settle` at the\n"
     "node above ends the alarm.\n"
     "A node that was revoked goes on as a new one with a token made by `qanat invite --replaces NAME`: it follows the one that it\n"
     "was, whose figures up to the revocation stay, and what it recorded since counts under its new key.\n\n"
     "  qanat rekey --dir /var/lib/qanat qanat1-CiQ...",
     rekey_run},
    {0},
};
