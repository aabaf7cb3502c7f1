# packages.sh: the synthetic packages of the browser tests; sourced. packages_make DIR writes them as folders and files below DIR.

scorm_page() { # 12|2004: looks for the API of the other standard first, as many tools' do, and reports for credit alone
    local find='function find(w, name) { for (var i = 0; w && i < 10; i++) { if (w[name]) return w[name]; if (w === w.parent) break; w = w.parent } return null }'
    local credit=cmi.core.credit begin='LMSInitialize' set='LMSSetValue' get='LMSGetValue' commit='LMSCommit' end='LMSFinish' name='API' other='API_1484_11' prefix='cmi.core.'
    local status='lesson_status' location='cmi.core.lesson_location' time='0000:02:00' score='cmi.core.score.raw' done='completed'
    local leaving='window.onunload = leave' # as most authoring tools wrote it
    if [ "$1" = 2004 ]; then
        leaving='window.onbeforeunload = leave; window.onunload = leave; window.onpagehide = leave'
        begin=Initialize set=SetValue get=GetValue commit=Commit end=Terminate name=API_1484_11 other=API credit=cmi.credit prefix=cmi. status=completion_status location=cmi.location time=PT2M score=cmi.score.raw
    fi
    cat <<END
<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Lesson</title></head><body><h1>Lesson</h1>
<p>Page <b id="page"></b> of 3, <span id="who"></span></p><button id="next">Next page</button> <button id="finish">Finish</button>
<script>
$find
var api = find(window, '$other') || find(window, '$name'), over = false
api.$begin('')
var page = Number(api.$get('$location')) || 1
function show() { document.getElementById('page').textContent = page }
document.getElementById('who').textContent = api.$get('$([ "$1" = 2004 ] && echo cmi.learner_name || echo cmi.core.student_name)')
document.getElementById('next').onclick = function () { page++; api.$set('$location', String(page)); show() }
document.getElementById('finish').onclick = function () {
    if (api.$get('$credit') !== 'credit') return
    api.$set('$score', '85'); api.$set('${prefix}score.min', '0'); api.$set('${prefix}score.max', '100')$([ "$1" = 2004 ] && echo "; api.SetValue('cmi.score.scaled', '0.85')")
    api.$set('$prefix$status', '$done'); api.$commit('')
}
function leave() { if (over) return; over = true
    api.$set('cmi.suspend_data', 'left on page ' + page); api.$set('${prefix}session_time', '$time'); api.$set('${prefix}exit', 'suspend'); api.$end('') }
$leaving
show()
</script></body></html>
END
}

scorm_make() { # DIR 12|2004
    local version='<schemaversion>1.2</schemaversion>' attribute='adlcp:scormtype' adlcp='http://www.adlnet.org/xsd/adlcp_rootv1p2' cp='http://www.imsproject.org/xsd/imscp_rootv1p1p2'
    if [ "$2" = 2004 ]; then
        version='<schemaversion>2004 3rd Edition</schemaversion>' attribute='adlcp:scormType' adlcp='http://www.adlnet.org/xsd/adlcp_v1p3' cp='http://www.imsglobal.org/xsd/imscp_v1p1'
    fi
    mkdir -p "$1"
    scorm_page "$2" >"$1/lesson.html"
    cat >"$1/imsmanifest.xml" <<END
<?xml version="1.0"?>
<manifest identifier="m$2" version="1" xmlns="$cp" xmlns:adlcp="$adlcp">
<metadata><schema>ADL SCORM</schema>$version</metadata>
<organizations default="o"><organization identifier="o"><title>Irrigation $2</title>
<item identifier="i1" identifierref="r1"><title>The lesson</title></item></organization></organizations>
<resources><resource identifier="r1" type="webcontent" $attribute="sco" href="lesson.html"><file href="lesson.html"/></resource></resources>
</manifest>
END
}

windowed_make() { # DIR 12|2004: the same lesson in a window that its first page opens; it never says its status, but in the end that it is not to be gone on with
    scorm_make "$1" "$2"
    sed -i -E "s/api\.(LMS)?SetValue\('[a-z_.]*_status', 'completed'\)/window.done = true/; s/exit', 'suspend'/exit', window.done ? '' : 'suspend'/" "$1/lesson.html"
    sed -i 's/href="lesson.html"/href="start.html"/' "$1/imsmanifest.xml"
    cat >"$1/start.html" <<'END'
<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Start</title></head><body><h1>Start</h1><button id="start">Start the lesson</button>
<script>document.getElementById('start').onclick = function () { window.lesson = window.open('lesson.html', 'lesson', 'width=600,height=400') }</script></body></html>
END
}

silent_make() { # DIR: a SCORM 1.2 package that begins its session, counts in its last word how often it was left, and neither commits nor ends
    scorm_make "$1" 12
    cat >"$1/lesson.html" <<'END'
<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Silent</title></head><body><h1>Silent</h1><p id="left"></p>
<script>
parent.API.LMSInitialize('')
var left = Number(parent.API.LMSGetValue('cmi.core.lesson_location'))
document.getElementById('left').textContent = left
window.onunload = function () { parent.API.LMSSetValue('cmi.core.lesson_location', String(left + 1)) }
</script></body></html>
END
}

hostile_make() { # DIR: a SCORM package whose page tries what it may not; what came through stands in its title
    scorm_make "$1" 12
    cat >"$1/lesson.html" <<'END'
<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Hostile</title></head><body><h1>Hostile</h1><p id="said">trying</p>
<script>
var broken = [], tries = []
function tried(name, action) { try { if (action() !== false) broken.push(name) } catch (error) { /* refused, as it should be */ } }
tried('page around', function () { return !!window.top.document.body })
tried('address around', function () { return !!window.top.location.href })
tried('storage around', function () { return !!window.top.localStorage })
tried('cookies', function () { return document.cookie !== '' })
tried('top navigation', function () { window.top.location = 'about:blank#gone'; return false })
var main = new URLSearchParams(location.search).get('main') || document.location.protocol + '//' + location.hostname + ':MAINPORT'
function asked(name, address, options) {
    tries.push(fetch(address, options).then(function (r) { return r.text().then(function (t) { if (r.ok && t) broken.push(name) }) }, function () {}))
}
asked('session', main + '/api/v1/session', { credentials: 'include' })
asked('sign out', main + '/api/v1/session', { method: 'DELETE', credentials: 'include', mode: 'no-cors' })
asked('my courses', main + '/api/v1/me/courses', { credentials: 'include' })
asked('a command', main + '/api/v1/admin/commands', { method: 'POST', credentials: 'include', headers: { 'Content-Type': 'application/json' }, body: '{"words":["window","add","always"]}' })
asked('another course', '/c/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/lesson.html')
if (navigator.serviceWorker) tries.push(navigator.serviceWorker.register('worker.js').then(function () { broken.push('service worker') }, function () {}))
asked('last words of another course', '/c/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/.qanat/state', { method: 'POST', body: '{"seq":9,"result":{"completion":true}}' })
// To the page around, in the player's name and for other launches; by a link, a form, a window of its own.
try { for (var n = 1; n < 60; n++) window.top.postMessage({ qanat: 'commit', launch: String(n), seq: 1000, result: { completion: true, score: 100 } }, '*') } catch (error) { /* not even that */ }
function pressed(html) { var box = document.createElement('div'); box.innerHTML = html; document.body.append(box); box.querySelector('[data-press]').click() }
tried('link at the top', function () { pressed('<a data-press target="_top" href="about:blank#gone">out</a>'); return false })
tried('form at the top', function () { pressed('<form target="_top" action="about:blank"><button data-press>out</button></form>'); return false })
tried('form to the API', function () { pressed('<form target="hidden" method="post" enctype="text/plain" action="' + main + '/api/v1/session"><button data-press>out</button></form>'); return false })
tries.push(new Promise(function (resolve) { // at first it is an empty page of our own: what counts is when the other one is there
    var own = null
    try { own = window.open(main + '/me', 'other') } catch (error) { /* refused */ }
    setTimeout(function () { try { if (own && own.location.href.indexOf(main) === 0) broken.push('window of its own') } catch (error) { /* not to be read */ }; try { own.close() } catch (error) { /* gone */ }; resolve() }, 1500)
}))
tried('player in other words', function () { window.parent.eval('window.top.document.body') })
// Storage without end, cookies for the whole host.
function crumbs(path) { for (var n = 0; n < 90; n++) document.cookie = 'crumb' + n + path.length + '=' + new Array(3900).join('x') + '; path=' + path + '; max-age=3600' }
try { crumbs('/'); crumbs('/api') } catch (error) { /* an origin of nobody */ }
tries.push(new Promise(function (resolve) {
    try {
        var opening = indexedDB.open('fill')
        opening.onupgradeneeded = function () { opening.result.createObjectStore('s') }
        opening.onerror = resolve
        opening.onsuccess = function () { var change = opening.result.transaction('s', 'readwrite'); for (var n = 0; n < 10; n++) change.objectStore('s').put(new Array(2000000).join('x'), n); change.oncomplete = change.onabort = change.onerror = resolve }
        setTimeout(resolve, 5000)
    } catch (error) { resolve() }
}))
try { for (var i = 0; i < 40; i++) localStorage.setItem('fill' + i, new Array(250000).join('x')) } catch (error) { /* full: the next course finds it empty */ }
Promise.all(tries).then(function () { document.getElementById('said').textContent = 'done: ' + (broken.join(', ') || 'nothing') })
</script></body></html>
END
    sed -i "s/MAINPORT/$2/" "$1/lesson.html"
    echo "self.addEventListener('fetch', function () {})" >"$1/worker.js"
    mkdir -p "$1-page" && cp "$1/lesson.html" "$1-page/index.html" && cp "$1/worker.js" "$1-page/"
}

packages_make() { # DIR MAINPORT
    mkdir -p "$1/text" "$1/pages"
    scorm_make "$1/scorm12" 12
    scorm_make "$1/scorm2004" 2004
    hostile_make "$1/hostile" "$2"
    silent_make "$1/silent"
    windowed_make "$1/windowed12" 12
    windowed_make "$1/windowed2004" 2004
    cat >"$1/text/README.md" <<'END'
# Water under the ground
A *qanat* carries water. <script>document.title = 'broken'</script><img src="x" onerror="document.title = 'broken'">

| part | what |
|---|---|
| shaft | air and light |

[a script](javascript:document.title='broken') and [a page](https://example.org/)

```
code
```
END
    echo '<!DOCTYPE html><html lang="ar" dir="rtl"><head><meta charset="utf-8"><title>صفحة</title></head><body><h1>الماء تحت الأرض</h1><p>نص.</p></body></html>' >"$1/pages/index.html"
}
