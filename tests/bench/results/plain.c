/* plain.c: the peer of the results bench: SQLite alone, upserting the same rows, as durable (WAL, synchronous=FULL).
 *
 * usage: plain DB ROWS.tsv      prints the seconds between the first row and the last commit. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROWS_PER_COMMIT = 50000, FIELDS = 6 };

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void run(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        fprintf(stderr, "plain: %s\n", sqlite3_errmsg(db));
        exit(1);
    }
}

static void row_put(sqlite3_stmt *put, char *line)
{
    int column = 1;

    line[strcspn(line, "\n")] = '\0';
    for (char *field = strtok(line, "\t"); field && column <= FIELDS; field = strtok(NULL, "\t"), column++) {
        if (column == FIELDS) {
            sqlite3_bind_int64(put, column, strtoll(field, NULL, 10));
        } else {
            sqlite3_bind_text(put, column, field, -1, SQLITE_STATIC);
        }
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

    if (!rows || sqlite3_open(argv[1], &db) != SQLITE_OK) {
        fputs("usage: plain DB ROWS.tsv\n", stderr);
        return 2;
    }
    run(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;"
            "CREATE TABLE IF NOT EXISTS cell(origin TEXT, centre TEXT, course TEXT, period TEXT, dim TEXT, value INTEGER,"
            " PRIMARY KEY(origin, centre, course, period, dim)) WITHOUT ROWID");
    sqlite3_prepare_v2(db, "INSERT INTO cell VALUES(?1,?2,?3,?4,?5,?6) ON CONFLICT DO UPDATE SET value = excluded.value", -1, &put, NULL);
    double start = seconds_now();
    run(db, "BEGIN");
    for (unsigned count = 1; fgets(line, sizeof line, rows); count++) {
        row_put(put, line);
        if (count % ROWS_PER_COMMIT == 0) {
            run(db, "COMMIT; BEGIN");
        }
    }
    run(db, "COMMIT");
    printf("%.3f\n", seconds_now() - start);
    sqlite3_finalize(put);
    sqlite3_close(db);
    fclose(rows);
    return 0;
}
