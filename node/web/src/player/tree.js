// tree.js: the rules of a SCORM 2004 manifest, as the node keeps them, in the words of scorm-again's sequencing engine.
//
// Defaults are those of IMS Simple Sequencing 1.0 and the ADL extensions (SCORM 2004 SN 3, CAM 5).
const low = (object) => Object.fromEntries(Object.entries(object || {}).map(([name, value]) => [name.toLowerCase(), value]))
const is = (value, otherwise) => (value == null || value === '' ? otherwise : value === 'true' || value === '1')
const number = (value) => (value == null || value === '' || !Number.isFinite(Number(value)) ? undefined : Number(value))
// Leaves out what is not said.
const said = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))

// How many of the children are taken and whether they are shuffled, and when: "once", "onEachNewAttempt" or not at all.
function drawOf(rules) {
  const own = low(rules?.randomizationControls), when = (timing) => (timing === 'once' || timing === 'onEachNewAttempt' ? timing : null)
  const count = when(own.selectiontiming) && number(own.selectcount), isShuffled = when(own.randomizationtiming) && is(own.reorderchildren, false)
  return count || isShuffled ? { count: count || 0, selection: when(own.selectiontiming), shuffle: isShuffled ? when(own.randomizationtiming) : null } : null
}

const rootId = (organization) => organization.identifier || 'organization'

// The draws of a course by activity.
export function drawsOf(activities) {
  const organization = activities[0]?.sequencing?.organization || {}
  const all = [[rootId(organization), drawOf(organization)], ...activities.map(({ item, sequencing }) => [item, drawOf(sequencing)])]
  return new Map(all.filter(([, draw]) => draw))
}

function controlsOf(rules) {
  const mode = low(rules.controlMode), choice = low(rules.constrainedChoiceConsiderations), rollup = low(rules.rollup)
  return said({
    choice: is(mode.choice, true),
    choiceExit: is(mode.choiceexit, true),
    flow: is(mode.flow, false),
    forwardOnly: is(mode.forwardonly, false),
    useCurrentAttemptObjectiveInfo: is(mode.usecurrentattemptobjectiveinfo, true),
    useCurrentAttemptProgressInfo: is(mode.usecurrentattemptprogressinfo, true),
    preventActivation: is(choice.preventactivation, false),
    constrainChoice: is(choice.constrainchoice, false),
    rollupObjectiveSatisfied: is(rollup.rollupobjectivesatisfied, true),
    rollupProgressCompletion: is(rollup.rollupprogresscompletion, true),
    objectiveMeasureWeight: number(rollup.objectivemeasureweight),
    // Drawn by sequence.js, before the flow looks at the children; the engine's own draw comes after it, and may take away the part that it leads to.
    selectionTiming: drawOf(rules)?.count ? 'once' : undefined,
    selectionCountStatus: drawOf(rules)?.count ? true : undefined,
  })
}

const ruleOf = (rule) => ({
  action: rule.action,
  conditionCombination: rule.conditionCombination || 'all',
  conditions: rule.conditions.map(low).map((one) => said({
    condition: one.condition,
    operator: one.operator === 'not' ? 'not' : undefined,
    referencedObjective: one.referencedobjective,
    parameters: one.measurethreshold == null ? undefined : { threshold: number(one.measurethreshold) },
  })),
})

const rulesOf = (rules) => said({
  preConditionRules: rules.preConditionRule?.map(ruleOf),
  exitConditionRules: rules.exitConditionRule?.map(ruleOf),
  postConditionRules: rules.postConditionRule?.map(ruleOf),
})

const rollupOf = (rollup) => ({
  rules: (rollup?.rules || []).map((rule) => {
    const own = low(rule)
    return said({
      action: rule.action,
      consideration: own.childactivityset || 'all',
      minimumCount: number(own.minimumcount),
      minimumPercent: number(own.minimumpercent),
      conditionCombination: rule.conditionCombination || 'any',
      conditions: rule.conditions.map(low).map((one) => ({ condition: one.condition === 'activityProgressKnown' ? 'progressKnown' : one.condition, operator: one.operator === 'not' ? 'not' : 'noOp' })),
    })
  }),
})

// A map of the first kind reads status and measure unless it says no; one of ADL's the other values. Neither does what is the other's.
function mapOf(map) {
  const own = low(map), isAdl = Boolean(map.adl)
  const plain = (name, otherwise) => (isAdl ? false : is(own[name], otherwise)), adl = (name, otherwise) => (isAdl ? is(own[name], otherwise) : false)
  return {
    targetObjectiveID: own.targetobjectiveid,
    readSatisfiedStatus: plain('readsatisfiedstatus', true), readNormalizedMeasure: plain('readnormalizedmeasure', true),
    writeSatisfiedStatus: plain('writesatisfiedstatus', false), writeNormalizedMeasure: plain('writenormalizedmeasure', false),
    readRawScore: adl('readrawscore', true), readMinScore: adl('readminscore', true), readMaxScore: adl('readmaxscore', true),
    readCompletionStatus: adl('readcompletionstatus', true), readProgressMeasure: adl('readprogressmeasure', true),
    writeRawScore: adl('writerawscore', false), writeMinScore: adl('writeminscore', false), writeMaxScore: adl('writemaxscore', false),
    writeCompletionStatus: adl('writecompletionstatus', false), writeProgressMeasure: adl('writeprogressmeasure', false),
  }
}

function objectivesOf(id, list = []) {
  const all = list.map((one) => {
    const own = low(one)
    return said({ isPrimary: Boolean(one.primary), objectiveID: own.objectiveid || (one.primary ? `${id}-primary` : undefined), satisfiedByMeasure: is(own.satisfiedbymeasure, false),
      minNormalizedMeasure: number(one.minNormalizedMeasure), mapInfo: (one.maps || []).map(mapOf) })
  }).filter((one) => one.objectiveID)
  const primary = all.find((one) => one.isPrimary)
  return { ...(primary && { primaryObjective: primary }), objectives: all.filter((one) => one !== primary) }
}

function activityOf(id, title, rules = {}) {
  const limit = low(rules.limitConditions), delivery = low(rules.deliveryControls), threshold = low(rules.completionThreshold), rollup = low(rules.rollupConsiderations)
  return said({
    id,
    title,
    children: [],
    isVisible: rules.visible === false ? false : undefined,
    attemptLimit: number(limit.attemptlimit),
    attemptAbsoluteDurationLimit: limit.attemptabsolutedurationlimit,
    sequencingControls: controlsOf(rules),
    sequencingRules: rulesOf(rules),
    rollupRules: rollupOf(rules.rollup),
    deliveryControls: { tracked: is(delivery.tracked, true), completionSetByContent: is(delivery.completionsetbycontent, false), objectiveSetByContent: is(delivery.objectivesetbycontent, false) },
    rollupConsiderations: rules.rollupConsiderations && said({ requiredForSatisfied: rollup.requiredforsatisfied, requiredForNotSatisfied: rollup.requiredfornotsatisfied,
      requiredForCompleted: rollup.requiredforcompleted, requiredForIncomplete: rollup.requiredforincomplete, measureSatisfactionIfActive: is(rollup.measuresatisfactionifactive, true) }),
    completionThreshold: rules.completionThreshold && said({ completedByMeasure: is(threshold.completedbymeasure, false), minProgressMeasure: number(threshold.minprogressmeasure), progressWeight: number(threshold.progressweight) }),
    hideLmsUi: rules.hide,
    sharedDataMaps: rules.data?.map(low).map((one) => ({ targetID: one.targetid, readSharedData: is(one.readshareddata, true), writeSharedData: is(one.writeshareddata, true) })),
    ...objectivesOf(id, rules.objectives),
  })
}

// [{item, title, depth, sequencing}] in their order becomes a tree below the organization, whose rules the first item carries.
export function treeOf(activities) {
  const organization = activities[0]?.sequencing?.organization || {}
  const root = activityOf(rootId(organization), 'course', organization)
  const path = [root] // path[n + 1] is the latest activity of depth n
  for (const { item, title, depth, sequencing } of activities) {
    const own = activityOf(item, title, sequencing)
    const at = Math.min(depth, path.length - 1)
    path[at].children.push(own)
    path.splice(at + 1, path.length, own)
  }
  return root
}
