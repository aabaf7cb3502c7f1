/* render.h: the formats in which statements are answered: xAPI 1.0.3 part 3 section 2.1.3, IEEE 9274.1.1
 * section 4.1.6.1.
 *
 * exact: as stored. ids: agents, groups, verbs and activities with no more than what identifies them.
 * canonical: activities with the definition that this store has gathered, one language in each language map.
 */
#ifndef QANAT_NODE_LRS_RENDER_H
#define QANAT_NODE_LRS_RENDER_H

#include "node/lrs/lrs.h"
#include "node/lrs/tree.h"

enum render_format { RENDER_EXACT, RENDER_IDS, RENDER_CANONICAL };

enum { RENDER_MEMORY_MAX = 64 * 1024 * 1024 };

struct render {
    const struct lrs *lrs;
    struct db *db;
    enum render_format format;
    const char *accept_language; /* header, or NULL */
};

/* Appends the stored statement `body` in the format. S_TOO_LARGE, S_CORRUPT. */
enum status render_statement(const struct render *render, struct bytes body, struct buffer *out);

/* Appends {"objectType":"Activity","id":...,"definition":...} as this store knows the activity, with all
 * languages. */
void render_activity(const struct render *render, struct bytes activity, struct buffer *out);

/* Appends the Person object of an agent (a checked tree). */
void render_person(const struct render *render, const struct tree *agent, struct buffer *out);

/* --- inside the room --- */

/* The entry of a language map that fits an Accept-Language header best (RFC 9110 section 12.5.4; prefixes by
 * RFC 4647 lookup); the first where none does. NULL for an empty map. */
const struct tree *render_language(const struct tree *map, const char *accept_language);

/* Changes a parsed statement in place. False when the arena is full. */
bool render_ids(struct tree *statement, struct arena *arena);
bool render_canonical(const struct render *render, struct tree *statement, struct arena *arena);

#endif
