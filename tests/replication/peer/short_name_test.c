#include "replication/peer/short_name.h"

#include <string.h>

#include "replication/peer/activity.h"
#include "tests/kit/kit.h"
#include "tests/replication/peer/duet.h"

enum { FILM_SIZE = 400 * 1024 };

static bool is_held(struct duet *duet, int who, const struct hash *object)
{
    struct view view = memory_store_view(duet->players[who].store, duet->roster, &duet->players[who].living);
    uint64_t size;

    return view.ops->object_find(view.ctx, object, &size);
}

/* What PIECES and PATCHES say of names. */
struct seen {
    bool is_older; /* every HELLO is that of a version that knows no abilities */
    size_t frames, short_frames, bytes;
};

static bool look(struct duet *duet, struct duet_frame *frame)
{
    struct seen *seen = duet->filter_ctx;
    struct message message;
    struct arena arena;
    struct buffer older = {0};

    arena_init(&arena, MESSAGE_ARENA_SIZE);
    assert_int_equal(message_decode(bytes_of(frame->data, frame->size), &arena, &message), S_OK);
    if (message.type == MESSAGE_HELLO && seen->is_older) {
        message.hello.abilities = 0;
        assert_int_equal(message_encode(&message, &older), S_OK);
        assert_true(older.size <= frame->size);
        memcpy(frame->data, older.data, frame->size = older.size);
    }
    if (message.type == MESSAGE_PIECES || message.type == MESSAGE_PATCHES) {
        seen->frames++;
        seen->bytes += frame->size;
        seen->short_frames +=
            message.type == MESSAGE_PIECES ? message.pieces.has_short_names : message.patches.has_short_names;
    }
    buffer_release(&older);
    arena_release(&arena);
    return true;
}

static void film_move(struct seen *seen)
{
    struct duet *duet = duet_new();
    struct hash objects[3];

    duet->filter = look;
    duet->filter_ctx = seen;
    for (uint8_t i = 0; i < 3; i++) {
        objects[i] = duet_object(duet, 0, FILM_SIZE + i, i);
        memory_store_want(duet->players[1].store, &objects[i], FILM_SIZE + i);
    }
    duet_open(duet);
    duet_run(duet, duet->now_ms + 600000);
    for (size_t i = 0; i < 3; i++) {
        assert_true(is_held(duet, 1, &objects[i]));
    }
    duet_free(duet);
}

static void only_who_said_so_is_told_short_names(void **state)
{
    struct seen newer = {0}, older = {.is_older = true};
    (void)state;

    film_move(&newer);
    film_move(&older);
    assert_int_equal(newer.short_frames, newer.frames);
    assert_int_equal(older.short_frames, 0);
    assert_true(newer.bytes + newer.frames * (sizeof(struct hash) - SHORT_NAME_SIZE) <=
                older.bytes + older.frames);
}

/* Names that begin alike: what waits to be sent is told in full, and what was asked for is not guessed. */
static void names_that_begin_alike_are_not_cut_short(void **state)
{
    struct duet *duet = duet_new();
    struct hash first = duet_object(duet, 0, 10, 1), alike = first, other = first;
    (void)state;

    alike.b[31] ^= 1;
    other.b[0] ^= 1;
    duet_open(duet);
    duet_run(duet, duet->now_ms + 1000);
    struct peer *hub = duet->players[0].peer, *campus = duet->players[1].peer;
    assert_true(short_name_may(hub, &first, sizeof first, 1));
    hub->objects_out.items[hub->objects_out.count++] = first;
    hub->objects_out.items[hub->objects_out.count++] = other;
    assert_true(short_name_may(hub, &first, sizeof first, 1));
    hub->objects_out.items[hub->objects_out.count++] = alike;
    assert_false(short_name_may(hub, &first, sizeof first, 1));
    assert_true(short_name_may(hub, &other, sizeof other, 1));
    hub->objects_out.count = 0;

    struct piece piece = {.size = 10, .data = bytes_text("0123456789")};
    struct pieces_message message = {.pieces = &piece, .count = 1, .has_short_names = true};
    memcpy(piece.object.b, first.b, SHORT_NAME_SIZE);
    campus->objects_in.items[campus->objects_in.count++] = (struct fetch){.object = first};
    assert_true(hash_equal(&short_name_pieces(campus, &message)->pieces[0].object, &first));
    campus->objects_in.items[campus->objects_in.count++] = (struct fetch){.object = alike};
    assert_true(hash_equal(&short_name_pieces(campus, &message)->pieces[0].object, &piece.object));
    campus->objects_in.items[1].ticket = 7; /* all of it came */
    assert_true(hash_equal(&short_name_pieces(campus, &message)->pieces[0].object, &first));
    campus->objects_in.count = 0;
    duet_free(duet);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_who_said_so_is_told_short_names),
        cmocka_unit_test(names_that_begin_alike_are_not_cut_short),
    };
    return KIT_RUN(tests);
}
