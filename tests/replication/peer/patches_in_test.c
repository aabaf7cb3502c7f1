#include "replication/peer/activity.h"
#include "tests/kit/kit.h"
#include "tests/replication/peer/duet.h"

#include <stdlib.h>
#include <string.h>

/* The campus holds a text, the hub an edited one as well; the campus wants that. */
enum { SMALL_SIZE = 30000, LARGE_SIZE = ASSAY_FROM + 20000 };

static struct hash edited_text_of(struct duet *duet, uint32_t size)
{
    static char old[LARGE_SIZE], edited[LARGE_SIZE];

    for (size_t i = 0; i < size; i++) {
        old[i] = edited[i] = (char)('a' + (i * i / 7) % 23);
    }
    memcpy(edited + 9000, "a sentence that was not there", 29);
    struct hash base = hash_of(bytes_of(NULL, 0), bytes_of(old, size));
    struct hash object = hash_of(bytes_of(NULL, 0), bytes_of(edited, size));
    for (int who = 0; who < 2; who++) {
        memory_store_object_put(duet->players[who].store, &base, bytes_of(old, size));
        memory_store_flush(duet->players[who].store);
    }
    memory_store_object_put(duet->players[0].store, &object, bytes_of(edited, size));
    memory_store_flush(duet->players[0].store);
    memory_store_want(duet->players[1].store, &object, size);
    memory_store_name_bases(duet->players[1].store);
    return object;
}

static struct hash edited_text(struct duet *duet)
{
    return edited_text_of(duet, SMALL_SIZE);
}

static bool each_patch_comes_twice(struct duet *duet, struct duet_frame *frame)
{
    static bool is_inside;

    if (frame->channel == CHANNEL_BULK && !is_inside) {
        struct peer_event event = {
            .kind = EVENT_FRAME, .channel = CHANNEL_BULK, .frame = bytes_of(frame->data, frame->size)};
        is_inside = true;
        duet_step(duet, frame->to, &event);
        is_inside = false;
    }
    return true;
}

static void a_double_patch_is_harmless(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    edited_text(duet);
    duet->filter = each_patch_comes_twice;
    duet_open(duet);
    duet_run(duet, duet->now_ms + 60000);
    assert_int_equal(duet->players[1].kinds[EFFECT_OBJECT], 1);
    assert_int_equal(duet->players[1].kinds[EFFECT_REFUSED], 0);
    duet_free(duet);
}

static bool first_patch_is_lost(struct duet *duet, struct duet_frame *frame)
{
    unsigned *count = duet->filter_ctx;

    return frame->channel != CHANNEL_BULK || ++*count > 1;
}

static void a_lost_patch_is_asked_for_again(void **state)
{
    struct duet *duet = duet_new();
    unsigned count = 0;
    (void)state;

    edited_text(duet);
    duet->filter = first_patch_is_lost;
    duet->filter_ctx = &count;
    duet_open(duet);
    duet_run(duet, duet->now_ms + 60000);
    assert_int_equal(duet->players[1].kinds[EFFECT_OBJECT], 1);
    assert_true(count >= 2);
    duet_free(duet);
}

/* Decodes a PATCHES frame, lets `change` it, and encodes it again. */
static void frame_alter(struct duet_frame *frame,
                        void (*change)(struct patched_piece *piece, struct bytes *patch))
{
    struct arena arena;
    struct message message;
    struct buffer out;

    arena_init(&arena, MESSAGE_ARENA_SIZE);
    buffer_init(&out);
    if (message_decode(bytes_of(frame->data, frame->size), &arena, &message) == S_OK &&
        message.type == MESSAGE_PATCHES) {
        struct patched_piece piece = message.patches.pieces[0];
        change(&piece, &message.patches.patch);
        message.patches.pieces = &piece;
        assert_int_equal(message_encode(&message, &out), S_OK);
        assert_true(out.size <= frame->size + 64);
        uint8_t *data = realloc(frame->data, out.size);
        assert_non_null(data);
        memcpy(data, out.data, out.size);
        frame->data = data;
        frame->size = out.size;
    }
    buffer_release(&out);
    arena_release(&arena);
}

static void garble(struct patched_piece *piece, struct bytes *patch)
{
    (void)piece;
    patch->size--;
}

static void claim_no_base(struct patched_piece *piece, struct bytes *patch)
{
    (void)patch;
    piece->bases = 0;
}

static void claim_other_base(struct patched_piece *piece, struct bytes *patch)
{
    (void)patch;
    piece->bases = 1u << (BASES_MAX - 1);
}

static bool patches_are_altered(struct duet *duet, struct duet_frame *frame)
{
    if (frame->channel == CHANNEL_BULK) {
        frame_alter(frame, *(void (**)(struct patched_piece *, struct bytes *))duet->filter_ctx);
    }
    return true;
}

/* Whatever a patch is, what is stored has the hash that was asked for: it comes in plain pieces then. */
static void a_false_patch_leads_to_plain_pieces(void **state)
{
    void (*lies[])(struct patched_piece *, struct bytes *) = {garble, claim_no_base, claim_other_base};
    (void)state;

    for (size_t i = 0; i < 2 * sizeof lies / sizeof *lies; i++) {
        struct duet *duet = duet_new();
        struct hash object = edited_text_of(duet, i % 2 == 0 ? SMALL_SIZE : LARGE_SIZE);
        struct view view;
        uint64_t size;

        duet->players[1].has_assay = i % 2 != 0; /* then it is the driver that finds out */
        duet->filter = patches_are_altered;
        duet->filter_ctx = &lies[i / 2];
        duet_open(duet);
        duet_run(duet, duet->now_ms + 600000);
        view = memory_store_view(duet->players[1].store, duet->roster, &duet->players[1].living);
        bool is_held = view.ops->object_find(view.ctx, &object, &size);
        assert_true(is_held);
        assert_in_range(duet->players[1].kinds[EFFECT_OBJECT], 1, duet->players[1].has_assay ? 2 : 1);
        duet_free(duet);
    }
}

static void a_damaged_base_of_ours_leads_to_plain_pieces(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    edited_text(duet);
    struct hash base;
    struct view view = memory_store_view(duet->players[1].store, duet->roster, &duet->players[1].living);
    assert_int_equal(view.ops->bases_scan(view.ctx, &(struct hash){{0}}, 1, &base), 1);
    memory_store_rot(duet->players[1].store, &base);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 60000);
    assert_int_equal(duet->players[1].kinds[EFFECT_OBJECT], 1);
    assert_int_equal(duet->players[1].kinds[EFFECT_REFUSED], 0); /* nothing is wrong with the peer */
    duet_free(duet);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_double_patch_is_harmless),
        cmocka_unit_test(a_lost_patch_is_asked_for_again),
        cmocka_unit_test(a_false_patch_leads_to_plain_pieces),
        cmocka_unit_test(a_damaged_base_of_ours_leads_to_plain_pieces),
    };
    return KIT_RUN(tests);
}
