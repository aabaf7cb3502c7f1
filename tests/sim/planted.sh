#!/bin/sh
# Bugs are planted in copies of the core and of the store, one at a time (planted.txt), and the simulator must notice each: prints TAP.
# QANAT_BUG="part of a name" runs only those.
src=${QANAT_SRC:-.}
build=${QANAT_BUILD:-.}
. "$build/tests/sim/planted.env"
case $compile in
*fsanitize*)
    echo "1..0 # SKIP sanitizers find nothing more in what is broken on purpose"
    exit 0
    ;;
esac
dir=$build/tests/sim/planted
rm -rf "$dir"
mkdir -p "$dir"
number=0
failures=0

# plant NUMBER OPTIONS FILE SUBSTITUTION: says what noticed it.
plant() {
    perl -0pe "$4" "$src/$3" >"$dir/$1.c" || return 1
    if cmp -s "$src/$3" "$dir/$1.c"; then
        echo "the substitution changes nothing in $3: bring planted.txt along"
        return 1
    fi
    objects="tests/sim/main.o tests/sim/planted/$1.o" as=
    case $3 in
    node/*) # over the real store (real_store.c)
        objects="$objects tests/sim/real_store.o tests/sim/real_clock.o tests/sim/real_files.o" as=$real
        ;;
    esac
    (cd "$build" && $compile -w -c -o "tests/sim/planted/$1.o" "tests/sim/planted/$1.c" &&
        $link $as -o "tests/sim/planted/$1" $objects $libs) || return 1
    # shellcheck disable=SC2086
    "$dir/$1" --seeds "1-${QANAT_BUG_SEEDS:-2000}" --first $2 >"$dir/$1.out" 2>&1
    code=$?
    grep -m1 -E '^seed|CHECK|failed' "$dir/$1.out"
    [ $code -ne 0 ]
}

while IFS='|' read -r name options file substitution; do
    case $name in
    '#'* | '') continue ;;
    *"${QANAT_BUG:-}"*) ;;
    *) continue ;;
    esac
    number=$((number + 1))
    if said=$(plant "$number" "$options" "$(echo "$file" | tr -d ' ')" "$substitution" 2>&1); then
        echo "ok $number - noticed: $name# $said"
    else
        echo "not ok $number - noticed: $name"
        printf '%s\n' "$said" | sed 's/^/# /'
        failures=$((failures + 1))
    fi
done <"$src/tests/sim/planted.txt"
echo "1..$number"
[ "$failures" -eq 0 ]
