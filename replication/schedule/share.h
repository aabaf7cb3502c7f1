/* share.h: who of several nodes near each other fetches an object over the far link.
 *
 * Nodes that want the same course need it once over the far link, not once each. Nobody coordinates: each node knows of its siblings what they said they lack,
 * what they said is coming to them, and what they asked for in vain; of an object that several lack, each computes by itself whose it is: that one fetches it,
 * the others have it from there. What is rare among the siblings, because none has it, is so what comes over the far link first; what one has never does.
 *
 * Whose an object is decides the highest random weight (Thaler and Ravishankar 1998, "rendezvous hashing"): each node's share is even, and when one comes or
 * goes only its own part changes hands. It is a matter of order alone: who has nothing of its own left to fetch takes what is another's and not coming there
 * yet, so a sibling that is slow, silent or gone holds nobody up. */
#ifndef QANAT_SCHEDULE_SHARE_H
#define QANAT_SCHEDULE_SHARE_H

#include "replication/base/bytes.h"

enum { SHARE_SIBLINGS_MAX = 16 }; /* looked at for one object; more are as if they were not there */

/* What is known of an object at a sibling. */
enum share_state {
    SHARE_UNKNOWN, /* it was not asked yet */
    SHARE_LATER,   /* it will be asked, when some of what it lacks has come */
    SHARE_LACKS,
    SHARE_COMING, /* it lacks the object, and said that it is on its way to it */
};

struct share_sibling {
    struct id node;
    enum share_state state;
    bool is_awaited; /* it answers, or did a moment ago: what it was not asked yet it may bring */
    bool is_wanting; /* it asked for the object in vain */
};

enum share_choice {
    SHARE_LEAVE, /* comes from a sibling, or is to be asked there first */
    SHARE_TAKE,  /* this node's to fetch */
    SHARE_SPARE, /* a sibling's to fetch: ours only when nothing else is left */
};

/* What `self` does about `object`, which it lacks. */
enum share_choice share_choose(const struct id *self, const struct hash *object, const struct share_sibling *siblings,
                               size_t count);

#endif
