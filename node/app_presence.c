#include "node/app_presence.h"

#include "node/store/stream/own.h"
#include "node/store/stream/stream.h"

/* True when any incarnation of `self` has published on the results topic. */
static bool has_results(struct db *db, const struct id *self)
{
    struct stream_head head;
    struct stream_id after = {.node = *self, .topic = TOPIC_RESULTS};

    return stream_next(db, &after, &head) && head.stream.topic == TOPIC_RESULTS && id_equal(&head.stream.node, self);
}

static enum status say(struct db *db, void *arg)
{
    const struct id *self = arg;
    struct bytes segments[] = {bytes_text("n"), bytes_text("software")};
    struct buffer key, value;
    struct id living;

    enum status status = own_incarnation(db, &living);
    if (status != S_OK || has_results(db, self)) {
        return status;
    }
    buffer_init(&key);
    buffer_init(&value);
    status = cell_key_join(segments, sizeof segments / sizeof *segments, &key);
    if (status == S_OK) {
        cell_value_register(&value, 0, bytes_text(PACKAGE_VERSION));
        status = own_cell_put(db, TOPIC_RESULTS, buffer_bytes(&key), buffer_bytes(&value));
    }
    buffer_release(&key);
    buffer_release(&value);
    return status;
}

enum status app_presence_say(struct store *store, const struct id *self)
{
    struct id node = *self;
    return store_write_wait(store, say, &node);
}
