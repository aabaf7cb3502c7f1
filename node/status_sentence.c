#include "node/status_sentence.h"

#include <stdio.h>
#include <string.h>

#include "replication/trust/authority.h"

enum { CONTENT_TEXT_MAX = 128 };

/* "; 1.4 of 3.0 GB of courses to come, 2.0 Mbit/s, 93 min left" */
static void content_write(const struct survey *survey, char out[CONTENT_TEXT_MAX])
{
    bool is_large = survey->content_total >= 1000000000;
    double unit = is_large ? 1e9 : 1e6;

    out[0] = '\0';
    if (survey->content_left == 0) {
        return;
    }
    int used = snprintf(out, CONTENT_TEXT_MAX, "; %.1f of %.1f %s of courses to come",
                        (double)survey->content_left / unit, (double)survey->content_total / unit,
                        is_large ? "GB" : "MB");
    if (survey->rate_bits > 0 && survey->request->is_running) {
        snprintf(out + used, CONTENT_TEXT_MAX - (size_t)used, ", %.1f Mbit/s, %llu min left",
                 (double)survey->rate_bits / 1e6,
                 (unsigned long long)(survey->content_left * 8 / survey->rate_bits / 60 + 1));
    }
}

static const char *alarm_format(const char *what)
{
    if (strcmp(what, "implausible") == 0) {
        return "; ALARM: figures of %s can hardly be right (qanat doctor)";
    }
    return strcmp(what, "figures_doubled") == 0 ? "; ALARM: a part of the figures of %s counts twice (qanat doctor)" : "; ALARM: two machines write as %s";
}

/* What was signed here, or for this node, and came too late to hold. */
static int unheard_append(const struct survey *survey, char out[STATUS_SENTENCE_MAX], int used)
{
    char text[UNHEARD_TEXT_MAX];

    for (size_t i = 0; i < survey->unheard_count; i++) {
        if (used > 0 && used < STATUS_SENTENCE_MAX && survey->unheard[i].is_ours) {
            unheard_text(survey->roster, &survey->unheard[i], text);
            used += snprintf(out + used, STATUS_SENTENCE_MAX - (size_t)used, "; WITHOUT EFFECT: that %s is %s (qanat doctor)", survey->unheard[i].name, text);
        }
    }
    return used;
}

static void alarms_append(const struct survey *survey, char out[STATUS_SENTENCE_MAX], int used)
{
    const char *doubted = "";
    json_t *row;
    size_t at;

    if (used > 0 && used < STATUS_SENTENCE_MAX && survey->is_read_only) {
        used += snprintf(out + used, STATUS_SENTENCE_MAX - (size_t)used, "; ALARM: the disk is read-only, nothing can be recorded");
    }
    if (used > 0 && used < STATUS_SENTENCE_MAX && survey->is_full) {
        used += snprintf(out + used, STATUS_SENTENCE_MAX - (size_t)used, "; ALARM: the disk is full, free some space now");
    }
    if (used > 0 && used < STATUS_SENTENCE_MAX && survey->is_key_given_up) {
        used += snprintf(out + used, STATUS_SENTENCE_MAX - (size_t)used, "; ALARM: this node changed its keys, and node.key holds those before");
    }
    json_array_foreach(survey->asking, at, row)
    {
        if (used > 0 && used < STATUS_SENTENCE_MAX) {
            used += snprintf(out + used, STATUS_SENTENCE_MAX - (size_t)used, "; %s asks for a new key (qanat key admit)", json_string_value(row));
        }
    }

    if (used > 0 && used < STATUS_SENTENCE_MAX && roster_authority(survey->roster)->rival_count > 0) {
        used += snprintf(out + used, STATUS_SENTENCE_MAX - (size_t)used, "; ALARM: the authority is disputed (qanat authority show)");
    }
    used = unheard_append(survey, out, used);
    json_array_foreach(survey->alarms, at, row)
    {
        const char *node = json_string_value(json_object_get(row, "node"));
        bool is_doubt = strcmp(json_string_value(json_object_get(row, "what")), "implausible") == 0;
        if (used <= 0 || used >= STATUS_SENTENCE_MAX || (is_doubt && strcmp(node, doubted) == 0)) {
            continue;
        }
        used += snprintf(out + used, STATUS_SENTENCE_MAX - (size_t)used, alarm_format(json_string_value(json_object_get(row, "what"))), node);
        doubted = is_doubt ? node : doubted;
    }
    json_array_foreach(survey->aside, at, row)
    {
        if (used > 0 && used < STATUS_SENTENCE_MAX) {
            used += snprintf(out + used, STATUS_SENTENCE_MAX - (size_t)used, "; in quarantine: %s", json_string_value(json_object_get(row, "node")));
        }
    }
}

/* When no peer was heard of yet. */
static void silence_write(const struct survey *survey, char out[STATUS_SENTENCE_MAX])
{
    size_t below = 0;

    for (size_t i = 0; i < roster_count(survey->roster); i++) {
        const struct roster_node *node = roster_at(survey->roster, i);
        below += !node->is_revoked && roster_is_above(survey->roster, &survey->request->identity->node, &node->node);
    }
    const struct roster_node *above = survey->has_uplink ? roster_uplink(survey->roster, &survey->self->node) : NULL;
    if (above && above->is_revoked) {
        snprintf(out, STATUS_SENTENCE_MAX, "waiting: %s, above this node, was revoked (qanat doctor)", above->name);
        return;
    }
    snprintf(out, STATUS_SENTENCE_MAX, "%s", survey->has_uplink ? "waiting: the node above has not been reached yet" : "in step: nobody has joined below yet");
    if (!survey->has_uplink && below > 0) {
        snprintf(out, STATUS_SENTENCE_MAX, "in step: nothing was heard yet from below; admitted there: %zu", below);
    }
}

/* Behind what is said of the link, where there never was one, or none since. */
static int stick_append(const struct survey *survey, char out[STATUS_SENTENCE_MAX], int used)
{
    char ago[48];

    if (survey->main_bundle_ms <= survey->main_success_ms) {
        return used;
    }
    status_ago(survey->main_bundle_ms, survey->request->now_ms, ago, sizeof ago);
    return used + snprintf(out + used, STATUS_SENTENCE_MAX - (size_t)used, "; by stick: its bundle, made %s by its clock, was taken in, up to %llu cells to go",
                           ago, (unsigned long long)survey->main_they_lack);
}

void status_sentence(const struct survey *survey, char out[STATUS_SENTENCE_MAX])
{
    char ago[48], window[HOURS_TEXT_MAX], content[CONTENT_TEXT_MAX];
    int used = 0;

    status_ago(survey->main_success_ms, survey->request->now_ms, ago, sizeof ago);
    hours_text(&survey->main_hours, survey->request->now_ms, window);
    if (!*survey->main_peer) {
        silence_write(survey, out);
    } else if (strcmp(survey->worst, "in_step") == 0) {
        used = snprintf(out, STATUS_SENTENCE_MAX, "in step with %s, %s%s%s", survey->main_peer, ago, *window ? "; " : "", window);
    } else if (strcmp(survey->worst, "behind") == 0 && survey->main_bundle_ms > survey->main_success_ms) { /* what was to come then may have come by it */
        used = snprintf(out, STATUS_SENTENCE_MAX, "behind: last in step with %s %s", survey->main_peer, ago);
        used = stick_append(survey, out, used);
    } else if (strcmp(survey->worst, "behind") == 0) {
        used = snprintf(out, STATUS_SENTENCE_MAX, "behind: %llu cells to come from %s, up to %llu to go; last in step %s",
                        (unsigned long long)survey->main_we_lack, survey->main_peer, (unsigned long long)survey->main_they_lack, ago);
    } else if (strcmp(survey->worst, "offline") == 0) {
        used = snprintf(out, STATUS_SENTENCE_MAX, survey->is_refused ? "offline: %s refuses this node (qanat doctor); last in step %s"
                                                                      : "offline: %s is out of reach; last in step %s", survey->main_peer, ago);
        used = stick_append(survey, out, used);
    } else if (!hours_is_open(&survey->main_hours)) {
        used = snprintf(out, STATUS_SENTENCE_MAX, "waiting for %s: %s; %llu cells to come, up to %llu to go; last in step %s", survey->main_peer, window,
                        (unsigned long long)survey->main_we_lack, (unsigned long long)survey->main_they_lack, ago);
    } else {
        used = snprintf(out, STATUS_SENTENCE_MAX, "waiting: never in step with %s yet", survey->main_peer);
        used += survey->main_bundle_ms > 0 ? snprintf(out + used, STATUS_SENTENCE_MAX - (size_t)used, " over a link") : 0;
        used = stick_append(survey, out, used);
    }
    content_write(survey, content);
    if (used > 0 && used < STATUS_SENTENCE_MAX) {
        used += snprintf(out + used, STATUS_SENTENCE_MAX - (size_t)used, "%s", content);
    }
    if (used > 0 && used < STATUS_SENTENCE_MAX && survey->main_missed > 0) {
        used += snprintf(out + used, STATUS_SENTENCE_MAX - (size_t)used, "; %u window%s missed", survey->main_missed, survey->main_missed == 1 ? "" : "s");
    }
    if (used > 0 && used < STATUS_SENTENCE_MAX && !survey->request->is_running) {
        snprintf(out + used, STATUS_SENTENCE_MAX - (size_t)used, "; the node is not running");
    }
    alarms_append(survey, out, (int)strlen(out));
    utf8_disarm_line(out); /* what has no room is cut, perhaps within a name */
}
