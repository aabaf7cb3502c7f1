/* limits.h: every limit of the replicated formats, by name. A limit of one module alone lives with it.
 *
 * Sizes are bytes unless the name says otherwise. Each has a test at its edge. */
#ifndef QANAT_BASE_LIMITS_H
#define QANAT_BASE_LIMITS_H

enum {
    FRAME_SIZE_MAX = 32 * 1024,        /* one frame on the wire, compressed */
    BODY_SIZE_MAX = 1024 * 1024,       /* one message body, decompressed */
    CELL_KEY_MAX = 512,                /* one cell key */
    CELL_VALUE_MAX = 16 * 1024,        /* one cell value, kind byte included */
    KEY_SEGMENTS_MAX = 16,             /* segments in one cell key */
    ZSTD_WINDOW_LOG_MAX = 23,          /* largest zstd window accepted from outside */
    NODES_MAX = 65536,                 /* nodes in a federation */
    NODE_NAME_MAX = 64,                /* a node's name, UTF-8 */
    ENDPOINT_MAX = 256,                /* tcp://host:port */
    PATH_SIZE_MAX = 1024,              /* one member's path in a package, UTF-8 */
    PACKAGE_ENTRIES_MAX = 100000,      /* members of one package */
    PACKAGE_RATIO_MAX = 200,           /* unpacked over packed size of one archive */
    CHUNK_SIZE_MIN = 64 * 1024,        /* content-defined chunks of members over MEMBER_WHOLE_MAX */
    CHUNK_SIZE_MEAN = 256 * 1024,
    CHUNK_SIZE_MAX = 1024 * 1024,
    MEMBER_WHOLE_MAX = 1024 * 1024,    /* members up to this size are one object, larger ones are chunked */
    SESSION_IDLE_MS = 90 * 1000,       /* a session without a frame for this long is dead */
    HANDSHAKE_MS = 120 * 1000,         /* CURVE over a satellite */
    PEOPLE_MAX = 1000000,              /* people at one node */
    SKEW_MAX_MS = 48 * 3600 * 1000,    /* a stamp further in the future than this is held and shown */
};

#define PACKAGE_SIZE_MAX (64LL * 1024 * 1024 * 1024)   /* unpacked size of one package */
#define SEQ_MAX ((1ULL << 36) - 1)                     /* sequence numbers of one stream */

#endif
