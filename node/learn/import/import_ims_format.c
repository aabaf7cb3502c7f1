#include "node/learn/import/import_ims_format.h"

#include <string.h>

static bool declares(const xmlNode *node, const char *part)
{
    for (const xmlNs *space = node->nsDef; space; space = space->next) {
        if (space->href && strstr((const char *)space->href, part)) {
            return true;
        }
    }
    return false;
}

/* What only SCORM says of a resource. */
static bool has_scorm_resource(struct import_source *source, xmlNode *manifest)
{
    for (xmlNode *node = manifest; node; node = import_xml_walk(node, manifest)) {
        if (import_xml_is(node, "resource") && import_xml_attribute(source, node, "scormtype").size > 0) {
            return true;
        }
    }
    return false;
}

/* A name space alone makes no SCORM of a package that calls itself something else: archives of MIT OpenCourseWare declare one. */
enum package_format import_ims_format(struct import_source *source, xmlNode *manifest)
{
    xmlNode *metadata = import_xml_child(manifest, "metadata");
    struct bytes schema = import_xml_text(source, import_xml_child(metadata, "schema"));
    struct bytes version = import_xml_text(source, import_xml_child(metadata, "schemaversion"));

    if (import_text_has(schema, "Cartridge") || declares(manifest, "imscc")) {
        return PACKAGE_COMMON_CARTRIDGE;
    }
    if (schema.size > 0 && !import_text_has(schema, "SCORM") && !has_scorm_resource(source, manifest)) {
        return PACKAGE_PLAIN;
    }
    if (import_text_has(schema, "SCORM") && bytes_equal(version, bytes_text("1.2"))) { /* whatever name spaces its tool writes into all */
        return PACKAGE_SCORM12;
    }
    if (import_text_has(version, "2004") || import_text_has(version, "CAM 1.3") || declares(manifest, "adlcp_v1p3")) {
        return PACKAGE_SCORM2004;
    }
    if (import_text_has(schema, "SCORM") || declares(manifest, "adlcp_rootv1p2")) {
        return PACKAGE_SCORM12;
    }
    return PACKAGE_PLAIN;
}
