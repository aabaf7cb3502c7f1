#include "replication/stream/stream.h"

#include <string.h>

#include "replication/base/check.h"

const char *topic_name(enum topic topic)
{
    switch (topic) {
    case TOPIC_ROSTER:
        return "roster";
    case TOPIC_RESULTS:
        return "results";
    case TOPIC_CREDENTIALS:
        return "credentials";
    case TOPIC_CATALOGUE:
        return "catalogue";
    }
    static const char *const later[] = {"topic5",  "topic6",  "topic7",  "topic8",  "topic9", "topic10",
                                        "topic11", "topic12", "topic13", "topic14", "topic15"};
    int number = (int)topic;
    return number > TOPIC_LAST && number <= TOPIC_RELAYED_LAST ? later[number - TOPIC_LAST - 1] : NULL;
}

int stream_id_compare(const struct stream_id *a, const struct stream_id *b)
{
    if (a->topic != b->topic) {
        return a->topic < b->topic ? -1 : 1;
    }
    int order = id_compare(&a->node, &b->node);
    return order ? order : id_compare(&a->incarnation, &b->incarnation);
}

void stream_id_encode(const struct stream_id *stream, uint8_t out[STREAM_ID_SIZE])
{
    CHECK(topic_name(stream->topic));
    out[0] = (uint8_t)stream->topic;
    memcpy(out + 1, stream->node.b, sizeof stream->node.b);
    memcpy(out + 1 + sizeof stream->node.b, stream->incarnation.b, sizeof stream->incarnation.b);
}

bool stream_id_decode(const uint8_t in[STREAM_ID_SIZE], struct stream_id *stream_out)
{
    if (in[0] < TOPIC_FIRST || in[0] > TOPIC_RELAYED_LAST) {
        return false;
    }
    stream_out->topic = (enum topic)in[0];
    memcpy(stream_out->node.b, in + 1, sizeof stream_out->node.b);
    memcpy(stream_out->incarnation.b, in + 1 + sizeof stream_out->node.b, sizeof stream_out->incarnation.b);
    return true;
}
