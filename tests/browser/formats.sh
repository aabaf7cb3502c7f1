# formats.sh: one small package of our own per format beside those of packages.sh; sourced. Each has something to answer, so that it ends with a score.

cmi5_make() { # DIR: two units, one that is read and one that is passed with a score
    mkdir -p "$1"
    cat >"$1/cmi5.xml" <<'END'
<?xml version="1.0" encoding="utf-8"?>
<courseStructure xmlns="https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd">
<course id="https://qanat.example/wells"><title><langstring lang="en">Wells</langstring></title><description><langstring lang="en">Two units</langstring></description></course>
<au id="https://qanat.example/wells/read" moveOn="Completed"><title><langstring lang="en">Digging</langstring></title><description><langstring lang="en">Read</langstring></description><url>unit.html?end=completed</url></au>
<au id="https://qanat.example/wells/quiz" moveOn="CompletedAndPassed" masteryScore="0.6"><title><langstring lang="en">Questions</langstring></title><description><langstring lang="en">Asked</langstring></description><url>unit.html?end=passed</url></au>
</courseStructure>
END
    cat >"$1/unit.html" <<'END'
<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Unit</title></head><body><h1>Unit</h1><p>Step <b id="step">?</b></p>
<button id="on">On</button> <button id="end">End</button> <p id="said"></p><script src="unit.js"></script></body></html>
END
    cat >"$1/unit.js" <<'END'
const asked = new URLSearchParams(location.search), endpoint = asked.get('endpoint').replace(/\/?$/, '/'), said = document.getElementById('said')
let headers, data, begun = Date.now(), step = 1
const send = (path, method, body, rest = {}) => fetch(endpoint + path, { method, headers, keepalive: true, ...(body && { body: JSON.stringify(body) }), ...rest })
const stateOf = (id) => `activities/state?${new URLSearchParams({ stateId: id, activityId: asked.get('activityId'), agent: asked.get('actor'), registration: asked.get('registration') })}`
const lasted = () => `PT${((Date.now() - begun) / 1000).toFixed(2)}S`
function say(verb, result, isMoveOn) {
    const context = JSON.parse(JSON.stringify(data.contextTemplate))
    context.registration = asked.get('registration')
    const categories = (context.contextActivities ||= {}).category ||= []
    categories.push({ id: 'https://w3id.org/xapi/cmi5/context/categories/cmi5' })
    if (isMoveOn) categories.push({ id: 'https://w3id.org/xapi/cmi5/context/categories/moveon' })
    if (data.masteryScore && isMoveOn) context.extensions = { ...context.extensions, 'https://w3id.org/xapi/cmi5/context/extensions/masteryscore': data.masteryScore }
    return send('statements', 'POST', [{ id: crypto.randomUUID ? crypto.randomUUID() : '10000000-1000-4000-8000-100000000000'.replace(/[018]/g, (c) => (c ^ crypto.getRandomValues(new Uint8Array(1))[0] & 15 >> c / 4).toString(16)),
        actor: JSON.parse(asked.get('actor')), verb: { id: verb }, object: { id: asked.get('activityId') }, timestamp: new Date().toISOString(), context, ...(result && { result }) }])
}
const done = (response) => { said.textContent = response.ok ? 'kept' : `refused ${response.status}` }
async function begin() {
    const token = (await (await fetch(asked.get('fetch'), { method: 'POST' })).json())['auth-token']
    headers = { Authorization: `Basic ${token}`, 'X-Experience-API-Version': '1.0.3', 'Content-Type': 'application/json' }
    data = await (await send(stateOf('LMS.LaunchData'), 'GET')).json()
    await send(`agents/profile?${new URLSearchParams({ profileId: 'cmi5LearnerPreferences', agent: asked.get('actor') })}`, 'GET')
    await say('http://adlnet.gov/expapi/verbs/initialized')
    const kept = await send(stateOf('bookmark'), 'GET')
    step = kept.ok ? (await kept.json()).step : 1
    document.getElementById('step').textContent = step
}
document.getElementById('on').onclick = async () => { step++; document.getElementById('step').textContent = step; done(await send(stateOf('bookmark'), 'PUT', { step })) }
document.getElementById('end').onclick = async () => {
    if (asked.get('end') === 'passed') await say('http://adlnet.gov/expapi/verbs/passed', { success: true, score: { scaled: 0.8 }, duration: lasted() }, true)
    done(await say('http://adlnet.gov/expapi/verbs/completed', { completion: true, duration: lasted() }, true))
    await say('http://adlnet.gov/expapi/verbs/terminated', { duration: lasted() })
    data = null
}
addEventListener('pagehide', () => { if (data) say('http://adlnet.gov/expapi/verbs/terminated', { duration: lasted() }) })
begin().catch((error) => { said.textContent = String(error) })
END
}

h5p_make() { # DIR: a library of our own with one question for two points
    mkdir -p "$1/content" "$1/H5P.Well-1.0"
    echo '{"title":"How deep","language":"en","mainLibrary":"H5P.Well","embedTypes":["div"],"license":"U","preloadedDependencies":[{"machineName":"H5P.Well","majorVersion":1,"minorVersion":0}]}' >"$1/h5p.json"
    echo '{"question":"How deep is the well?"}' >"$1/content/content.json"
    echo '{"title":"Well","machineName":"H5P.Well","majorVersion":1,"minorVersion":0,"patchVersion":0,"runnable":1,"preloadedJs":[{"path":"well.js"}]}' >"$1/H5P.Well-1.0/library.json"
    cat >"$1/H5P.Well-1.0/well.js" <<'END'
var H5P = H5P || {}
H5P.Well = (function () {
    function Well(parameters, id, extras) {
        H5P.EventDispatcher.call(this)
        var self = this, tries = (extras && extras.previousState && extras.previousState.tries) || 0
        this.contentId = id
        this.getMaxScore = function () { return 2 }
        this.getScore = function () { return tries > 1 ? 1 : 2 }
        this.getCurrentState = function () { return { tries: tries } }
        this.attach = function (container) {
            container.append('<p class="well-question"></p><p>Tries: <b class="well-tries"></b></p><button class="well-shallow">Shallow</button> <button class="well-deep">Deep</button>')
            container.find('.well-question').text(parameters.question)
            container.find('.well-tries').text(tries)
            container.find('.well-shallow').on('click', function () { tries++; container.find('.well-tries').text(tries); self.triggerXAPI('interacted') })
            container.find('.well-deep').on('click', function () { tries++; container.find('.well-tries').text(tries); self.triggerXAPIScored(self.getScore(), 2, 'completed', true, true) })
            if (tries) container.find('.well-deep').trigger('click') // who comes back is quick: done before anything else is loaded
        }
    }
    Well.prototype = Object.create(H5P.EventDispatcher.prototype)
    return Well
})()
END
}

quiz_item() { # ID KIND QUESTION RIGHT LABEL...: one question of QTI 1.2; RIGHT holds the numbers of the right labels, or the word. weight=N of a heavier one
    local id=$1 kind=$2 question=$3 right=$4 number=0 label together=or
    shift 4
    [ "$kind" != several ] || together=and
    echo "<item ident=\"$id\"><itemmetadata><qtimetadata><qtimetadatafield><fieldlabel>cc_weighting</fieldlabel><fieldentry>${weight:-1}</fieldentry></qtimetadatafield></qtimetadata></itemmetadata><presentation><material><mattext texttype=\"text/html\">&lt;p&gt;$question&lt;/p&gt;</mattext></material>"
    if [ "$kind" = word ]; then
        echo '<response_str ident="r" rcardinality="Single"><render_fib/></response_str></presentation>'
        echo "<resprocessing><outcomes><decvar maxvalue=\"100\" minvalue=\"0\" varname=\"SCORE\" vartype=\"Decimal\"/></outcomes><respcondition continue=\"No\"><conditionvar><varequal respident=\"r\">$right</varequal></conditionvar><setvar action=\"Set\" varname=\"SCORE\">100</setvar></respcondition></resprocessing></item>"
        return
    fi
    echo "<response_lid ident=\"r\" rcardinality=\"$([ "$kind" = several ] && echo Multiple || echo Single)\"><render_choice>"
    for label; do
        number=$((number + 1))
        echo "<response_label ident=\"$id-$number\"><material><mattext texttype=\"text/plain\">$label</mattext></material></response_label>"
    done
    echo '</render_choice></response_lid></presentation><resprocessing><outcomes><decvar maxvalue="100" minvalue="0" varname="SCORE" vartype="Decimal"/></outcomes><respcondition continue="No"><conditionvar><'$together'>'
    for number in $(seq $#); do
        case " $right " in
        *" $number "*) echo "<varequal respident=\"r\">$id-$number</varequal>" ;;
        *) [ "$kind" != several ] || echo "<not><varequal respident=\"r\">$id-$number</varequal></not>" ;;
        esac
    done
    echo "</$together>"'</conditionvar><setvar action="Set" varname="SCORE">100</setvar></respcondition></resprocessing></item>'
}

cartridge_make() { # DIR: a page, a link, a topic, a quiz and a test of QTI 2.1 in a Common Cartridge 1.3
    mkdir -p "$1/quiz" "$1/link"
    echo '%PDF-1.4' >"$1/map 1.pdf"
    echo '<topic xmlns="http://www.imsglobal.org/xsd/imsccv1p3/imsdt_v1p3"><title>Talk</title><text texttype="text/html">&lt;p&gt;Who owns the &lt;i&gt;water&lt;/i&gt;?&lt;/p&gt;</text></topic>' >"$1/topic.xml"
    echo '<assessmentTest xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="t" title="Test"><testPart identifier="p" navigationMode="linear" submissionMode="individual"><assessmentSection identifier="s" title="S" visible="true"><assessmentItemRef identifier="five" href="five.xml"/></assessmentSection></testPart></assessmentTest>' >"$1/quiz/test.xml"
    echo '<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="five" title="Five" adaptive="false" timeDependent="false"><responseDeclaration identifier="R" cardinality="multiple" baseType="identifier"><correctResponse><value>A</value><value>C</value></correctResponse></responseDeclaration><itemBody><p>A canal needs</p><choiceInteraction responseIdentifier="R" maxChoices="0"><prompt>which of these?</prompt><simpleChoice identifier="A">Water</simpleChoice><simpleChoice identifier="B">Wind</simpleChoice><simpleChoice identifier="C">A slope</simpleChoice></choiceInteraction></itemBody></assessmentItem>' >"$1/quiz/five.xml"
    echo '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Canals</title></head><body><h1>Canals</h1><p>Water runs downhill.</p></body></html>' >"$1/page.html"
    echo '<?xml version="1.0"?><webLink xmlns="http://www.imsglobal.org/xsd/imsccv1p3/imswl_v1p3"><title>Elsewhere</title><url href="https://example.org/"/></webLink>' >"$1/link/link.xml"
    {
        echo '<?xml version="1.0"?><questestinterop xmlns="http://www.imsglobal.org/xsd/ims_qtiasiv1p2"><assessment ident="a" title="Quiz"><section ident="root">'
        quiz_item one one 'Which way does water run?' '2 3' Up Down Downhill
        quiz_item two several 'What does a qanat have?' '1 3' Shafts Pumps 'A tunnel'
        weight=2 quiz_item one one 'A qanat needs no pump.' 1 True False
        quiz_item four word 'What runs in it?' water
        echo '</section></assessment></questestinterop>'
    } >"$1/quiz/quiz.xml"
    cat >"$1/imsmanifest.xml" <<'END'
<?xml version="1.0"?>
<manifest identifier="canals" xmlns="http://www.imsglobal.org/xsd/imsccv1p3/imscp_v1p1" xmlns:lomimscc="http://ltsc.ieee.org/xsd/imsccv1p3/LOM/manifest">
<metadata><schema>IMS Common Cartridge</schema><schemaversion>1.3.0</schemaversion></metadata>
<organizations><organization identifier="o" structure="rooted-hierarchy"><item identifier="root">
<item identifier="i1" identifierref="r1"><title>Canals</title></item><item identifier="i2" identifierref="r2"><title>Elsewhere</title></item><item identifier="i4" identifierref="r4"><title>Talk</title></item><item identifier="i6" identifierref="r6"><title>Map</title></item><item identifier="i3" identifierref="r3"><title>Quiz</title></item><item identifier="i5" identifierref="r5"><title>Test</title></item>
</item></organization></organizations>
<resources><resource identifier="r1" type="webcontent" href="page.html"><file href="page.html"/></resource>
<resource identifier="r2" type="imswl_xmlv1p3"><file href="link/link.xml"/></resource>
<resource identifier="r3" type="imsqti_xmlv1p2/imscc_xmlv1p3/assessment"><file href="quiz/quiz.xml"/></resource>
<resource identifier="r6" type="webcontent" href="map 1.pdf"><file href="map 1.pdf"/></resource>
<resource identifier="r4" type="imsdt_xmlv1p3"><file href="topic.xml"/></resource><resource identifier="r5" type="imsqti_xmlv2p1/imscc_xmlv1p3/assessment" href="quiz/test.xml"><file href="quiz/test.xml"/><file href="quiz/five.xml"/></resource></resources>
</manifest>
END
}

sequenced_make() { # DIR: SCORM 2004 with an order: a lesson opens the next, an extra page is never shown, the test alone decides, and passing it ends the course
    mkdir -p "$1"
    cat >"$1/sco.html" <<'END'
<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Part</title></head><body><h1 id="part"></h1><p>Place <b id="place"></b>, entry <b id="entry"></b>, data <b id="data"></b></p>
<button id="move">Move</button> <button id="done">Done</button> <button id="on">Done, go on</button> <button id="pass">Pass</button> <button id="fail">Fail</button>
<script>
for (var api = null, w = window; !api && w !== w.parent; w = w.parent) api = w.parent.API_1484_11
var over = false, place = 0
api.Initialize('')
place = Number(api.GetValue('cmi.location')) || 1
function show() { document.getElementById('place').textContent = place }
document.getElementById('part').textContent = new URLSearchParams(location.search).get('part')
document.getElementById('entry').textContent = api.GetValue('cmi.entry')
document.getElementById('data').textContent = api.GetValue('cmi.launch_data')
function end(request) { if (over) return; over = true; api.SetValue('cmi.session_time', 'PT1M'); api.SetValue('cmi.exit', request ? 'normal' : 'suspend')
    if (request) api.SetValue('adl.nav.request', request); api.Terminate('') }
function done() { api.SetValue('cmi.completion_status', 'completed'); api.SetValue('cmi.success_status', 'passed'); api.Commit('') }
function score(scaled) { api.SetValue('cmi.score.scaled', scaled); api.SetValue('cmi.completion_status', 'completed'); api.Commit(''); end('exit') }
document.getElementById('move').onclick = function () { place++; api.SetValue('cmi.location', String(place)); api.Commit(''); show() }
document.getElementById('done').onclick = done
document.getElementById('on').onclick = function () { done(); end('continue') }
document.getElementById('pass').onclick = function () { score('0.8') }
document.getElementById('fail').onclick = function () { score('0.2') }
window.onbeforeunload = window.onunload = function () { end('') }
show()
</script></body></html>
END
    local part
    {
        cat <<'END'
<?xml version="1.0"?>
<manifest identifier="sequenced" version="1" xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_v1p3"
  xmlns:adlseq="http://www.adlnet.org/xsd/adlseq_v1p3" xmlns:adlnav="http://www.adlnet.org/xsd/adlnav_v1p3" xmlns:imsss="http://www.imsglobal.org/xsd/imsss">
<metadata><schema>ADL SCORM</schema><schemaversion>2004 4th Edition</schemaversion></metadata>
<organizations default="org"><organization identifier="org" adlseq:objectivesGlobalToSystem="false"><title>Water in order</title>
END
        for part in one extra two test; do
            echo "<item identifier=\"$part\" identifierref=\"r-$part\"><title>Part $part</title><adlcp:dataFromLMS>told $part</adlcp:dataFromLMS>"
            [ "$part" != test ] || echo '<adlnav:presentation><adlnav:navigationInterface><adlnav:hideLMSUI>continue</adlnav:hideLMSUI></adlnav:navigationInterface></adlnav:presentation>'
            case $part in
            one) echo '<imsss:sequencing IDRef="content"><imsss:objectives><imsss:primaryObjective objectiveID="p1"><imsss:mapInfo targetObjectiveID="g.one" readSatisfiedStatus="true" writeSatisfiedStatus="true"/></imsss:primaryObjective></imsss:objectives></imsss:sequencing>' ;;
            extra) echo '<imsss:sequencing IDRef="content"><imsss:sequencingRules><imsss:preConditionRule><imsss:ruleConditions><imsss:ruleCondition condition="always"/></imsss:ruleConditions><imsss:ruleAction action="skip"/></imsss:preConditionRule><imsss:preConditionRule><imsss:ruleConditions><imsss:ruleCondition condition="always"/></imsss:ruleConditions><imsss:ruleAction action="hiddenFromChoice"/></imsss:preConditionRule></imsss:sequencingRules></imsss:sequencing>' ;;
            two) echo '<imsss:sequencing IDRef="content"><imsss:sequencingRules><imsss:preConditionRule><imsss:ruleConditions conditionCombination="any"><imsss:ruleCondition referencedObjective="before" operator="not" condition="satisfied"/><imsss:ruleCondition referencedObjective="before" operator="not" condition="objectiveStatusKnown"/></imsss:ruleConditions><imsss:ruleAction action="disabled"/></imsss:preConditionRule></imsss:sequencingRules><imsss:objectives><imsss:primaryObjective objectiveID="p2"><imsss:mapInfo targetObjectiveID="g.two" writeSatisfiedStatus="true"/></imsss:primaryObjective><imsss:objective objectiveID="before"><imsss:mapInfo targetObjectiveID="g.one"/></imsss:objective></imsss:objectives></imsss:sequencing>' ;;
            test) echo '<imsss:sequencing><imsss:sequencingRules><imsss:preConditionRule><imsss:ruleConditions conditionCombination="any"><imsss:ruleCondition referencedObjective="before" operator="not" condition="satisfied"/><imsss:ruleCondition referencedObjective="before" operator="not" condition="objectiveStatusKnown"/></imsss:ruleConditions><imsss:ruleAction action="disabled"/></imsss:preConditionRule><imsss:postConditionRule><imsss:ruleConditions><imsss:ruleCondition condition="satisfied"/></imsss:ruleConditions><imsss:ruleAction action="exitAll"/></imsss:postConditionRule><imsss:postConditionRule><imsss:ruleConditions><imsss:ruleCondition operator="not" condition="satisfied"/></imsss:ruleConditions><imsss:ruleAction action="retry"/></imsss:postConditionRule></imsss:sequencingRules><imsss:rollupRules objectiveMeasureWeight="1"/><imsss:objectives><imsss:primaryObjective objectiveID="p3" satisfiedByMeasure="true"><imsss:minNormalizedMeasure>0.6</imsss:minNormalizedMeasure></imsss:primaryObjective><imsss:objective objectiveID="before"><imsss:mapInfo targetObjectiveID="g.two"/></imsss:objective></imsss:objectives><imsss:deliveryControls completionSetByContent="true" objectiveSetByContent="true"/></imsss:sequencing>' ;;
            esac
            echo '</item>'
        done
        echo '<imsss:sequencing><imsss:controlMode choice="true" flow="true"/></imsss:sequencing></organization></organizations><resources>'
        for part in one extra two test; do
            echo "<resource identifier=\"r-$part\" type=\"webcontent\" adlcp:scormType=\"sco\" href=\"sco.html?part=$part\"><file href=\"sco.html\"/></resource>"
        done
        echo '</resources><imsss:sequencingCollection><imsss:sequencing ID="content"><imsss:rollupRules rollupObjectiveSatisfied="false" rollupProgressCompletion="false" objectiveMeasureWeight="0"/><imsss:deliveryControls completionSetByContent="true" objectiveSetByContent="true"/></imsss:sequencing></imsss:sequencingCollection></manifest>'
    } >"$1/imsmanifest.xml"
}

lots_make() { # DIR SEQUENCED: two of four questions, drawn and shuffled at each attempt; no choice, only the flow
    local n
    mkdir -p "$1" && cp "$2/sco.html" "$1/"
    {
        sed '/<organizations/,$d' "$2/imsmanifest.xml"
        echo '<organizations default="org"><organization identifier="org"><title>Lots</title><item identifier="bank"><title>Questions</title>'
        for n in 1 2 3 4; do
            echo "<item identifier=\"q$n\" identifierref=\"r$n\"><title>Question $n</title></item>"
        done
        echo '<imsss:sequencing><imsss:controlMode choice="false" flow="true" forwardOnly="true"/><imsss:randomizationControls randomizationTiming="onEachNewAttempt" selectCount="2" selectionTiming="onEachNewAttempt" reorderChildren="true"/></imsss:sequencing></item>'
        echo '<imsss:sequencing><imsss:controlMode choice="false" flow="true"/></imsss:sequencing></organization></organizations><resources>'
        for n in 1 2 3 4; do
            echo "<resource identifier=\"r$n\" type=\"webcontent\" adlcp:scormType=\"sco\" href=\"sco.html?part=q$n\"><file href=\"sco.html\"/></resource>"
        done
        echo '</resources></manifest>'
    } >"$1/imsmanifest.xml"
}

formats_make() { # DIR
    sequenced_make "$1/sequenced"
    lots_make "$1/lots" "$1/sequenced"
    cmi5_make "$1/cmi5"
    h5p_make "$1/h5p"
    cartridge_make "$1/cartridge"
}
