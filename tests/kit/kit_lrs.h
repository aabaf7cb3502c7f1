/* kit_lrs.h: a record store in a scratch directory, with a client that may do everything. */
#ifndef QANAT_TESTS_KIT_KIT_LRS_H
#define QANAT_TESTS_KIT_KIT_LRS_H

#include "node/lrs/batch.h"
#include "node/lrs/cmi5.h"
#include "node/lrs/query.h"
#include "tests/kit/kit_store.h"

struct kit_lrs {
    struct kit_store kit;
    struct lrs lrs;
    struct lrs_client client;
    struct report report; /* of the last call */
    int64_t now_ms;       /* of the next call; moves on by itself */
    char *text;           /* what the last question answered */
};

/* A statement as JSON with these parts; each is JSON, `more` begins with a comma or is "". */
#define KIT_ACTOR "{\"mbox\":\"mailto:a@example.com\"}"
#define KIT_STATEMENT(actor, verb, object, more)                                                             \
    "{\"actor\":" actor ",\"verb\":{\"id\":\"" verb "\"},\"object\":" object more "}"
#define KIT_PLAIN(more)                                                                                      \
    KIT_STATEMENT(KIT_ACTOR, "http://v.example.com/1", "{\"id\":\"http://a.example.com/1\"}", more)
#define KIT_ID(n) "00000000-0000-4000-8000-00000000000" #n

void kit_lrs_open(struct kit_lrs *kit);
void kit_lrs_close(struct kit_lrs *kit);

/* For cmocka: the state is the kit. */
int kit_lrs_setup(void **state);
int kit_lrs_teardown(void **state);

/* Stores statements as 2.0 (post) or under a session; the status of decoding or storing. */
enum status kit_lrs_post(struct kit_lrs *kit, const char *json);
enum status kit_lrs_post_as(struct kit_lrs *kit, const struct lrs_client *client, enum lrs_version version,
                            const char *json);

/* The statement with that id as it is answered, "" when there is none. Borrowed until the next question. */
const char *kit_lrs_get(struct kit_lrs *kit, const char *id, enum render_format format);

/* How many statements a term finds. */
size_t kit_lrs_count(struct kit_lrs *kit, uint64_t term);

/* Runs a job and waits. */
enum status kit_lrs_run(struct kit_lrs *kit, store_job *job, void *arg);

/* A tree in memory that lives as long as the program; aborts when the text is no JSON. */
struct tree *kit_tree(const char *json);

/* Parses `json` and gives what the rules say: S_OK or S_INVALID, the place in `report`. */
enum status kit_rules(const char *json, enum lrs_version version, struct report *report);

#endif
