/* log.h: events for the journal: one line each on stderr, `event=name key=value ...`.
 *
 * Names are lower-case nouns and past verbs: peer_synced, course_installed. Values with spaces are quoted by the caller's format. Thread-safe. */
#ifndef QANAT_NODE_LOG_H
#define QANAT_NODE_LOG_H

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* Lines less important than `level` are dropped; default LOG_WARNING (commands), LOG_INFO (the daemon). */
void log_set_level(enum log_level level);

/* At least `level`: what was asked for before stays. */
void log_raise_level(enum log_level level);

/* A check_handler (replication/base/check.h): the journal says which promise inside the program was broken before the program ends. */
void log_check_failed(const char *file, int line, const char *text);

void log_event(enum log_level level, const char *event, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
