#!/usr/bin/env python3
"""The requirements of xAPI 1.0.3 and 2.0 on a record store, each as a request against a running node; prints TAP.

xapi_requirements.py HOST:PORT USER:SECRET READER:SECRET

Ids are those of ADL's list of requirements (XAPI-NNNNN; 136 to 138 are withdrawn there, 140 and 141 only name what the others ask, 329 asks for 500 of a broken
server); IEEE-x.y.z stands for a section of IEEE 9274.1.1 without such an id. Each runs under
each version that it names. The texts and the checks are our own.
"""
import base64, copy, email.utils, hashlib, http.client, json, re, sys, time, urllib.parse, uuid

OLD, NEW = "1.0.3", "2.0.0"
BOTH = (OLD, NEW)
host, user, reader = sys.argv[1:4]
tests = []


class Answer:
    def __init__(self, response):
        self.code = response.status
        self.headers = {k.lower(): v for k, v in response.getheaders()}
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)


connection = http.client.HTTPConnection(host)


def ask(method, path, version=None, query=None, body=None, headers=None, auth=user, media="application/json"):
    """One request; `body` is bytes, or something to be written as JSON."""
    global connection
    head = {}
    if version:
        head["X-Experience-API-Version"] = version
    if auth:
        head["Authorization"] = "Basic " + base64.b64encode(auth.encode()).decode()
    if body is not None and media:
        head["Content-Type"] = media
    head.update(headers or {})
    if query:
        path += "?" + urllib.parse.urlencode({k: v if isinstance(v, str) else json.dumps(v) for k, v in query.items()})
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    try:
        connection.request(method, "/xapi/" + path, body=data, headers=head)
        return Answer(connection.getresponse())
    except BrokenPipeError:  # refused before all of it was sent: the answer is there
        return Answer(connection.getresponse())
    except (http.client.HTTPException, ConnectionError):
        connection = http.client.HTTPConnection(host)
        connection.request(method, "/xapi/" + path, body=data, headers=head)
        return Answer(connection.getresponse())


def requirement(ids, name, versions=BOTH):
    def add(check):
        for version in versions:
            tests.append((ids, name, version, check))
        return check
    return add


def equal(what, got, wanted):
    assert got == wanted, f"{what}: {got!r} is not {wanted!r}"


def new_id():
    return str(uuid.uuid4())


AGENT = {"objectType": "Agent", "name": "xAPI account", "mbox": "mailto:learner@example.com"}
VERB = {"id": "http://adlnet.gov/expapi/verbs/attended", "display": {"en-GB": "attended", "en-US": "attended"}}
ACTIVITY = {"objectType": "Activity", "id": "http://example.com/meetings/1"}


def agent(name=None):
    return {"objectType": "Agent", "account": {"homePage": "http://example.com/", "name": name or new_id()}}


def statement(**more):
    made = {"actor": copy.deepcopy(AGENT), "verb": copy.deepcopy(VERB), "object": copy.deepcopy(ACTIVITY)}
    made.update(more)
    return made


def part(**more):
    return dict(statement(**more), objectType="SubStatement")


def post(version, body, code=200, **more):
    answer = ask("POST", "statements", version, body=body, **more)
    assert answer.code == code, f"POST: {answer.code} {answer.body[:300]!r}, not {code}"
    return answer


def get(version, code=200, **query):
    answer = ask("GET", "statements", version, query=query)
    assert answer.code == code, f"GET {query}: {answer.code} {answer.body[:300]!r}, not {code}"
    return answer


def found(version, **query):
    return [s["id"] for s in get(version, **query).json["statements"]]


# --- what a statement must be: (ids, sentence, statement, taken or refused, versions) --------------------------------------------------

GROUP = {"objectType": "Group", "name": "Team", "mbox": "mailto:team@example.com"}
ANONYMOUS = {"objectType": "Group", "member": [AGENT, agent("b")]}
CONTEXT = {"registration": "ec531277-b57b-4c15-8d91-d292c5b2b8f7", "instructor": AGENT, "team": GROUP,
           "contextActivities": {"category": [ACTIVITY]}, "language": "en-US", "platform": "web", "revision": "1",
           "statement": {"objectType": "StatementRef", "id": "6690e6c9-3ef0-4ed3-8b37-7f3964730bee"},
           "extensions": {"http://example.com/x": {"any": [None, 1.5, "thing"]}}}
RESULT = {"score": {"scaled": 0.85, "raw": 85, "min": 0, "max": 100}, "success": True, "completion": True, "response": "yes",
          "duration": "PT1H2M3.45S", "extensions": {"http://example.com/y": None}}
ATTACHMENT = {"usageType": "http://example.com/usage", "display": {"en-US": "A"}, "description": {"de": "B"}, "contentType": "text/plain; charset=ascii",
              "length": 27, "sha2": "495395e777cd98da653df9615d09c0fd6bb2f8d4788394cd53c56a3bfdcd848a", "fileUrl": "http://example.com/file.txt"}


def without(thing, *names):
    return {k: v for k, v in thing.items() if k not in names}


def definition(**more):
    return statement(object=dict(ACTIVITY, definition=more))


def interaction(kind, **lists):
    return definition(interactionType=kind, correctResponsesPattern=["a"], **lists)


def actor(**more):
    return statement(actor=more)


def context(**more):
    return statement(context=more)


def result(**more):
    return statement(result=more)


def score(**more):
    return statement(result={"score": more})


def attachment(*drop, **more):
    return statement(attachments=[dict(without(ATTACHMENT, *drop), **more)])


YES, NO = 200, 400
ONE = [{"id": "a", "description": {"en": "A"}}]
SUBJECTS = [
    ("XAPI-00001", "a statement with everything is taken", statement(id=None, result=RESULT, context=CONTEXT), YES),
    ("XAPI-00001", "null as a name is refused", actor(mbox="mailto:a@b.org", name=None), NO),
    ("XAPI-00001", "null as a registration is refused", context(registration=None), NO),
    ("XAPI-00001", "null in a definition is refused", definition(moreInfo=None), NO),
    ("XAPI-00001", "null as a display is refused", statement(verb=dict(VERB, display={"en": None})), NO),
    ("XAPI-00001", "null inside extensions is taken", definition(extensions={"http://example.com/null": None}), YES),
    ("XAPI-00003", "an actor is needed", without(statement(), "actor"), NO),
    ("XAPI-00004", "a verb is needed", without(statement(), "verb"), NO),
    ("XAPI-00005", "an object is needed", without(statement(), "object"), NO),
    ("XAPI-00006", "a string as a number is refused", score(max="100"), NO),
    ("XAPI-00006", "a string as a boolean is refused", result(completion="false"), NO),
    ("XAPI-00006", "a number as a string is refused", result(response=5), NO),
    ("XAPI-00007", "an empty string as an IRI is refused", statement(verb={"id": ""}), NO),
    ("XAPI-00007", "an empty string as a UUID is refused", statement(id=""), NO),
    ("XAPI-00008", "a key in another case is refused", dict(statement(), Result=RESULT), NO),
    ("XAPI-00008", "an mbox in another case is refused", actor(Mbox="mailto:a@b.org"), NO),
    ("XAPI-00009", "an objectType in another case is refused", statement(object=dict(ACTIVITY, objectType="activity")), NO),
    ("XAPI-00009", "an interactionType in another case is refused", interaction("Choice"), NO),
    ("XAPI-00010", "a property that is not of the specification is refused", statement(iD=new_id()), NO),
    ("XAPI-00010", "one inside an object, too", statement(object=dict(ACTIVITY, more=1)), NO),
    ("XAPI-00011", "an IRI without a scheme is refused", statement(verb={"id": "should.be.an.iri"}), NO),
    ("XAPI-00011", "a scheme with a sign that none has is refused", statement(verb={"id": "ab=c://example.com"}), NO),
    ("XAPI-00027", "an id of letters that are no digits is refused", statement(id="MA97B177-9383-4934-8543-0F91A7A02836"), NO),
    ("XAPI-00027", "an id that is too long is refused", statement(id="AA97B177-9383-4934-8543-0F91A7A028368"), NO),
    ("XAPI-00028", "an id that is a number is refused", statement(id=12345), NO),
    ("XAPI-00029", "an id without its hyphens is refused", statement(id="aa97b1779383493485430f91a7a02836"), NO),
    ("XAPI-00029", "an id in braces is refused", statement(id="{aa97b177-9383-4934-8543-0f91a7a02836}"), NO),
    ("XAPI-00029", "a registration as a URN is refused", context(registration="urn:uuid:aa97b177-9383-4934-8543-0f91a7a02836"), NO),
    ("XAPI-00029", "a reference to an object is refused", statement(object={"objectType": "StatementRef", "id": {"key": "x"}}), NO),
    ("XAPI-00014", "an object with an object's text inside a value is refused", actor(objectType='"objectType": "Agent"', mbox="mailto:a@b.org"), NO),
    ("XAPI-00120", "an extension is true, a number, a text, an object, an array or empty",
     statement(result={"extensions": {"http://e.example.com/%d" % i: v for i, v in enumerate((True, 12345, "valid", {"key": "valid"}, [1, "a"], "", {}, None))}}), YES),
    ("XAPI-00120", "extensions that are a text are refused", definition(extensions="x"), NO),
    ("XAPI-00019, XAPI-00020", "a voiding statement may come before what it voids",
     statement(verb={"id": "http://adlnet.gov/expapi/verbs/voided"}, object={"objectType": "StatementRef", "id": new_id()}), YES),
    ("XAPI-00030", "an id in capitals is taken", statement(id=new_id().upper()), YES),
    # actors
    ("XAPI-00006", "an actor that is a text is refused", statement(actor="mailto:a@b.org"), NO),
    ("XAPI-00034", "an agent without an identifier is refused", actor(objectType="Agent", name="A"), NO),
    ("XAPI-00034", "an agent with two identifiers is refused", actor(mbox="mailto:a@b.org", openid="http://a.example.com/"), NO),
    ("XAPI-00031", "an unknown type of actor is refused", actor(objectType="Person", mbox="mailto:a@b.org"), NO),
    ("XAPI-00033", "an agent's name is a string", actor(mbox="mailto:a@b.org", name=["A"]), NO),
    ("XAPI-00038", "an mbox without mailto is refused", actor(mbox="a@b.org"), NO),
    ("XAPI-00038", "an mbox without a domain is refused", actor(mbox="mailto:should.fail.com"), NO),
    ("XAPI-00038", "an mbox of another scheme is refused", actor(mbox="http://a@b.org"), NO),
    ("XAPI-00039", "a SHA-1 of 40 digits is taken", actor(mbox_sha1sum="cd9b00a5611f94eaa7b1661edab976068e364975"), YES),
    ("XAPI-00039", "a SHA-1 of 39 digits is refused", actor(mbox_sha1sum="cd9b00a5611f94eaa7b1661edab976068e36497"), NO),
    ("XAPI-00040", "an openid is taken", actor(openid="http://openid.example.org/12345"), YES),
    ("XAPI-00040", "an openid that is no URI is refused", actor(openid="open id"), NO),
    ("XAPI-00041", "an account is taken", statement(actor=agent()), YES),
    ("XAPI-00043", "an account without a name is refused", actor(account={"homePage": "http://example.com"}), NO),
    ("XAPI-00042", "an account without a homePage is refused", actor(account={"name": "a"}), NO),
    ("XAPI-00042", "an account whose homePage is no IRL is refused", actor(account={"homePage": "example", "name": "a"}), NO),
    ("XAPI-00041", "an account with more is refused", actor(account={"homePage": "http://example.com", "name": "a", "id": 1}), NO),
    ("XAPI-00035", "an agent with members is refused", actor(mbox="mailto:a@b.org", member=[AGENT]), NO),
    ("XAPI-00037", "an identified group without members is taken", statement(actor=GROUP), YES),
    ("XAPI-00037", "an identified group with members is taken", statement(actor=dict(GROUP, member=[AGENT])), YES),
    ("XAPI-00037", "an anonymous group with members is taken", statement(actor=ANONYMOUS), YES),
    ("XAPI-00037", "an anonymous group without members is refused", actor(objectType="Group", name="G"), NO),
    ("XAPI-00036", "a group inside a group is refused", actor(objectType="Group", member=[ANONYMOUS]), NO),
    ("XAPI-00036", "a member without an identifier is refused", actor(objectType="Group", member=[{"name": "A"}]), NO),
    ("XAPI-00036", "members that are no array are refused", actor(objectType="Group", member=AGENT), NO),
    ("XAPI-00037", "a group with two identifiers is refused", statement(actor=dict(GROUP, openid="http://a.example.com/")), NO),
    # verbs
    ("XAPI-00044", "a verb without an id is refused", statement(verb={"display": {"en": "x"}}), NO),
    ("XAPI-00044", "a verb that is a text is refused", statement(verb="http://example.com/verb"), NO),
    ("XAPI-00045", "a verb's display is a language map", statement(verb=dict(VERB, display="attended")), NO),
    ("XAPI-00045", "a display with a number is refused", statement(verb=dict(VERB, display={"en": 1})), NO),
    ("XAPI-00121", "a language that is no tag is refused", statement(verb=dict(VERB, display={"a12345678": "x"})), NO),
    ("XAPI-00121", "two regions in one tag are refused", statement(verb=dict(VERB, display={"de-419-DE": "x"})), NO),
    ("XAPI-00121", "a language of one letter is refused", statement(verb=dict(VERB, display={"a-DE": "x"})), NO),
    ("XAPI-00013", "an extension that stands twice in a tag is refused", definition(description={"ar-a-aaa-b-bbb-a-ccc": "x"}), NO),
    ("XAPI-00013", "a variant that stands twice in a tag is refused", context(language="de-DE-1901-1901"), NO),
    ("XAPI-00013", "a subtag of nine signs is refused", definition(name={"en-something-AU": "x"}), NO),
    ("XAPI-00121", "tags with script, region and private use are taken",
     statement(verb=dict(VERB, display={"zh-Hant-TW": "x", "sl-rozaj-biske": "y", "de-CH-x-phonebk": "z", "x-own": "v", "es-419": "w"})), YES),
    # objects
    ("XAPI-00046", "an object of an unknown type is refused", statement(object=dict(ACTIVITY, objectType="Thing")), NO),
    ("XAPI-00046", "an object without a type is an activity", statement(object=without(ACTIVITY, "objectType")), YES),
    ("XAPI-00047", "an activity without an id is refused", statement(object={"objectType": "Activity"}), NO),
    ("XAPI-00047", "an activity whose id is no IRI is refused", statement(object={"id": "meeting"}), NO),
    ("XAPI-00048", "a definition that is a text is refused", statement(object=dict(ACTIVITY, definition="x")), NO),
    ("XAPI-00056", "a name and description in languages are taken", definition(name={"en": "N"}, description={"ar": "و"}), YES),
    ("XAPI-00056", "a name that is a text is refused", definition(name="N"), NO),
    ("XAPI-00059", "a description with a wrong tag is refused", definition(description={"not a tag": "N"}), NO),
    ("XAPI-00060", "a type is an IRI", definition(type="meeting"), NO),
    ("XAPI-00061", "moreInfo is an IRL", definition(moreInfo="more"), NO),
    ("XAPI-00048", "an empty definition is taken", definition(), YES),
    ("XAPI-00048", "a property that is none is refused in a definition", definition(colour="red"), NO),
    ("XAPI-00049", "an unknown interactionType is refused", interaction("essay"), NO),
    ("XAPI-00049", "an interactionType that is a number is refused", interaction(5), NO),
    ("XAPI-00051..55", "each interactionType is taken with its lists", None, YES),
    ("XAPI-00050", "correctResponsesPattern is an array of strings", definition(interactionType="choice", correctResponsesPattern="a"), NO),
    ("XAPI-00064", "correctResponsesPattern needs an interactionType", definition(correctResponsesPattern=["a"]), NO),
    ("XAPI-00064", "choices need an interactionType", definition(choices=ONE), NO),
    ("XAPI-00055", "choices do not go with likert", interaction("likert", choices=ONE), NO),
    ("XAPI-00058", "components of one id are refused", interaction("choice", choices=ONE + ONE), NO),
    ("XAPI-00058", "a component without an id is refused", interaction("choice", choices=[{"description": {"en": "A"}}]), NO),
    ("XAPI-00063", "a component with more is refused", interaction("choice", choices=[{"id": "a", "colour": 1}]), NO),
    ("XAPI-00062", "a component's description is a language map", interaction("choice", choices=[{"id": "a", "description": "A"}]), NO),
    ("XAPI-00065", "an agent as an object is taken", statement(object=AGENT), YES),
    ("XAPI-00065", "a group as an object is taken", statement(object=ANONYMOUS), YES),
    ("XAPI-00065", "an agent as an object must say that it is one", statement(object=without(AGENT, "objectType")), NO),
    ("XAPI-00072", "a StatementRef is taken", statement(object={"objectType": "StatementRef", "id": new_id()}), YES),
    ("XAPI-00072", "a StatementRef without an id is refused", statement(object={"objectType": "StatementRef"}), NO),
    ("XAPI-00072", "a StatementRef to no UUID is refused", statement(object={"objectType": "StatementRef", "id": "x"}), NO),
    ("XAPI-00010", "a StatementRef with more is refused", statement(object={"objectType": "StatementRef", "id": new_id(), "x": 1}), NO),
    ("XAPI-00066", "a SubStatement with everything is taken", statement(object=part(result=RESULT, context=CONTEXT, attachments=[ATTACHMENT], timestamp="2024-01-01T00:00:00Z")), YES),
    ("XAPI-00070", "a SubStatement with an id is refused", statement(object=part(id=new_id())), NO),
    ("XAPI-00069", "a SubStatement with stored is refused", statement(object=part(stored="2024-01-01T00:00:00Z")), NO),
    ("XAPI-00068", "a SubStatement with a version is refused", statement(object=part(version="1.0.0")), NO),
    ("XAPI-00067", "a SubStatement with an authority is refused", statement(object=part(authority=AGENT)), NO),
    ("XAPI-00071", "a SubStatement in a SubStatement is refused", statement(object=part(object=part())), NO),
    ("XAPI-00066", "a SubStatement without an actor is refused", statement(object=without(part(), "actor")), NO),
    ("XAPI-00066", "a SubStatement with a null inside is refused", statement(object=part(result={"success": None})), NO),
    # results
    ("XAPI-00006", "a result that is a text is refused", statement(result="good"), NO),
    ("XAPI-00010", "a result with more is refused", result(grade=1), NO),
    ("XAPI-00076", "a response is a string", result(response=True), NO),
    ("XAPI-00079", "a score is an object", result(score=5), NO),
    ("XAPI-00074", "success is a boolean", result(success="true"), NO),
    ("XAPI-00075", "completion is a boolean", result(completion=1), NO),
    ("XAPI-00077", "a duration of ISO 8601 is taken", result(duration="P3Y1M29DT4H35M59.14S"), YES),
    ("XAPI-00077", "a duration in weeks is taken", result(duration="P4W"), YES),
    ("XAPI-00124", "weeks with days are refused", result(duration="P4W1D"), NO),
    ("XAPI-00124", "a duration without a number is refused", result(duration="PT"), NO),
    ("XAPI-00124", "a duration of words is refused", result(duration="an hour"), NO),
    ("XAPI-00078", "extensions have IRIs as keys", result(extensions={"progress": 5}), NO),
    ("XAPI-00057, XAPI-00118", "extensions in a definition have IRIs as keys", definition(extensions={"x": 5}), NO),
    ("XAPI-00118", "extensions in a context have IRIs as keys", context(extensions={"x": 5}), NO),
    ("XAPI-00119", "empty extensions are taken", statement(result={"extensions": {}}, context={"extensions": {}}), YES),
    ("XAPI-00083", "scaled above 1 is refused", score(scaled=1.01), NO),
    ("XAPI-00083", "scaled below -1 is refused", score(scaled=-1.01), NO),
    ("XAPI-00083", "scaled at the edges is taken", score(scaled=-1), YES),
    ("XAPI-00082", "raw above max is refused", score(raw=11, min=0, max=10), NO),
    ("XAPI-00082", "raw below min is refused", score(raw=-1, min=0), NO),
    ("XAPI-00080, XAPI-00081", "min at max is refused", score(min=10, max=10), NO),
    ("XAPI-00079", "a score with more is refused", score(percent=5), NO),
    # contexts
    ("XAPI-00087", "a registration is a UUID", context(registration="x"), NO),
    ("XAPI-00087", "an instructor is an agent", context(instructor={"mbox": "x"}), NO),
    ("XAPI-00087", "an instructor may be a group", context(instructor=ANONYMOUS), YES),
    ("XAPI-00088", "a team is a group", context(team=AGENT), NO),
    ("XAPI-00093", "contextActivities of another kind are refused", context(contextActivities={"others": [ACTIVITY]}), NO),
    ("XAPI-00093", "each kind of contextActivities is taken, alone or in an array",
     context(contextActivities={"parent": ACTIVITY, "grouping": [ACTIVITY], "category": [ACTIVITY, ACTIVITY], "other": ACTIVITY}), YES),
    ("XAPI-00086", "contextActivities that are a text are refused", context(contextActivities="x"), NO),
    ("XAPI-00095", "empty contextActivities are refused", context(contextActivities={}), NO),
    ("XAPI-00089", "a revision is a string", context(revision=1), NO),
    ("XAPI-00090", "a platform is a string", context(platform=1), NO),
    ("XAPI-00094", "a context activity without an id is refused", context(contextActivities={"parent": {"objectType": "Activity"}}), NO),
    ("XAPI-00094", "a context activity that is an agent is refused", context(contextActivities={"parent": [AGENT]}), NO),
    ("XAPI-00084", "revision needs an activity", statement(object=AGENT, context={"revision": "1"}), NO),
    ("XAPI-00085", "platform needs an activity", statement(object=AGENT, context={"platform": "web"}), NO),
    ("XAPI-00085", "platform in a SubStatement needs an activity, too", statement(object=part(object=AGENT, context={"platform": "w"})), NO),
    ("XAPI-00091", "a language is a tag", context(language="english language"), NO),
    ("XAPI-00092", "context.statement is a StatementRef", context(statement={"id": new_id()}), NO),
    ("XAPI-00092", "context.statement is no SubStatement", context(statement=part()), NO),
    ("XAPI-00010", "a context with more is refused", context(place="here"), NO),
    # times, authority, version
    ("XAPI-00022", "a timestamp that is no time is refused", statement(timestamp="01/011/2015"), NO),
    ("XAPI-00123", "a timestamp of an unknown zone is refused", statement(timestamp="2008-09-15T15:53:00.601-00:00"), NO),
    ("XAPI-00123", "-0000 is refused", statement(timestamp="2008-09-15T15:53:00.601-0000"), NO),
    ("XAPI-00123", "-00 is refused", statement(timestamp="2008-09-15T15:53:00.601-00"), NO),
    ("XAPI-00123", "a timestamp with an offset is taken", statement(timestamp="2008-09-15T15:53:00.601+02:00"), YES),
    ("XAPI-00123", "RFC 3339 with a blank is taken", statement(timestamp="2008-09-15 15:53:00.601+00:00"), YES),
    ("XAPI-00123", "a month of 13 is refused", statement(timestamp="2008-13-15T15:53:00Z"), NO),
    ("XAPI-00123", "a 30th of February is refused", statement(timestamp="2008-02-30T15:53:00Z"), NO),
    ("XAPI-00022", "a timestamp to come is taken", statement(timestamp="2999-01-01T00:00:00Z"), YES),
    ("XAPI-00024", "an authority that is an agent is taken", statement(authority=AGENT), YES),
    ("XAPI-00098", "an authority of two anonymous members is taken", statement(authority=ANONYMOUS), YES),
    ("XAPI-00098, XAPI-00100", "an authority of three members is refused", statement(authority=dict(ANONYMOUS, member=[AGENT, AGENT, AGENT])), NO),
    ("XAPI-00098", "an authority that is an identified group is refused", statement(authority=dict(GROUP, member=[AGENT, AGENT])), NO),
    ("XAPI-00101", "a version of before is refused", statement(version="0.9.9"), NO),
    ("XAPI-00101", "a version that is none is refused", statement(version="should fail"), NO),
    ("XAPI-00101", "a version 1.0.N is taken", statement(version="1.0.9"), YES),
    # attachments
    ("XAPI-00025", "an attachment with a fileUrl is taken", attachment(), YES),
    ("XAPI-00025", "attachments that are no array are refused", statement(attachments=ATTACHMENT), NO),
    ("XAPI-00107", "an attachment without usageType is refused", attachment("usageType"), NO),
    ("XAPI-00106", "an attachment without display is refused", attachment("display"), NO),
    ("XAPI-00105", "an attachment without contentType is refused", attachment("contentType"), NO),
    ("XAPI-00102", "an attachment without length is refused", attachment("length"), NO),
    ("XAPI-00102", "an attachment with half an octet is refused", attachment(length=2.5), NO),
    ("XAPI-00103", "an attachment without sha2 is refused", attachment("sha2"), NO),
    ("XAPI-00104", "a fileUrl is an IRL", attachment(fileUrl="file"), NO),
    ("XAPI-00107", "a usageType is an IRI", attachment(usageType="usage"), NO),
    ("XAPI-00025", "a description is a language map", attachment(description="text"), NO),
    ("XAPI-00129", "an attachment without data and fileUrl is refused", attachment("fileUrl"), NO),
    # voiding
    ("XAPI-00103", "a sha2 that is none is refused", attachment(sha2="abc"), NO),
    ("XAPI-00105", "a contentType that is none is refused", attachment(contentType="text"), NO),
    ("XAPI-00073", "a SubStatement must say that it is one", statement(object=without(part(), "objectType")), NO),
    ("XAPI-00032", "an objectType that is a number is refused", actor(objectType=1, mbox="mailto:a@b.org"), NO),
    ("XAPI-00017", "what is voided must be a StatementRef", statement(verb={"id": "http://adlnet.gov/expapi/verbs/voided"}), NO),
]
AGENTS = [{"objectType": "contextAgent", "agent": AGENT, "relevantTypes": ["http://example.com/role"]}]
GROUPS = [{"objectType": "contextGroup", "group": ANONYMOUS}]
SUBJECTS_NEW = [
    ("IEEE-4.2.2.5", "contextAgents and contextGroups are taken", context(contextAgents=AGENTS, contextGroups=GROUPS), YES),
    ("IEEE-4.2.2.5", "a contextAgent must say that it is one", context(contextAgents=[{"agent": AGENT}]), NO),
    ("IEEE-4.2.2.5", "a contextAgent of another type is refused", context(contextAgents=[dict(AGENTS[0], objectType="agent")]), NO),
    ("IEEE-4.2.2.5", "a contextAgent needs a real agent", context(contextAgents=[{"objectType": "contextAgent", "agent": {"key": "x"}}]), NO),
    ("IEEE-4.2.2.5", "empty relevantTypes are refused", context(contextAgents=[dict(AGENTS[0], relevantTypes=[])]), NO),
    ("IEEE-4.2.2.5", "relevantTypes are IRIs", context(contextGroups=[dict(GROUPS[0], relevantTypes=["abc"])]), NO),
    ("IEEE-4.2.2.5", "a contextGroup needs a group", context(contextGroups=[{"objectType": "contextGroup", "group": AGENT}]), NO),
    ("IEEE-4.2.2.5", "a SubStatement has them, too", statement(object=part(context={"contextAgents": AGENTS})), YES),
    ("IEEE-4.2.4.2", "a timestamp without a zone is refused", statement(timestamp="2008-09-15T15:53:00"), NO),
    ("IEEE-4.2.2", "a version 2.0.N is taken", statement(version="2.0.0"), YES),
]
SUBJECTS_OLD = [
    ("XAPI-00010", "1.0.3 knows no contextAgents", context(contextAgents=AGENTS), NO),
    ("XAPI-00123", "a timestamp of the basic format is taken", statement(timestamp="20080915T155300.601Z"), YES),
    ("XAPI-00101", "1.0.3 knows no version 2.0.0", statement(version="2.0.0"), NO),
]
LISTS = {"choice": ["choices"], "sequencing": ["choices"], "likert": ["scale"], "matching": ["source", "target"], "performance": ["steps"],
         "true-false": [], "fill-in": [], "long-fill-in": [], "numeric": [], "other": []}


def subject_check(subject, wanted):
    def check(version):
        made = [subject] if subject else [interaction(k, **{name: ONE for name in v}) for k, v in LISTS.items()]
        for one in made:
            body = {k: v for k, v in one.items() if not (k == "id" and v is None)}
            post(version, body, wanted)
    return check


for subjects, versions in ((SUBJECTS, BOTH), (SUBJECTS_NEW, (NEW,)), (SUBJECTS_OLD, (OLD,))):
    for ids, name, subject, wanted in subjects:
        requirement(ids, name, versions)(subject_check(subject, wanted))


# --- who: each rule holds wherever an agent or a group may stand ---------------------------------------------------------------------------

IFIS = {"mbox": "mailto:who@example.com", "mbox_sha1sum": "cd9b00a5611f94eaa7b1661edab976068e364975", "openid": "http://openid.example.org/12345",
        "account": {"homePage": "http://example.com", "name": "who"}}
PLACES = {
    "actor": ("agent group", lambda who: statement(actor=who)),
    "object": ("agent group", lambda who: statement(object=dict({"objectType": "Agent"}, **who) if isinstance(who, dict) else who)),
    "instructor": ("agent group", lambda who: context(instructor=who)),
    "team": ("group", lambda who: context(team=who)),
    "authority": ("agent", lambda who: statement(authority=who)),
    "a SubStatement's actor": ("agent group", lambda who: statement(object=part(actor=who))),
    "a SubStatement's object": ("agent group", lambda who: statement(object=part(object=dict({"objectType": "Agent"}, **who) if isinstance(who, dict) else who))),
    "a SubStatement's instructor": ("agent group", lambda who: statement(object=part(context={"instructor": who}))),
    "a SubStatement's team": ("group", lambda who: statement(object=part(context={"team": who}))),
    "a member": ("agent", lambda who: statement(actor={"objectType": "Group", "member": [AGENT, who]})),
    "a member of an identified group": ("agent", lambda who: context(team=dict(GROUP, member=[who]))),
    "a member of the authority": ("agent", lambda who: statement(authority={"objectType": "Group", "member": [agent(), who]})),
}
PLACES_NEW = {
    "a contextAgent": ("agent", lambda who: context(contextAgents=[{"objectType": "contextAgent", "agent": who}])),
    "a contextGroup": ("group", lambda who: context(contextGroups=[{"objectType": "contextGroup", "group": who}])),
    "a member of a contextGroup": ("agent", lambda who: context(contextGroups=[{"objectType": "contextGroup", "group": dict(GROUP, member=[who])}])),
    "a SubStatement's contextAgent": ("agent", lambda who: statement(object=part(context={"contextAgents": [{"objectType": "contextAgent", "agent": who}]}))),
}


def everywhere(ids, name, kind, who, wanted):
    """`who` is taken or refused in every place where a `kind` may stand."""
    def check(version):
        for place, (kinds, make) in dict(PLACES, **(PLACES_NEW if version == NEW else {})).items():
            if kind in kinds.split() or (wanted == NO and place == "authority"):
                answer = ask("POST", "statements", version, body=make(who))
                assert answer.code == wanted, f"as {place}: {answer.code} {answer.body[:200]!r}"
    requirement(ids, f"{name} is {'taken' if wanted == YES else 'refused'} everywhere")(check)


IFI_FAULTS = [
    ("XAPI-00038", "an mbox of another scheme", {"mbox": "http://should.fail.com"}),
    ("XAPI-00038", "an mbox without a domain", {"mbox": "mailto:should.fail.com"}),
    ("XAPI-00038", "an mbox that is an object", {"mbox": {"key": "value"}}),
    ("XAPI-00039", "a SHA-1 that is an object", {"mbox_sha1sum": {"key": "value"}}),
    ("XAPI-00039", "a SHA-1 that is no hash", {"mbox_sha1sum": "value"}),
    ("XAPI-00040", "an openid with a scheme that none has", {"openid": "ab=c://should.fail.com"}),
    ("XAPI-00040", "an openid that is a number", {"openid": 5}),
    ("XAPI-00041", "an account that is a text", {"account": "who"}),
    ("XAPI-00041", "an account that is a list", {"account": [IFIS["account"]]}),
    ("XAPI-00042", "an account without homePage", {"account": {"name": "who"}}),
    ("XAPI-00042", "an account with a homePage that is no IRL", {"account": {"homePage": "ab=c://should.fail.com", "name": "who"}}),
    ("XAPI-00042", "an account with a homePage that is a number", {"account": {"homePage": 1, "name": "who"}}),
    ("XAPI-00043", "an account without name", {"account": {"homePage": "http://example.com"}}),
    ("XAPI-00043", "an account with a name that is a number", {"account": {"homePage": "http://example.com", "name": 123}}),
    ("XAPI-00043", "an account with a name that is an object", {"account": {"homePage": "http://example.com", "name": {"key": "value"}}}),
    ("XAPI-00010", "an account with more", {"account": dict(IFIS["account"], more=1)}),
    ("XAPI-00001", "an account that is null", {"account": None}),
    ("XAPI-00033", "a name that is a number", dict(mbox=IFIS["mbox"], name=123)),
    ("XAPI-00033", "a name that is an object", dict(mbox=IFIS["mbox"], name={"key": "value"})),
    ("XAPI-00008", "an identifier in another case", {"Mbox": IFIS["mbox"]}),
]
for ids, name, fields in IFI_FAULTS:
    everywhere(ids, "an agent: " + name, "agent", dict(fields, objectType="Agent"), NO)
    everywhere(ids, "a group: " + name, "group", dict(fields, objectType="Group"), NO)
    everywhere(ids, "a group with members: " + name, "group", dict(fields, objectType="Group", member=[AGENT]), NO)
for ifi, value in IFIS.items():
    everywhere("XAPI-00034", f"an agent by {ifi}", "agent", {"objectType": "Agent", ifi: value}, YES)
    everywhere("XAPI-00037", f"a group by {ifi}", "group", {"objectType": "Group", ifi: value}, YES)
    everywhere("XAPI-00037", f"a group by {ifi} with members", "group", {"objectType": "Group", ifi: value, "member": [AGENT, agent()]}, YES)
    for other in IFIS:
        if ifi < other:
            two = {ifi: value, other: IFIS[other]}
            everywhere("XAPI-00034", f"an agent by {ifi} and {other}", "agent", dict(two, objectType="Agent"), NO)
            everywhere("XAPI-00037", f"a group by {ifi} and {other}", "group", dict(two, objectType="Group"), NO)
            everywhere("XAPI-00037", f"a group by {ifi} and {other} with members", "group", dict(two, objectType="Group", member=[AGENT]), NO)
everywhere("XAPI-00034", "an agent by a name alone", "agent", {"objectType": "Agent", "name": "A"}, NO)
everywhere("XAPI-00034", "an agent without its type", "agent", {"name": "A", "mbox": "mailto:who@example.com"}, YES)
everywhere("XAPI-00034", "nobody", "agent", {}, NO)
everywhere("XAPI-00006", "an agent that is a text", "agent", "mailto:who@example.com", NO)
everywhere("XAPI-00006", "a group that is a list", "group", [AGENT], NO)
for kind in ("agent", "group", "AGENT", "Person", ""):
    everywhere("XAPI-00009, XAPI-00031", f"the type {kind!r}", "agent", dict(AGENT, objectType=kind), NO)
    everywhere("XAPI-00009, XAPI-00031", f"the type {kind!r} with members", "group", dict(ANONYMOUS, objectType=kind), NO)
for kind in (123, {"key": "value"}, None, True):
    everywhere("XAPI-00032", f"the type {kind!r}", "agent", dict(AGENT, objectType=kind), NO)
    everywhere("XAPI-00032", f"the type {kind!r} with members", "group", dict(ANONYMOUS, objectType=kind), NO)
everywhere("XAPI-00035", "an agent with members", "agent", dict(AGENT, member=[AGENT]), NO)
everywhere("XAPI-00035", "a group without members and identifier", "group", {"objectType": "Group", "name": "G"}, NO)
everywhere("XAPI-00037", "an anonymous group", "group", ANONYMOUS, YES)
everywhere("XAPI-00037", "a group with an empty list of members", "group", {"objectType": "Group", "member": []}, NO)
for name, member in (("an object", AGENT), ("a text", "x"), ("a list of texts", ["x"]), ("a list with a group", [AGENT, GROUP]), ("null", None),
                     ("a list with a nameless one", [{"name": "A"}])):
    everywhere("XAPI-00036", f"a group with members that are {name}", "group", {"objectType": "Group", "member": member}, NO)
    everywhere("XAPI-00036", f"an identified group with members that are {name}", "group", dict(GROUP, member=member), NO)


@requirement("XAPI-00098", "an authority is an agent, or two members of which one is an account")
def authorities(version):
    client = {"account": {"homePage": "http://example.com/xAPI/OAuth/Token", "name": "oauth_consumer"}}
    pair = {"objectType": "Group", "member": [client, {"mbox": "mailto:bob@example.com"}]}
    post(version, statement(authority=pair))
    for ifi, value in IFIS.items():
        post(version, statement(authority=dict(pair, **{ifi: value})), 400)
        post(version, statement(authority={"objectType": "Group", ifi: value}), 400)
    for members in ([], [client], [client] * 3, [client, pair]):
        post(version, statement(authority={"objectType": "Group", "member": members}), 400)


# --- requests ------------------------------------------------------------------------------------------------------------------------------

def raw(version, text, code):
    answer = ask("POST", "statements", version, body=text if isinstance(text, bytes) else text.encode())
    equal("code", answer.code, code)


@requirement("XAPI-00002", "numbers keep what they were")
def numbers(version):
    sent = statement(id=new_id(), result={"score": {"min": 0.12123434, "raw": 12.125, "max": 45.45}})
    post(version, sent)
    equal("score", get(version, statementId=sent["id"]).json["result"]["score"], sent["result"]["score"])
    own = new_id()
    raw(version, '{"id":"%s","actor":{"mbox":"mailto:a@b.org"},"verb":{"id":"http://v.example.com/"},"object":{"id":"http://o.example.com/"},'
                 '"result":{"extensions":{"http://e.example.com/":12345678901234567890.12345}}}' % own, 200)
    assert b"12345678901234567890.12345" in get(version, statementId=own).body


@requirement("XAPI-00021", "a property that stands twice is refused")
def twice(version):
    text = json.dumps(statement())
    raw(version, text[:-1] + ',"verb":{"id":"http://v.example.com/"}}', 400)
    raw(version, text.replace('"objectType": "Agent"', '"objectType": "Agent", "objectType": "Agent"'), 400)


@requirement("XAPI-00015", "what is not JSON, or not UTF-8, is refused")
def hostile(version):
    for text in (b"", b"{", b"[{]", b'{"actor":"\xff\xfe"}', b'"' + b"x" * 100, b"nul", b"[1e999]", b'["\\ud800"]', b'["\\u0000"]', b"[" * 100000,
                 b'{"a":' * 1000 + b"1" + b"}" * 1000, b"[01]", b"[1,]", b'{"a":1,}', b"\x00"):
        raw(version, text, 400)


@requirement("XAPI-00015", "every script comes back as it was sent")
def scripts(version):
    sent = statement(id=new_id(), object=dict(ACTIVITY, definition={"name": {"ar": "مرحبا", "zh": "你好", "en": "a\"b\\c\n\u0001😀"}}))
    post(version, sent)
    equal("name", get(version, statementId=sent["id"]).json["object"]["definition"]["name"], sent["object"]["definition"]["name"])


@requirement("XAPI-00018, XAPI-00155, XAPI-00157", "a voided statement is found by voidedStatementId alone")
def voiding(version):
    target, by = new_id(), agent()
    post(version, statement(id=target, actor=by))
    voider = new_id()
    post(version, statement(id=voider, actor=by, verb={"id": "http://adlnet.gov/expapi/verbs/voided"}, object={"objectType": "StatementRef", "id": target}))
    get(version, 404, statementId=target)
    equal("id", get(version, voidedStatementId=target).json["id"], target)
    get(version, 404, voidedStatementId=voider)
    equal("found", found(version, agent=by), [voider])


@requirement("XAPI-00018", "a voiding statement that comes first voids, too")
def voiding_early(version):
    target = new_id()
    post(version, statement(verb={"id": "http://adlnet.gov/expapi/verbs/voided"}, object={"objectType": "StatementRef", "id": target}))
    post(version, statement(id=target))
    get(version, 404, statementId=target)
    get(version, 200, voidedStatementId=target)


@requirement("XAPI-00016", "what voids cannot be voided")
def voiding_twice(version):
    first, second = new_id(), new_id()
    post(version, statement(id=first))
    post(version, statement(id=second, verb={"id": "http://adlnet.gov/expapi/verbs/voided"}, object={"objectType": "StatementRef", "id": first}))
    post(version, statement(verb={"id": "http://adlnet.gov/expapi/verbs/voided"}, object={"objectType": "StatementRef", "id": second}))
    get(version, 200, statementId=second)


@requirement("XAPI-00162, XAPI-00163", "who targets a voided statement is still found")
def voided_targets(version):
    target, by = new_id(), agent()
    post(version, statement(id=target, actor=by))
    other = new_id()
    post(version, statement(id=other, object={"objectType": "StatementRef", "id": target}))
    voider = new_id()
    post(version, statement(id=voider, verb={"id": "http://adlnet.gov/expapi/verbs/voided"}, object={"objectType": "StatementRef", "id": target}))
    equal("found", sorted(found(version, agent=by)), sorted([other, voider]))


@requirement("XAPI-00162", "the verb of a voided statement finds who targets it, whatever the window")
def voided_verb(version):
    target, voider, other, verb = new_id(), new_id(), new_id(), "http://v.example.com/" + new_id()
    ref = {"objectType": "StatementRef", "id": target}
    post(version, statement(id=target, verb={"id": verb}))
    post(version, statement(id=voider, verb={"id": "http://adlnet.gov/expapi/verbs/voided"}, object=ref))
    post(version, statement(id=other, verb={"id": verb}, object=ref))
    for window in ({}, {"since": "2020-01-01T00:00:00Z"}, {"until": "2999-01-01T00:00:00Z"}):
        equal(str(window), found(version, verb=verb, **window), [other, voider])
    equal("one", found(version, verb=verb, limit="1"), [other])


@requirement("XAPI-00023, XAPI-00026, XAPI-00097, XAPI-00099", "id, stored, timestamp, authority and version are set")
def completed(version):
    made = post(version, statement(stored="2001-01-01T00:00:00Z")).json[0]
    back = get(version, statementId=made).json
    equal("timestamp", back["timestamp"], back["stored"])
    assert back["stored"] > "2020", back["stored"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", back["stored"]), back["stored"]
    assert back["authority"]["account"]["name"], back["authority"]
    equal("version", back["version"], "1.0.0" if version == OLD else "2.0.0")


@requirement("XAPI-00332", "a statement keeps the version it came with")
def versions_kept(version):
    sent = statement(id=new_id(), version="1.0.3" if version == OLD else "2.0.0")
    post(version, sent)
    equal("version", get(version, statementId=sent["id"]).json["version"], sent["version"])


@requirement("XAPI-00122", "a timestamp keeps its digits")
def timestamps(version):
    sent = statement(id=new_id(), timestamp="2012-07-31T13:45:00.123456+02:00")
    post(version, sent)
    equal("timestamp", get(version, statementId=sent["id"]).json["timestamp"], sent["timestamp"])


@requirement("XAPI-00096", "context activities come back in arrays")
def arrays(version):
    sent = statement(id=new_id(), context={"contextActivities": {"parent": ACTIVITY}}, object=part(context={"contextActivities": {"other": ACTIVITY}}))
    post(version, sent)
    back = get(version, statementId=sent["id"]).json
    equal("parent", back["context"]["contextActivities"]["parent"], [ACTIVITY])
    equal("other", back["object"]["context"]["contextActivities"]["other"], [ACTIVITY])


@requirement("XAPI-00139, XAPI-00143, XAPI-00144", "PUT stores under the id of the address")
def put(version):
    own = new_id()
    equal("code", ask("PUT", "statements", version, query={"statementId": own}, body=statement()).code, 204)
    equal("id", get(version, statementId=own).json["id"], own)
    equal("other id", ask("PUT", "statements", version, query={"statementId": new_id()}, body=statement(id=own)).code, 400)
    equal("array", ask("PUT", "statements", version, query={"statementId": new_id()}, body=[statement()]).code, 400)


@requirement("XAPI-00145", "PUT without an id is refused")
def put_plain(version):
    equal("code", ask("PUT", "statements", version, body=statement()).code, 400)
    equal("code", ask("PUT", "statements", version, query={"statementId": "x"}, body=statement()).code, 400)


@requirement("XAPI-00142", "a statement is never changed")
def immutable(version):
    sent = statement(id=new_id(), result={"duration": "PT1.234S"}, actor=ANONYMOUS)
    post(version, sent)
    equal("another", ask("POST", "statements", version, body=dict(sent, verb={"id": "http://other.example.com/"})).code, 409)
    equal("another", ask("PUT", "statements", version, query={"statementId": sent["id"]}, body=dict(sent, result={"success": True})).code, 409)
    same = dict(sent, timestamp="2020-01-01T00:00:00Z", verb=without(VERB, "display"), result={"duration": "PT1.239S"},
                object=dict(ACTIVITY, definition={"name": {"en": "new"}}), actor=dict(ANONYMOUS, member=ANONYMOUS["member"][::-1]))
    equal("the same", ask("PUT", "statements", version, query={"statementId": sent["id"]}, body=same).code, 204)
    assert ask("POST", "statements", version, body=sent).code == (204 if version == OLD else 200)
    equal("verb", get(version, statementId=sent["id"]).json["verb"], VERB)


@requirement("XAPI-00146, XAPI-00147", "POST answers the ids in order")
def post_many(version):
    ids = [new_id() for _ in range(5)]
    equal("ids", post(version, [statement(id=i) for i in ids]).json, ids)
    equal("none", post(version, []).json, [])


@requirement("XAPI-00326, XAPI-00182", "a batch with a fault leaves nothing")
def atomic(version):
    good, taken = new_id(), new_id()
    post(version, [statement(id=good), statement(id=new_id(), verb={"id": "bad"})], 400)
    get(version, 404, statementId=good)
    post(version, statement(id=taken))
    post(version, [statement(id=good), statement(id=taken, verb={"id": "http://other.example.com/"})], 409)
    get(version, 404, statementId=good)


@requirement("IEEE-4.1.6.1", "one id twice in a batch is refused")
def batch_twice(version):
    own = new_id()
    post(version, [statement(id=own), statement(id=own)], 400)
    get(version, 404, statementId=own)


@requirement("XAPI-00148, XAPI-00336", "the alternate syntax carries GET, PUT and POST", (OLD,))
def alternate(version):
    form = "application/x-www-form-urlencoded"

    def alt(method, **pairs):
        return ask("POST", "statements?method=" + method, version, body=urllib.parse.urlencode(pairs).encode(), media=form)
    assert "statements" in alt("GET", limit=1).json
    own = new_id()
    equal("PUT", alt("PUT", statementId=own, content=json.dumps(statement())).code, 204)
    equal("GET", alt("GET", statementId=own).json["id"], own)
    equal("no content", alt("PUT", statementId=own).code, 400)
    equal("more in the address", ask("POST", "statements?method=PUT&statementId=" + own, version, body=b"content=x", media=form).code, 400)
    equal("JSON", ask("POST", "statements?method=PUT", version, body=statement()).code, 400)
    pairs = {"statementId": new_id(), "content": json.dumps(statement()), "X-Experience-API-Version": version,
             "Authorization": "Basic " + base64.b64encode(user.encode()).decode()}
    equal("headers in the form", ask("POST", "statements?method=PUT", None, body=urllib.parse.urlencode(pairs).encode(), media=form, auth=None).code, 204)
    equal("the form before the header", ask("POST", "statements?method=PUT", version, media=form, body=urllib.parse.urlencode(
        {"statementId": new_id(), "content": json.dumps(statement()), "X-Experience-API-Version": "0.8"}).encode()).code, 400)
    equal("another method", ask("PUT", "statements?method=POST", version, media=form, body=urllib.parse.urlencode(pairs).encode()).code, 400)
    equal("no body at all", ask("POST", "statements?method=PUT", version).code, 400)
    equal("a body that is no form", ask("POST", "statements?method=PUT", version, body=statement(), media=form).code, 400)
    equal("a wrong parameter", alt("GET", colour="red").code, 400)
    equal("GET with method", ask("GET", "statements?method=POST", version).code, 400)


@requirement("IEEE-4.1", "2.0 has no alternate syntax", (NEW,))
def no_alternate(version):
    for method in ("GET", "PUT", "POST"):
        answer = ask("POST", "statements?method=" + method, version, body=b"limit=1", media="application/x-www-form-urlencoded")
        assert 400 <= answer.code < 500, answer.code


@requirement("XAPI-00149, XAPI-00112", "nothing found is an empty list")
def nothing(version):
    equal("answer", get(version, verb="http://example.com/" + new_id()).json, {"statements": [], "more": ""})


@requirement("XAPI-00150, XAPI-00151", "an id stands alone but for format and attachments")
def single_alone(version):
    own = new_id()
    post(version, statement(id=own))
    for name, value in (("agent", AGENT), ("verb", "http://v.example.com/"), ("activity", "http://a.example.com/"), ("registration", own), ("limit", "1"),
                        ("since", "2020-01-01T00:00:00Z"), ("until", "2020-01-01T00:00:00Z"), ("ascending", "true"), ("related_agents", "true"),
                        ("related_activities", "true"), ("voidedStatementId", own)):
        get(version, 400, statementId=own, **{name: value})
    get(version, 200, statementId=own, format="ids", attachments="false")


@requirement("XAPI-00153, XAPI-00160", "every answer says through when it is consistent")
def consistent(version):
    for answer in (get(version), get(version, 404, statementId=new_id()), get(version, 400, limit="x"), ask("GET", "statements", None),
                   ask("GET", "statements", version, auth="a:b"), ask("DELETE", "statements", version), ask("POST", "statements", version, body=statement())):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", answer.headers["x-experience-api-consistent-through"])


@requirement("XAPI-00152", "and that is not before what it answers")
def consistent_enough(version):
    own = post(version, statement()).json[0]
    answer = get(version, statementId=own)
    assert answer.headers["x-experience-api-consistent-through"] >= answer.json["stored"]


@requirement("IEEE-4.1.6.1", "Last-Modified is the newest stored time")
def last_modified(version):
    from email.utils import parsedate_to_datetime
    own = post(version, statement()).json[0]
    answer = get(version, statementId=own)
    equal("time", parsedate_to_datetime(answer.headers["last-modified"]).strftime("%Y-%m-%dT%H:%M:%S"), answer.json["stored"][:19])
    assert "last-modified" in get(version, limit="3").headers


@requirement("XAPI-00180, XAPI-00179, XAPI-00178, XAPI-00181, XAPI-00164", "verb, activity, registration and agent filter, alone and together")
def filters(version):
    verb, activity, registration, who = "http://v.example.com/" + new_id(), "http://a.example.com/" + new_id(), new_id(), agent()
    full = statement(id=new_id(), actor=who, verb={"id": verb}, object={"id": activity}, context={"registration": registration})
    others = [dict(full, id=new_id(), actor=agent()), dict(full, id=new_id(), verb=VERB), dict(full, id=new_id(), object=ACTIVITY),
              without(dict(full, id=new_id()), "context")]
    post(version, [full] + others)
    everyone = dict(agent=who, verb=verb, activity=activity, registration=registration)
    equal("all four", found(version, **everyone), [full["id"]])
    for name, other in zip(("agent", "verb", "activity", "registration"), others):
        equal("without " + name, sorted(found(version, **without(everyone, name))), sorted([full["id"], other["id"]]))
        equal("number by " + name, len(found(version, **{name: everyone[name]})), 4)
    equal("registration in capitals", len(found(version, registration=registration.upper())), 4)


@requirement("XAPI-00181", "an agent is found by each kind of identifier, as object and in groups")
def agents(version):
    for key in ({"mbox": "mailto:%s@b.org" % new_id()}, {"mbox_sha1sum": hashlib.sha1(new_id().encode()).hexdigest()},
                {"openid": "http://o.example.com/" + new_id()}, agent()):
        ids = [new_id() for _ in range(4)]
        who = dict(key, objectType="Agent")
        post(version, [statement(id=ids[0], actor=key), statement(id=ids[1], object=dict(who, name="N")),
                       statement(id=ids[2], actor={"objectType": "Group", "member": [who]}), statement(id=ids[3], context={"instructor": who})])
        equal("found", sorted(found(version, agent=key)), sorted(ids[:3]))
    for wrong in ("x", {"name": "a"}, ANONYMOUS, {"mbox": "x"}, [AGENT]):
        get(version, 400, agent=wrong)


@requirement("XAPI-00176", "related_agents looks everywhere")
def related_agents(version):
    who = agent()
    bodies = [statement(actor=who), statement(object=who), statement(context={"instructor": who}), statement(context={"team": dict(GROUP, member=[who])}),
              statement(object=part(actor=who)), statement(object=part(object=who)), statement(object=part(context={"instructor": who}))]
    if version == NEW:
        bodies += [statement(context={"contextAgents": [{"objectType": "contextAgent", "agent": who}]}),
                   statement(context={"contextGroups": [{"objectType": "contextGroup", "group": {"objectType": "Group", "member": [who]}}]})]
    ids = post(version, bodies).json
    equal("broadly", sorted(found(version, agent=who, related_agents="true")), sorted(ids))
    equal("narrowly", sorted(found(version, agent=who, related_agents="false")), sorted(ids[:2]))
    own = get(version, statementId=ids[0]).json["authority"]
    assert ids[-1] in found(version, agent=own, related_agents="true")


@requirement("XAPI-00177", "related_activities looks everywhere")
def related_activities(version):
    what = {"objectType": "Activity", "id": "http://a.example.com/" + new_id()}
    bodies = [statement(object=what)] + [statement(context={"contextActivities": {kind: [what]}}) for kind in ("parent", "grouping", "category", "other")]
    bodies += [statement(object=part(object=what)), statement(object=part(context={"contextActivities": {"parent": what}}))]
    ids = post(version, bodies).json
    equal("broadly", sorted(found(version, activity=what["id"], related_activities="true")), sorted(ids))
    equal("narrowly", found(version, activity=what["id"]), ids[:1])


@requirement("XAPI-00174, XAPI-00175", "since is exclusive, until inclusive")
def times(version):
    who, stored = agent(), []
    for _ in range(3):
        own = post(version, statement(actor=who)).json[0]
        stored.append((get(version, statementId=own).json["stored"], own))
        time.sleep(0.01)
    equal("since", found(version, agent=who, since=stored[1][0]), [stored[2][1]])
    equal("until", found(version, agent=who, until=stored[1][0]), [stored[1][1], stored[0][1]])
    equal("both", found(version, agent=who, since=stored[0][0], until=stored[1][0]), [stored[1][1]])
    equal("without a filter", found(version, since=stored[1][0], until=stored[2][0]), [stored[2][1]])
    get(version, 400, since="yesterday")
    get(version, 400, until="2020-13-01T00:00:00Z")


@requirement("XAPI-00173", "limit is the most that is answered")
def limits(version):
    who = agent()
    ids = post(version, [statement(actor=who) for _ in range(4)]).json
    equal("two", found(version, agent=who, limit="2"), ids[:1:-1])
    equal("zero", len(found(version, agent=who, limit="0")), 4)
    for wrong in ("-1", "x", "1.5", ""):
        get(version, 400, limit=wrong)


@requirement("XAPI-00166", "ascending turns the order")
def ascending(version):
    who = agent()
    ids = post(version, [statement(actor=who) for _ in range(4)]).json
    equal("down", found(version, agent=who), ids[::-1])
    equal("up", found(version, agent=who, ascending="true"), ids)
    get(version, 400, ascending="yes")
    get(version, 400, ascending="TRUE")


@requirement("XAPI-00108, XAPI-00109, XAPI-00110, XAPI-00111, XAPI-00113, XAPI-00114", "more leads through all pages")
def pages(version):
    who = agent("a b&c/ü" + new_id())
    ids = post(version, [statement(actor=who) for _ in range(7)]).json
    for order in ("false", "true"):
        seen, answer = [], get(version, agent=who, limit="3", ascending=order)
        while True:
            seen += [s["id"] for s in answer.json["statements"]]
            equal("members", sorted(answer.json), ["more", "statements"])
            if not answer.json["more"]:
                break
            assert answer.json["more"].startswith("/xapi/statements?")
            answer = ask("GET", answer.json["more"][6:], version)
            equal("code", answer.code, 200)
        equal("all", seen, ids if order == "true" else ids[::-1])


@requirement("IEEE-4.1.6.1", "a reference is found by what it leads to, whichever came first")
def references(version):
    who, target = agent(), new_id()
    a, b, c = new_id(), new_id(), new_id()
    ref = lambda i: {"objectType": "StatementRef", "id": i}
    post(version, statement(id=a, object=ref(target)))
    post(version, statement(id=target, actor=who, verb={"id": "http://v.example.com/x"}))
    post(version, statement(id=b, object=ref(a)))
    post(version, statement(id=c, actor=who, object=ref(new_id())))
    equal("agent", found(version, agent=who), [c, b, target, a])
    equal("agent and verb of one statement", found(version, agent=who, verb="http://v.example.com/x"), [b, target, a])
    equal("no mixture", found(version, agent=who, verb=VERB["id"]), [c])
    loop1, loop2 = new_id(), new_id()
    post(version, [statement(id=loop1, object=ref(loop2)), statement(id=loop2, object=ref(loop1))])


@requirement("XAPI-00171", "format ids leaves what identifies")
def ids_format(version):
    own = new_id()
    post(version, statement(id=own, actor=dict(ANONYMOUS, name="N"), object=dict(ACTIVITY, definition={"name": {"en": "x"}}),
                            context={"instructor": dict(AGENT), "contextActivities": {"parent": dict(ACTIVITY, definition={"name": {"en": "y"}})}}))
    back = get(version, statementId=own, format="ids").json
    equal("verb", back["verb"], {"id": VERB["id"]})
    equal("object", back["object"], {"id": ACTIVITY["id"]})
    equal("members", back["actor"]["member"], [without(AGENT, "name"), ANONYMOUS["member"][1]])
    assert "name" not in back["actor"] and "name" not in back["context"]["instructor"]
    equal("parent", back["context"]["contextActivities"]["parent"], [{"id": ACTIVITY["id"]}])
    own, target = new_id(), new_id()
    post(version, statement(id=own, object=part(actor=GROUP, object={"objectType": "StatementRef", "id": target})))
    back = get(version, statementId=own, format="ids").json["object"]
    equal("part", sorted(back), ["actor", "object", "objectType", "verb"])
    equal("group", back["actor"], without(GROUP, "name"))
    equal("reference", back["object"], {"objectType": "StatementRef", "id": target})


@requirement("XAPI-00169, XAPI-00172, XAPI-00254", "format canonical knows all, in one language")
def canonical(version):
    what = "http://a.example.com/" + new_id()
    first, second = new_id(), new_id()
    post(version, statement(id=first, object={"id": what, "definition": {"name": {"en": "Course", "fr": "Cours", "ar": "دورة"}}}))
    post(version, statement(id=second, object={"id": what, "definition": {"type": "http://t.example.com/", "description": {"en": "D", "de": "B"}}}))
    equal("activity", ask("GET", "activities", version, query={"activityId": what}).json["definition"],
          {"name": {"en": "Course", "fr": "Cours", "ar": "دورة"}, "type": "http://t.example.com/", "description": {"en": "D", "de": "B"}})
    for accept, name in (("fr", "fr"), ("de, ar;q=0.8, en;q=0.5", "ar"), ("fr-CA", "fr"), ("xx", "en"), ("en-GB;q=0.5, fr;q=0.4", "en")):
        answer = ask("GET", "statements", version, query={"statementId": first, "format": "canonical"}, headers={"Accept-Language": accept})
        equal(accept, list(answer.json["object"]["definition"]["name"]), [name])
        equal("description", len(answer.json["object"]["definition"]["description"]), 1)
        equal("display", len(answer.json["verb"]["display"]), 1)
    get(version, 400, statementId=first, format="long")
    whole = {"objectType": "Activity", "id": "http://a.example.com/" + new_id(), "definition": {
        "name": {"en": "Other", "en-GB": "attended", "ja-JP": "出席した"}, "description": {"en-US": "On this map", "en-GB": "On that map"},
        "type": "http://t.example.com/", "moreInfo": "http://m.example.com/", "interactionType": "other", "correctResponsesPattern": ["(35.9,-86.8)"],
        "extensions": {"http://e.example.com/": {"name": "Thomas"}}}}
    own = post(version, statement(object=part(actor=GROUP, object=whole))).json[0]
    answer = ask("GET", "statements", version, query={"format": "canonical", "limit": "1"}, headers={"Accept-Language": "en-GB"}).json["statements"][0]
    equal("id", answer["id"], own)
    equal("verb", answer["verb"], {"id": VERB["id"], "display": {"en-GB": "attended"}})
    equal("group", answer["object"]["actor"], GROUP)
    one = dict(whole["definition"], name={"en-GB": "attended"}, description={"en-GB": "On that map"})
    equal("activity", answer["object"]["object"], dict(whole, definition=one))


@requirement("XAPI-00168, XAPI-00170", "format exact is what was sent")
def exact(version):
    sent = statement(id=new_id(), result=RESULT, context=CONTEXT)
    post(version, sent)
    for more in ({}, {"format": "exact"}):
        back = get(version, statementId=sent["id"], **more).json
        for key in sent:
            equal(key, back[key], sent[key])


# --- attachments ---------------------------------------------------------------------------------------------------------------------------

BOUNDARY = "-------314159265358979323846"


def multipart(first, *parts, media="application/json", boundary=BOUNDARY):
    body = b"--%s\r\nContent-Type: %s\r\n\r\n%s\r\n" % (boundary.encode(), media.encode(), json.dumps(first).encode())
    for data, headers in parts:
        head = "".join("%s: %s\r\n" % pair for pair in headers.items())
        body += b"--%s\r\n%s\r\n%s\r\n" % (boundary.encode(), head.encode(), data)
    return body + b"--%s--\r\n" % boundary.encode()


def data_part(data, **headers):
    head = {"Content-Type": "text/plain", "Content-Transfer-Encoding": "binary", "X-Experience-API-Hash": hashlib.sha256(data).hexdigest()}
    head.update({k.replace("_", "-"): v for k, v in headers.items()})
    return data, {k: v for k, v in head.items() if v}


def attached(*datas, **more):
    return statement(attachments=[dict(without(ATTACHMENT, "fileUrl"), length=len(d), sha2=hashlib.sha256(d).hexdigest(), contentType="text/plain") for d in datas],
                     **more)


def send(version, body, code, media='multipart/mixed; boundary="%s"' % BOUNDARY):
    answer = ask("POST", "statements", version, body=body, media=media)
    assert answer.code == code, f"{answer.code} {answer.body[:200]!r}, not {code}"
    return answer


@requirement("XAPI-00167, XAPI-00161", "attachments come back byte for byte, when they are asked for")
def attachments(version):
    one, two = b"here is a\r\n--simple attachment\x00\xff" + new_id().encode(), new_id().encode()
    own = new_id()
    send(version, multipart(attached(one, two, id=own), data_part(one), data_part(two)), 200)
    answer = get(version, statementId=own, attachments="true")
    boundary = re.fullmatch(r"multipart/mixed; boundary=(\S+)", answer.headers["content-type"]).group(1).encode()
    parts = answer.body.split(b"--" + boundary)
    equal("parts", len(parts), 5)
    equal("id", json.loads(parts[1].split(b"\r\n\r\n", 1)[1])["id"], own)
    equal("first", parts[2].split(b"\r\n\r\n", 1)[1], one + b"\r\n")
    assert b"X-Experience-API-Hash: " + hashlib.sha256(two).hexdigest().encode() in parts[3]
    assert b"Content-Transfer-Encoding: binary" in parts[3]
    equal("plain", get(version, statementId=own, attachments="false").headers["content-type"], "application/json")
    assert get(version, limit="5", attachments="true").headers["content-type"].startswith("multipart/mixed")
    get(version, 400, attachments="yes")


@requirement("XAPI-00167", "data that came beside a fileUrl comes back, too; a length is not weighed")
def attachments_both(version):
    data = b"here is a simple attachment" + new_id().encode()
    sent = attached(data, id=new_id())
    sent["attachments"][0].update(fileUrl="http://example.com/file.txt", length=1)
    send(version, multipart(sent, data_part(data)), 200)
    answer = get(version, statementId=sent["id"], attachments="true")
    assert answer.headers["content-type"].startswith("multipart/mixed; boundary=") and data in answer.body
    equal("digest", answer.body.count(hashlib.sha256(data).hexdigest().encode()), 2)


@requirement("XAPI-00127", "other content types are refused")
def content_types(version):
    for media in ("multipart/form-data; boundary=" + BOUNDARY, "text/plain", "application/xml"):
        equal(media, ask("POST", "statements", version, body=statement(), media=media).code, 400)
    equal("a charset", ask("POST", "statements", version, body=statement(), media="application/json; charset=utf-8").code, 200)


@requirement("XAPI-00128..135", "what is not well made in multipart is refused")
def multiparts(version):
    data, other = b"one" + new_id().encode(), b"two"
    good = multipart(attached(data), data_part(data))
    send(version, good, 200)
    send(version, b"\r\n" + good, 200)
    send(version, good.replace(b": ", b":"), 200)
    send(version, multipart(statement(attachments=[ATTACHMENT])), 200)
    send(version, multipart(statement()), 200)
    send(version, multipart(attached(data), data_part(data), data_part(other)), 400)
    send(version, multipart(attached(data, other), data_part(data)), 400)
    send(version, multipart(attached(data), data_part(data, X_Experience_API_Hash=None)), 400)
    send(version, multipart(attached(data), data_part(data, X_Experience_API_Hash="0" * 64)), 400)
    send(version, multipart(attached(data), data_part(other, X_Experience_API_Hash=hashlib.sha256(data).hexdigest())), 400)
    send(version, multipart(attached(data), data_part(data, Content_Transfer_Encoding="base64")), 400)
    send(version, multipart(attached(data), data_part(data, Content_Transfer_Encoding=None)), 400)
    send(version, multipart(attached(data), data_part(data), media="text/plain"), 400)
    send(version, multipart(attached(data), (json.dumps(statement()).encode(), {"Content-Type": "application/json"}), data_part(data)), 400)
    send(version, good, 400, "multipart/mixed;")
    send(version, good, 400, "multipart/mixed; boundary=other")
    send(version, good[len(BOUNDARY) + 4:], 400)
    send(version, good[:-8], 400)
    send(version, good.replace(b"--" + BOUNDARY.encode() + b"\r\nContent-Type: text", b"Content-Type: text"), 400)
    for digest in (hashlib.sha224, hashlib.sha384, hashlib.sha512):
        sent = attached(data)
        sent["attachments"][0]["sha2"] = digest(data).hexdigest()
        send(version, multipart(sent, data_part(data, X_Experience_API_Hash=digest(data).hexdigest())), 200)


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def signed(version, code, algorithm="RS256", media="application/octet-stream", payload=None, header=None, drop=False):
    own = statement(id=new_id())
    text = payload(own) if payload else json.dumps(own).encode()
    jws = b64(json.dumps(header or {"alg": algorithm}).encode()) + b"." + b64(text) + b"." + b64(b"signature")
    own["attachments"] = [dict(without(ATTACHMENT, "fileUrl"), usageType="http://adlnet.gov/expapi/attachments/signature", contentType=media,
                               length=len(jws), sha2=hashlib.sha256(jws).hexdigest())]
    if drop:
        own["attachments"][0]["fileUrl"] = "http://example.com/sig"
    send(version, multipart(own, *([] if drop else [data_part(jws, Content_Type="application/octet-stream")])), code)


@requirement("XAPI-00115, XAPI-00116, XAPI-00117", "signed statements are looked at")
def signatures(version):
    for algorithm in ("RS256", "RS384", "RS512"):
        signed(version, 200, algorithm)
    signed(version, 400, "HS256")
    signed(version, 400, "none")
    signed(version, 400, media="text/plain")
    signed(version, 400, payload=lambda s: json.dumps(s).replace('"', "'", 1).encode())
    signed(version, 400, payload=lambda s: json.dumps(dict(s, verb={"id": "http://other.example.com/"})).encode())
    signed(version, 400, header={"alg": "RS256", "x5c": ["bm90IGEgY2VydGlmaWNhdGU="]})
    signed(version, 400, drop=True)
    signed(version, 400, payload=lambda s: json.dumps(dict(s, result={"duration": "PT1S"})).encode())


@requirement("IEEE-4.2.7", "a signed duration is compared to the hundredth of a second, and kept as it came")
def signed_durations(version):
    for late, code in (("P1DT12H36M0.1237S", 200), ("P1DT12H36M0.13S", 400)):
        own = statement(id=new_id(), result={"duration": "P1DT12H36M0.12S"})
        jws = b64(b'{"alg":"RS256"}') + b"." + b64(json.dumps(own).encode()) + b"." + b64(b"signature")
        own["attachments"] = [dict(without(ATTACHMENT, "fileUrl"), usageType="http://adlnet.gov/expapi/attachments/signature", length=len(jws),
                                   contentType="application/octet-stream", sha2=hashlib.sha256(jws).hexdigest())]
        own["result"] = {"duration": late}
        send(version, multipart(own, data_part(jws, Content_Type="application/octet-stream")), code)
        if code == 200:
            equal("duration", get(version, statementId=own["id"]).json["result"], {"duration": late})


# --- documents -----------------------------------------------------------------------------------------------------------------------------

def context_of(kind):
    what = {"activityId": "http://a.example.com/" + new_id(), "agent": agent()}
    if kind == "activities/state":
        return dict(what, stateId=new_id())
    return dict(without(what, "agent" if kind == "activities/profile" else "activityId"), profileId=new_id())


KINDS = {"activities/state": "stateId", "activities/profile": "profileId", "agents/profile": "profileId"}
IDS = {"activities/state": "XAPI-00187..235", "activities/profile": "XAPI-00285..314", "agents/profile": "XAPI-00255..284"}


def document_tests(kind, name):
    ids = IDS[kind]
    one = lambda method, version, query, code, **more: equal(method, ask(method, kind, version, query=query, **more).code, code)

    @requirement(ids, f"{kind}: stored, read, listed and deleted")
    def life(version):
        query, document = context_of(kind), {"a": 1, "b": {"c": [2]}}
        one("GET", version, query, 404)
        one("PUT", version, query, 204, body=document)
        answer = ask("GET", kind, version, query=query)
        equal("document", answer.json, document)
        equal("type", answer.headers["content-type"], "application/json")
        equal("etag", answer.headers["etag"], '"%s"' % hashlib.sha1(answer.body).hexdigest())
        assert "last-modified" in answer.headers
        listed = without(query, name)
        equal("list", ask("GET", kind, version, query=listed).json, [query[name]])
        one("DELETE", version, query, 204)
        one("GET", version, query, 404)
        one("DELETE", version, query, 204)
        equal("list", ask("GET", kind, version, query=listed).json, [])

    @requirement(ids, f"{kind}: any bytes of any type")
    def binary(version):
        query, data = context_of(kind), bytes(range(256))
        one("PUT", version, query, 204, body=data, media="image/png")
        answer = ask("GET", kind, version, query=query)
        equal("bytes", answer.body, data)
        equal("type", answer.headers["content-type"], "image/png")
        assert "sandbox" in answer.headers["content-security-policy"]

    @requirement(ids + ", XAPI-00183..186", f"{kind}: POST stores, then merges one level deep")
    def merging(version):
        query = context_of(kind)
        one("POST", version, query, 204, body={"a": 1, "b": {"x": 1}})
        one("POST", version, query, 204, body={"b": {"y": 2}, "c": 3})
        equal("merged", ask("GET", kind, version, query=query).json, {"a": 1, "b": {"y": 2}, "c": 3})
        one("POST", version, query, 400, body=b"[1]")
        one("POST", version, query, 400, body=b"{")
        one("POST", version, query, 400, body=b"text", media="text/plain")
        equal("unchanged", ask("GET", kind, version, query=query).json, {"a": 1, "b": {"y": 2}, "c": 3})
        other = context_of(kind)
        one("POST", version, other, 204, body=b"text", media="text/plain")
        one("POST", version, other, 400, body={"a": 1})
        equal("unchanged", ask("GET", kind, version, query=other).body, b"text")
        one("POST", version, context_of(kind), 400, body=b"not json")

    @requirement(ids, f"{kind}: since tells what changed after")
    def since(version):
        query = context_of(kind)
        one("PUT", version, query, 204, body={})
        listed = without(query, name)
        equal("before", ask("GET", kind, version, query=dict(listed, since="2020-01-01T00:00:00Z")).json, [query[name]])
        equal("after", ask("GET", kind, version, query=dict(listed, since="2999-01-01T00:00:00Z")).json, [])
        one("GET", version, dict(listed, since="x"), 400)
        if version == NEW:
            one("GET", version, dict(query, since="2020-01-01T00:00:00Z"), 400)

    @requirement(ids, f"{kind}: what is missing or wrong in the parameters is refused")
    def parameters(version):
        query = context_of(kind)
        for method in ("PUT", "POST", "DELETE", "GET"):
            more = {"body": {}} if method in ("PUT", "POST") else {}
            for key in query:
                if key == name and (method == "GET" or (method == "DELETE" and kind == "activities/state")):
                    continue
                one(method, version, without(query, key), 400, **more)
            one(method, version, dict(query, colour="red"), 400, **more)
            if "agent" in query:
                for wrong in ("not JSON", {"name": "a"}, "true", {"objectType": "Group", "member": [AGENT]}):
                    one(method, version, dict(query, agent=wrong), 400, **more)
            if "activityId" in query:
                one(method, version, dict(query, activityId="x"), 400, **more)
            if kind == "activities/state":
                one(method, version, dict(query, registration="x"), 400, **more)

    @requirement("XAPI-00322, IEEE-4.1.4", f"{kind}: entity tags guard what is there")
    def tags(version):
        query = context_of(kind)
        one("PUT", version, query, 412, body={"a": 1}, headers={"If-Match": '"%s"' % ("1" * 40)})
        one("PUT", version, query, 204, body={"a": 1}, headers={"If-None-Match": "*"})
        etag = ask("GET", kind, version, query=query).headers["etag"]
        one("PUT", version, query, 412, body={"a": 2}, headers={"If-None-Match": "*"})
        for method in ("PUT", "POST", "DELETE"):
            more = {"body": {"a": 2}} if method != "DELETE" else {}
            one(method, version, query, 412, headers={"If-Match": '"%s"' % ("1" * 40)}, **more)
            one(method, version, query, 412, headers={"If-Match": "1234"}, **more)
        equal("unchanged", ask("GET", kind, version, query=query).json, {"a": 1})
        one("PUT", version, query, 204, body={"a": 3}, headers={"If-Match": etag})
        one("PUT", version, query, 412, body={"a": 4}, headers={"If-Match": etag})
        etag = ask("GET", kind, version, query=query).headers["etag"]
        one("POST", version, query, 204, body={"b": 4}, headers={"If-Match": "W/" + etag})
        one("DELETE", version, query, 412, headers={"If-Match": etag})
        etag = ask("GET", kind, version, query=query).headers["etag"]
        one("DELETE", version, query, 204, headers={"If-Match": '"x", ' + etag})

    @requirement("XAPI-00322, IEEE-4.1.4", f"{kind}: a PUT without a tag does not overwrite" + (" (state may with 1.0.3)" if kind == "activities/state" else ""))
    def plain_put(version):
        query = context_of(kind)
        one("PUT", version, query, 204, body={"a": 1})
        if version == OLD and kind == "activities/state":
            one("PUT", version, query, 204, body={"a": 2})
        else:
            answer = ask("PUT", kind, version, query=query, body={"a": 2})
            equal("code", answer.code, 409)
            assert b"If-Match" in answer.body
            equal("unchanged", ask("GET", kind, version, query=query).json, {"a": 1})


for kind, name in KINDS.items():
    document_tests(kind, name)


@requirement("IEEE-4.1.6.2, IEEE-4.1.6.5, IEEE-4.1.6.6", "a document says when it was last changed")
def modified(version):
    queries = {kind: context_of(kind) for kind in KINDS}
    stamps = []
    for body in ({"a": 1}, {"b": 2}):
        if stamps:
            time.sleep(1.1)  # the header knows seconds
        for kind, query in queries.items():
            equal(kind, ask("POST", kind, version, query=query, body=body).code, 204)
        stamps.append({k: email.utils.parsedate_to_datetime(ask("GET", k, version, query=q).headers["last-modified"]) for k, q in queries.items()})
    for kind in KINDS:
        assert stamps[0][kind] < stamps[1][kind], kind
        equal("HEAD", email.utils.parsedate_to_datetime(ask("HEAD", kind, version, query=queries[kind]).headers["last-modified"]), stamps[1][kind])


@requirement("XAPI-00304, XAPI-00305..307", "parameters of another resource, and of other types, are refused")
def foreign(version):
    for kind, name in KINDS.items():
        for method in ("PUT", "POST", "GET", "DELETE"):
            more = {"body": {}} if method in ("PUT", "POST") else {}
            for other in ("agent", "activityId", "registration", "stateId", "profileId"):
                if other not in context_of(kind) and not (kind == "activities/state" and other == "registration"):
                    for value in ("1", "true", '{"key":"value"}', json.dumps(AGENT)):
                        equal(f"{method} {kind} {other}", ask(method, kind, version, query=dict(context_of(kind), **{other: value}), **more).code, 400)
            if "activityId" in context_of(kind):
                for value in ("1", "true", '{"key":"value"}', ""):
                    equal(f"{method} {kind} {value}", ask(method, kind, version, query=dict(context_of(kind), activityId=value), **more).code, 400)


@requirement("XAPI-00218..220, XAPI-00227, XAPI-00194", "state knows its registration")
def registrations(version):
    query = context_of("activities/state")
    other = dict(query, registration=new_id())
    for q in (query, other):
        equal("PUT", ask("PUT", "activities/state", version, query=q, body={"r": q.get("registration", "")}).code, 204)
    for q in (query, other):
        equal("own", ask("GET", "activities/state", version, query=q).json, {"r": q.get("registration", "")})
    listed = without(other, "stateId")
    equal("list", ask("GET", "activities/state", version, query=listed).json, [query["stateId"]])
    equal("DELETE", ask("DELETE", "activities/state", version, query=listed).code, 204)
    equal("gone", ask("GET", "activities/state", version, query=other).code, 404)
    equal("kept", ask("GET", "activities/state", version, query=query).code, 200)
    equal("DELETE", ask("DELETE", "activities/state", version, query=without(query, "stateId")).code, 204)
    equal("gone", ask("GET", "activities/state", version, query=query).code, 404)


# --- agents, activities, about -------------------------------------------------------------------------------------------------------------

@requirement("XAPI-00236..249", "an agent is answered as a person with all its names")
def persons(version):
    who = agent()
    equal("unknown", ask("GET", "agents", version, query={"agent": who}).json, {"objectType": "Person", "account": [who["account"]]})
    post(version, [statement(actor=dict(who, name=n)) for n in ("Old", "New", "Old")])
    equal("known", ask("GET", "agents", version, query={"agent": dict(who, name="Asked")}).json,
          {"objectType": "Person", "name": ["Asked", "New", "Old"], "account": [who["account"]]})
    for key in ({"mbox": "mailto:a@b.org"}, {"mbox_sha1sum": "cd9b00a5611f94eaa7b1661edab976068e364975"}, {"openid": "http://o.example.com/"}):
        back = ask("GET", "agents", version, query={"agent": key}).json
        equal("array", back[list(key)[0]], list(key.values()))
    for wrong in ({}, {"agent": "x"}, {"agent": {"name": "a"}}, {"agent": AGENT, "x": "1"}, {"Agent": AGENT}):
        equal(str(wrong), ask("GET", "agents", version, query=wrong).code, 400)


@requirement("XAPI-00250..253", "an activity is answered, known or not")
def activities(version):
    what = "http://a.example.com/" + new_id()
    equal("unknown", ask("GET", "activities", version, query={"activityId": what}).json, {"objectType": "Activity", "id": what})
    for wrong in ({}, {"activityId": "x"}, {"activityid": what}):
        equal(str(wrong), ask("GET", "activities", version, query=wrong).code, 400)


@requirement("IEEE-4.2.7", "IRIs are compared as strings")
def iris(version):
    what = "http://example.com/path/../" + new_id()
    post(version, statement(object={"id": what}))
    equal("found", len(found(version, activity=what)), 1)
    equal("not found", found(version, activity=what.replace("path/../", "")), [])


@requirement("XAPI-00315..321", "about needs neither version nor client")
def about(version):
    equal("plain", ask("GET", "about", None, auth=None).json, {"version": ["1.0.3", "2.0.0"]})
    equal("asked", ask("GET", "about", version).json["version"], ["1.0.3"] if version == OLD else ["1.0.3", "2.0.0"])
    equal("strange", ask("GET", "about", "9.9").code, 200)


# --- the frame of it all -------------------------------------------------------------------------------------------------------------------

@requirement("XAPI-00125, XAPI-00126", "HEAD is GET without a body")
def heads(version):
    own = post(version, statement()).json[0]
    for path, query in (("statements", {}), ("statements", {"statementId": own}), ("about", {}), ("agents", {"agent": AGENT}),
                        ("activities", {"activityId": ACTIVITY["id"]}), ("activities/state", {"activityId": ACTIVITY["id"], "agent": AGENT}),
                        ("activities/profile", {"activityId": ACTIVITY["id"]}), ("agents/profile", {"agent": AGENT})):
        head, full = ask("HEAD", path, version, query=query), ask("GET", path, version, query=query)
        equal(path, (head.code, head.body), (full.code, b""))
        equal(path, head.headers["content-type"], full.headers["content-type"])


@requirement("XAPI-00333", "every answer names the version")
def version_answered(version):
    for answer in (get(version), get(version, 400, limit="x"), ask("POST", "statements", version, body=statement()), ask("DELETE", "statements", version),
                   ask("GET", "about", version), ask("GET", "statements", version, auth=None)):
        equal("header", answer.headers["x-experience-api-version"], "1.0.3" if version == OLD else "2.0.0")


@requirement("XAPI-00331, XAPI-00321", "without a version, or with a wrong one, nothing but about is answered")
def version_needed(version):
    for path, query in (("statements", {}), ("agents", {"agent": AGENT}), ("activities", {"activityId": ACTIVITY["id"]})):
        for wrong in (None, "0.9", "0.95", "1.1.0", "2.1.0", "3.0", "1.0x", "1.0.", "x"):
            answer = ask("GET", path, wrong, query=query)
            equal(f"{path} {wrong}", answer.code, 400)
            equal("header", answer.headers["x-experience-api-version"], "2.0.0")
    for good in (("1.0", "1.0.0", "1.0.1", "1.0.2", "1.0.9") if version == OLD else ("2.0", "2.0.0", "2.0.1")):
        equal(good, ask("GET", "statements", good, query={"limit": "1"}).code, 200)


@requirement("XAPI-00324, XAPI-00325", "parameters that are none, or in another case, are refused")
def parameters_known(version):
    for name in ("foo", "StatementId", "VoidedStatementId", "Agent", "Verb", "Activity", "Registration", "Related_Activities", "Related_Agents", "Since",
                 "Until", "Limit", "Format", "Attachments", "Ascending"):
        get(version, 400, **{name: "x"})
    equal("POST", ask("POST", "statements?foo=bar", version, body=statement()).code, 400)
    equal("twice", ask("GET", "statements?limit=1&limit=2", version).code, 400)


@requirement("XAPI-00012", "values that are none of their kind are refused")
def values_known(version):
    for name, value in (("statementId", "x"), ("voidedStatementId", "x"), ("verb", "x"), ("activity", "x"), ("registration", "x"),
                        ("related_agents", "1"), ("related_activities", "maybe")):
        get(version, 400, **{name: value})


@requirement("XAPI-00323, IEEE-4.1.8", "without a client, or with a wrong secret, nobody is let in")
def unauthorized(version):
    for auth in (None, "foo:bar", user.split(":")[0] + ":x", ":", user.split(":")[0] + ":"):
        answer = ask("GET", "statements", version, auth=auth)
        equal(str(auth), answer.code, 401)
        assert answer.headers["www-authenticate"].startswith("Basic ")
    for header in ("Basic", "Basic !", "Bearer x", "Basic " + "A" * 2000):
        equal(header[:10], ask("GET", "statements", version, auth=None, headers={"Authorization": header}).code, 401)


@requirement("XAPI-00334, XAPI-00335", "nothing is stored for a stranger, and for a client by Basic authentication")
def basic(version):
    own = new_id()
    for header in ("Basic " + base64.b64encode(b"a:b").decode(), "Basic:" + base64.b64encode(user.encode()).decode(), ""):
        answer = ask("PUT", "statements", version, query={"statementId": own}, body=statement(), auth=None, headers={"Authorization": header})
        equal(header, answer.code, 401)
    get(version, 404, statementId=own)
    equal("client", ask("PUT", "statements", version, query={"statementId": own}, body=statement()).code, 204)
    get(version, 200, statementId=own)
    equal("stranger with a strange version", ask("GET", "statements", "BAD", auth="a:b").code, 400)


@requirement("XAPI-00154, XAPI-00156, XAPI-00158, XAPI-00159, XAPI-00165", "GET answers one statement, or a result of many, and says what it is")
def one_or_many(version):
    own = post(version, statement()).json[0]
    answer = get(version, statementId=own)
    equal("one", (answer.json["id"], answer.headers["content-type"]), (own, "application/json"))
    answer = get(version)
    assert isinstance(answer.json["statements"], list) and "more" in answer.json
    equal("type", answer.headers["content-type"], "application/json")


@requirement("XAPI-00330", "a statement of an older version comes back as it was")
def old_versions(version):
    sent = statement(id=new_id(), version="1.0.0")
    post(version, sent)
    back = get(version, statementId=sent["id"]).json
    equal("statement", {k: back[k] for k in sent}, sent)


@requirement("XAPI-00327", "a key that may only read does not write")
def forbidden(version):
    equal("read", ask("GET", "statements", version, auth=reader).code, 200)
    equal("write", ask("POST", "statements", version, body=statement(), auth=reader).code, 403)
    equal("document", ask("PUT", "activities/state", version, query=context_of("activities/state"), body={}, auth=reader).code, 403)


@requirement("XAPI-00328", "what is too large gets 413")
def too_large(version):
    big = statement(result={"response": "x" * (9 * 1024 * 1024)})
    equal("code", ask("POST", "statements", version, body=big).code, 413)
    equal("code", ask("PUT", "activities/state", version, query=context_of("activities/state"), body=b"x" * (4 * 1024 * 1024 + 1), media="text/plain").code, 413)
    equal("edge", ask("PUT", "activities/state", version, query=context_of("activities/state"), body=b"x" * (4 * 1024 * 1024), media="text/plain").code, 204)


@requirement("IEEE-4.1.5", "methods that a resource does not have get 405, before anything else")
def methods(version):
    for method, path in (("DELETE", "statements"), ("PUT", "activities"), ("POST", "activities"), ("DELETE", "activities"), ("PUT", "agents"),
                         ("POST", "agents"), ("DELETE", "agents"), ("POST", "about")):
        equal(method + path, ask(method, path, version, body={} if method != "DELETE" else None).code, 405)
    equal("no client", ask("DELETE", "statements", version, auth=None).code, 405)


@requirement("IEEE-4.1.5", "other paths are not found")
def paths(version):
    equal("code", ask("GET", "nothing", version).code, 404)


@requirement("CORS", "content of another origin may ask")
def cors(version):
    answer = ask("OPTIONS", "statements", None, auth=None, headers={"Origin": "null", "Access-Control-Request-Method": "PUT"})
    equal("code", answer.code, 204)
    equal("origin", answer.headers["access-control-allow-origin"], "*")
    for name in ("Authorization", "X-Experience-API-Version", "If-Match", "Content-Type"):
        assert name in answer.headers["access-control-allow-headers"]
    answer = ask("GET", "statements", version, headers={"Origin": "http://c.example.com"})
    equal("origin", answer.headers["access-control-allow-origin"], "*")
    assert "access-control-allow-credentials" not in answer.headers
    equal("refused", ask("POST", "statements", version, auth=None, body={}, headers={"Origin": "null"}).headers["access-control-allow-origin"], "*")


failures = 0
for number, (ids, name, version, check) in enumerate(tests, 1):
    try:
        check(version)
        print(f"ok {number} - {ids} ({version}) {name}")
    except Exception as fault:  # a test that fails says why, whatever it is
        failures += 1
        print(f"not ok {number} - {ids} ({version}) {name}\n# {type(fault).__name__}: {str(fault)[:500]}")
print(f"1..{len(tests)}")
sys.exit(failures > 0)
