#include "node/link/mirror/site.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/log.h"
#include "replication/base/check.h"

void mirror_site_init(struct mirror_site *site, const struct mirror *mirror,
                      const struct mirror_record *record)
{
    *site = (struct mirror_site){.mirror = *mirror, .record = *record};
    site->record.rests_until_ms = 0; /* a start, or a new naming, is another chance */
    site->absent = calloc(MIRROR_ABSENT_MAX, sizeof *site->absent);
    CHECK(site->absent != NULL);
}

void mirror_site_release(struct mirror_site *site)
{
    free(site->absent);
    site->absent = NULL;
}

bool mirror_site_is_up(const struct mirror_site *site, uint64_t now_ms)
{
    return now_ms >= site->rests_until_ms;
}

bool mirror_site_is_quick(const struct mirror_site *site)
{
    return site->rate_bits == 0 || site->rate_bits >= MIRROR_QUICK_BITS;
}

static void site_rest(struct mirror_site *site, uint64_t rest_ms, const char *error, uint64_t now_ms,
                      uint64_t wall_ms)
{
    site->rests_until_ms = now_ms + rest_ms;
    site->record.rests_until_ms = wall_ms + rest_ms;
    site->record.failures++;
    snprintf(site->record.error, sizeof site->record.error, "%s", error);
    site->is_changed = true;
    site->measured_ms = 0;
    log_event(LOG_WARNING, "mirror_rests", "mirror=%s error=\"%s\" rest_ms=%llu", site->mirror.url, error,
              (unsigned long long)rest_ms);
}

static void absent_add(struct mirror_site *site, const struct hash *content, uint64_t now_ms)
{
    if (site->absent_count == 0 ||
        now_ms - site->absent_since_ms >= MIRROR_ABSENT_MS) { /* asked again from time to time */
        site->absent_count = 0;
        site->absent_at = 0;
        site->absent_since_ms = now_ms;
    }
    site->absent[site->absent_at] = *content;
    site->absent_at = (site->absent_at + 1) % MIRROR_ABSENT_MAX;
    site->absent_count += site->absent_count < MIRROR_ABSENT_MAX;
}

bool mirror_site_lacks(const struct mirror_site *site, const struct hash *content, uint64_t now_ms)
{
    for (size_t i = 0; i < site->absent_count && now_ms - site->absent_since_ms < MIRROR_ABSENT_MS; i++) {
        if (hash_equal(&site->absent[i], content)) {
            return true;
        }
    }
    return false;
}

static uint64_t rest_after(unsigned failures)
{
    uint64_t rest_ms = MIRROR_REST_MIN_MS;

    while (--failures > 0 && rest_ms < MIRROR_REST_MAX_MS) {
        rest_ms *= 2;
    }
    return rest_ms < MIRROR_REST_MAX_MS ? rest_ms : MIRROR_REST_MAX_MS;
}

void mirror_site_judge(struct mirror_site *site, const struct hash *content, enum status status,
                       const char *error, uint64_t now_ms, uint64_t wall_ms)
{
    if (status == S_OK) {
        site->failures = 0;
        site->absent_run = 0;
        site->is_changed = site->is_changed || site->record.error[0];
        site->record.error[0] = '\0';
    } else if (status == S_NOT_FOUND || status == S_DENIED) {
        absent_add(site, content, now_ms);
        if (++site->absent_run >= MIRROR_ABSENT_RUN) {
            site->absent_run = 0;
            site_rest(site, MIRROR_REST_MAX_MS, "it lacks what this node wants", now_ms, wall_ms);
        }
    } else if (status == S_BAD_DIGEST) {
        site_rest(site, MIRROR_REST_LIE_MS, error, now_ms, wall_ms);
    } else {
        site_rest(site, rest_after(++site->failures), error, now_ms, wall_ms);
    }
}

void mirror_site_moved(struct mirror_site *site, size_t size)
{
    site->moved_bytes += size;
}

void mirror_site_stored(struct mirror_site *site, size_t size, uint64_t wall_ms)
{
    site->record.bytes += size;
    site->record.objects++;
    site->record.at_ms = wall_ms;
    site->is_changed = true;
}

bool mirror_site_measure(struct mirror_site *site, bool is_asked, bool is_held, uint64_t now_ms,
                         uint64_t wall_ms)
{
    if (!is_asked || is_held || site->measured_ms == 0) {
        site->measured_ms = is_asked && !is_held ? now_ms : 0;
        site->moved_bytes = 0;
        return false;
    }
    uint64_t took_ms = now_ms - site->measured_ms;
    if (took_ms < MIRROR_SLOW_MS / 4) {
        return false;
    }
    uint64_t rate_bits = site->moved_bytes * 8000 / took_ms;
    if (rate_bits >= MIRROR_SLOW_BITS || took_ms >= MIRROR_SLOW_MS) {
        site->measured_ms = now_ms;
        site->moved_bytes = 0;
    }
    site->rate_bits = rate_bits > 0 ? rate_bits : 1;
    if (took_ms < MIRROR_SLOW_MS || rate_bits >= MIRROR_SLOW_BITS) {
        return false;
    }
    site->rate_bits = 0;
    site_rest(site, rest_after(++site->failures + 2), "it is too slow", now_ms, wall_ms);
    return true;
}

/* --- all of them
 * -------------------------------------------------------------------------------------------- */

size_t mirror_sites_replace(struct mirror_site sites[MIRRORS_MAX], size_t count, const struct mirror *named,
                            size_t named_count, struct db *db)
{
    struct mirror_site before[MIRRORS_MAX];

    memcpy(before, sites, sizeof before);
    for (size_t i = 0; i < named_count; i++) {
        struct mirror_site *known = NULL;
        for (size_t j = 0; j < count && !known; j++) {
            known = before[j].absent && strcmp(before[j].mirror.url, named[i].url) == 0 ? &before[j] : NULL;
        }
        if (known) {
            sites[i] = *known;
            sites[i].mirror = named[i];
            known->absent = NULL;
        } else {
            struct mirror_record record;
            mirror_record_get(db, named[i].url, &record);
            mirror_site_init(&sites[i], &named[i], &record);
            log_event(LOG_INFO, "mirror_known", "mirror=%s", named[i].url);
        }
    }
    for (size_t j = 0; j < count; j++) {
        mirror_site_release(&before[j]);
    }
    return named_count;
}

/* A record on its way. */
struct record_job {
    char url[MIRROR_URL_MAX + 1];
    struct mirror_record record;
    size_t *writes;
};

static enum status record_run(struct db *db, void *arg)
{
    const struct record_job *job = arg;

    return mirror_record_put(db, job->url, &job->record);
}

static void record_done(void *arg, enum status status)
{
    struct record_job *job = arg;

    (void)status; /* figures for people: the next ones come in a while */
    (*job->writes)--;
    free(job);
}

void mirror_site_tell(struct mirror_site *site, uint64_t now_ms, struct store *store, size_t *writes)
{
    uint64_t took_ms = now_ms - site->told_ms, came = site->record.bytes - site->told_bytes;
    uint64_t rate_bits = now_ms > 0 && site->told_ms > 0 && took_ms > 0 ? came * 8000 / took_ms : 0;

    site->told_ms = now_ms;
    site->told_bytes = site->record.bytes;

    if (!site->is_changed && site->record.rate_bits == rate_bits) {
        return;
    }
    struct record_job *job = calloc(1, sizeof *job);
    CHECK(job != NULL);
    site->record.rate_bits = rate_bits;
    site->is_changed = false;
    memcpy(job->url, site->mirror.url, sizeof job->url);
    job->record = site->record;
    job->writes = writes;
    (*writes)++;
    store_write(store, record_run, job, record_done);
}
