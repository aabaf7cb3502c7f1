/* export.h: one export under way. For the export*.c files of this room only. */
#ifndef QANAT_NODE_BUNDLE_EXPORT_H
#define QANAT_NODE_BUNDLE_EXPORT_H

#include "node/bundle/bundle.h"
#include "node/bundle/envelope.h"
#include "node/bundle/file.h"
#include "node/bundle/inventory.h"
#include "node/bundle/parcel.h"
#include "node/bundle/seen.h"
#include "node/bundle/select.h"

enum { EXPORT_ARENA_MAX = 24 * 1024 * 1024 };

struct export
{
    const struct bundle_node *node;
    const struct bundle_order *order;
    struct bundle_exported *exported;
    struct report *report;
    struct roster *roster;
    struct id target;
    struct bundle_out out;
    struct arena arena;
    struct buffer frame;
    size_t cells_guess;
    struct parcel *parcel;
    struct seen seen;
    bool is_full;
    unsigned volume;             /* 1, 2, ... */
    struct bundle_counts counts; /* of this volume */
    uint64_t fixed_size;         /* of this volume before its first object */
    uint64_t repeated_size;      /* as much of that as stands in every volume */
    struct envelope envelope;    /* closed while nothing has to be sealed */
    struct buffer sealed;
    struct inventory inventory; /* what the target said */
    bool has_inventory;
    struct selected_object manifest; /* of the course under way */
    uint8_t object[MEMBER_WHOLE_MAX];
};

/* The streams, roster first. Figures are in the first volume alone; roster and catalogue in each. */
enum status export_streams(struct export *export);

/* What this node holds and wants of courses, for the next bundle back. */
enum status export_inventory(struct export *export);

/* What this node knows to be held, for the first volume. */
enum status export_receipts(struct export *export);

#endif
