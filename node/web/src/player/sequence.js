// sequence.js: the order in which a SCORM 2004 course is taken. scorm-again's engine decides by the course's rules; what it has decided is kept by the node with
// every commit and handed on to the next launch, here or on another device.
//
// The course itself is a launch, too: it shows nothing, asks the engine what comes first, and leads there. Each activity is then a launch of its own.
import { commit, navigationSay, partGo, problem, goTo, texts } from './bridge.js'
import { drawsOf, treeOf } from './tree.js'

export const settingsOf = (launch) => ({ activityTree: treeOf(launch.sequencing.activities), autoRollupOnCMIChange: true, logLevel: 'error' })
const SUSPENDED = 'suspendAll'

const TRIES = 8 // so many closed parts are tried on a copy of the tree: each costs some milliseconds
const VALUES = ['completion_status', 'success_status', 'progress_measure', 'score.scaled', 'score.raw', 'score.min', 'score.max']

// What a course has said so far, said to another engine.
function repeat(cmi, api) {
  const say = (prefix, from) => {
    for (const name of VALUES) {
      const value = name.split('.').reduce((object, part) => object?.[part], from)
      if (value !== '' && value != null && value !== 'unknown') api.SetValue(`${prefix}.${name}`, String(value))
    }
  }
  api.Initialize('')
  say('cmi', cmi)
  cmi.objectives.childArray.forEach((objective, n) => {
    api.SetValue(`cmi.objectives.${n}.id`, objective.id)
    say(`cmi.objectives.${n}`, objective)
  })
}

// --- drawing lots (SN SR.1, SR.2) ---
const drawn = new WeakMap() // cluster: the attempt that its children were drawn for

function shuffled(list) {
  const left = [...list], out = []
  while (left.length) out.push(...left.splice(Math.floor(Math.random() * left.length), 1))
  return out
}

// Before a new attempt at a cluster its children are drawn, once for each attempt, or once for all.
function draw(cluster, { count, selection, shuffle }) {
  const attempt = cluster.attemptCount + 1
  if (cluster.isActive || cluster.isSuspended || drawn.get(cluster) === attempt) return
  drawn.set(cluster, attempt)
  const isDue = (timing) => timing && (timing !== 'once' || attempt === 1)
  if (isDue(selection) && count < cluster.children.length) {
    const taken = new Set(shuffled(cluster.children).slice(0, count))
    for (const child of cluster.children) {
      child.isAvailable = taken.has(child)
      child.isHiddenFromChoice = !taken.has(child)
    }
  }
  if (isDue(shuffle)) cluster.setChildOrder(shuffled(cluster.children).map((child) => child.id))
  cluster.setProcessedChildren(cluster.children.filter((child) => child.isAvailable))
}

// The flow asks an activity for its children: then is the time.
function drawing(root, draws) {
  const prototype = Object.getPrototypeOf(root)
  if (!draws.size || prototype.plainChildren) return
  prototype.plainChildren = prototype.getAvailableChildren
  prototype.getAvailableChildren = function getAvailableChildren() {
    const own = draws.get(this.id)
    if (own && this.children.length) draw(this, own)
    return this.plainChildren()
  }
}

export class Sequence {
  // `make` gives another engine of the same course.
  constructor(api, launch, make) {
    Object.assign(this, { api, launch, make, pending: null, outcome: {}, validity: null })
    this.service = api.getSequencingService()
    this.process = this.service.getOverallSequencingProcess()
    drawing(this.tree.rootActivity, drawsOf(launch.sequencing.activities || []))
    const kept = launch.sequencing.state?.engine
    this.delivered = kept?.delivered || null
    if (kept?.engine) api.deserializeSequencingState(JSON.stringify(kept.engine))
    api.setSequencingEventListeners({
      onActivityDelivery: (activity) => {
        this.delivered = { id: activity.id, isResumed: activity.deliveryWasResumed }
        this.outcome = { item: activity.id }
      },
      onSequencingSessionEnd: ({ reason }) => { this.outcome = { isEnd: true, isOutOfContent: reason === 'end_of_content' } },
      onNavigationValidityUpdate: (validity) => { this.validity = validity },
    })
  }

  get tree() { return this.api.getSequencingState() }
  get current() { return this.tree.currentActivity }
  get isResumed() { return this.delivered?.id === this.launch.item && Boolean(this.delivered.isResumed) }

  // What a commit says of the whole course.
  said() {
    const root = this.tree.rootActivity
    const completion = { completed: true, incomplete: false }[root.completionStatus]
    // A measure of parts that weigh nothing is none.
    const weighs = (activity) => (activity.children.length ? activity.children.some(weighs) : activity.objectiveMeasureStatus) && (activity === root || activity.sequencingControls.objectiveMeasureWeight > 0)
    const hasMeasure = root.objectiveMeasureStatus && weighs(root)
    const isKnown = root.objectiveSatisfiedStatusKnown && (hasMeasure || !root.primaryObjective?.satisfiedByMeasure)
    const success = isKnown ? root.objectiveSatisfiedStatus : undefined
    return {
      state: { engine: JSON.parse(this.api.serializeSequencingState()), delivered: this.delivered },
      attempt: root.attemptCount,
      result: { ...(completion !== undefined && { completion }), ...(success !== undefined && { success }),
        ...(hasMeasure && { score: { scaled: Math.max(0, root.objectiveNormalizedMeasure) } }),
        ...(root.attemptCompletionAmountStatus && { progress: root.attemptCompletionAmount }) },
    }
  }

  ask(request, target) {
    this.outcome = {}
    if (request === 'choice' && this.current?.isActive) this.api.processNavigationRequest('exit')
    if (!this.outcome.item && !this.outcome.isEnd) this.api.processNavigationRequest(request, target)
    this.end()
    return Boolean(this.outcome.item || this.outcome.isEnd)
  }

  // Behind the last part the course is over: its attempts end, and the next launch begins a new one.
  end() {
    if (!this.outcome.isOutOfContent || !this.current) return
    this.api.processNavigationRequest('exitAll')
    this.outcome = { isEnd: true }
  }

  // Leads where the last request led; false when it led nowhere.
  follow() {
    if (this.outcome.item) partGo(this.outcome.item)
    else if (this.outcome.isEnd) goTo('out')
    else return false
    return true
  }

  // The launch of the course: what comes first, or the activity that the learner wants.
  start(wanted) {
    const { current } = this
    const suspended = this.process.getSequencingState().suspendedActivity
    if (current?.isActive && (!wanted || wanted === current.id)) {
      // Nobody ended it: a link that was cut, a page that was loaded again.
      this.delivered = { id: current.id, isResumed: true }
      this.outcome = { item: current.id }
    } else if (wanted && wanted !== suspended) {
      this.ask('choice', wanted)
    } else if (suspended) {
      this.ask('resumeAll')
    } else {
      if (current) this.goOn(current.id)
      if (!this.outcome.item) this.ask('start') || this.first()
    }
    commit({ sequencing: this.said() }, true)
    if (!this.follow()) this.refuse()
  }

  // A part ended and led nowhere: to the next one, or to it again, else out of the course.
  goOn(id) {
    this.ask('continue')
    if (!this.outcome.item && !this.outcome.isEnd) this.ask('choice', id)
    if (!this.outcome.item && this.current) this.ask('exitAll')
  }

  // No flow leads into the course: the first part that may be chosen.
  first() {
    const leaves = this.launch.sequencing.activities.filter((one) => one.opens)
    return leaves.some((one) => this.ask('choice', one.item))
  }

  // The launch of an activity that the engine did not lead to (a link from elsewhere).
  isHere() {
    return this.current?.id === this.launch.item || this.ask('choice', this.launch.item)
  }

  refuse() {
    problem(texts.not_now)
    this.show()
  }

  // May this be asked now? `continue` and `previous` as if the current activity ended with what it has said so far; everything else on a copy of the tree.
  may(request, target) {
    if (this.current?.isActive && request !== 'choice') return this.api.previewNavigationRequest(request).outcome !== 'blocked'
    const other = new Sequence(this.make(), { ...this.launch, sequencing: { state: { engine: this.said().state } } }, this.make)
    if (this.current?.isActive && this.api.isInitialized()) repeat(this.api.cmi, other.api)
    return other.ask(request, target)
  }

  // Tells the page around what can be asked for, and which parts the rules disable or hide.
  show() {
    const blocked = [], hidden = []
    let tries = TRIES
    const look = (activity, above) => {
      const holds = (action) => activity.sequencingRules.preConditionRules.some((rule) => rule.action === action && rule.evaluate(activity))
      const isDisabled = above.isDisabled || holds('disabled')
      const isHidden = above.isHidden || !activity.isVisible || activity.isHiddenFromChoice || holds('hiddenFromChoice')
      // What opens when the current part ends as it stands is open.
      const isOpen = isDisabled && !above.isDisabled && !activity.children.length && tries-- > 0 && this.may('choice', activity.id)
      const isBlocked = (isDisabled && !isOpen) || activity.parent?.sequencingControls.choice === false
      if (isHidden) hidden.push(activity.id)
      if (isBlocked) blocked.push(activity.id)
      for (const child of activity.children) look(child, { isHidden, isDisabled })
    }
    look(this.tree.rootActivity, {})
    this.process.updateNavigationValidity()
    navigationSay({ continue: this.may('continue'), previous: this.may('previous'), blocked, hidden, hide: this.validity?.hideLmsUi || [] })
  }

  // What the page around wants takes the place of what the course has asked for.
  pend(request, target) { this.pending = { request, target } }
  pendSuspend() { this.pend(SUSPENDED) }

  // Called when the course ends its session, before the engine looks at its request.
  apply() {
    const own = /^{target=(.*)}choice$/.exec(this.api.adl.nav.request)
    const { request, target } = this.pending || (own ? { request: 'choice', target: own[1] } : {})
    if (request) this.api.adl.nav.request = request === 'choice' ? 'exit' : request
    this.chosen = request === 'choice' ? target : null
    this.pending = null
    this.outcome = {}
  }

  // Called behind it. What was chosen is looked at when the part has ended: its results may be what opens the other.
  close() {
    if (this.chosen && !this.outcome.item && !this.outcome.isEnd) this.ask('choice', this.chosen)
    this.chosen = null
    this.end()
  }
}
