#include "node/badge/quads.h"

#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"

#define RDF      "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
#define XSD      "http://www.w3.org/2001/XMLSchema#"
#define OB       "https://purl.imsglobal.org/spec/vc/ob/vocab.html#"
#define VC       "https://www.w3.org/2018/credentials#"
#define STATUS   "https://www.w3.org/ns/credentials/status#"
#define SECURITY "https://w3id.org/security#"
#define SCHEMA   "https://schema.org/"

#define NAMELESS "_:c14n0"

enum term_kind {
    TERM_TEXT,    /* a text, with a datatype when the table has one */
    TERM_BOOLEAN, /* true or false, with a datatype */
    TERM_NODE,    /* an object or an array of objects; or a text that is the name of a node */
};

struct term {
    const char *name, *iri;
    enum term_kind kind;
    const char *datatype; /* NULL: a plain text */
};

/* The OB context writes its own datatypes with https; that is how they are signed. */
static const struct term terms[] = {
    {"achievement", OB "achievement", TERM_NODE, NULL},
    {"achievementType", OB "achievementType", TERM_TEXT, NULL},
    {"created", "http://purl.org/dc/terms/created", TERM_TEXT, XSD "dateTime"},
    {"credentialStatus", VC "credentialStatus", TERM_NODE, NULL},
    {"credentialSubject", VC "credentialSubject", TERM_NODE, NULL},
    {"criteria", OB "Criteria", TERM_NODE, NULL},
    {"cryptosuite", SECURITY "cryptosuite", TERM_TEXT, SECURITY "cryptosuiteString"},
    {"description", SCHEMA "description", TERM_TEXT, NULL},
    {"encodedList", STATUS "encodedList", TERM_TEXT, SECURITY "multibase"},
    {"hashed", OB "hashed", TERM_BOOLEAN, "https://www.w3.org/2001/XMLSchema#boolean"},
    {"humanCode", OB "humanCode", TERM_TEXT, NULL},
    {"identifier", OB "identifier", TERM_NODE, NULL},
    {"identityHash", OB "identityHash", TERM_TEXT, NULL},
    {"identityType", OB "identityType", TERM_TEXT, NULL},
    {"inLanguage", SCHEMA "inLanguage", TERM_TEXT, NULL},
    {"issuer", VC "issuer", TERM_NODE, NULL},
    {"name", SCHEMA "name", TERM_TEXT, NULL},
    {"narrative", OB "narrative", TERM_TEXT, NULL},
    {"parentOrg", OB "parentOrg", TERM_NODE, NULL},
    {"proofPurpose", SECURITY "proofPurpose", TERM_NODE, NULL},
    {"result", OB "result", TERM_NODE, NULL},
    {"resultType", OB "resultType", TERM_TEXT, NULL},
    {"statusListCredential", STATUS "statusListCredential", TERM_NODE, NULL},
    {"statusListIndex", STATUS "statusListIndex", TERM_TEXT, NULL},
    {"statusPurpose", STATUS "statusPurpose", TERM_TEXT, NULL},
    {"validFrom", VC "validFrom", TERM_TEXT, XSD "dateTime"},
    {"validUntil", VC "validUntil", TERM_TEXT, XSD "dateTime"},
    {"value", SCHEMA "value", TERM_TEXT, NULL},
    {"valueMax", OB "valueMax", TERM_TEXT, NULL},
    {"valueMin", OB "valueMin", TERM_TEXT, NULL},
    {"verificationMethod", SECURITY "verificationMethod", TERM_NODE, NULL},
    {"version", OB "version", TERM_TEXT, NULL},
};

/* The one term whose meaning depends on the type of the node it stands in. */
static const struct term result_description_text = {"resultDescription", OB "resultDescription", TERM_TEXT,
                                                    "https://www.w3.org/2001/XMLSchema#anyURI"};
static const struct term result_description_node = {"resultDescription", OB "resultDescription", TERM_NODE,
                                                    NULL};

static const struct {
    const char *name, *iri;
} types[] = {
    {"Achievement", OB "Achievement"},
    {"AchievementSubject", OB "AchievementSubject"},
    {"BitstringStatusList", STATUS "BitstringStatusList"},
    {"BitstringStatusListCredential", STATUS "BitstringStatusListCredential"},
    {"BitstringStatusListEntry", STATUS "BitstringStatusListEntry"},
    {"DataIntegrityProof", SECURITY "DataIntegrityProof"},
    {"IdentityObject", OB "IdentityObject"},
    {"OpenBadgeCredential", OB "OpenBadgeCredential"},
    {"Profile", OB "Profile"},
    {"Result", OB "Result"},
    {"ResultDescription", OB "ResultDescription"},
    {"VerifiableCredential", VC "VerifiableCredential"},
};

struct quads {
    char *lines[QUADS_MAX];
    size_t count;
    json_t *nameless;              /* the one node without an id */
    json_t *nodes[QUADS_MAX];      /* whose statements are still to be written */
    size_t node_count, node_first; /* a queue: no recursion */
    size_t depths[QUADS_MAX];
};

static const struct term *term_find(const char *name, json_t *value)
{
    if (strcmp(name, "resultDescription") == 0) {
        return json_is_string(value) ? &result_description_text : &result_description_node;
    }
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        if (strcmp(terms[i].name, name) == 0) {
            return &terms[i];
        }
    }
    return NULL;
}

static const char *type_find(const char *name)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (strcmp(types[i].name, name) == 0) {
            return types[i].iri;
        }
    }
    return NULL;
}

static void text_append(struct buffer *out, const char *text)
{
    buffer_append(out, text, strlen(text));
}

/* An IRI of ours needs no escapes; one with characters that would need them is none. */
static bool iri_is_plain(const char *iri)
{
    for (const char *c = iri; *c; c++) {
        if ((uint8_t)*c <= 0x20 || strchr("<>\"{}|^`\\", *c) || (uint8_t)*c == 0x7f) {
            return false;
        }
    }
    return strchr(iri, ':') != NULL;
}

static void iri_append(struct buffer *out, const char *iri)
{
    buffer_append_u8(out, '<');
    text_append(out, iri);
    buffer_append_u8(out, '>');
}

/* Canonical N-Quads: the shortest escapes, \uXXXX for other control characters, everything else as it is. */
static void literal_append(struct buffer *out, const char *text, const char *datatype)
{
    static const char hex[] = "0123456789ABCDEF";
    static const char shorts[] = "\bb\tt\nn\ff\rr\"\"\\\\";

    buffer_append_u8(out, '"');
    for (const char *c = text; *c; c++) {
        const char *pair = shorts;
        while (*pair && *pair != *c) {
            pair += 2;
        }
        if (*pair) {
            buffer_append_u8(out, '\\');
            buffer_append_u8(out, (uint8_t)pair[1]);
        } else if ((uint8_t)*c < 0x20 || *c == 0x7f) {
            text_append(out, "\\u00");
            buffer_append_u8(out, (uint8_t)hex[(uint8_t)*c >> 4]);
            buffer_append_u8(out, (uint8_t)hex[*c & 0xf]);
        } else {
            buffer_append_u8(out, (uint8_t)*c);
        }
    }
    buffer_append_u8(out, '"');
    if (datatype) {
        text_append(out, "^^");
        iri_append(out, datatype);
    }
}

/* The name under which `node` appears: its id, or that of the one nameless node; NULL for a second one. */
static const char *node_name(struct quads *quads, json_t *node)
{
    json_t *id = json_object_get(node, "id");

    if (id) {
        const char *name = json_string_value(id);
        return name && iri_is_plain(name) ? name : NULL;
    }
    if (!quads->nameless || quads->nameless == node) {
        quads->nameless = node;
        return NAMELESS;
    }
    return NULL;
}

static void name_append(struct buffer *out, const char *name)
{
    if (strcmp(name, NAMELESS) == 0) {
        text_append(out, name);
    } else {
        iri_append(out, name);
    }
}

/* Keeps "subject predicate object ."; `object` is written already. */
static enum status line_add(struct quads *quads, const char *subject, const char *predicate,
                            const struct buffer *object)
{
    struct buffer line;

    if (quads->count == QUADS_MAX) {
        return S_TOO_LARGE;
    }
    buffer_init(&line);
    name_append(&line, subject);
    buffer_append_u8(&line, ' ');
    iri_append(&line, predicate);
    buffer_append_u8(&line, ' ');
    buffer_append(&line, object->data, object->size);
    buffer_append(&line, " .\n", 4); /* with the NUL */
    quads->lines[quads->count++] = (char *)line.data;
    return S_OK;
}

static enum status node_queue(struct quads *quads, json_t *node, size_t depth)
{
    if (quads->node_count == QUADS_MAX || depth > QUADS_DEPTH_MAX) {
        return S_TOO_LARGE;
    }
    quads->depths[quads->node_count] = depth;
    quads->nodes[quads->node_count++] = node;
    return S_OK;
}

/* A value that names or holds another node. */
static enum status object_node(struct quads *quads, const struct term *term, json_t *value, size_t depth,
                               struct buffer *object)
{
    const char *name = json_string_value(value);

    if (strcmp(term->name, "proofPurpose") == 0) {
        if (!name || strcmp(name, "assertionMethod") != 0) {
            return S_VERSION;
        }
        iri_append(object, SECURITY "assertionMethod");
        return S_OK;
    }
    if (json_is_object(value)) {
        name = node_name(quads, value);
    } else if (name && !iri_is_plain(name)) {
        name = NULL;
    }
    if (!name) {
        return S_INVALID;
    }
    name_append(object, name);
    return json_is_object(value) ? node_queue(quads, value, depth + 1) : S_OK;
}

static enum status statement_add(struct quads *quads, const char *subject, const struct term *term,
                                 json_t *value, size_t depth)
{
    struct buffer object;
    enum status status = S_OK;

    buffer_init(&object);
    switch (term->kind) {
    case TERM_TEXT:
        if (json_is_string(value)) {
            literal_append(&object, json_string_value(value), term->datatype);
        } else {
            status = S_INVALID;
        }
        break;
    case TERM_BOOLEAN:
        if (json_is_boolean(value)) {
            literal_append(&object, json_is_true(value) ? "true" : "false", term->datatype);
        } else {
            status = S_INVALID;
        }
        break;
    case TERM_NODE:
        status = object_node(quads, term, value, depth, &object);
        break;
    }
    if (status == S_OK) {
        status = line_add(quads, subject, term->iri, &object);
    }
    buffer_release(&object);
    return status;
}

static enum status type_add(struct quads *quads, const char *subject, json_t *value)
{
    const char *name = json_string_value(value), *iri = name ? type_find(name) : NULL;
    struct buffer object;

    if (!name) {
        return S_INVALID;
    }
    if (!iri) {
        return S_VERSION;
    }
    buffer_init(&object);
    iri_append(&object, iri);
    enum status status = line_add(quads, subject, RDF "type", &object);
    buffer_release(&object);
    return status;
}

/* Every value of one member: JSON-LD makes no difference between a value and an array of it. */
static enum status member_add(struct quads *quads, const char *subject, const char *name, json_t *values,
                              size_t depth)
{
    bool is_type = strcmp(name, "type") == 0, is_array = json_is_array(values);
    size_t count = is_array ? json_array_size(values) : 1;
    enum status status = S_OK;

    for (size_t i = 0; i < count && status == S_OK; i++) {
        json_t *value = is_array ? json_array_get(values, i) : values;
        const struct term *term = is_type ? NULL : term_find(name, value);
        if (is_type) {
            status = type_add(quads, subject, value);
        } else {
            status = term ? statement_add(quads, subject, term, value, depth) : S_VERSION;
        }
    }
    return status;
}

static enum status node_add(struct quads *quads, json_t *node, size_t depth)
{
    const char *subject = node_name(quads, node), *name;
    enum status status = subject ? S_OK : S_INVALID;
    json_t *value;

    json_object_foreach(node, name, value)
    {
        if (status == S_OK && strcmp(name, "@context") != 0 && strcmp(name, "proof") != 0 &&
            strcmp(name, "id") != 0) {
            status = member_add(quads, subject, name, value, depth);
        }
    }
    return status;
}

static int line_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

enum status quads_write(json_t *document, struct buffer *out)
{
    struct quads *quads = calloc(1, sizeof *quads);
    enum status status;

    CHECK(quads);
    status = json_is_object(document) ? node_queue(quads, document, 0) : S_INVALID;
    while (status == S_OK && quads->node_first < quads->node_count) {
        size_t at = quads->node_first++;
        status = node_add(quads, quads->nodes[at], quads->depths[at]);
    }
    qsort(quads->lines, quads->count, sizeof *quads->lines, line_compare);
    for (size_t i = 0; i < quads->count; i++) {
        if (status == S_OK && (i == 0 || strcmp(quads->lines[i], quads->lines[i - 1]) != 0)) {
            text_append(out, quads->lines[i]);
        }
    }
    for (size_t i = 0; i < quads->count; i++) {
        free(quads->lines[i]);
    }
    free(quads);
    return status;
}
