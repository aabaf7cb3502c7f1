#include "node/learn/person/password.h"
#include "tests/kit/kit.h"

#include <string.h>

static void each_password_gets_its_own_hash_and_fits_it(void **state)
{
    struct password_task tasks[3];
    (void)state;

    memset(tasks, 0, sizeof tasks);
    tasks[0].password = bytes_text("correct horse");
    tasks[1].password = bytes_text("correct horse");
    tasks[2].password = bytes_text("سر سري جدا");
    assert_true(password_hash_all(tasks, 3));
    assert_memory_equal(tasks[0].hash, "$argon2id$", 10);
    assert_string_not_equal(tasks[0].hash, tasks[1].hash);
    for (int i = 0; i < 3; i++) {
        assert_true(password_verify(tasks[i].password, tasks[i].hash));
    }
    assert_false(password_verify(bytes_text("wrong horse"), tasks[0].hash));
    assert_false(password_verify(bytes_text("correct horse"), ""));
}

static void a_hash_that_fits_is_kept(void **state)
{
    struct password_task tasks[1];
    (void)state;

    memset(tasks, 0, sizeof tasks);
    tasks[0].password = bytes_text("correct horse");
    assert_true(password_hash_all(tasks, 1));
    memcpy(tasks[0].stored, tasks[0].hash, sizeof tasks[0].stored);
    tasks[0].hash[0] = '\0';
    assert_true(password_hash_all(tasks, 1));
    assert_string_equal(tasks[0].hash, tasks[0].stored);
    assert_true(password_hash_all(tasks, 0));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_password_gets_its_own_hash_and_fits_it),
        cmocka_unit_test(a_hash_that_fits_is_kept),
    };
    return KIT_RUN(tests);
}
