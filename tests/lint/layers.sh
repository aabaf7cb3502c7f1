#!/bin/sh
# The arrows of the house: the core is pure, foreign headers stay in their families, node calls downward only.
. "$(dirname "$0")/lint.sh"

# --- the core asks the system for nothing -------------------------------------------------------------------
forbidden='^(uv_|zmq_|sqlite3|MHD_|archive_|xml|pthread_|time$|clock|gettimeofday|rand$|random$|srand|randombytes|getrandom|open$|open64$|fopen|creat|read$|write$|socket|connect$|printf$|puts$|fprintf|fputs|fwrite|stderr|stdout|getenv|syslog|sleep|usleep|nanosleep|fork|exec|system$)'
findings=$(nm -u "$QANAT_BUILD/libreplication.a" 2>/dev/null | awk '$1 == "U" {print $2}' | sed 's/@.*//' | sort -u | grep -E "$forbidden")
verdict "replication asks for no clock, input, output, thread, database or randomness"

# Archives hide this until the first program that pulls both in.
findings=$(nm -g --defined-only "$QANAT_BUILD/libreplication.a" "$QANAT_BUILD/libnode.a" 2>/dev/null | awk '$2 ~ /^[TDBRC]$/ {print $3}' | sort | uniq -d)
verdict "no two modules export the same name"

findings=$(grep -rnE '#include "(node|tests)/' replication)
verdict "replication includes nothing of node or tests"

# --- a foreign header lives in one family of files ------------------------------------------------------------
family() { # header, extended regex of files that may include it
    findings="$findings$(grep -rnE "#include [<\"]$1" replication node --include='*.[ch]' | grep -vE "^($2)" | sed 's/$/ (may not)/')"
}
family 'zmq' 'node/link/'
verdict "zmq.h lives in node/link"
family 'sqlite3' 'node/store/'
verdict "sqlite3.h lives in node/store"
family 'microhttpd' 'node/http/'
verdict "microhttpd.h lives in node/http"
family 'uv\.h' 'node/app|node/link/|node/http/'
verdict "uv.h lives in node/app, node/link and node/http"
family '(protobuf-c|schema/wire/)' 'replication/wire/'
verdict "protobuf-c lives in replication/wire"
family 'archive' 'node/learn/import/import'
family 'libxml' 'node/learn/import/import'
verdict "libarchive and libxml2 live in node/learn/import/import"
family 'libsmartcols' 'node/cmd/table'
verdict "libsmartcols lives in node/cmd/table"
family '(pango|cairo|qrencode)' 'node/badge/print'
verdict "Pango, cairo and libqrencode live in node/badge/print"
family 'curl' 'node/link/mirror/http'
verdict "curl/curl.h lives in node/link/mirror/http"
family 'dlfcn' 'node/library'
verdict "dlfcn.h lives in node/library"
findings=$(readelf -d "$QANAT_BUILD/qanat" | grep NEEDED | grep -E 'lib(zmq|microhttpd|archive|xml2|gnutls|pango|cairo|curl)')
verdict "what few processes need is loaded by those, not linked (node/library.h)"
family 'gnutls' 'node/lrs/digest'
verdict "gnutls lives in node/lrs/digest"
family 'confuse' 'node/config'
verdict "libconfuse lives in node/config"

# --- downward only inside node ------------------------------------------------------------------------------
findings=$(grep -rnE '#include "node/' node --include='*.[ch]' | awk -F: '
    function rank(path, parts) {
        split(path, parts, "/")
        if (parts[3] == "") { return parts[2] ~ /^(app|main)/ ? (parts[2] ~ /^main/ ? 7 : 5) : (parts[2] ~ /^status/ ? 3.5 : 0) }
        if (parts[2] == "web") return 0.5
        if (parts[2] == "store") return 1
        if (parts[2] == "blob") return 2
        if (parts[2] == "lrs") return 2.5
        if (parts[2] == "learn" || parts[2] == "stats") return 3
        if (parts[2] == "badge") return 3.2
        if (parts[2] == "care") return 3.5
        if (parts[2] == "http" || parts[2] == "link") return 4
        if (parts[2] == "bundle") return 4
        if (parts[2] == "cmd") return 6
        return 9
    }
    function room(path, parts) { split(path, parts, "/"); return parts[3] == "" ? "." : parts[2] }
    { target = $3; sub(/^#include "/, "", target); sub(/".*/, "", target)
      if (rank(target) > rank($1) || (rank(target) == rank($1) && room(target) != room($1))) print $1 ": " target }')
verdict "inside node every include points downward"

findings=$(grep -rnE '(SELECT|INSERT INTO|UPDATE|DELETE FROM) ' node/http node/link node/learn node/stats node/cmd node/blob --include='*.c' | grep -E '"[^"]*(SELECT |INSERT INTO |DELETE FROM )')
verdict "SQL stands in schema/sql alone"
finish
