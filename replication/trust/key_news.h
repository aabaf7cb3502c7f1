/* key_news.h: changes of keys that a stream of the roster tells of itself.
 *
 * Whoever knows a node by its key of before believes nothing that is signed with the present one until REKEY
 * and GRANT came, by whatever stream. They may stand in the very stream that asks to be believed: a machine
 * that was built anew says in one what it was told. So what comes is looked through before it is checked. A
 * statement proves itself; where it stood proves nothing. Only the stream in which they stand is believed for
 * them: whoever takes it holds the proof from then on. */
#ifndef QANAT_TRUST_KEY_NEWS_H
#define QANAT_TRUST_KEY_NEWS_H

#include "replication/base/bytes.h"
#include "replication/crdt/cell.h"
#include "replication/trust/roster.h"

enum {
    KEY_NEWS_MAX = 64 * 1024
}; /* bytes of statements; what comes after waits for another stream to bring it */

struct key_news {
    struct stream_id stream;
    struct buffer statements;
};

void key_news_init(struct key_news *news);
void key_news_clear(struct key_news *news);
void key_news_release(struct key_news *news);

/* Notes the statements about keys among cells of a stream of the roster, as they came; those of another
 * stream are forgotten. */
void key_news_note(struct key_news *news, const struct stream_id *stream, const struct cell *cells,
                   size_t count);

/* As roster_certificate_check() of what is to be taken anew, with what was noted of that stream beside what
 * the roster knows. The roster is not changed. */
enum status key_news_check(const struct key_news *news, const struct roster *roster,
                           const struct certificate *certificate);

#endif
