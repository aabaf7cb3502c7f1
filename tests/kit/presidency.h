/* presidency.h: statements of an authority that is handed on, for tests. */
#ifndef QANAT_TESTS_KIT_PRESIDENCY_H
#define QANAT_TESTS_KIT_PRESIDENCY_H

#include "tests/kit/federation.h"

/* A handover: to the keys of the nodes `who`, after the statement `predecessor`. */
struct presidency {
    uint64_t generation;
    struct hash predecessor;
    uint32_t threshold;
    const int *who;
    size_t count;
    const struct hash *kept; /* in any order, none twice */
    size_t kept_count;
    uint64_t at_ms;
};

/* A key of generation `generation`: that of a node, or of FEDERATION_AUTHORITY. */
struct signer presidency_signer(const struct federation *federation, int who, uint64_t generation);

/* Puts the AUTHORITY statement, signed by `signer`, into `out`. */
void presidency_write(const struct federation *federation, const struct presidency *presidency, int signer, struct buffer *out);

/* Puts an ADOPT of the packed `admissions` (any order) below `parent` (NULL: where they are). */
void presidency_adopt(const struct federation *federation, const struct roster_node *parent, struct bytes admissions, uint64_t at_ms,
                      const struct signer *by, struct buffer *out);

#endif
