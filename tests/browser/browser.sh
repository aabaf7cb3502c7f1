#!/usr/bin/env bash
# People at a node, in a real browser: see README.md.
here=$(cd "$(dirname "$0")" && pwd)
engine=${QANAT_ENGINE:-chromium}
case $engine in
firefox) browser=${FIREFOX:-$(command -v firefox-esr || command -v firefox)} ;;
*) browser=${CHROMIUM:-$(command -v chromium-headless-shell || command -v chromium || command -v chromium-browser)} ;;
esac
if [ -z "$browser" ] || ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    echo "1..0 # SKIP needs $engine, node and npm"
    exit 0
fi
. "$here/../system/kit.sh"
. "$here/packages.sh"
. "$here/formats.sh"
main_port=$(free_port)
content_port=$(free_port)
modules=$QANAT_BUILD/browser-$engine

modules_there() {
    mkdir -p "$modules" && cp "$here"/package.json "$here"/package-lock.json "$here"/.npmrc "$here"/*.mjs "$modules/" && cd "$modules" || return 1
    cmp -s package-lock.json node_modules/.lock || { npm ci --ignore-scripts --no-audit --no-fund && cp package-lock.json node_modules/.lock; }
}
check "playwright-core and axe-core are there" modules_there

centre_starts() {
    node_make hub hub "" CN && node_start hub &&
        "$qanat" init --dir "$scratch/centre" --name "Ain Shams University" --kind national --country EG --listen "tcp://127.0.0.1:$(free_port)" \
            --http "127.0.0.1:$main_port" --content "127.0.0.1:$content_port" >/dev/null 2>&1 &&
        "$qanat" join --dir "$scratch/centre" "$("$qanat" invite --dir "$scratch/hub" --name "Ain Shams University" --kind national --country EG 2>/dev/null)" >/dev/null &&
        echo 'registration_code = "blue-river"' >>"$scratch/centre/qanat.conf" && node_start centre
}
check "a hub and a centre start" centre_starts

course_in() { # FOLDER|FILE ID LANG TITLE
    node centre course import "$1" --id "$2" --lang "$3" --title "$4" --series teacher-digital-competency && node centre course publish "$2" --lang "$3"
}
courses_in() {
    packages_make "$scratch/packages" "$main_port"
    course_in "$scratch/packages/scorm12" irrigation-12 en "Irrigation 1.2" && course_in "$scratch/packages/scorm2004" irrigation-2004 en "Irrigation 2004" &&
        course_in "$scratch/packages/text" water-text en "Water under the ground" && course_in "$scratch/packages/pages" water-pages ar "الماء تحت الأرض" &&
        course_in "$scratch/packages/hostile" hostile en "Hostile" && course_in "$scratch/packages/silent" silent en "Silent" && course_in "$scratch/packages/hostile-page" hostile-page en "Hostile page" && formats_make "$scratch/packages" &&
        course_in "$scratch/packages/cmi5" wells-cmi5 en "Wells" && course_in "$scratch/packages/windowed12" wells-12 en "Wells 1.2" &&
        course_in "$scratch/packages/windowed2004" wells-2004 en "Wells 2004" && course_in "$scratch/packages/text" wells-text en "Wells in words" &&
        course_in "$scratch/packages/pages" wells-pages ar "الآبار" && course_in "$scratch/packages/sequenced" in-order en "Water in order" &&
        course_in "$scratch/packages/lots" lots en "Lots" && course_in "$scratch/packages/h5p" how-deep en "How deep" &&
        course_in "$scratch/packages/cartridge" canals en "Canals" && course_in "$here/../../conf/demo/course/en" running-a-centre-node en "Running a centre node" &&
        course_in "$here/../../conf/demo/course/ar" running-a-centre-node-ar ar "تشغيل عقدة مركز"
}
check "the synthetic packages are imported" courses_in

real_in() { # KIND FILE ID TITLE [LANG]
    [ ! -e "$QANAT_PACKAGES/$1/$2" ] || course_in "$QANAT_PACKAGES/$1/$2" "$3" "${5:-en}" "$4"
}
localised_in() { # three versions in three languages, each a course by itself here
    local lang version
    for lang in en ar fr; do
        for version in 1 2 3; do
            real_in localised "iot-for-beginners-$lang-v$version.tar.gz" "iot-$lang-v$version" "IoT for beginners $version" "$lang" || return 1
        done
    done
}
reals_in() {
    real_in scorm12 RuntimeBasicCalls_SCORM12.zip golf-12 "Golf 1.2" && real_in scorm2004 RuntimeBasicCalls_SCORM20043rdEdition.zip golf-2004 "Golf 2004" &&
        real_in scorm12 exelearning_default_package.zip exe-12 "eXeLearning" && real_in h5p greetingcard1.h5p greeting "Greeting card" &&
        localised_in &&
        real_in cmi5 multi_au_framed.zip geology "Geology" && real_in cmi5 multi_au_framed-older-build.zip geology-older "Geology, older" &&
        real_in imscc latex.imscc latex "LaTeX" && real_in imscc single-page.imscc purpose "Our purpose"
}
[ -z "${QANAT_PACKAGES:-}" ] || check "the real packages are imported" reals_in

people_in() {
    node centre person add --id amina --name "أمينة حسن علي" --gender female --password "a-calm-river" &&
        node centre person add --id safiya --name "Safiya Omar" --gender female --password "a-calm-river" &&
        node centre person add --id nadia --name "Nadia Aziz" --gender female --password "a-calm-river" &&
        node centre person add --id badr --name "Badr Said" --gender male --password "a-calm-river" &&
        node centre person add --id tariq --name "Tariq Nour" --role facilitator --password "a-calm-river" &&
        node centre person add --id root --name "Site Administrator" --role administrator --password "a-deep-channel" &&
        people_make "$scratch/people.csv" 40 && node centre person import "$scratch/people.csv" &&
        results_make "$scratch/results.csv" ev 400 40 irrigation-12 && node centre result import "$scratch/results.csv"
}
check "people and results are there" people_in

# The rest is said by browser.mjs, whose lines go on from these. Real packages take eight minutes where nothing else runs.
seconds=${QANAT_BROWSER_TIMEOUT:-$([ -z "${QANAT_PACKAGES:-}" ] && echo 900 || echo 2700)}
ended_early() { # CODE
    echo "browser.mjs ended with $1"
    [ "$1" -ne 124 ] || echo "its $seconds s were over: QANAT_BROWSER_TIMEOUT=N gives it more"
    return 1
}
plays() {
    local said=$scratch/browser.tap code=0
    QANAT_MAIN=http://127.0.0.1:$main_port QANAT_CONTENT=http://127.0.0.1:$content_port QANAT_ENGINE=$engine QANAT_PROGRAM=$browser QANAT_FIRST=$tests QANAT_BIN=$qanat QANAT_NODE_DIR=$scratch/centre QANAT_HUB_DIR=$scratch/hub \
        QANAT_NODE_PID=${node_pid[centre]} timeout "$seconds" node "$modules/browser.mjs" >"$said" 2>&1 || code=$?
    cat "$said"
    tests=$((tests + $(grep -cE '^(not )?ok ' "$said")))
    failures=$((failures + $(grep -c '^not ok ' "$said")))
    [ $code -eq 0 ] && grep -q '^# all files ran' "$said" || check "every file of browser tests ran to its end" ended_early $code
}
others=$(tr , '\n' <<<"${QANAT_BROWSER:-}" | grep -vx left | paste -sd,)
[ "${QANAT_BROWSER:-}" != "" ] && [ -z "$others" ] || QANAT_BROWSER=$others plays

# Where courses may have windows of their own they share one store, in which a closing window leaves its last words.
windows_open() { node_stop centre && echo 'content_windows = true' >>"$scratch/centre/qanat.conf" && node_start centre; }
case ,${QANAT_BROWSER:-left}, in
*,left,*) check "a node whose courses may have windows of their own" windows_open && QANAT_BROWSER=left plays ;;
esac
finish
