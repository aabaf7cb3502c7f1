/* oneroster.h: `person import` and `person export` of a OneRoster folder or .zip. */
#ifndef QANAT_NODE_CMD_ONEROSTER_H
#define QANAT_NODE_CMD_ONEROSTER_H

#include "node/cmd/command.h"

/* Is `path` a folder, or a .zip by its name or its first bytes? */
bool oneroster_is_meant(const char *path);

/* Imports it; `id_column` as --id said, or NULL. */
enum status oneroster_command(struct command_context *context, const char *path, const char *id_column,
                              bool is_dry_run);

/* `person export --oneroster`: writes the folder `path`, or the archive when it ends in .zip; `version` as
 * --oneroster-version said, or NULL. */
enum status oneroster_export_command(struct command_context *context, const char *path, const char *version);

#endif
