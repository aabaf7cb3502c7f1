# lint.sh: what the lints share; sourced. QANAT_SRC is the source tree, QANAT_BUILD the build tree; by hand: this one and its build/.
# Each lint collects findings, one a line, and says `verdict "the rule as a sentence"`.
set -u
LC_ALL=C
export LC_ALL
cd "${QANAT_SRC:-$(dirname "$0")/../..}" || exit 1
: "${QANAT_BUILD:=build}"
tests=0
failures=0
findings=""

found() {
    findings="$findings$1
"
}

verdict() {
    tests=$((tests + 1))
    findings=$(printf '%s' "$findings" | sed '/^$/d')
    if [ -z "$findings" ]; then
        echo "ok $tests - $1"
    else
        echo "not ok $tests - $1"
        printf '%s\n' "$findings" | sed 's/^/# /'
        failures=$((failures + 1))
    fi
    findings=""
}

finish() {
    echo "1..$tests"
    [ "$failures" -eq 0 ]
}

sources() {
    find replication node tests -name '*.[ch]' | grep -v '\.pb-c\.' | sort
}
