#include "tests/kit/kit_lrs_session.h"

#include <stdio.h>
#include <string.h>

#include "replication/base/check.h"
#include "tests/kit/kit.h"

static enum status open_run(struct db *db, void *arg)
{
    struct kit_session *session = arg;

    return lrs_session_open(&session->kit->lrs, db, &session->session, session->token);
}

static enum status fetch_run(struct db *db, void *arg)
{
    struct kit_session *session = arg;

    return lrs_session_fetch(db, session->token, session->kit->now_ms, session->authorization);
}

void kit_session_open(struct kit_session *session, struct kit_lrs *kit,
                      void (*change)(struct lrs_session *session))
{
    char header[LRS_AUTHORIZATION_SIZE + 8];

    memset(session, 0, sizeof *session);
    session->kit = kit;
    session->session = (struct lrs_session){.launch = 7,
                                            .is_cmi5 = true,
                                            .person = bytes_text("p1"),
                                            .name = bytes_text("Айгүл"),
                                            .registration = {1, 2, 3},
                                            .activity = bytes_text("http://au.example.com/1"),
                                            .publisher = bytes_text("http://publisher.example.com/1"),
                                            .mastery = 0.8,
                                            .move_on = bytes_text("CompletedAndPassed"),
                                            .launch_method = bytes_text("AnyWindow"),
                                            .launch_url = bytes_text("http://content.example.com/au.html"),
                                            .lang = bytes_text("kk"),
                                            .now_ms = kit->now_ms};
    if (change) {
        change(&session->session);
    }
    CHECK(kit_lrs_run(kit, open_run, session) == S_OK);
    CHECK(kit_lrs_run(kit, fetch_run, session) == S_OK);
    snprintf(header, sizeof header, "Basic %s", session->authorization);
    struct db *db = store_read_begin(kit->kit.store);
    CHECK(client_open(&kit->lrs, db, header, kit->now_ms, &session->client) == S_OK);
    store_read_end(kit->kit.store, db);
}

void kit_session_close(struct kit_session *session)
{
    client_release(&session->client);
}

enum status kit_session_say(struct kit_session *session, const char *verb, const char *result, bool is_moveon)
{
    char json[4096], uuid[LRS_UUID_TEXT_SIZE], registration[LRS_UUID_TEXT_SIZE], own[LRS_UUID_TEXT_SIZE];
    uint8_t id[LRS_UUID_SIZE];

    lrs_uuid_make(id);
    lrs_uuid_text(id, own);
    lrs_uuid_text(session->session.session, uuid);
    lrs_uuid_text(session->session.registration, registration);
    snprintf(json, sizeof json,
             "{\"id\":\"%s\",\"timestamp\":\"2026-10-05T12:00:00Z\",\"actor\":{\"account\":{\"homePage\":\"%s\",\"name\":\"%.*s\"}},\"verb\":{\"id\":\"http://"
             "adlnet.gov/expapi/verbs/%s\"},"
             "\"object\":{\"id\":\"%.*s\"},\"result\":{%s},\"context\":{\"registration\":\"%s\","
             "\"extensions\":{\"" CMI5_SESSION "\":\"%s\",\"" CMI5_MASTERY "\":0.8},"
             "\"contextActivities\":{\"grouping\":[{\"id\":\"http://publisher.example.com/1\"}],\"category\":[{\"id\":\"" CMI5_CATEGORY "\"}%s]}}}",
             own, session->kit->lrs.home, (int)session->session.person.size, session->session.person.data, verb,
             (int)session->session.activity.size, session->session.activity.data, result, registration, uuid,
             is_moveon ? ",{\"id\":\"" CMI5_CATEGORY_MOVEON "\"}" : "");
    return kit_lrs_post_as(session->kit, &session->client, LRS_1_0_3, json);
}

const struct lrs_session *kit_session_now(struct kit_session *session)
{
    static struct lrs_session now;
    static struct buffer texts;
    struct db *db = store_read_begin(session->kit->kit.store);

    CHECK(lrs_session_find(db, session->session.row, &texts, &now));
    store_read_end(session->kit->kit.store, db);
    return &now;
}
