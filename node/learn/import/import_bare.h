/* import_bare.h: a manifest that comes by itself, without an archive around it. */
#ifndef QANAT_NODE_LEARN_IMPORT_IMPORT_BARE_H
#define QANAT_NODE_LEARN_IMPORT_IMPORT_BARE_H

/* What the file `fd` would be called in a package: "cmi5.xml" or "imsmanifest.xml", by the element that it begins with. NULL: it is no manifest. */
const char *import_bare_name(int fd);

#endif
