/* init.c: `qanat init`: makes a node; a hub also founds the federation. */
#include "node/cmd/command.h"

#include <jansson.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "node/cmd/table.h"
#include "node/json.h"
#include "node/learn/vocabulary.h"
#include "node/local_time.h"
#include "node/store/stream/roster.h"
#include "replication/base/check.h"
#include "replication/trust/statement.h"

/* A signed statement on its way into the roster stream. */
struct admission {
    struct buffer statement;
    uint64_t wall_ms;
};

static enum status option_take(struct command_context *context, struct config *config, const char *name)
{
    const char *value = command_option(context, name);
    return value && config_set(config, name, value, &context->report) != S_OK ? S_USAGE : S_OK;
}

/* The name stands in every list and on every certificate, and cannot be changed. */
static enum status federation_check(struct command_context *context, enum node_kind kind, const char *name)
{
    char fault[TEXT_FAULT_SIZE];

    if (kind != NODE_HUB) {
        return report_set(&context->report, S_USAGE, "--federation '%s': a hub founds a federation; any other kind hears of it from its token", name);
    }
    if (!text_check_name("--federation", text_trim(bytes_text(name)), FEDERATION_NAME_MAX, fault)) {
        return report_set(&context->report, S_USAGE, "%s", fault);
    }
    return S_OK;
}

static enum status options_take(struct command_context *context, struct config *config, const char **federation_out)
{
    static const char *const names[] = {"name", "kind", "country", "region", "listen", "http", "content", "advertise"};
    enum node_kind kind;
    enum status status = S_OK;

    status = command_overrides(context, config);
    for (size_t i = 0; status == S_OK && i < sizeof names / sizeof *names; i++) {
        status = option_take(context, config, names[i]);
    }
    *federation_out = command_option(context, "federation");
    if (status == S_OK) {
        status = command_words(context, 0, 0);
    }
    if (status != S_OK) {
        return status;
    }
    if (!config->name[0]) {
        return report_set(&context->report, S_USAGE, "the node needs a name: --name NAME");
    }
    if (!node_kind_parse(config->kind, &kind)) {
        return report_set(&context->report, S_USAGE, "'%s' is no kind of node: --kind " NODE_KINDS,
                          config->kind);
    }
    if (node_name_check(bytes_text(config->name)) != S_OK) {
        return report_set(&context->report, S_USAGE, "--name '%s': " NODE_NAME_RULE, config->name, (int)NODE_NAME_MAX);
    }
    if (!country_take(config->country)) {
        return report_set(&context->report, S_USAGE, "'%s' is no country code: two letters, as in EG", config->country);
    }
    return *federation_out ? federation_check(context, kind, *federation_out) : S_OK;
}

/* Draws the authority key, keeps it in D/authority.key and fills `federation`. */
static enum status authority_make(struct command_context *context, const char *name, struct federation *federation,
                                  struct signer *authority)
{
    uint8_t seed[crypto_sign_SEEDBYTES];
    char path[DIR_PATH_MAX];

    randombytes_buf(seed, sizeof seed);
    memset(authority, 0, sizeof *authority);
    crypto_sign_seed_keypair(federation->authority_public, authority->sign_secret, seed);
    randombytes_buf(federation->id.b, sizeof federation->id.b);
    randombytes_buf(federation->secret, sizeof federation->secret);
    CHECK(strlen(name) <= FEDERATION_NAME_MAX);
    memcpy(federation->name, name, strlen(name));
    enum status status = dir_path(context->dir, "authority.key", path);
    if (status == S_OK) {
        status = dir_write_file(path, bytes_of(seed, sizeof seed), 0600, &context->report);
    }
    sodium_memzero(seed, sizeof seed);
    return status;
}

static enum status admission_put(struct db *db, void *arg)
{
    struct admission *admission = arg;

    return roster_statement_put(db, buffer_bytes(&admission->statement), admission->wall_ms);
}

/* What an init that was cut short left behind: without node.key the directory was no node yet. */
static void leftovers_remove(const char *dir)
{
    static const char *const names[] = {"qanat.db", "qanat.db-wal", "qanat.db-shm", "qanat.db-journal"};
    char path[DIR_PATH_MAX];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (dir_path(dir, names[i], path) == S_OK) {
            unlink(path);
        }
    }
}

/* What failed leaves nothing half done: neither an authority's key of no federation nor a directory that was not there. */
static void init_unmake(const char *dir, bool was_there)
{
    static const char *const names[] = {"authority.key", "qanat.conf", "federation.json", "node.key", "lock", "blobs", "tmp"};
    char path[DIR_PATH_MAX];

    leftovers_remove(dir);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (dir_path(dir, names[i], path) == S_OK) {
            (void)remove(path);
        }
    }
    if (!was_there) {
        (void)rmdir(dir);
    }
}

static enum status hub_admit_itself(struct command_context *context, const struct config *config,
                                    const struct identity *identity, const struct federation *federation,
                                    const struct signer *authority)
{
    struct store_options options = {.must_create = true};
    struct roster_node node = {.node = identity->node, .kind = NODE_HUB, .admitted_ms = local_time_now()};
    struct admission admission = {.wall_ms = node.admitted_ms};
    struct store *store;

    memcpy(node.name, config->name, sizeof node.name);
    memcpy(node.country, config->country, sizeof node.country);
    memcpy(node.region, config->region, sizeof node.region);
    memcpy(node.sign_public, identity->sign_public, sizeof node.sign_public);
    memcpy(node.curve_public, identity->curve_public, sizeof node.curve_public);
    snprintf(node.endpoint, sizeof node.endpoint, "%.*s", ENDPOINT_MAX - 1,
             *config->advertise ? config->advertise : config->listen);
    buffer_init(&admission.statement);
    enum status status = statement_admit(&federation->id, &node, authority, &admission.statement);
    if (status == S_OK) {
        leftovers_remove(context->dir);
        status = store_open(context->dir, &options, &store, &context->report);
    }
    if (status == S_OK) {
        store_set_identity(store, identity, &federation->id);
        status = store_write_wait(store, admission_put, &admission);
        store_close(store);
    }
    buffer_release(&admission.statement);
    return status;
}

static enum status federation_found(struct command_context *context, const struct config *config,
                                    const struct identity *identity, const char *name)
{
    struct federation federation = {0};
    struct signer authority;

    enum status status = authority_make(context, name ? name : config->name, &federation, &authority);
    if (status == S_OK) {
        status = hub_admit_itself(context, config, identity, &federation, &authority);
    }
    if (status == S_OK) {
        status = dir_save_federation(context->dir, &federation, &context->report);
    }
    sodium_memzero(&authority, sizeof authority);
    sodium_memzero(&federation, sizeof federation);
    return status;
}

static void init_print(struct command_context *context, const struct config *config, const struct identity *identity)
{
    char node[ID_HEX_SIZE];

    id_hex(&identity->node, node);
    if (context->is_json) {
        table_print_json(context->out, json_pack("{s:s, s:s, s:s, s:o}", "node", config->name, "id", node, "kind",
                                                 config->kind, "dir", json_file_name(context->dir)));
        return;
    }
    fprintf(context->out, "%s %s (%s) lives in %s\n", config->kind, config->name, node, context->dir);
    if (strcmp(config->kind, "hub") == 0) {
        fprintf(context->err,
                "The federation's authority key is %s/authority.key: move it to an offline medium.\n"
                "Next: qanat run, then qanat invite for each node below.\n",
                context->dir);
    } else {
        fprintf(context->err, "Next: qanat join --dir %s TOKEN, with a token from the node above.\n", context->dir);
    }
}

/* With the directory's lock held: of two that begin at once in one directory, one makes the node. */
static enum status node_make(struct command_context *context, const struct config *config, const char *federation)
{
    struct identity identity;
    uint8_t seed[IDENTITY_SEED_SIZE];
    char path[DIR_PATH_MAX];

    randombytes_buf(seed, sizeof seed);
    identity_derive(&identity, seed);
    sodium_memzero(seed, sizeof seed);
    enum status status = dir_path(context->dir, "qanat.conf", path);
    if (status == S_OK) {
        status = config_save(config, path, &context->report);
    }
    if (status == S_OK && strcmp(config->kind, "hub") == 0) {
        status = federation_found(context, config, &identity, federation);
    }
    if (status == S_OK) {
        /* Last: a directory with a key is a node. */
        status = dir_save_identity(context->dir, &identity, &context->report);
    }
    if (status == S_OK) {
        init_print(context, config, &identity);
    }
    identity_clear(&identity);
    return status;
}

static enum status init_run(struct command_context *context)
{
    struct config config;
    const char *federation;
    int lock_fd = -1;
    bool was_there = access(context->dir, F_OK) == 0, is_ours = false;

    config_init(&config);
    enum status status = options_take(context, &config, &federation);
    status = status == S_OK ? dir_create(context->dir, &context->report) : status;
    if (status == S_OK) {
        status = dir_lock(context->dir, &lock_fd, &context->report);
        is_ours = status != S_BUSY;
    } else {
        is_ours = status == S_NO_SPACE;
    }
    if (status == S_OK) {
        status = dir_create(context->dir, &context->report); /* again: there may be a node now */
        is_ours = status != S_EXISTS;
    }
    status = status == S_OK ? node_make(context, &config, federation) : status;
    if (status != S_OK && is_ours) {
        init_unmake(context->dir, was_there);
    }
    if (lock_fd >= 0) {
        close(lock_fd);
    }
    return status;
}

const struct command init_commands[] = {
    {"init", NEEDS_NEW_DIR,
     "--name NAME --kind " NODE_KINDS " [--country CC] [--region R]\n"
     "                  [--federation NAME] [--listen tcp://ADDR:PORT] [--http ADDR:PORT] [--content ADDR:PORT]",
     "make a node; a hub founds its federation",
     "Makes the data directory D with a key of its own. A hub founds a federation and draws its authority key, D/authority.key, which\n"
     "belongs on an offline medium. Any other kind then needs a token from the node above:\n\n"
     "  qanat init --dir /var/lib/qanat --name \"Ain Shams University\" --kind national --country EG \\\n"
     "             --listen tcp://0.0.0.0:7700 --http 0.0.0.0:8080\n"
     "  qanat join --dir /var/lib/qanat TOKEN",
     init_run},
    {0},
};
