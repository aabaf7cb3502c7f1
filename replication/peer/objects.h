/* objects.h: what a session remembers of the objects it fetches and serves. Private to replication/peer. */
#ifndef QANAT_PEER_OBJECTS_H
#define QANAT_PEER_OBJECTS_H

#include "replication/base/bytes.h"
#include "replication/peer/bounds.h"
#include "replication/peer/sent.h"
#include "replication/wire/message.h"

/* An object asked for; `data` comes with its first piece. */
struct fetch {
    struct hash object;
    uint32_t size; /* 0 until known */
    uint32_t blocks_left;
    uint64_t ticket;              /* not 0: handed over to be stored */
    uint32_t ask;                 /* the number under which it was asked for last */
    uint64_t due_ms;              /* a sibling that has not brought it then is shunned */
    struct hash bases[BASES_MAX]; /* named when it was asked for */
    size_t base_count;
    bool is_patched; /* something of it came by bases that the other chose */
    bool is_placed;  /* with a ticket: a kill does not lose it */
    uint8_t *data;
    uint8_t blocks[MEMBER_WHOLE_MAX / BLOCK_SIZE / 8];
};

/* Handed over by a session that was closed meanwhile: the driver may be at its bytes still. */
struct leaving {
    uint64_t ticket;
    uint8_t *data;
};

struct objects_in {
    struct fetch *items; /* owned, FETCHES_MAX */
    size_t count;
    struct leaving *leaving; /* owned */
    size_t leaving_count;
    size_t skip;            /* how far into the wants this pass is */
    uint64_t asked_bytes;   /* sum of sizes under way */
    uint64_t storing_bytes; /* sum of sizes that came and are not durable yet, */
    uint64_t unplaced_bytes; /* and of those among them that a kill would lose */
    uint32_t stopped_size;  /* of the want that did not fit when wants were last asked for; 0: none */
    uint64_t came_bytes;    /* since came_ms */
    uint64_t came_ms;
    uint64_t came_pace;     /* bytes in ASKED_MS, lately */
    bool is_passing;        /* a pass over the wants is under way */
    bool is_woken;          /* meanwhile the other greeted: what it lacked it may have now */
    uint32_t pass_found, pass_absent, pass_elsewhere;
    uint64_t timer_ms;
    uint32_t attempts;
    uint32_t asks; /* sent so far: an answer to an earlier one says nothing of a later */
    uint64_t wants_check;  /* of the wants when the pass began or ended */
    uint64_t next_pass_ms; /* UINT64_MAX: wait to be woken */
    uint64_t paused_ms;    /* nothing is asked before */
};

/* An object that the other asked for and that we lack. */
struct absent {
    struct hash object;
    bool is_told; /* that it is coming to us */
};

struct objects_out {
    struct hash *items; /* owned, SERVED_MAX: asked for, being sent in order */
    size_t count;
    uint32_t offset;     /* into items[0] */
    struct {
        struct hash object;
        uint32_t size, offset;
        struct bytes data; /* in peer->scan; empty: nothing */
        bool is_dense;     /* all of it: one look for several frames */
    } ahead;             /* what was read of an object for the frames of this step */
    struct buffer frames[PLAIN_FRAMES_PER_STEP]; /* of the last step that made some: its effects borrow them */
    size_t budget;       /* raw bytes that fitted one frame last time */
    struct absent *absent; /* owned, ABSENT_MAX: said to be absent */
    size_t absent_count;
    uint64_t told_ms; /* when the other was last woken */
    uint64_t look_ms; /* not before then is all that is absent looked for again */
    uint64_t news_ms; /* what came is news then, or looked for again; UINT64_MAX: nothing came */
    uint64_t demanded_ms; /* when all that is absent was last demanded */
};

/* An object that we asked a sibling for and that it lacks. */
struct lack {
    uint64_t key;      /* the beginning of its name: a stray likeness makes us wait, no more */
    uint64_t since_ms; /* while is_coming */
    uint32_t size;
    uint32_t pass;  /* in which it was wanted last */
    bool is_coming; /* so the sibling said */
};

struct offers {
    struct lack *lacks; /* owned, LACKS_MAX, NULL before the first */
    size_t count;
    uint32_t pass;
    bool is_heard;     /* the other understands offers */
    bool is_shunned;   /* it kept us waiting: nothing is left to it any more */
    bool is_tell_due;  /* what comes to us changed; */
    bool is_found_due; /* and what is held here, too */
    bool is_waiting;   /* for something that it is to bring */
    uint64_t tell_ms, look_ms;
    uint64_t moved_ms; /* something that was coming to it came */
};

/* How an object that was asked for is told. */
enum served_kind {
    SERVED_UNKNOWN, /* not looked at yet */
    SERVED_NAMED,   /* by bases that were asked with it */
    SERVED_TEXT,    /* behind what was told before it */
    SERVED_ALIKE,   /* by a near duplicate that was told before it */
    SERVED_PLAIN,
};

/* An object asked for, and which of the bases named with it are held here. */
struct served_patched {
    struct hash object;
    struct hash bases[BASES_MAX];
    uint32_t held;
    enum served_kind kind;
    bool has_sketch;
    struct sketch sketch;
    struct hash alike; /* SERVED_ALIKE: the base */
};

struct patches_out {
    struct served_patched *items; /* owned, SERVED_PATCHED_MAX, in order */
    size_t count;
    uint32_t offset;    /* into items[0] */
    size_t text_budget; /* so much text made a full frame last time */
    uint64_t told_ms;   /* when the last frame was made, also of plain pieces */
    size_t waited_for;  /* bytes of text told, less what could have been told while we waited for the line */
    struct sent *sent;  /* owned */
};

#endif
