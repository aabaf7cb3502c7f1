/* Sums of counted versions: equal ones cancel, what is said together is merged, bytes come back, strange bytes are refused. */
#include "node/learn/attempt/share_sum.h"

#include <string.h>

#include "node/learn/vocabulary.h"
#include "node/store/people/event.h"
#include "node/timestamp.h"
#include "tests/kit/kit.h"

static struct share share_make(uint32_t dims, int64_t score)
{
    return (struct share){.dims = dims, .kind = EVENT_COMPLETED, .month = share_month(0) + 681, .score = score};
}

static void months_and_back(void **state)
{
    static const int64_t moments[] = {0, 1791203445000, TIMESTAMP_MS_MAX};
    (void)state;

    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        int month = share_month(moments[i]);
        assert_true(share_month_begin(month) <= moments[i]);
        assert_int_equal(share_month(share_month_begin(month)), month);
    }
    assert_int_equal(share_month(0), 0);
    assert_int_equal(share_month_begin(1), 31 * 86400000LL);
}

static void time_is_told_apart_by_launch(void **state)
{
    struct share share = share_make(1, EVENT_NO_SCORE), other = share;
    (void)state;

    share_add_time(&share, 7, 0);
    assert_int_equal(share.part_count, 0);
    share_add_time(&share, 9, 60);
    share_add_time(&share, 7, 30);
    share_add_time(&share, 9, 30);
    assert_int_equal(share.part_count, 2);
    assert_int_equal(share.parts[0].tag, 7);
    assert_int_equal(share_minutes(&share), 200);
    share_add_time(&other, 9, 120);
    share_add_time(&other, 8, 60);
    share_merge(&share, &other);
    assert_int_equal(share_minutes(&share), 350); /* 30 + 60 + 120 seconds */
    share_merge(&share, &other);
    assert_int_equal(share_minutes(&share), 350);
    for (uint32_t tag = 100; tag < 300; tag++) { /* more than there is room for: nothing is lost */
        share_add_time(&share, tag, 60);
    }
    assert_int_equal(share.part_count, SHARE_PARTS_MAX);
    assert_int_equal(share_minutes(&share), 350 + 20000);
}

static void a_merge_takes_the_better_of_both(void **state)
{
    struct share share = share_make(1, 5000), other = share_make(2, 7000);
    (void)state;

    other.month++;
    share_merge(&share, &other);
    assert_int_equal(share.dims, 1);
    assert_int_equal(share.score, 7000);
    assert_int_equal(share.month, other.month - 1);
    other.score = EVENT_NO_SCORE;
    other.month -= 2;
    share_merge(&share, &other);
    assert_int_equal(share.score, 7000);
    assert_int_equal(share.month, other.month);
}

static void opposites_cancel(void **state)
{
    struct share a = share_make(1, 5000), b = share_make(1, 6000), counted;
    struct share_sum sum = {.count = 0}, all = {.count = 0};
    (void)state;

    assert_true(share_sum_is_single(&sum) && !share_sum_counted(&sum, &counted));
    share_sum_add(&sum, 1, &a);
    assert_true(share_sum_is_single(&sum));
    share_sum_add(&sum, 1, &b);
    assert_false(share_sum_is_single(&sum));
    assert_true(share_sum_counted(&sum, &counted));
    assert_int_equal(counted.score, 6000);
    share_sum_add(&sum, -1, &a);
    assert_true(share_sum_is_single(&sum) && share_equal(&sum.entries[0].share, &b));
    share_sum_add_all(&all, -1, &sum);
    assert_false(share_sum_is_single(&all));
    share_sum_add_all(&all, 1, &sum);
    assert_int_equal(all.count, 0);
    sum.count = 0;
    for (int i = 0; i <= SHARE_ENTRIES_MAX; i++) {
        assert_false(sum.is_full);
        a.score = i;
        share_sum_add(&sum, 1, &a);
    }
    assert_true(sum.is_full);
}

static void bytes_come_back(void **state)
{
    struct share_sum sum = {.count = 0}, read;
    struct share share = share_make(0xfedcba98, 8050);
    struct buffer bytes;
    (void)state;

    buffer_init(&bytes);
    share_sum_encode(&sum, &bytes);
    assert_int_equal(bytes.size, 1);
    for (int i = 0; i < SHARE_ENTRIES_MAX; i++) {
        share.score = i % 3 ? 8050 - i : EVENT_NO_SCORE;
        share.month = i * 100;
        share.kind = i % EVENT_KIND_COUNT;
        for (uint32_t tag = 0; tag < SHARE_PARTS_MAX; tag++) {
            share_add_time(&share, tag << 18 | tag, tag + 1);
        }
        share_sum_add(&sum, i % 2 ? 1 : -1, &share);
    }
    buffer_clear(&bytes);
    share_sum_encode(&sum, &bytes);
    assert_true(bytes.size <= 8 * 1024); /* SHARE_CONTENT_MAX of node/store/stream/share.h */
    memset(&read, 0, sizeof read);
    assert_true(share_sum_decode(buffer_bytes(&bytes), &read));
    assert_int_equal(read.count, sum.count);
    for (size_t i = 0; i < sum.count; i++) {
        assert_int_equal(read.entries[i].sign, sum.entries[i].sign);
        assert_true(share_equal(&read.entries[i].share, &sum.entries[i].share));
    }
    for (size_t size = 0; size < bytes.size; size++) { /* cut anywhere */
        struct share_sum none = {.count = 0};
        assert_false(share_sum_decode(bytes_of(bytes.data, size), &none));
        assert_int_equal(none.count, 0);
    }
    buffer_append_u8(&bytes, 0);
    memset(&read, 0, sizeof read);
    assert_false(share_sum_decode(buffer_bytes(&bytes), &read));
    buffer_release(&bytes);
}

static void strange_bytes_are_refused(void **state)
{
    static const uint8_t strange[][12] = {
        {1, 0xb4, 0xff, 0xff, 0x0f, 1, 2, 3, 4, 0},      /* a month after all years */
        {1, 0x3c, 1, 2, 3, 4, 0},                        /* kind 15 */
        {1, 0x0e, 1, 2, 3, 4, 0xff, 0xff, 3, 0},         /* a score above 100 */
        {1, 0x0c, 1, 2, 3, 4, 65},                       /* too many parts */
        {1, 0x0c, 1, 2, 3, 4, 2, 5, 0, 0, 1, 5},         /* cut within the second part */
        {13, 0x0c, 1, 2, 3, 4, 0},                       /* too many entries */
    };
    static const size_t sizes[] = {10, 7, 10, 7, 12, 7};
    struct share_sum sum = {.count = 0};
    (void)state;

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        assert_false(share_sum_decode(bytes_of(strange[i], sizes[i]), &sum));
        assert_int_equal(sum.count, 0);
    }
    const uint8_t twice[] = {1, 0x0c, 1, 2, 3, 4, 2, 5, 0, 0, 1, 5, 0, 0, 1}; /* one launch twice */
    assert_false(share_sum_decode(bytes_of(twice, sizeof twice), &sum));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(months_and_back),        cmocka_unit_test(time_is_told_apart_by_launch),
        cmocka_unit_test(a_merge_takes_the_better_of_both), cmocka_unit_test(opposites_cancel),
        cmocka_unit_test(bytes_come_back),        cmocka_unit_test(strange_bytes_are_refused),
    };
    return KIT_RUN(tests);
}
