/* key_news.h: changes of keys that a stream of the roster tells of itself.
 *
 * Whoever knows a node by its key of before believes nothing that is signed with the present one until REKEY
 * and GRANT came, by whatever stream. They may stand in the very stream that asks to be believed: a machine
 * that was built anew says in one what it was told. So what comes is looked through before it is checked. A
 * statement proves itself; where it stood proves nothing. Who admitted the key may be somebody of whom nobody
 * here has heard (a former hub that was built anew meets who has not heard of the handover), so admissions are
 * looked at too, as far as there is room. Only the stream in which they stand is believed for them: whoever
 * takes it holds the proof from then on. */
#ifndef QANAT_TRUST_KEY_NEWS_H
#define QANAT_TRUST_KEY_NEWS_H

#include "replication/base/bytes.h"
#include "replication/crdt/cell.h"
#include "replication/trust/roster.h"

/* Bytes of statements; what comes after waits for another stream to bring it. Admissions of others than hubs and
 * the writer are noted below the second limit only. */
enum { KEY_NEWS_MAX = 128 * 1024, KEY_NEWS_PLACES_MAX = KEY_NEWS_MAX / 2 };

struct key_news {
    struct stream_id stream;
    struct buffer statements;
};

void key_news_init(struct key_news *news);
void key_news_clear(struct key_news *news);
void key_news_release(struct key_news *news);

/* Notes the statements about keys, and those on which their worth rests (the authority's keys, admissions), among cells of a
 * stream of the roster, as they came; those of another stream are forgotten. */
void key_news_note(struct key_news *news, const struct stream_id *stream, const struct cell *cells,
                   size_t count);

/* As roster_certificate_check() of what is to be taken anew, with what was noted of that stream beside what
 * the roster knows. The roster is not changed. */
enum status key_news_check(const struct key_news *news, const struct roster *roster,
                           const struct certificate *certificate);

#endif
