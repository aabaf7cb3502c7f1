#!/bin/sh
# embed.sh DIST: the files of DIST (listed in its index.txt) as C. Texts are compressed; octal escapes need no care about what follows them.
set -eu
LC_ALL=C
export LC_ALL
dist=$1

# bytes: stdin as lines of a string literal
bytes() {
    od -An -v -to1 -w32 | sed -e 's/ /\\/g' -e 's/.*/    "&"/'
}

files=$(grep -v -e '^entry-' -e '^texts-' "$dist/index.txt" | sort)
echo '/* Made from node/web/dist by embed.sh. */'
echo '#include "node/web/web.h"'
number=0
for name in $files; do
    echo "static const char file_$number[] ="
    case $name in
    *.js | *.css | *.svg | *.txt) gzip -9nc "$dist/$name" | bytes ;;
    *) bytes <"$dist/$name" ;;
    esac
    echo '    ;'
    number=$((number + 1))
done
echo 'static const struct web_file web_files[] = {'
number=0
for name in $files; do
    case $name in
    *.js | *.css | *.svg | *.txt) is_gzip=true ;;
    *) is_gzip=false ;;
    esac
    echo "    {\"$name\", (const unsigned char *)file_$number, sizeof file_$number - 1, $is_gzip},"
    number=$((number + 1))
done
echo '};'
echo "enum { WEB_FILE_COUNT = $number };"
echo 'static const struct { const char *name; const char *markup; } web_entries[] = {'
number=0
for name in $(grep '^entry-' "$dist/index.txt"); do
    entry=${name#entry-}
    echo "    {\"${entry%.html}\","
    bytes <"$dist/$name"
    echo '    },'
    number=$((number + 1))
done
echo '};'
echo "enum { WEB_ENTRY_COUNT = $number };"
echo 'static const struct { const char *lang, *key, *text; } web_texts[] = {'
awk -F '\t' '{ gsub(/\\/, "\\\\", $3); gsub(/"/, "\\\"", $3); printf "    {\"%s\", \"%s\", \"%s\"},\n", $1, $2, $3 }' "$dist/$(grep '^texts-' "$dist/index.txt")"
echo '};'
