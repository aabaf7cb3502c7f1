/* bundle.h: the two ends of a bundle file: what comes first and what comes last. Between them stand frames.
 *
 *   head      BUNDLE_HEAD_SIZE: "QANATBDL" | version (1) | federation (16) | from (16) | for (16) | created
 * (8)
 *   parts     each a kind (1), a length (3) and so many bytes: a frame as peers send it (BATCH, HELD, PIECES), a
 *             frame sealed for those entitled, the note with their keys, or an inventory (node/bundle)
 *   end       a kind and a length of 0
 *   trailer   BUNDLE_TRAILER_SIZE: "QANATEND" | 8 counts (8 each) | BLAKE2b-256 of everything before (32) |
 *             Ed25519 signature of the exporting node over a domain and that hash (64)
 *
 * Numbers are little-endian. The signature says who made the file and that it is whole; what is in it is
 * believed by its own certificates and hashes, as on the wire. */
#ifndef QANAT_WIRE_BUNDLE_H
#define QANAT_WIRE_BUNDLE_H

#include "replication/base/bytes.h"
#include "replication/base/limits.h"
#include "replication/base/status.h"
#include "replication/stream/certificate.h"

enum {
    BUNDLE_VERSION = 1,
    BUNDLE_HEAD_SIZE = 8 + 1 + 3 * 16 + 8,
    BUNDLE_PART_SIZE_MAX = FRAME_SIZE_MAX + 64,
    BUNDLE_COUNTED_SIZE = 8 + 8 * 8, /* what of the trailer is hashed */
    BUNDLE_TRAILER_SIZE = BUNDLE_COUNTED_SIZE + 32 + SIGNATURE_SIZE,
};

/* Kinds of parts: never reused. One that this version does not know is skipped. */
enum bundle_part {
    BUNDLE_FRAME = 0,
    BUNDLE_SEALED = 1,
    BUNDLE_KEYS = 2,
    BUNDLE_INVENTORY = 3,
};

struct bundle_head {
    struct id federation;
    struct id from;
    struct id target;
    uint64_t created_ms; /* wall clock of the exporting node */
};

struct bundle_counts {
    uint64_t streams;
    uint64_t cells;
    uint64_t receipts;
    uint64_t objects;
    uint64_t left_objects; /* did not fit the size that was asked for */
    uint64_t left_bytes;
    uint64_t volume;  /* 1, 2, ...: the file's place among those made together */
    uint64_t is_last; /* no other follows */
};

struct bundle_trailer {
    struct bundle_counts counts;
    struct hash content;
    uint8_t signature[SIGNATURE_SIZE];
};

void bundle_head_encode(const struct bundle_head *head, uint8_t out[BUNDLE_HEAD_SIZE]);

/* S_INVALID when it is no bundle, S_VERSION when it is a newer one. */
enum status bundle_head_decode(const uint8_t in[BUNDLE_HEAD_SIZE], struct bundle_head *out);

/* The part that is hashed with what comes before. */
void bundle_counts_encode(const struct bundle_counts *counts, uint8_t out[BUNDLE_COUNTED_SIZE]);

/* Signs `trailer->content` with an Ed25519 secret key in libsodium's form. */
void bundle_trailer_sign(struct bundle_trailer *trailer, const uint8_t secret[SIGN_SECRET_SIZE]);
void bundle_trailer_encode(const struct bundle_trailer *trailer, uint8_t out[BUNDLE_TRAILER_SIZE]);

/* S_INVALID when these bytes are not the end of a bundle. */
enum status bundle_trailer_decode(const uint8_t in[BUNDLE_TRAILER_SIZE], struct bundle_trailer *out);

/* S_OK or S_BAD_SIGNATURE. That the hash is that of the file is the caller's to check. */
enum status bundle_trailer_verify(const struct bundle_trailer *trailer,
                                  const uint8_t public_key[SIGN_PUBLIC_SIZE]);

#endif
