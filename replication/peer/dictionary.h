/* dictionary.h: the bases of one patch, end to end in the order of their first mention, each once: both sides
 * put the same bytes together, or the patch gives another content than its name says. Private to
 * replication/peer. */
#ifndef QANAT_PEER_DICTIONARY_H
#define QANAT_PEER_DICTIONARY_H

#include "replication/package/patch.h"
#include "replication/peer/view.h"

enum { DICTIONARY_BASES_MAX = PATCHED_MAX * BASES_MAX + CHOSEN_MAX };

struct dictionary {
    struct buffer data;
    struct hash bases[DICTIONARY_BASES_MAX];
    size_t count;
    bool is_unchecked; /* what the view holds goes in without a look: if it is damaged, the other finds out */
};

void dictionary_init(struct dictionary *dictionary);
void dictionary_release(struct dictionary *dictionary);

/* How many bytes `base` would add: 0 when it is in already; SIZE_MAX when it is not held, or the whole would
 * pass PATCH_BASE_MAX. */
size_t dictionary_cost(const struct dictionary *dictionary, const struct view *view, const struct hash *base);

/* Adds what the view holds under that name, after a look whether it is that content (unless is_unchecked). S_NOT_FOUND,
 * S_TOO_LARGE, S_CORRUPT: our own file is damaged. */
enum status dictionary_add(struct dictionary *dictionary, const struct view *view, const struct hash *base);

/* Adds bytes that need no look: a content under its name, which was checked, or the beginning of one. */
enum status dictionary_add_bytes(struct dictionary *dictionary, const struct hash *base, struct bytes data);

#endif
