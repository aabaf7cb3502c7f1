/* plain_events.c: the peer of the import bench: SQLite alone, inserting the same events under a unique id, as
 * durable (WAL, synchronous=FULL).
 *
 * usage: plain_events DB EVENTS.csv      prints the seconds between the first row and the last commit. Fields
 * without quotes only. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROWS_PER_COMMIT = 50000, FIELDS = 7 };

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void run(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        fprintf(stderr, "plain_events: %s\n", sqlite3_errmsg(db));
        exit(1);
    }
}

static void row_put(sqlite3_stmt *put, char *line)
{
    line[strcspn(line, "\n")] = '\0';
    for (int column = 1; column <= FIELDS; column++) {
        const char *field = strsep(&line, ",");
        sqlite3_bind_text(put, column, field ? field : "", -1, SQLITE_STATIC);
    }
    if (sqlite3_step(put) != SQLITE_DONE) {
        exit(1);
    }
    sqlite3_reset(put);
}

int main(int argc, char **argv)
{
    sqlite3 *db;
    sqlite3_stmt *put;
    char line[1024];
    FILE *rows = argc == 3 ? fopen(argv[2], "r") : NULL;

    if (!rows || sqlite3_open(argv[1], &db) != SQLITE_OK || !fgets(line, sizeof line, rows)) {
        fputs("usage: plain_events DB EVENTS.csv\n", stderr);
        return 2;
    }
    run(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;"
            "CREATE TABLE event(event_id TEXT PRIMARY KEY, person TEXT, course TEXT, kind TEXT, at TEXT, "
            "score REAL, minutes REAL)");
    sqlite3_prepare_v2(db, "INSERT INTO event VALUES(?1,?2,?3,?4,?5,?6,?7)", -1, &put, NULL);
    double start = seconds_now();
    run(db, "BEGIN");
    for (long count = 1; fgets(line, sizeof line, rows); count++) {
        row_put(put, line);
        if (count % ROWS_PER_COMMIT == 0) {
            run(db, "COMMIT; BEGIN");
        }
    }
    run(db, "COMMIT");
    printf("%.3f\n", seconds_now() - start);
    sqlite3_finalize(put);
    sqlite3_close(db);
    return 0;
}
