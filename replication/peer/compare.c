/* Comparing: the digests differ, so the sides find out in which streams.
 *
 * The leader (the smaller node id) speaks first: its whole vector when it is small, else bucket digests,
 * which the other answers with its entries of the buckets that differ. Who gets entries that ask for an
 * answer sends back those of its own that are ahead of them; each side pulls where the other is ahead. Every
 * VECTOR message speaks of whole buckets and stands alone, so that a lost one costs no more than another
 * round. */
#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/peer/activity.h"

/* Entries of ours, grouped by bucket, on their way into VECTOR messages. */
struct parts {
    struct vector_message message;
    struct vector_entry *entries;
    uint32_t *covered;
    unsigned sent;
};

static uint32_t bucket_count_for(size_t streams)
{
    uint32_t count = BUCKETS_MIN;

    while ((uint64_t)count * count < streams && count < BUCKETS_SENT_MAX) {
        count *= 2;
    }
    return count;
}

static bool parts_begin(struct peer *peer, struct parts *parts, uint64_t round, uint32_t bucket_count,
                        bool is_reply)
{
    memset(parts, 0, sizeof *parts);
    parts->entries = arena_alloc(&peer->arena, ENTRIES_PER_PART * sizeof *parts->entries);
    parts->covered = arena_alloc(&peer->arena, COVERED_PER_PART * sizeof *parts->covered);
    parts->message.round = round;
    parts->message.bucket_count = bucket_count;
    parts->message.is_reply = is_reply;
    parts->message.entries = parts->entries;
    parts->message.buckets = parts->covered;
    return parts->entries && parts->covered;
}

static void parts_flush(struct peer *peer, struct parts *parts, bool is_last)
{
    struct message message = {.type = MESSAGE_VECTOR};

    parts->message.is_last = is_last;
    message.vector = parts->message;
    effect_send(peer, &message);
    parts->message.count = 0;
    parts->message.covered_count = 0;
    parts->sent++;
}

/* True while one more entry, or bucket, may be said in this answer. The last message is kept for
 * parts_flush(true). */
static bool parts_has_room(struct peer *peer, struct parts *parts, size_t filled, size_t limit)
{
    if (filled < limit) {
        return true;
    }
    if (parts->sent + 1 == PARTS_PER_STEP) {
        return false;
    }
    uint32_t bucket = parts->message.covered_count ? parts->covered[parts->message.covered_count - 1] : 0;
    bool is_open = parts->message.covered_count > 0;
    parts_flush(peer, parts, false);
    if (is_open) { /* the bucket goes on in the next part */
        parts->covered[parts->message.covered_count++] = bucket;
    }
    return true;
}

static bool parts_add_bucket(struct peer *peer, struct parts *parts, uint32_t bucket)
{
    if (!parts_has_room(peer, parts, parts->message.covered_count, COVERED_PER_PART - 1)) {
        return false;
    }
    if (parts->message.covered_count && parts->covered[parts->message.covered_count - 1] == bucket) {
        return true;
    }
    parts->covered[parts->message.covered_count++] = bucket;
    return true;
}

static bool parts_add_entry(struct peer *peer, struct parts *parts, const struct vector_entry *entry)
{
    if (!parts_has_room(peer, parts, parts->message.count, ENTRIES_PER_PART)) {
        return false;
    }
    parts->entries[parts->message.count++] = *entry;
    return true;
}

/* --- the leader's opening --- */

static void vector_send_whole(struct peer *peer)
{
    const struct vector *vector = &shared_get(peer)->vector;
    struct message message = {.type = MESSAGE_VECTOR};

    message.vector.round = peer->round.number;
    message.vector.entries = vector->entries;
    message.vector.count = vector->count;
    message.vector.is_last = true;
    effect_send(peer, &message);
}

static void buckets_send(struct peer *peer)
{
    const struct vector *vector = &shared_get(peer)->vector;
    uint32_t count = bucket_count_for(vector->count);
    uint64_t *digests = arena_alloc(&peer->arena, count * sizeof *digests);
    struct message message = {.type = MESSAGE_BUCKETS};

    if (!digests) {
        return;
    }
    vector_bucket_digests(vector, count, digests);
    message.buckets.round = peer->round.number;
    message.buckets.digests = digests;
    message.buckets.count = count;
    effect_send(peer, &message);
}

/* Streams may be moving already: then what the comparison finds joins them, and the state stays. */
void compare_start(struct peer *peer)
{
    if (peer->is_leader) {
        if (shared_get(peer)->vector.count <= VECTOR_WHOLE_MAX) {
            vector_send_whole(peer);
        } else {
            buckets_send(peer);
        }
    }
    round_enter(peer, pull_is_busy(peer) ? PEER_MOVING : PEER_COMPARING);
}

/* --- news --- */

/* The stream in which we tell of courses now; NULL: there is none, or the other has no right to it. */
static const struct vector_entry *own_catalogue(struct peer *peer)
{
    const struct stream_id stream = {peer->options.self, peer->view->living, TOPIC_CATALOGUE};

    return id_is_none(&stream.incarnation) ? NULL : vector_find(&shared_get(peer)->vector, &stream);
}

void compare_note_common(struct peer *peer)
{
    const struct vector_entry *entry = own_catalogue(peer);

    peer->round.common_living = peer->view->living;
    peer->round.common_catalogue = entry ? entry->seq : 0;
}

/* So the other wants them two ways of the line before the comparison that follows would have shown them. Courses alone: for
 * them a line lies idle. Results wait where closed streams of their writer come back, which a comparison tells (push.c), and
 * of the roster an order in which it is told depends. The message is an answer to nobody, as a legacy is: every version takes it. */
void compare_announce(struct peer *peer)
{
    const struct vector_entry *entry = own_catalogue(peer);
    bool is_same = id_equal(&peer->round.common_living, &peer->view->living);
    struct message message = {.type = MESSAGE_VECTOR};

    if (!entry || entry->seq <= (is_same ? peer->round.common_catalogue : 0)) {
        return;
    }
    message.vector.round = peer->round.number;
    message.vector.entries = entry;
    message.vector.count = 1;
    message.vector.is_reply = true;
    effect_send(peer, &message);
}

/* --- answers --- */

static int entry_compare(const void *a, const void *b)
{
    return stream_id_compare(&((const struct vector_entry *)a)->stream,
                             &((const struct vector_entry *)b)->stream);
}

struct bucketed {
    uint32_t bucket;
    const struct vector_entry *entry;
};

static int bucketed_compare(const void *a, const void *b)
{
    const struct bucketed *left = a, *right = b;

    if (left->bucket != right->bucket) {
        return left->bucket < right->bucket ? -1 : 1;
    }
    return entry_compare(left->entry, right->entry);
}

/* Our entries of the buckets marked in `is_covered` (NULL: all), in bucket order, in the step's arena. */
static struct bucketed *bucketed_list(struct peer *peer, const bool *is_covered, uint32_t bucket_count,
                                      size_t *count_out)
{
    const struct vector *vector = &shared_get(peer)->vector;
    struct bucketed *list = arena_alloc(&peer->arena, (vector->count + 1) * sizeof *list);
    size_t count = 0;

    for (size_t i = 0; list && i < vector->count; i++) {
        uint32_t bucket = is_covered ? vector_bucket_of(&vector->entries[i].stream, bucket_count) : 0;
        if (!is_covered || is_covered[bucket]) {
            list[count++] = (struct bucketed){bucket, &vector->entries[i]};
        }
    }
    if (list) {
        qsort(list, count, sizeof *list, bucketed_compare);
    }
    *count_out = count;
    return list;
}

/* True when the other cannot know from `theirs` (sorted) what `own` says. */
static bool is_news(const struct vector_entry *own, const struct vector_entry *theirs, size_t count)
{
    const struct vector_entry *found = bsearch(own, theirs, count, sizeof *theirs, entry_compare);

    if (!found || own->seq > found->seq) {
        return true;
    }
    return own->seq == found->seq && memcmp(own->check, found->check, sizeof own->check) != 0;
}

static void reply_send(struct peer *peer, const struct vector_message *message, const bool *is_covered)
{
    struct vector_entry *theirs = arena_alloc(&peer->arena, (message->count + 1) * sizeof *theirs);
    size_t own_count;
    struct bucketed *own = bucketed_list(peer, is_covered, message->bucket_count, &own_count);
    struct parts parts;

    if (!theirs || !own || !parts_begin(peer, &parts, message->round, 0, true)) {
        return;
    }
    if (message->count) {
        memcpy(theirs, message->entries, message->count * sizeof *theirs);
        qsort(theirs, message->count, sizeof *theirs, entry_compare);
    }
    for (size_t i = 0; i < own_count; i++) {
        if (is_news(own[i].entry, theirs, message->count) && !parts_add_entry(peer, &parts, own[i].entry)) {
            break;
        }
    }
    parts_flush(peer, &parts, message->is_last);
}

/* Both vectors are known as far as this round shows them. */
static void compare_finish(struct peer *peer)
{
    if (peer->state == PEER_COMPARING || (peer->state == PEER_IN_STEP && pull_is_busy(peer))) {
        round_enter(peer, PEER_MOVING);
    }
}

/* Marks the buckets a message speaks of; NULL when it speaks of all, or memory is out (then the answer says
 * too much, no harm). */
static const bool *covered_mark(struct peer *peer, const struct vector_message *message)
{
    bool *is_covered = message->bucket_count ? arena_alloc(&peer->arena, message->bucket_count) : NULL;

    if (!is_covered) {
        return NULL;
    }
    memset(is_covered, 0, message->bucket_count);
    for (size_t i = 0; i < message->covered_count; i++) {
        if (message->buckets[i] < message->bucket_count) {
            is_covered[message->buckets[i]] = true;
        }
    }
    return is_covered;
}

/* Notes what of these entries we lack. */
static void entries_note(struct peer *peer, const struct vector_entry *entries, size_t count)
{
    const struct vector *vector = &shared_get(peer)->vector;

    for (size_t i = 0; i < count; i++) {
        if (entries[i].seq == 0 || stream_is_frozen(peer, &entries[i].stream)) {
            continue;
        }
        if (shared_may(peer, &entries[i].stream)) {
            pull_note(peer, &entries[i], vector_find(vector, &entries[i].stream));
        } else if (stream_may_come(peer, &entries[i].stream)) {
            legacy_note(peer, &entries[i]);
        }
    }
}

void compare_on_vector(struct peer *peer, const struct vector_message *message)
{
    peer->round.attempts = 0;
    entries_note(peer, message->entries, message->count);
    if (!message->is_reply) {
        reply_send(peer, message, covered_mark(peer, message));
    }
    if (message->is_last || peer->state == PEER_IN_STEP) { /* in step: a legacy */
        compare_finish(peer);
    }
}

void compare_on_buckets(struct peer *peer, const struct buckets_message *message)
{
    const struct vector *vector = &shared_get(peer)->vector;
    uint32_t count = (uint32_t)message->count;
    uint64_t *digests = arena_alloc(&peer->arena, count * sizeof *digests);
    bool *differs = arena_alloc(&peer->arena, count);
    struct parts parts;
    size_t own_count, next = 0;

    if (!digests || !differs || !parts_begin(peer, &parts, message->round, count, false)) {
        return;
    }
    vector_bucket_digests(vector, count, digests);
    for (uint32_t i = 0; i < count; i++) {
        differs[i] = digests[i] != message->digests[i];
    }
    struct bucketed *own = bucketed_list(peer, differs, count, &own_count);
    for (uint32_t i = 0; own && i < count; i++) {
        if (differs[i] && !parts_add_bucket(peer, &parts, i)) {
            break;
        }
        for (; next < own_count && own[next].bucket == i; next++) {
            if (!parts_add_entry(peer, &parts, own[next].entry)) {
                i = count - 1;
                break;
            }
        }
    }
    parts_flush(peer, &parts, true);
    peer->round.attempts = 0;
}
