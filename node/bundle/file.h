/* file.h: a bundle as a file: written atomically, verified whole before anything of it is used.
 *
 * For the files of this room only. Memory does not grow with the file. */
#ifndef QANAT_NODE_BUNDLE_FILE_H
#define QANAT_NODE_BUNDLE_FILE_H

#include <sodium.h>
#include <stdio.h>

#include "node/bundle/minisign.h"
#include "node/draft.h"
#include "replication/trust/identity.h"
#include "replication/wire/bundle.h"

/* --- writing: a draft (node/draft.h), synced, named --- */

struct bundle_out {
    FILE *file;
    struct draft draft;
    crypto_generichash_state hash;
    crypto_generichash_state minisign_hash; /* of every byte */
    uint64_t size;                          /* bytes so far */
};

/* Starts a file beside `path`. After S_OK it ends with bundle_out_finish() or bundle_out_abort(). */
enum status bundle_out_open(struct bundle_out *out, const char *path, const struct bundle_head *head,
                            struct report *report);

/* Appends one part, of at most BUNDLE_PART_SIZE_MAX bytes. S_NO_SPACE, S_IO. */
enum status bundle_out_part(struct bundle_out *out, enum bundle_part kind, struct bytes part,
                            struct report *report);

/* The same for a plain frame. */
enum status bundle_out_frame(struct bundle_out *out, struct bytes frame, struct report *report);

/* Who signs; `name` is for people. */
struct bundle_signer {
    const struct identity *identity;
    const char *name;
};

/* Signs, syncs and gives the file its name, with FILE.minisig beside it. When it fails, neither is left. */
enum status bundle_out_finish(struct bundle_out *out, const struct bundle_counts *counts,
                              const struct bundle_signer *signer, struct report *report);
void bundle_out_abort(struct bundle_out *out);

/* --- reading --- */

struct bundle_in {
    FILE *file;
    const char *path; /* borrowed */
    struct bundle_head head;
    struct bundle_trailer trailer;
    uint64_t size;
    bool is_verified;      /* what is read from now on is taken part by part */
    enum bundle_part kind; /* of the last part */
    uint8_t part[BUNDLE_PART_SIZE_MAX];
};

/* Opens it and reads head and trailer, of which nothing is verified yet. S_INVALID (no bundle, or cut short),
 * S_VERSION, S_NOT_FOUND, S_IO. After S_OK: bundle_in_close(). */
enum status bundle_in_open(struct bundle_in *in, const char *path, struct report *report);
void bundle_in_close(struct bundle_in *in);

/* Hashes the whole file: S_BAD_DIGEST, S_IO. Who signed it is checked with bundle_trailer_verify(). */
enum status bundle_in_verify(struct bundle_in *in, struct report *report);

/* The next part, borrowed until the next call, its kind in in->kind, and where it starts. S_NOT_FOUND at the
 * end, S_INVALID, S_IO. */
enum status bundle_in_next(struct bundle_in *in, struct bytes *part_out, uint64_t *at_out,
                           struct report *report);

/* Where the next frame starts; goes to a frame that started at `at`. */
uint64_t bundle_in_tell(const struct bundle_in *in);
enum status bundle_in_seek(struct bundle_in *in, uint64_t at, struct report *report);

#endif
