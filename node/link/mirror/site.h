/* site.h: one mirror: whether it may be asked now, what it lacks, how fast it is, and what is told of
 * it. Pure but for the log: moments come in. */
#ifndef QANAT_NODE_LINK_MIRROR_SITE_H
#define QANAT_NODE_LINK_MIRROR_SITE_H

#include "node/link/mirror/mirror.h"
#include "node/store/course/mirror.h"

struct mirror_site {
    struct mirror mirror;
    struct mirror_record record;  /* as it is to be told */
    bool is_rangeless, is_ranged; /* gives whole contents only; gives parts; neither: not known yet */
    bool is_changed;              /* since the record was written */
    uint64_t rests_until_ms;      /* monotonic; 0: it may be asked */
    unsigned failures;            /* in a row */
    unsigned absent_run;          /* 404 in a row */
    struct hash *absent;          /* contents that it lacks, MIRROR_ABSENT_MAX, the oldest is replaced */
    size_t absent_count, absent_at;
    uint64_t absent_since_ms;
    uint64_t moved_bytes;         /* since measured_ms */
    uint64_t measured_ms;         /* monotonic: 0 while nothing is asked of it */
    uint64_t rate_bits;           /* of the last measure; 0: unknown */
    uint64_t told_bytes, told_ms; /* of the record when it was last told */
};

void mirror_site_init(struct mirror_site *site, const struct mirror *mirror,
                      const struct mirror_record *record);
void mirror_site_release(struct mirror_site *site);

/* The sites are those named from now on: what is known of one goes on when it is still named, how it went
 * with the others is read. Returns how many there are. */
size_t mirror_sites_replace(struct mirror_site sites[MIRRORS_MAX], size_t count, const struct mirror *named,
                            size_t named_count, struct db *db);

/* Writes how it goes, when that changed; `now_ms` 0 is the end; *writes counts what is on its way to the
 * store. */
void mirror_site_tell(struct mirror_site *site, uint64_t now_ms, struct store *store, size_t *writes);

/* May it be asked? */
bool mirror_site_is_up(const struct mirror_site *site, uint64_t now_ms);

/* Quick enough that others wait for it. Not known yet is quick. */
bool mirror_site_is_quick(const struct mirror_site *site);

/* A transfer ended: S_OK, or why not. `content` is what it was of. */
void mirror_site_judge(struct mirror_site *site, const struct hash *content, enum status status,
                       const char *error, uint64_t now_ms, uint64_t wall_ms);

bool mirror_site_lacks(const struct mirror_site *site, const struct hash *content, uint64_t now_ms);

/* Content bytes came. */
void mirror_site_moved(struct mirror_site *site, size_t size);
/* An object was right and is stored. */
void mirror_site_stored(struct mirror_site *site, size_t size, uint64_t wall_ms);

/* Once a second. `is_asked`: a transfer is under way; `is_held`: by us, it is not its fault. True when it
 * turned out too slow and rests: its transfers have to be stopped. */
bool mirror_site_measure(struct mirror_site *site, bool is_asked, bool is_held, uint64_t now_ms,
                         uint64_t wall_ms);

#endif
