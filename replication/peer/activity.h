/* activity.h: what the files of a session ask of each other. Private to replication/peer; all run inside a step. */
#ifndef QANAT_PEER_ACTIVITY_H
#define QANAT_PEER_ACTIVITY_H

#include "replication/peer/legacy.h"

/* --- effect.c: what leaves a step --- */
/* A fresh effect of this step, zeroed; borrowed until the next one is made. */
struct effect *effect_add(struct peer *peer, enum effect_kind kind);
uint64_t effect_ticket(struct peer *peer, struct effect *effect);
/* Encodes and sends; the message must be within its limits. */
void effect_send(struct peer *peer, const struct message *message);
/* Sends a frame already made, copying it. */
void effect_send_frame(struct peer *peer, enum channel channel, struct bytes frame);
/* The same without a copy: the frame stays where it is until the next step. */
void effect_send_kept(struct peer *peer, enum channel channel, struct bytes frame);
/* Counts a refusal, tells both sides, closes at REFUSALS_MAX. `stream` may be NULL. */
void effect_refuse(struct peer *peer, enum message_type type, const struct stream_id *stream, enum status status, const char *text);
void effect_close(struct peer *peer, uint32_t after_ms);
/* What one bulk frame of `size` bytes costs of the credit. */
uint32_t bulk_cost(size_t size);

/* --- shared.c: the vector both sides may hold --- */
bool shared_may(const struct peer *peer, const struct stream_id *stream);
/* Rebuilds when the view, the roster or the frozen set changed. */
const struct shared *shared_get(struct peer *peer);
void shared_drop(struct peer *peer);
bool stream_is_frozen(const struct peer *peer, const struct stream_id *stream);
/* Leaves the stream alone until then (UINT64_MAX: for this session). */
void stream_freeze(struct peer *peer, const struct stream_id *stream, uint64_t until_ms);
/* Leaves our living stream alone until we write on under another incarnation. */
void stream_freeze_living(struct peer *peer, const struct stream_id *stream);
bool stream_is_living(const struct peer *peer, const struct stream_id *stream);
/* True when some came free again. */
bool streams_thaw(struct peer *peer);
uint64_t streams_thaw_ms(const struct peer *peer); /* when the next one does; UINT64_MAX: none */

/* --- greet.c --- */
void greet_start(struct peer *peer);
void greet_on_hello(struct peer *peer, const struct hello *hello);
void greet_on_timer(struct peer *peer);
void greet_on_change(struct peer *peer); /* looks whether a change asks for a new round */
/* Enters a state and sets its timer. */
void round_enter(struct peer *peer, enum peer_state state);
uint64_t round_wait_ms(const struct peer *peer, uint32_t doublings);

/* --- compare.c --- */
void compare_start(struct peer *peer);
void compare_note_common(struct peer *peer); /* in step: up to here both have our own courses */
void compare_announce(struct peer *peer);    /* tells where those stand, when they moved since; a HELLO follows */
void compare_on_vector(struct peer *peer, const struct vector_message *message);
void compare_on_buckets(struct peer *peer, const struct buckets_message *message);

/* --- pull.c: streams in --- */
/* Notes the stream, when the other is ahead of `own` (NULL: nothing is held), or contradicts it. */
void pull_note(struct peer *peer, const struct vector_entry *entry, const struct vector_entry *own);
void pull_on_batch(struct peer *peer, struct bytes body, size_t frame_size);
void pull_on_durable(struct peer *peer, const struct peer_event *event);
/* Sends WANT and CREDIT when due; called once at the end of each step. */
void pull_continue(struct peer *peer);
void pull_on_timer(struct peer *peer);
void pull_clear(struct peer *peer);
bool pull_is_busy(const struct peer *peer);
uint64_t pull_cells(const struct peer *peer); /* so many are behind in those noted; in peer.c */
/* Streams of that writer come from the other, those of the roster aside. */
bool pull_is_of(const struct peer *peer, const struct id *writer);

/* --- push.c: streams out --- */
void push_on_want(struct peer *peer, const struct want_message *message);
void push_on_credit(struct peer *peer, uint64_t credit);
unsigned push_continue(struct peer *peer, unsigned frames); /* sends up to so many bulk frames; returns how many */
bool push_is_busy(const struct peer *peer);

/* --- objects_in.c, objects_out.c --- */
void objects_in_wake(struct peer *peer);
void objects_in_wake_late(struct peer *peer); /* from behind objects_in_continue() */
void objects_in_on_pieces(struct peer *peer, const struct pieces_message *message);
void objects_in_on_absent(struct peer *peer, const struct hashes_message *message);
/* True when the ticket was one of an object. */
bool objects_in_on_durable(struct peer *peer, const struct peer_event *event);
void objects_in_on_change(struct peer *peer);
void objects_in_continue(struct peer *peer);
void objects_in_clear(struct peer *peer);
uint64_t objects_in_deadline(const struct peer *peer);
bool objects_in_is_waiting(const struct peer *peer);
/* Objects are asked for, on their way into the store, or about to be: what came last may have made others wanted. */
bool objects_in_is_moving(const struct peer *peer);
/* Counts the wants, up to a bound, also into the progress. */
uint32_t objects_in_wanted_count(struct peer *peer);
void objects_out_on_ask(struct peer *peer, const struct hashes_message *message);
bool objects_out_is_queued(const struct peer *peer, const struct hash *object);
unsigned objects_out_continue(struct peer *peer, unsigned frames);
void objects_out_demand(struct peer *peer); /* again, what is absent still, when it is time */
uint64_t objects_out_deadline(const struct peer *peer);
/* True when the other should be told that something it asked for has come. */
bool objects_out_has_news(struct peer *peer);
uint64_t objects_out_news_ms(const struct peer *peer); /* when to look for it again though nothing changes: some is kept back; UINT64_MAX: none is */
void objects_out_clear(struct peer *peer);
void objects_out_release(struct peer *peer); /* the frames of the last step */

/* --- offer.c: what siblings tell each other of objects that one asked for in vain --- */
/* Neither node is above the other. */
bool offer_is_near(const struct peer *peer);
void offer_on_offer(struct peer *peer, const struct offer_message *offer);
/* Before something is asked for. */
void offer_greet(struct peer *peer);
/* In: the other said that it lacks it; whether it did (then this pass has met it); as much is remembered as may be. */
void offer_note_absent(struct peer *peer, const struct fetch *fetch);
bool offer_is_lacked(struct peer *peer, const struct hash *object);
bool offer_is_full(const struct peer *peer);
void offer_pass_begin(struct peer *peer);
void offer_pass_end(struct peer *peer);
/* The other greeted: all of it may be otherwise. */
void offer_forget(struct peer *peer);
/* Out: what other sessions fetch changed; the store did. */
void offer_on_shared(struct peer *peer);
void offer_on_change(struct peer *peer);
void offer_continue(struct peer *peer);
uint64_t offer_deadline(const struct peer *peer);
/* When `size` bytes asked for now are overdue. */
uint64_t offer_due_ms(const struct peer *peer, uint64_t size);

/* --- objects_in.c for patches_in.c --- */
struct fetch *fetch_find(struct peer *peer, const struct hash *object);
/* Forgets what has come of it and asks once more, without bases. */
void objects_in_restart(struct peer *peer, struct fetch *fetch);

/* --- patches_in.c, patches_out.c --- */
/* Asks for fetches that have bases, as many as fit one message; returns how many. */
size_t patches_ask(struct peer *peer, const struct fetch *const *fetches, size_t count);
void patches_in_on_patches(struct peer *peer, const struct patches_message *message);
void patches_out_on_ask_from(struct peer *peer, const struct ask_from_message *message);
void patches_out_on_ask(struct peer *peer, const struct hashes_message *message);
/* Sends one frame, when there is something to send and `frames` allows it; returns how many. */
unsigned patches_out_continue(struct peer *peer, unsigned frames);
void patches_out_clear(struct peer *peer);

/* --- receipt.c --- */
/* A stream became durable here. */
void receipt_note(struct peer *peer, const struct stream_id *stream, uint64_t seq);
void receipt_on_held(struct peer *peer, const struct held_message *message);
void receipt_on_in_step(struct peer *peer);
void receipt_on_compared(struct peer *peer, const struct vector *vector); /* is now: what left it is told again, when it comes back */
void receipt_on_change(struct peer *peer);
void receipt_continue(struct peer *peer);
uint64_t receipt_deadline(const struct peer *peer);
/* A number over the receipts of hubs that the other need not pass down to us, 0 when there are none. */
uint32_t receipt_known_check(struct peer *peer);

#endif
