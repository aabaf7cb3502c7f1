#include "tests/kit/kit_golden.h"

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "node/care/inspect.h"
#include "node/stats/stats.h"
#include "node/store/people/person.h"
#include "replication/base/check.h"

extern char **environ;

void kit_golden_unpack(int version, const char *dir)
{
    const char *source = getenv("QANAT_SRC");
    char path[512], folder[512];
    char *words[] = {"tar", "-xzf", path, "-C", folder, NULL};
    int status = -1;
    pid_t pid;

    snprintf(path, sizeof path, "%s/tests/golden/schema-%d.tar.gz", source ? source : ".", version);
    snprintf(folder, sizeof folder, "%s", dir);
    CHECK(posix_spawnp(&pid, "tar", NULL, NULL, words, environ) == 0);
    CHECK(waitpid(pid, &status, 0) == pid && status == 0);
}

static const char *figures_check(struct store *store, const struct federation *federation)
{
    static char problem[160];
    struct roster *roster = roster_new(&federation->id, federation->authority_public);
    struct stats_request request = {.late_after_h = 24};
    struct stats_result result;
    int64_t number[METRIC_COUNT] = {0};

    if (stats_query(store, roster, &request, &result, NULL) == S_OK && result.count) {
        memcpy(number, result.rows[0].number, sizeof number);
    }
    stats_release(&result);
    roster_free(roster);
    if (number[METRIC_REGISTERED] == GOLDEN_REGISTERED && number[METRIC_ENROLLED] == GOLDEN_ENROLLED &&
        number[METRIC_STARTED] == GOLDEN_STARTED && number[METRIC_COMPLETED] == GOLDEN_COMPLETED) {
        return NULL;
    }
    snprintf(problem, sizeof problem, "%lld registered, %lld enrolled, %lld started, %lld completed", (long long)number[METRIC_REGISTERED],
             (long long)number[METRIC_ENROLLED], (long long)number[METRIC_STARTED], (long long)number[METRIC_COMPLETED]);
    return problem;
}

const char *kit_golden_check(const char *dir, struct store *store)
{
    struct federation federation;
    struct inspection inspection;
    struct findings findings;
    const char *problem = NULL;

    if (dir_load_federation(dir, &federation, NULL) != S_OK) {
        return "federation.json cannot be read";
    }
    findings_init(&findings);
    inspect_begin(&inspection, dir, store, &findings);
    inspect_pages(&inspection);
    inspect_streams(&inspection);
    inspect_end(&inspection);
    if (findings.faults) {
        problem = "verify finds a fault";
    }
    findings_release(&findings);
    struct db *db = store_read_begin(store);
    if (!problem && person_count(db) != GOLDEN_PEOPLE) {
        problem = "people are missing";
    }
    store_read_end(store, db);
    return problem ? problem : figures_check(store, &federation);
}
