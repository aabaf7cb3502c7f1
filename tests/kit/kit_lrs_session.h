/* kit_lrs_session.h: a learner's cmi5 session on a record store of the kit, and what its content says. */
#ifndef QANAT_TESTS_KIT_KIT_LRS_SESSION_H
#define QANAT_TESTS_KIT_KIT_LRS_SESSION_H

#include "tests/kit/kit_lrs.h"

struct kit_session {
    struct kit_lrs *kit;
    struct lrs_session session;
    char token[LRS_TOKEN_SIZE];
    char authorization[LRS_AUTHORIZATION_SIZE];
    struct lrs_client client;
};

/* Opens a cmi5 session of person "p1" on "http://au.example.com/1" with mastery 0.8, fetches it and signs in
 * with it. `change` may alter the session before; NULL: nothing to alter. */
void kit_session_open(struct kit_session *session, struct kit_lrs *kit,
                      void (*change)(struct lrs_session *session));
void kit_session_close(struct kit_session *session);

/* Says a cmi5 defined statement with this verb ("passed") and result members ("\"duration\":\"PT1S\"", may be
 * ""), category moveon or not. */
enum status kit_session_say(struct kit_session *session, const char *verb, const char *result,
                            bool is_moveon);

/* The session as it is stored now. Borrowed until the next call. */
const struct lrs_session *kit_session_now(struct kit_session *session);

#endif
