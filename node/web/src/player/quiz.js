// quiz.js: simple quizzes of QTI 1.2 (of a Common Cartridge, or alone) and of QTI 2 and 3 (a test with its items, or an item): one choice, several choices, true or
// false, a word to fill in. Scored here, each question by its own weight where it gives one. What cannot be scored is not asked; where that is all, it is read.
const text = (element) => (element?.textContent || '').replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ').trim()
const plain = (html) => new DOMParser().parseFromString(html, 'text/html').body.textContent.trim()

// --- QTI 1.2 ---

// Of one choice what gives most is right; of several, whatever gives something.
function correctOf(item, isOne) {
  const right = new Set(), wrong = new Set()
  const good = [...item.querySelectorAll('respcondition')].map((condition) => ({ condition, points: Math.max(0, ...[...condition.querySelectorAll('setvar')].map((one) => Number(one.textContent))) }))
    .filter(({ condition, points }) => points > 0 || condition.querySelector('displayfeedback[linkrefid*="correct" i]:not([linkrefid*="incorrect" i])'))
  const most = Math.max(...good.map(({ points }) => points))
  for (const { condition, points } of good) {
    if (isOne && points < most) continue
    for (const one of condition.querySelectorAll('varequal')) (one.closest('not') ? wrong : right).add(one.textContent.trim())
  }
  return { right, wrong }
}

// Canvas and Common Cartridges call it differently.
function weightOf(item) {
  const field = [...item.querySelectorAll('qtimetadatafield')].find((one) => ['cc_weighting', 'points_possible', 'qmd_weighting'].includes(text(one.querySelector('fieldlabel'))))
  const weight = Number(text(field?.querySelector('fieldentry')))
  return weight > 0 ? weight : 1
}

function itemRead(item) {
  const labels = [...item.querySelectorAll('response_label')].map((one) => ({ id: one.getAttribute('ident'), text: plain(text(one.querySelector('mattext'))) }))
  const cardinality = item.querySelector('response_lid')?.getAttribute('rcardinality')
  const kind = item.querySelector('response_str') && !item.querySelector('response_lid') ? 'word' : cardinality?.toLowerCase() === 'multiple' ? 'several' : 'one'
  return { weight: weightOf(item), question: plain(text(item.querySelector('presentation > material mattext, presentation mattext'))), labels, kind,
    ...correctOf(item, kind === 'one') }
}

// --- QTI 2; 3 writes its names with dashes ---

const dashed = (name) => `qti-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
const all = (element, ...names) => [...element.querySelectorAll(names.flatMap((name) => [name, dashed(name)]).join())]
const valueOf = (element, name) => element?.getAttribute(name) ?? element?.getAttribute(dashed(name).slice(4))

// What is right: as it is declared, or whatever the mapping gives points for.
function rightOf(declaration) {
  const said = all(declaration, 'correctResponse').flatMap((one) => all(one, 'value')).map((one) => one.textContent.trim())
  return new Set(said.length ? said : all(declaration, 'mapEntry').filter((one) => Number(valueOf(one, 'mappedValue')) > 0).map((one) => valueOf(one, 'mapKey')))
}

function item2Read(item, weight) {
  const asked = all(item, 'choiceInteraction', 'inlineChoiceInteraction', 'textEntryInteraction')
  const others = [...item.querySelectorAll('*')].filter((one) => /interaction$/i.test(one.localName) && !asked.includes(one))
  const declaration = all(item, 'responseDeclaration').find((one) => one.getAttribute('identifier') === valueOf(asked[0], 'responseIdentifier'))
  const body = all(item, 'itemBody')[0]?.cloneNode(true)
  const prompt = body ? all(body, 'prompt').map(text).join(' ') : ''
  if (body) all(body, 'choiceInteraction', 'inlineChoiceInteraction').forEach((one) => one.remove())
  const isScored = asked.length === 1 && !others.length && declaration
  return { weight, question: [body && text(body), prompt].filter(Boolean).join(' ') || item.getAttribute('title') || '',
    labels: all(item, 'simpleChoice', 'inlineChoice').map((one) => ({ id: one.getAttribute('identifier'), text: text(one) })),
    kind: asked[0]?.localName.replace(/-/g, '').toLowerCase().includes('textentry') ? 'word' : declaration?.getAttribute('cardinality') === 'multiple' ? 'several' : 'one',
    right: isScored ? rightOf(declaration) : new Set() }
}

const documentOf = async (address, texts) => {
  const response = await fetch(address)
  if (!response.ok) throw new Error(texts.not_found)
  return new DOMParser().parseFromString(await response.text(), 'application/xml')
}

async function itemsOf(address, texts) {
  const found = await documentOf(address, texts), references = all(found, 'assessmentItemRef')
  if (!references.length) return [...[...found.querySelectorAll('item')].map(itemRead), ...all(found, 'assessmentItem').map((item) => item2Read(item, 1))]
  return Promise.all(references.map(async (one) => {
    const item = all(await documentOf(new URL(one.getAttribute('href'), address), texts), 'assessmentItem')[0]
    return item2Read(item, Number(valueOf(all(one, 'weight')[0], 'value')) || 1)
  }))
}

// `kept` is what was answered before the page was left.
function itemShow(item, number, kept, texts) {
  const name = `question-${number}` // its own may be that of another question, too, or none
  const box = document.createElement('fieldset')
  const legend = document.createElement('legend')
  legend.textContent = `${number}. ${item.question}`
  box.append(legend)
  if (item.kind === 'word') {
    const input = document.createElement('input')
    Object.assign(input, { type: 'text', name, autocomplete: 'off', value: kept[0] ?? '' })
    input.setAttribute('aria-label', item.question)
    box.append(input)
  }
  for (const label of item.kind === 'word' ? [] : item.labels) {
    const line = document.createElement('label')
    const input = document.createElement('input')
    Object.assign(input, { type: item.kind === 'several' ? 'checkbox' : 'radio', name, value: label.id, checked: kept.includes(label.id) })
    line.append(input, ' ', label.text)
    box.append(line)
  }
  const verdict = document.createElement('p')
  verdict.className = 'verdict'
  box.append(verdict)
  const given = () => [...box.querySelectorAll(item.kind === 'word' ? 'input' : 'input:checked')].map((one) => one.value.trim())
  return { box, given, judge() {
    const lower = new Set([...item.right].map((one) => one.toLowerCase())), mine = given()
    // Of one choice each that is right will do.
    const isWhole = item.kind === 'several' ? mine.length === item.right.size : mine.length === 1
    const isRight = isWhole && mine.every((one) => (item.kind === 'word' ? lower.has(one.toLowerCase()) : item.right.has(one)))
    verdict.textContent = isRight ? texts.right : texts.wrong
    verdict.dataset.right = isRight
    return isRight
  } }
}

// `kept` are the answers of an earlier visit, by question; `keep` is given them as they change, and whether that is to be saved now.
export async function show(root, address, texts, { kept, keep, finish }) {
  const items = await itemsOf(address, texts), scored = items.filter((item) => item.right.size)
  const form = document.createElement('form')
  form.className = 'prose quiz'
  const shown = scored.map((item, i) => ({ ...itemShow(item, i + 1, Array.isArray(kept?.[i]) ? kept[i] : [], texts), weight: item.weight }))
  const button = document.createElement('button')
  button.textContent = texts.check_answers
  const score = document.createElement('p')
  score.setAttribute('role', 'status')
  form.append(...shown.map((one) => one.box), button, score)
  for (const kind of ['input', 'change']) form.addEventListener(kind, () => keep(shown.map((one) => one.given()), kind === 'change'))
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const right = shown.filter((one) => one.judge()), sum = (list) => list.reduce((total, one) => total + one.weight, 0)
    const share = sum(right) / sum(shown)
    score.textContent = `${texts.your_score} ${Math.round(share * 100)} %`
    finish(share)
  })
  if (!shown.length) {
    form.replaceChildren(...items.map((item, i) => Object.assign(document.createElement('p'), { textContent: `${i + 1}. ${item.question}` })))
  }
  root.replaceChildren(form)
}
