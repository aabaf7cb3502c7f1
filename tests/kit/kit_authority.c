#include "tests/kit/kit_authority.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "node/cmd/command.h"
#include "tests/kit/kit.h"

int kit_say(struct kit_command *kit, const char *format, ...)
{
    char words[2048];
    va_list args;

    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    return kit_command(kit, words);
}

json_t *kit_document(const struct kit_command *kit)
{
    json_t *document = json_loads(kit->out, 0, NULL);

    assert_non_null(document);
    return document;
}

void kit_key_make(struct kit_command *kit, const char *name, char key_out[65])
{
    assert_int_equal(kit_say(kit, "authority new-key %s/%s.key", kit->scratch, name), EXIT_DONE);
    assert_int_equal(strlen(kit->out), 65);
    memcpy(key_out, kit->out, 64);
    key_out[64] = '\0';
}

void kit_hand_on(struct kit_command *kit)
{
    char a[65], b[65], c[65];

    kit_key_make(kit, "a", a);
    kit_key_make(kit, "b", b);
    kit_key_make(kit, "c", c);
    assert_int_equal(kit_say(kit, "authority propose --keys %s,%s,%s --threshold 2 --key %s/authority.key --key %s/a.key --key %s/b.key", a, b, c,
                             kit->dir, kit->scratch, kit->scratch),
                     EXIT_DONE);
}

void kit_member_make(struct kit_command *kit, const char *name, const char *kind)
{
    if (kit_say(kit, "invite --name %s --kind %s --file %s/%s.invitation", name, kind, kit->scratch, name) != EXIT_DONE) {
        fail_msg("%s", kit->err);
    }
}
