#include "node/http/figures.h"

#include <pthread.h>
#include <stdlib.h>

#include "replication/base/check.h"

struct answer {
    struct buffer key, text;
    struct vector_digest digest;
    uint64_t until_ms; /* 0: none */
};

struct figures {
    pthread_mutex_t lock;
    struct answer answers[FIGURES_MAX];
};

struct figures *figures_new(void)
{
    struct figures *figures = calloc(1, sizeof *figures);

    CHECK(figures);
    pthread_mutex_init(&figures->lock, NULL);
    return figures;
}

void figures_free(struct figures *figures)
{
    if (!figures) {
        return;
    }
    for (size_t i = 0; i < FIGURES_MAX; i++) {
        buffer_release(&figures->answers[i].key);
        buffer_release(&figures->answers[i].text);
    }
    pthread_mutex_destroy(&figures->lock);
    free(figures);
}

static bool is_answer(const struct answer *answer, struct bytes key)
{
    return answer->until_ms > 0 && bytes_equal(buffer_bytes(&answer->key), key);
}

bool figures_find(struct figures *figures, struct bytes key, const struct vector_digest *digest, uint64_t now_ms, struct buffer *text_out)
{
    bool is_found = false;

    pthread_mutex_lock(&figures->lock);
    for (size_t i = 0; i < FIGURES_MAX && !is_found; i++) {
        const struct answer *answer = &figures->answers[i];
        is_found = is_answer(answer, key) && now_ms < answer->until_ms && vector_digest_equal(&answer->digest, digest);
        if (is_found) {
            buffer_append(text_out, answer->text.data, answer->text.size);
        }
    }
    pthread_mutex_unlock(&figures->lock);
    return is_found;
}

/* Of the same question, or the one that ends first. */
static struct answer *answer_place(struct figures *figures, struct bytes key)
{
    struct answer *place = &figures->answers[0];

    for (size_t i = 0; i < FIGURES_MAX; i++) {
        if (is_answer(&figures->answers[i], key)) {
            return &figures->answers[i];
        }
        place = figures->answers[i].until_ms < place->until_ms ? &figures->answers[i] : place;
    }
    return place;
}

void figures_keep(struct figures *figures, struct bytes key, const struct vector_digest *digest, uint64_t began_ms, uint64_t now_ms, struct bytes text)
{
    uint64_t took_ms = now_ms > began_ms ? now_ms - began_ms : 0;
    uint64_t kept_ms = took_ms < FIGURES_KEPT_MS / FIGURES_TIMES_KEPT ? took_ms * FIGURES_TIMES_KEPT : FIGURES_KEPT_MS;

    if (kept_ms == 0 || text.size > FIGURES_SIZE_MAX) {
        return;
    }
    pthread_mutex_lock(&figures->lock);
    struct answer *answer = answer_place(figures, key);
    buffer_clear(&answer->key);
    buffer_append(&answer->key, key.data, key.size);
    buffer_clear(&answer->text);
    buffer_append(&answer->text, text.data, text.size);
    answer->digest = *digest;
    answer->until_ms = now_ms + kept_ms;
    pthread_mutex_unlock(&figures->lock);
}
