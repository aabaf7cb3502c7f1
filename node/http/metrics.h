/* metrics.h: the status document as Prometheus text (exposition format 0.0.4). */
#ifndef QANAT_NODE_HTTP_METRICS_H
#define QANAT_NODE_HTTP_METRICS_H

#include <jansson.h>
#include <stddef.h>

/* The caller frees the text. */
char *metrics_text(json_t *status, size_t *size_out);

#endif
