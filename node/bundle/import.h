/* import.h: one import under way. For the import*.c files of this room only. */
#ifndef QANAT_NODE_BUNDLE_IMPORT_H
#define QANAT_NODE_BUNDLE_IMPORT_H

#include "node/bundle/bundle.h"
#include "node/bundle/envelope.h"
#include "node/bundle/file.h"
#include "node/store/stream/intake.h"
#include "replication/trust/key_news.h"
#include "replication/wire/batch.h"
#include "replication/wire/message.h"

enum { IMPORT_GATHER_MAX = 4 * 1024 * 1024, IMPORT_GATHER_COUNT = 256 };

/* A whole object that waits for the job that stores it. */
struct import_object {
    struct hash object;
    size_t start; /* in `data` */
    size_t size;
};

struct import {
    const struct bundle_node *node;
    struct bundle_imported *imported;
    struct report *report;
    struct bundle_in in;
    struct roster *roster;
    bool is_roster_stale; /* its streams moved since it was read */
    bool is_roster_of_file; /* the one here lost even this node: the file's statements, which hold by their signatures, say who may what */
    bool has_news;        /* what its maker wrote itself, and was not here */
    struct stream_id ahead_of; /* the stream of which so many cells came and wait for its certificate */
    uint64_t cells_ahead;
    struct intake intake;
    struct key_news key_news;
    struct envelope envelope;
    struct buffer opened;     /* the sealed frame under way */
    struct buffer inventory;  /* the sender's, as it comes */
    struct arena arena;       /* the frame's message */
    struct arena batch_arena; /* its cells */
    struct buffer postponed;  /* where roster frames start whose writer is not known yet (uint64_t) */
    bool is_retry_due;        /* the roster's frames are over: those go first */

    /* Objects: the one that is being put together, at the end of `data`, and those that are whole. */
    struct import_object objects[IMPORT_GATHER_COUNT];
    size_t object_count;
    struct buffer data;
    struct hash object;
    size_t object_size;
    bool is_assembling;
};

/* Counts a refusal and keeps its reason: of who made the file, or of `node`. */
void import_refuse(struct import *import, const char *problem);
void import_refuse_of(struct import *import, const struct id *node, const char *problem);

/* Verifies the whole file and who made it; then it stands at its first frame. */
enum status import_sender(struct import *import);

/* Reads the roster anew when its streams moved. */
enum status import_roster(struct import *import);

/* Is this failure one of the node itself, which ends the import? */
bool import_is_fatal(enum status status);

/* One BATCH that starts at `at`. Only what ends the import is returned. */
enum status import_batch(struct import *import, struct bytes body, uint64_t at);

/* Pieces of objects, and storing what is whole. */
enum status import_pieces(struct import *import, const struct pieces_message *message);
enum status import_objects_store(struct import *import);

#endif
