/* config.h: options of one node: D/qanat.conf (libconfuse), each one overridable on the command line. */
#ifndef QANAT_NODE_CONFIG_H
#define QANAT_NODE_CONFIG_H

#include <stdbool.h>

#include "replication/base/status.h"
#include "replication/trust/roster.h"

enum { CONFIG_TEXT_MAX = 512, CONFIG_NOTE_MAX = 160, CONFIG_FILE_MAX = 1024 * 1024 /* bytes of qanat.conf */ };

struct config {
    char name[NODE_NAME_MAX + 1];      /* as given to `init`; the roster has the last word once joined */
    char kind[16];                     /* hub|national|training|regional|campus */
    char country[COUNTRY_SIZE];
    char region[NODE_NAME_MAX + 1];
    char listen[CONFIG_TEXT_MAX];      /* tcp://ADDR:PORT, or "": dial only */
    char advertise[CONFIG_TEXT_MAX];   /* what tokens and the roster say instead of `listen`; "": listen */
    char http[CONFIG_TEXT_MAX];        /* ADDR:PORT, or "": none */
    char content[CONFIG_TEXT_MAX];     /* ADDR:PORT of course content, or "" */
    char uplink[CONFIG_TEXT_MAX];      /* tcp://HOST:PORT of the parent; set by join */
    char public_url[CONFIG_TEXT_MAX];  /* https://HOST under which anybody reaches the pages, or "" */
    char public_content[CONFIG_TEXT_MAX]; /* https://HOST of course content beside public_url, or "" */
    int sync_interval_s;               /* at least one session this often, when a window allows */
    int retry_min_ms, retry_max_ms;    /* reconnect: full jitter between these */
    int late_after_h;                  /* coverage: a node silent for longer is late */
    int disclosure_min;                /* published figures below this are suppressed */
    int disk_floor_mib;                /* no new course content below so much free space */
    int ballast_mib;                   /* room kept back for a full disk (node/store/disk/ballast.h); 0: none */
    char registration_code[64];        /* people who know it may register themselves; "": nobody */
    char neighbours[CONFIG_TEXT_MAX];  /* names of nodes nearby to dial, too; comma-separated */
    char time_zone[64];                /* of the transfer windows, as Africa/Cairo; "": the machine's */
    int content_quota_mib;             /* no more course content than so much; 0: no limit */
    char mirror_proxy[CONFIG_TEXT_MAX]; /* http://HOST:PORT through which mirrors are called, or "" */
    bool content_windows;              /* courses share their origin's storage, and may report from windows of their own */
    int plausible_completions;         /* doctor: more in one month for each person of a node is told; 0: nothing is */
    int plausible_people;              /* doctor: more people at one node are told; 0: nothing is */
    bool relay_demand;                 /* fetch courses for nodes below although not subscribed here */
    char twice[CONFIG_NOTE_MAX];       /* no option: what of the file is without effect, because it says something else further down; or "" */
};

/* The defaults. */
void config_init(struct config *config);

/* Reads `path`; S_NOT_FOUND when there is no file (config unchanged), S_INVALID with line number and option. A byte order mark in front of it is
 * none of its text. Of an option that it sets twice the last one holds: such a file worked always, so it is noted and not refused. */
enum status config_load(struct config *config, const char *path, struct report *report);

/* The line of the file in which the option is set last (where its value ends); 0: in none, or the file cannot be understood. */
int config_line(const char *path, const char *name);

/* Writes the options that differ from the defaults, each with its comment: atomic (tmp, fsync, rename). */
enum status config_save(const struct config *config, const char *path, struct report *report);

/* Writes one option anew into a file that people may have written, and leaves the rest of it as it is; likewise atomic. */
enum status config_rewrite(const struct config *config, const char *path, const char *name, struct report *report);

/* tcp://HOST:PORT, as tcp://0.0.0.0:7700, tcp://[::1]:80 or tcp://hub.example.org:443. The port is 0 to 65535 or `*`. */
bool config_is_endpoint(const char *text);

/* Sets one option by name, as from "--set name=value"; S_INVALID names the option. */
enum status config_set(struct config *config, const char *name, const char *value, struct report *report);

#endif
