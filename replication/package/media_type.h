/* media_type.h: the media type of a file by its extension. Course files are served with it; browsers are told
 * not to guess. */
#ifndef QANAT_PACKAGE_MEDIA_TYPE_H
#define QANAT_PACKAGE_MEDIA_TYPE_H

#include "replication/base/bytes.h"

/* The type for the last extension of `path`, in any case of letters: "text/html; charset=utf-8", "image/png",
 * ...; "application/octet-stream" when there is none or it is not known. Never NULL. */
const char *media_type_of(struct bytes path);

#endif
