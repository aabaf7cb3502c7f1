/* issue.h: credentials are issued and revoked: the document, the row, the event and the cells in one
 * transaction.
 *
 * Issuing counts `certified` once a credential, revoking `revoked` once. Issuing again for the same person,
 * course and cohort gives the one that stands. */
#ifndef QANAT_NODE_BADGE_ISSUE_H
#define QANAT_NODE_BADGE_ISSUE_H

#include "node/badge/credential.h"
#include "node/config.h"
#include "node/store/store.h"

struct issuer {
    struct store *store;
    const struct federation *federation;
    const struct identity *identity;
    const struct config *config;
};

struct issue_request {
    struct bytes person, course, cohort; /* cohort may be empty */
    const char *lang, *title;            /* NULL: as the course has it here */
    int64_t score;                       /* hundredths; SCORE_NONE: that of the completion, if there is one */
    int64_t expires_ms;                  /* 0: never */
    int64_t now_ms;
};

struct issue_outcome {
    bool is_new;            /* false: it was issued before and stands */
    bool is_known_course;   /* a package of the course is known here */
    bool has_completed;     /* a completion of the course by this person is recorded here */
    struct buffer uuid;     /* text */
    struct buffer document; /* text */
};

void issue_outcome_init(struct issue_outcome *outcome);
void issue_outcome_release(struct issue_outcome *outcome);

/* S_OK: durable. S_NOT_FOUND without such a person, or where nobody knows a cohort of that name; S_INVALID for a text that cannot be a
 * course, cohort, language or title, and for a cohort that takes another course. */
enum status credential_issue(const struct issuer *issuer, const struct issue_request *request,
                             struct issue_outcome *outcome, struct report *report);

/* S_OK: durable; *is_new_out false when it was revoked before. S_NOT_FOUND when it was not issued here,
 * S_TOO_LARGE or S_INVALID for the reason. */
enum status credential_revoke(const struct issuer *issuer, const char *uuid, const char *reason,
                              int64_t now_ms, bool *is_new_out, struct report *report);

/* The status list `list` of this node with every revocation in it, signed as of now. */
json_t *credential_status_list(const struct issuer *issuer, const struct id *list, int64_t now_ms);

/* The name of a list: a URL when the node has a public one (option public_url), else a URN. */
void credential_list_name(const struct config *config, const struct id *list, char out[CREDENTIAL_LIST_MAX]);

#endif
