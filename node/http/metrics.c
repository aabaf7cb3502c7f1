#include "node/http/metrics.h"

#include <stdio.h>
#include <string.h>

#include "node/json.h"
#include "replication/base/check.h"

/* A number of each peer that becomes one sample with the label peer. */
struct peer_metric {
    const char *name;
    const char *type;
    const char *help;
    const char *path;
};

static const struct peer_metric peer_metrics[] = {
    {"qanat_peer_cells_to_come", "gauge", "Cells that the peer has and this node lacks.", "we_lack.cells"},
    {"qanat_peer_cells_to_go", "gauge", "Cells that this node has and the peer has not confirmed.", "they_lack.cells"},
    {"qanat_peer_received_bytes_total", "counter", "Payload received from the peer.", "bytes_in"},
    {"qanat_peer_sent_bytes_total", "counter", "Payload sent to the peer.", "bytes_out"},
    {"qanat_peer_refused_total", "counter", "Messages of the peer that were refused.", "refused"},
};

static void head_print(FILE *out, const char *name, const char *type, const char *help)
{
    fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* A label's value: backslash, quote and newline are escaped. */
static void label_print(FILE *out, const char *text)
{
    for (const char *c = text; *c; c++) {
        if (*c == '\n') {
            fputs("\\n", out);
        } else {
            if (*c == '"' || *c == '\\') {
                fputc('\\', out);
            }
            fputc(*c, out);
        }
    }
}

static void peer_sample(FILE *out, const char *name, json_t *peer, long long value)
{
    fprintf(out, "%s{peer=\"", name);
    label_print(out, json_string_value(json_object_get(peer, "node")));
    fprintf(out, "\"} %lld\n", value);
}

static void peers_print(FILE *out, json_t *peers)
{
    size_t index;
    json_t *peer;

    for (size_t i = 0; i < sizeof peer_metrics / sizeof *peer_metrics; i++) {
        const struct peer_metric *metric = &peer_metrics[i];
        head_print(out, metric->name, metric->type, metric->help);
        json_array_foreach(peers, index, peer) {
            peer_sample(out, metric->name, peer, (long long)json_integer_value(json_member(peer, metric->path)));
        }
    }
    head_print(out, "qanat_peer_in_step", "gauge", "1 when both sides were found equal and nothing was written since.");
    json_array_foreach(peers, index, peer) {
        const char *state = json_string_value(json_object_get(peer, "state"));
        peer_sample(out, "qanat_peer_in_step", peer, strcmp(state, "in_step") == 0);
    }
}

static void node_print(FILE *out, json_t *status)
{
    head_print(out, "qanat_build_info", "gauge", "The running version.");
    fprintf(out, "qanat_build_info{version=\"%s\"} 1\n", PACKAGE_VERSION);
    head_print(out, "qanat_in_step", "gauge", "1 when this node is in step with the node above.");
    fprintf(out, "qanat_in_step %d\n", strcmp(json_string_value(json_object_get(status, "state")), "in_step") == 0);
    head_print(out, "qanat_database_bytes", "gauge", "Size of the database file.");
    fprintf(out, "qanat_database_bytes %lld\n", (long long)json_integer_value(json_member(status, "storage.database_bytes")));
    head_print(out, "qanat_disk_free_bytes", "gauge", "Free space where the data directory lives.");
    fprintf(out, "qanat_disk_free_bytes %lld\n", (long long)json_integer_value(json_member(status, "storage.free_bytes")));
    head_print(out, "qanat_ballast_bytes", "gauge", "Room kept back for a full disk; 0: it was let go, or there is none.");
    fprintf(out, "qanat_ballast_bytes %lld\n", (long long)json_integer_value(json_member(status, "storage.ballast_bytes")));
    head_print(out, "qanat_hub_lacks_cells", "gauge", "Own result cells that no hub has confirmed.");
    fprintf(out, "qanat_hub_lacks_cells %lld\n", (long long)json_integer_value(json_member(status, "receipts.hub_lacks")));
}

/* {"strangers": 3, ...} as samples with the label what. */
static void incidents_print(FILE *out, const char *metric, const char *help, json_t *counts)
{
    const char *name;
    json_t *count;

    head_print(out, metric, "counter", help);
    json_object_foreach(counts, name, count) {
        if (json_is_integer(count) && strcmp(name, "total") != 0) {
            fprintf(out, "%s{what=\"%s\"} %lld\n", metric, name, (long long)json_integer_value(count));
        }
    }
}

char *metrics_text(json_t *status, size_t *size_out)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, size_out);

    CHECK(out);
    node_print(out, status);
    peers_print(out, json_object_get(status, "peers"));
    incidents_print(out, "qanat_refused_total", "What was refused, by kind.", json_object_get(status, "refused"));
    incidents_print(out, "qanat_repaired_total", "What was repaired, by kind.", json_object_get(status, "repaired"));
    fclose(out);
    return text;
}
