/* authority_propose.h: statements of the authority on their way: written, signed with the keys at hand, and published when
 * these are enough; else a paper for the others to sign. */
#ifndef QANAT_NODE_CMD_AUTHORITY_PROPOSE_H
#define QANAT_NODE_CMD_AUTHORITY_PROPOSE_H

#include "node/cmd/authority_paper.h"
#include "replication/trust/authority.h"

struct proposal {
    struct command_context *context;
    struct roster *roster;
    struct authority_keys keys;
    struct paper *paper;
    const char *out; /* --out FILE, or NULL */
    bool is_anyway;  /* --anyway */
    uint64_t now_ms;
};

/* Takes --key, --out and --anyway, and reads the roster. S_DENIED when the first key is not one of the present authority.
 * proposal_close() afterwards, whatever it returns. */
enum status proposal_open(struct command_context *context, struct proposal *proposal);
void proposal_close(struct proposal *proposal);

/* Each writes one statement (adopt: as many as it takes), signed by the first key. */
enum status proposal_admit(struct proposal *proposal, const struct roster_node *node);
/* The new key that the node asks for. */
enum status proposal_grant(struct proposal *proposal, const struct id *node);
/* As of now, with what is held here of its streams as their ends. */
enum status proposal_revoke(struct proposal *proposal, const struct id *node, const char *reason);
/* Stamped `at_ms`: of several about one admission the latest holds. */
enum status proposal_adopt(struct proposal *proposal, const struct id *parent, struct hash *admissions, size_t count, uint64_t at_ms);
enum status proposal_hand_on(struct proposal *proposal, const char *keys, const char *threshold);

/* Signs with the other keys; publishes, or saves. Prints how it stands. */
enum status proposal_end(struct proposal *proposal);

/* Publishes `paper` at this node. S_DENIED when signatures are missing, S_STALE when a later generation speaks, S_EXISTS
 * when members would be put out that no statement in it revokes (unless `is_anyway`). */
enum status paper_publish(struct command_context *context, struct paper *paper, bool is_anyway);

#endif
