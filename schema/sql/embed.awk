# embed.awk: turns the SQL of this folder into C.
#
#   awk -v mode=header -f embed.awk queries/*.sql      statements.h: enum statement_name
#   awk -v mode=source -f embed.awk queries/*.sql      statements.c: their texts, in the same order
#   awk -v mode=tables -f embed.awk tables/*.sql migrations/*.sql     tables.h: what migrate.c executes
#
# A query is `-- name: cell_put`, further comment lines, then one statement ending in `;`. `-- scan: reason` says why a full scan is meant.

function fail(text) {
    printf "%s:%d: %s\n", FILENAME, FNR, text > "/dev/stderr"
    failed = 1
    exit 1
}

function quoted(text) {
    if (index(text, "\\")) {
        fail("no backslashes in SQL: " text)
    }
    gsub(/"/, "\\\"", text)
    return "\"" text "\""
}

function basename_of(path) {
    sub(/^.*\//, "", path)
    sub(/\.sql$/, "", path)
    return path
}

mode == "tables" && FNR == 1 {
    count++
    kind[count] = FILENAME ~ /\/migrations\// ? "migration" : "table"
    name[count] = basename_of(FILENAME)
    text[count] = ""
}

mode == "tables" {
    if ($0 !~ /^[ \t]*--/ && $0 !~ /^[ \t]*$/) {
        text[count] = text[count] "\n        " quoted($0) " \"\\n\""
    }
    next
}

FNR == 1 {
    if (is_open) {
        fail("the last statement of the file before has no end")
    }
    is_named = 0
}

/^-- name:/ {
    if (is_open || (is_named && text[count] == "")) {
        fail("a statement is missing before this name")
    }
    if (NF != 3 || $3 !~ /^[a-z][a-z0-9_]*$/) {
        fail("a name is lower case words joined by _")
    }
    if ($3 in seen) {
        fail("the name " $3 " is taken: " seen[$3])
    }
    seen[$3] = FILENAME ":" FNR
    count++
    name[count] = $3
    text[count] = ""
    scan[count] = ""
    is_named = 1
    next
}

/^-- scan:/ {
    if (!is_named) {
        fail("a scan reason belongs below a name")
    }
    sub(/^-- scan: */, "")
    scan[count] = $0
    next
}

/^[ \t]*--/ || /^[ \t]*$/ {
    next
}

{
    if (!is_named || (!is_open && text[count] != "")) {
        fail("a statement without a name")
    }
    sub(/^[ \t]+/, "")
    sub(/[ \t]+$/, "")
    is_open = $0 !~ /;$/
    sub(/;$/, "")
    text[count] = text[count] (text[count] == "" ? "" : " ") $0
}

function write_header(    i) {
    print "#ifndef QANAT_SCHEMA_STATEMENTS_H\n#define QANAT_SCHEMA_STATEMENTS_H\n"
    print "enum statement_name {"
    for (i = 1; i <= count; i++) {
        print "    STATEMENT_" name[i] ","
    }
    print "    STATEMENT_COUNT\n};\n"
    print "/* `scan` is why the statement may read a whole table, or NULL. */"
    print "struct statement_text {\n    const char *name;\n    const char *sql;\n    const char *scan;\n};\n"
    print "extern const struct statement_text statement_texts[STATEMENT_COUNT];\n\n#endif"
}

function write_source(    i) {
    print "#include <stddef.h>\n\n#include \"schema/statements.h\"\n"
    print "const struct statement_text statement_texts[STATEMENT_COUNT] = {"
    for (i = 1; i <= count; i++) {
        print "    {" quoted(name[i]) ",\n     " quoted(text[i]) ",\n     " (scan[i] == "" ? "NULL" : quoted(scan[i])) "},"
    }
    print "};"
}

function write_tables(    i) {
    print "#ifndef QANAT_SCHEMA_TABLES_H\n#define QANAT_SCHEMA_TABLES_H\n\n#include <stddef.h>\n"
    print "/* What a new database is made of; ends with a NULL name. */"
    print "static const struct schema_table {\n    const char *name;\n    const char *sql;\n} schema_tables[] = {"
    for (i = 1; i <= count; i++) {
        if (kind[i] == "table") {
            print "    {" quoted(name[i]) "," text[i] "},"
        }
    }
    print "    {NULL, NULL},\n};\n"
    print "/* How an older database becomes `version`; ascending, ends with version 0. */"
    print "static const struct schema_migration {\n    int version;\n    const char *sql;\n} schema_migrations[] = {"
    for (i = 1; i <= count; i++) {
        if (kind[i] == "migration") {
            print "    {" (name[i] + 0) "," text[i] "},"
        }
    }
    print "    {0, NULL},\n};\n\n#endif"
}

END {
    if (failed) {
        exit 1
    }
    if (is_open) {
        fail("the last statement has no end")
    }
    print "/* Generated from schema/sql by embed.awk: do not edit. */"
    if (mode == "header") {
        write_header()
    } else if (mode == "source") {
        write_source()
    } else {
        write_tables()
    }
}
