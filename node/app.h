/* app.h: the running node: one libuv loop with the link, the web server and the commands handed over by other
 * processes.
 *
 * `qanat run` opens it listening; `qanat sync` without a running node opens it only dialing, for one
 * exchange. The store and what it is opened with stay with the caller. app_run() and everything in the rooms
 * below belong to one thread; what other threads may call is said so. */
#ifndef QANAT_NODE_APP_H
#define QANAT_NODE_APP_H

#include "node/app_command.h"
#include "node/app_sync.h"
#include "node/blob/blob.h"
#include "node/config.h"
#include "node/dir.h"
#include "node/store/store.h"

enum { APP_STOP_MS = 10 * 1000 }; /* how long the end waits for commands and sessions */

struct app_options {
    const char *dir;
    const struct config *config; /* copied */
    const struct identity *identity;
    const struct federation *federation;
    struct store *store;
    bool is_daemon;              /* listens, serves HTTP and takes commands */
    command_runner *run_command; /* runs one handed-over command; its ctx is the app */
    enum status (*override)(void *ctx, struct config *config, struct report *report); /* puts --set into options that were read again; or NULL */
    void *override_ctx;
    uint64_t turn_rests_until_ms; /* monotonic; no look at a change of keys before (app_turn.h) */
};

/* S_DENIED when the listener's self-test failed; S_BUSY when an address is in use. */
enum status app_open(const struct app_options *options, struct app **app_out, struct report *report);

/* Runs until app_stop(), SIGTERM or SIGINT (daemon). SIGHUP reads D/qanat.conf again. */
void app_run(struct app *app);

/* Any thread. */
void app_stop(struct app *app);

/* After app_run(). S_BUSY when a command is still running: then the process should end without closing the
 * store. */
enum status app_close(struct app *app);

const struct app_options *app_options(const struct app *app);

/* After app_run(): true when it ended because the node's keys are to change (app_turn.h): close, take the turn, open again. */
bool app_wants_turn(const struct app *app);

/* A copy of the options as they are now. Any thread. */
void app_config(struct app *app, struct config *config_out);

/* Tells the journal what of qanat.conf is without effect. */
void app_config_note(const struct config *config);

struct link;
struct link *app_link(struct app *app);

/* Does all that learners did stand in the figures? Else that begins now. Loop thread. */
bool app_results_are_told(struct app *app);

/* Is all that came of courses checked and put together? Loop thread. */
bool app_contents_are_settled(struct app *app);

/* Were courses published here since `peer` was last in step? */
bool app_contents_are_fresh(struct app *app, const struct id *peer);

/* Bytes of courses that are wanted, have room, and are not here whole. */
uint64_t app_contents_left(struct app *app);

#endif
