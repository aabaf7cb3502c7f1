#include "node/learn/result/event_tally.h"

#include "node/learn/result/result_fold.h"
#include "node/learn/vocabulary.h"
#include "node/timestamp.h"

struct tally_group *event_tally_group(struct tally *tally, const struct event_group *dims, int64_t at_ms)
{
    struct bytes part[PART_COUNT];
    char period[PERIOD_SIZE];

    timestamp_period(at_ms, period);
    part[PART_COURSE] = dims->course;
    part[PART_LANG] = dims->lang;
    part[PART_VERSION] = dims->version;
    part[PART_COHORT] = dims->cohort;
    part[PART_ROLE] = bytes_text(role_text((enum role)dims->role));
    part[PART_GENDER] = bytes_text(gender_text((enum gender)dims->gender));
    part[PART_PERIOD] = bytes_text(period);
    return tally_group(tally, part);
}

void event_tally(struct tally *tally, const struct event_group *dims, const struct event *event, int sign)
{
    struct tally_group *group = event_tally_group(tally, dims, event->at_ms);

    tally_add(group, result_metric((enum event_kind)event->kind), sign);
    tally_add(group, METRIC_MINUTES, sign * event->minutes);
    if (event->score != EVENT_NO_SCORE && sign > 0) {
        tally_score(group, event->score);
    } else if (event->score != EVENT_NO_SCORE) {
        tally_score_back(group, event->score);
    }
}
