/* progress.h: how far course files have come, over the wire or into an import, told while a person waits: a
 * line that is written over on a terminal, a line each 10 % otherwise. What is small comes without a word. */
#ifndef QANAT_NODE_CMD_PROGRESS_H
#define QANAT_NODE_CMD_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct import_watch;
struct store;
struct progress;

enum { PROGRESS_LOOK_MS = 500, PROGRESS_BYTES_MIN = 1000000, PROGRESS_LINE_MAX = 160 };

/* What is looked at: bytes left to do; for each kind, what its context is. */
typedef uint64_t progress_left(void *ctx);
uint64_t progress_left_wanted(void *store); /* struct store: what is wanted from peers */
uint64_t progress_left_import(void *watch); /* struct import_watch */

/* Looks on a thread of its own and tells on `err`, on one line when that is a terminal, until progress_stop(). Never NULL. */
struct progress *progress_start(progress_left *left, void *ctx, FILE *err, bool is_tty);
void progress_stop(struct progress *progress);

/* --- what it knows, without clock and store: for it and its test --- */

struct progress_state {
    uint64_t left, moved; /* bytes */
    uint64_t started_ms, at_ms;
    double rate_bits; /* smoothed */
    unsigned told;    /* tenths */
    bool is_local;    /* no link: the rate is told in bytes */
};

/* `left` bytes are wanted at `now_ms`. */
void progress_look(struct progress_state *state, uint64_t left, uint64_t now_ms);

/* "1.2 of 4.0 MB (30 %), 2.0 Mbit/s, 11 s left"; false while there is nothing worth a word. */
bool progress_text(const struct progress_state *state, char out[PROGRESS_LINE_MAX]);

/* True when another tenth has come since it was told last. */
bool progress_is_due(struct progress_state *state);

#endif
