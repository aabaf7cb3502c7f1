#include "tests/kit/presidency.h"

#include <stdlib.h>
#include <string.h>

#include "tests/kit/kit.h"

static int piece_compare(const void *left, const void *right)
{
    return memcmp(left, right, sizeof(struct hash));
}

struct signer presidency_signer(const struct federation *federation, int who, uint64_t generation)
{
    struct signer signer = federation_signer(federation, who);

    memset(&signer.node, 0, sizeof signer.node);
    signer.generation = generation;
    return signer;
}

void presidency_write(const struct federation *federation, const struct presidency *presidency, int signer, struct buffer *out)
{
    uint8_t keys[AUTHORITY_KEYS_MAX][SIGN_PUBLIC_SIZE];
    struct hash ratified[AUTHORITY_RATIFIED_MAX];
    struct signer by = presidency_signer(federation, signer, presidency->generation);

    for (size_t i = 0; i < presidency->count; i++) {
        int who = presidency->who[i];
        memcpy(keys[i], who == FEDERATION_AUTHORITY ? federation->authority.sign_public : federation->nodes[who].sign_public, SIGN_PUBLIC_SIZE);
    }
    qsort(keys, presidency->count, sizeof keys[0], piece_compare);
    if (presidency->kept_count) {
        memcpy(ratified, presidency->kept, presidency->kept_count * sizeof ratified[0]);
        qsort(ratified, presidency->kept_count, sizeof ratified[0], piece_compare);
    }
    const struct authority_terms terms = {.generation = presidency->generation, .threshold = presidency->threshold,
                                          .predecessor = presidency->predecessor, .at_ms = presidency->at_ms,
                                          .keys = bytes_of(keys, presidency->count * SIGN_PUBLIC_SIZE),
                                          .ratified = bytes_of(ratified, presidency->kept_count * sizeof ratified[0])};
    buffer_clear(out);
    assert_int_equal(statement_authority(&federation->id, &terms, &by, out), S_OK);
}

void presidency_adopt(const struct federation *federation, const struct roster_node *parent, struct bytes admissions, uint64_t at_ms,
                      const struct signer *by, struct buffer *out)
{
    struct hash sorted[AUTHORITY_ADOPT_MAX];

    assert_true(admissions.size <= sizeof sorted);
    memcpy(sorted, admissions.data, admissions.size);
    qsort(sorted, admissions.size / sizeof sorted[0], sizeof sorted[0], piece_compare);
    buffer_clear(out);
    assert_int_equal(statement_adopt(&federation->id, parent ? &parent->node : &id_none, bytes_of(sorted, admissions.size), at_ms, by, out), S_OK);
}
