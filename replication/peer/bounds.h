/* bounds.h: how much of everything one session holds or does at once. Private to replication/peer. */
#ifndef QANAT_PEER_BOUNDS_H
#define QANAT_PEER_BOUNDS_H

#include "replication/base/limits.h"

enum {
    PULLS_MAX = 4096,        /* streams noted to pull; the rest comes in the next round */
    PULL_LITTLE_CELLS = 256, /* noted to pull: so few hold up no objects */
    WANTS_PER_MESSAGE = 512, /* what one WANT asks for: fits a frame */
    FROZEN_MAX = 64,         /* streams given up for a while */
    ENTRIES_PER_PART = 384,  /* of one VECTOR message: fits a frame */
    COVERED_PER_PART = 1024, /* buckets one VECTOR message speaks of */
    PARTS_PER_STEP = 32,     /* VECTOR messages in one answer; the rest comes in the next round */
    VECTOR_WHOLE_MAX = 64,   /* up to so many streams the vector is sent whole, above by buckets */
    BUCKETS_MIN = 8,
    BUCKETS_SENT_MAX = 2048, /* fits a frame */
    FRAMES_PER_STEP = 4,     /* bulk frames made in one step */
    PLAIN_FRAMES_PER_STEP = 8, /* the same, of contents alone: they are only read, and once for all */
    PUSH_LITTLE_SIZE = 4096,     /* a batch of so many bytes that is all of its stream goes over control, */
    PUSH_LITTLE_STREAMS = 8,     /* where no more were asked for at once */
    SCAN_CELLS_MIN = 512,    /* cells read for one frame */
    SCAN_CELLS_MAX = 32768,
    PENDING_MAX = 1024, /* batches handed over and not yet durable */
    PENDING_SIZE_MAX =
        32 * 1024 *
        1024, /* their bytes, decompressed: a small frame may hold a large body, and credit counts frames */
    BULK_COST_MIN = 512,           /* what the smallest bulk frame costs of the credit */
    CREDIT_MAX = 16 * 1024 * 1024, /* more is never believed */
    CREDIT_MIN = 2 * FRAME_SIZE_MAX,
    ATTEMPTS_MAX = 6,                    /* the wait for an answer doubles so often */
    STALLS_MAX = 3,                      /* repeated WANTs without a batch before a new round */
    DROPS_MAX = 3,                       /* digest mismatches of one stream before it is frozen */
    REFUSALS_MAX = 8,                    /* refusals before the session is closed */
    BACKOFF_MS = 60 * 1000,              /* come back after so long when it was the other's fault */
    RETRY_AFTER_MAX_MS = 60 * 60 * 1000, /* so long may a busy peer send us away */
    CHANGE_MS = 250,                     /* changes are gathered for so long before a new round, */
    CHANGE_FIRST_MS = 50,                /* the first one after so long without a greeting of ours not as long */
    CHANGE_QUIET_MS = 1000,
    STREAMS_PER_CHANGE_MS = 4,           /* and for a millisecond more for so many shared streams */
    ELSEWHERE_MS = 500,                  /* what came over another session is looked at again so soon */
    FETCHES_MAX = 256,                   /* objects asked for and not yet stored */
    ASKED_MAX = 3 * 1024 * 1024 / 2,     /* bytes under way, or the credit: what comes in ASKED_LINE_MS; */
    ASKED_LINE_MS = 1500,
    ASKED_MS = 100,
    ASKED_FAST_PACE = 1024 * 1024,       /* on a line that brings so many bytes in ASKED_MS asked for when a quarter of it has come */
    PATCHED_SHARE = 4,                   /* what has bases is taken for so small a part of its size */
    UNSIZED_MAX = 16 * 1024 * 1024,      /* bytes under way up to which an object is begun of whose size nothing was known */
    STORING_MAX = 16 * 1024 * 1024,      /* bytes of those that came: no more is asked for until they are durable */
    RISKED_MAX = 7 * 1024 * 1024 / 4,    /* bytes under way, or come and not where a killed process finds them again: what a kill may cost */
    ASSAY_FROM = 64 * 1024,              /* objects of so many bytes are looked at by the driver, beside the steps */
    BLOCK_SIZE = 1024,                   /* pieces start at multiples of this */
    ABSENT_MAX = 1024,                   /* objects we said we lack */
    DEMAND_AGAIN_MS = 5 * 60 * 1000,     /* so often they are demanded: a demand may be lost on a full disk, refused, or end */
    LACKS_MAX = ABSENT_MAX,              /* objects a sibling said it lacks: it remembers as many */
    COMING_MAX = 1024,                   /* objects on their way here that siblings hear of */
    OFFER_PAUSE_MS = 20,                 /* between two offers of what is coming */
    OFFER_LOOK_MS = 1000,                /* so often what is overdue is looked for */
    OFFER_PATIENCE_MS = 30 * 1000,       /* what is asked of a sibling, or coming to it, may take so long, */
    OFFER_BYTES_PER_MS = 8,              /* and a millisecond for so many bytes (64 kbit/s), */
    OFFER_MAX_MS = 10 * 60 * 1000,       /* and what is coming to it never longer than this */
    SERVED_MAX = 1024,                   /* objects waiting to be sent */
    SERVED_PATCHED_MAX = 256,            /* the same, as patches; more go plain */
    HELD_PER_MESSAGE = 256,
    RECEIPTS_MAX = 1024,
    GIVEN_MAX = 256,     /* roster streams of which a former hub says at once that it gave what it had; more when some of these are done */
    RECEIPTS_MANY = 64, /* so many are told at once, fewer after a while */
    RECEIPTS_MS = 10 * 1000,
    SESSION_LIVES = 1 << 16, /* an opened session that is opened again counts up its number by this (the low half begins the rounds) */
    LEGACY_PAUSE_MS = 1000, /* between two parts of what is offered by a right of before */
    STEP_ARENA_MAX = 24 * 1024 * 1024,
    BUDGET_MIN = FRAME_SIZE_MAX - 64, /* raw bytes of objects put in one frame: so many fit uncompressed, */
    PIECE_COST_MAX = 48,              /* with so many more for each of them */
    BUDGET_MAX = 256 * 1024,
};

_Static_assert(MEMBER_WHOLE_MAX % BLOCK_SIZE == 0, "an object has whole blocks");

#endif
