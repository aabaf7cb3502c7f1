#!/bin/sh
# The protocol of joins, revocations, incarnations and forks as a model (federation.pml): spin walks through every order of steps. Then bugs
# are planted, one for each property, and must be found. Prints TAP.
#   QANAT_MODEL_RECORDS=3    larger budgets: so many results (2; 3 takes a quarter of a minute, 4 some minutes and GB)
src=${QANAT_SRC:-.}
build=${QANAT_BUILD:-.}
model=$(cd "$src/tests/model" && pwd)/federation.pml
compiler=${CC:-cc}
if ! command -v spin >/dev/null || ! command -v "$compiler" >/dev/null; then
    echo "1..0 # SKIP there is no spin here"
    exit 0
fi
dir=$build/tests/model/walk
rm -rf "$dir"
mkdir -p "$dir"
cd "$dir" || exit 1
number=0
failures=0

verdict() { # verdict STATUS TEXT
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        [ ! -f out ] || sed 's/^/# /' out
        failures=$((failures + 1))
    fi
}

# walked RECORDS BUG OPTIONS: with that bug planted, or none (0); true when every state was seen and none was wrong.
walked() {
    RECORDS=$1 BUG=$2 ./walk "$3" -m1000000 >out 2>&1
    grep -q 'errors: 0$' out && ! grep -qE 'max search depth too small|out of memory|search not completed' out
}

spin -a "$model" >out 2>&1 && "$compiler" -O1 -w -o walk pan.c >>out 2>&1
verdict $? "the model can be walked through"
[ $failures -eq 0 ] || { echo "1..$number"; exit 1; }
walked "${QANAT_MODEL_RECORDS:-2}" 0 -a
verdict $? "no order of steps breaks a property, and all comes to rest: $(sed -n 's/ states, stored.*//p' out | tr -d ' ') states"
while read -r bug option name; do
    ! walked 3 "$bug" "$option" && grep -q 'errors: 1$' out
    verdict $? "found: $name ($(grep -m1 -oE 'assertion violated|acceptance cycle' out))"
done <<'BUGS'
1 -noclaim a restored database goes on in its incarnation: a seq is issued twice
5 -noclaim a copied one does
2 -noclaim a person is told before it is durable: what was told is lost
10 -noclaim a relay says more than was signed: what nobody recorded is counted
3 -noclaim what a stranger says is taken
4 -noclaim what is held beyond a revocation stays: nodes differ
9 -noclaim a machine does not pull its own back
6 -noclaim who only began anew is taken for two machines
8 -noclaim who saw two machines tells nobody
7 -a more of a revoked writer is taken than is left, and dropped again, for ever
BUGS
cd / && rm -rf "$dir"
echo "1..$number"
[ "$failures" -eq 0 ]
