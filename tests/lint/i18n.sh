#!/bin/sh
# One catalogue for each language: the same keys in the same order, the same gaps, and every text that the pages name.
. "$(dirname "$0")/lint.sh"
catalogues=node/web/src/i18n

# "key" of each top-level line
keys() {
    sed -n 's/^  "\([^"]*\)": .*/\1/p' "$1"
}
# "key {gap} {gap}": all gaps of a text and of its plural forms, each once
gaps() {
    awk '/^  "/ { key = $0; sub(/^  "/, "", key); sub(/".*/, "", key) }
        { line = $0
          while (match(line, /\{[a-z]+\}/)) { seen[key " " substr(line, RSTART, RLENGTH)] = 1; line = substr(line, RSTART + RLENGTH) } }
        END { for (one in seen) print one }' "$1" | sort
}

keys $catalogues/en.json >"${TMPDIR:-/tmp}/qanat-keys.$$"
findings=$(for file in $catalogues/*.json; do
    keys "$file" | diff "${TMPDIR:-/tmp}/qanat-keys.$$" - | sed -n "s,^[<>],$(basename "$file"): &,p"
done)
verdict "every catalogue has the same keys"
gaps $catalogues/en.json >"${TMPDIR:-/tmp}/qanat-gaps.$$"
findings=$(for file in $catalogues/*.json; do
    gaps "$file" | diff "${TMPDIR:-/tmp}/qanat-gaps.$$" - | sed -n "s,^[<>],$(basename "$file"): &,p"
done)
verdict "every text has the gaps of the English one"
findings=$(grep -rhoE "(^|[^a-zA-Z_])(t|rich|has)\('[a-z]+\.[A-Za-z_0-9-]+'" node/web/src --include='*.js' --include='*.jsx' | sed "s/.*('//; s/'$//" | sort -u |
    grep -vxFf "${TMPDIR:-/tmp}/qanat-keys.$$")
verdict "every text that the pages name is there"
findings=$(for lang in ar en es fr id kk mn ru zh; do [ -f $catalogues/$lang.json ] || echo "$lang: has no catalogue"; done
    grep -nE '": ("" *,?|\{ *\})$' $catalogues/*.json)
verdict "nine languages, and no text is empty"
rm -f "${TMPDIR:-/tmp}/qanat-keys.$$" "${TMPDIR:-/tmp}/qanat-gaps.$$"
finish
