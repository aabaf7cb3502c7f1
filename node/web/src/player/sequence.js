// sequence.js: the order in which a SCORM 2004 course is taken. scorm-again's engine decides by the course's rules; what it has decided is kept by the node with
// every commit and handed on to the next launch, here or on another device.
//
// The course itself is a launch, too: it shows nothing, asks the engine what comes first, and leads there. Each activity is then a launch of its own.
import { commit, navigationSay, partGo, problem, goTo, texts } from './bridge.js'
import { treeOf } from './tree.js'

export const settingsOf = (launch) => ({ activityTree: treeOf(launch.sequencing.activities), autoRollupOnCMIChange: true, logLevel: 'error' })
const SUSPENDED = 'suspendAll'

export class Sequence {
  // `make` gives another engine of the same course.
  constructor(api, launch, make) {
    Object.assign(this, { api, launch, make, pending: null, outcome: {}, validity: null })
    this.service = api.getSequencingService()
    this.process = this.service.getOverallSequencingProcess()
    const kept = launch.sequencing.state?.engine
    this.delivered = kept?.delivered || null
    if (kept?.engine) api.deserializeSequencingState(JSON.stringify(kept.engine))
    api.setSequencingEventListeners({
      onActivityDelivery: (activity) => {
        this.delivered = { id: activity.id, isResumed: activity.deliveryWasResumed }
        this.outcome = { item: activity.id }
      },
      onSequencingSessionEnd: () => { this.outcome = { isEnd: true } },
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
    const success = root.objectiveSatisfiedStatusKnown ? root.objectiveSatisfiedStatus : undefined
    return {
      state: { engine: JSON.parse(this.api.serializeSequencingState()), delivered: this.delivered },
      attempt: root.attemptCount,
      result: { ...(completion !== undefined && { completion }), ...(success !== undefined && { success }),
        ...(root.objectiveMeasureStatus && { score: { scaled: Math.max(0, root.objectiveNormalizedMeasure) } }),
        ...(root.attemptCompletionAmountStatus && { progress: root.attemptCompletionAmount }) },
    }
  }

  ask(request, target) {
    this.outcome = {}
    this.api.processNavigationRequest(request, target)
    return Boolean(this.outcome.item || this.outcome.isEnd)
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
    } else if (current) {
      this.ask('continue') || this.ask('choice', current.id)
    } else {
      this.ask('start') || this.first()
    }
    commit({ sequencing: this.said() }, true)
    if (!this.follow()) this.refuse()
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
    return other.ask(request, target)
  }

  // Tells the page around what can be asked for, and which parts the rules disable or hide.
  show() {
    const blocked = [], hidden = []
    const look = (activity, above) => {
      const holds = (action) => activity.sequencingRules.preConditionRules.some((rule) => rule.action === action && rule.evaluate(activity))
      const isDisabled = above.isDisabled || holds('disabled')
      const isHidden = above.isHidden || !activity.isVisible || activity.isHiddenFromChoice || holds('hiddenFromChoice')
      const isBlocked = isDisabled || activity.parent?.sequencingControls.choice === false
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
    if (!this.pending) return
    const { request, target } = this.pending
    try {
      this.api.adl.nav.request = request === 'choice' ? `{target=${target}}choice` : request
    } catch { /* no such name: it just ends */ }
    this.pending = null
    this.outcome = {}
  }
}
