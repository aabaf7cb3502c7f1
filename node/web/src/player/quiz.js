// quiz.js: simple QTI 1.2 quizzes of a Common Cartridge: one choice, several choices, true or false, a word to fill in. Scored here, per item by its own
// weights where it gives them.
const text = (element) => (element?.textContent || '').replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ').trim()
const plain = (html) => new DOMParser().parseFromString(html, 'text/html').body.textContent.trim()

function correctOf(item) {
  const right = new Set(), wrong = new Set()
  for (const condition of item.querySelectorAll('respcondition')) {
    const score = [...condition.querySelectorAll('setvar')].map((one) => Number(one.textContent))
    const isGood = score.some((one) => one > 0) || condition.querySelector('displayfeedback[linkrefid*="correct" i]:not([linkrefid*="incorrect" i])')
    if (!isGood) continue
    for (const one of condition.querySelectorAll('varequal')) (one.closest('not') ? wrong : right).add(one.textContent.trim())
  }
  return { right, wrong }
}

function itemRead(item) {
  const labels = [...item.querySelectorAll('response_label')].map((one) => ({ id: one.getAttribute('ident'), text: plain(text(one.querySelector('mattext'))) }))
  const cardinality = item.querySelector('response_lid')?.getAttribute('rcardinality')
  return { id: item.getAttribute('ident'), question: plain(text(item.querySelector('presentation > material mattext, presentation mattext'))), labels,
    kind: item.querySelector('response_str') && !item.querySelector('response_lid') ? 'word' : cardinality?.toLowerCase() === 'multiple' ? 'several' : 'one', ...correctOf(item) }
}

function itemShow(item, number, texts) {
  const box = document.createElement('fieldset')
  const legend = document.createElement('legend')
  legend.textContent = `${number}. ${item.question}`
  box.append(legend)
  if (item.kind === 'word') {
    const input = document.createElement('input')
    Object.assign(input, { type: 'text', name: item.id, autocomplete: 'off' })
    input.setAttribute('aria-label', item.question)
    box.append(input)
  }
  for (const label of item.kind === 'word' ? [] : item.labels) {
    const line = document.createElement('label')
    const input = document.createElement('input')
    Object.assign(input, { type: item.kind === 'several' ? 'checkbox' : 'radio', name: item.id, value: label.id })
    line.append(input, ' ', label.text)
    box.append(line)
  }
  const verdict = document.createElement('p')
  verdict.className = 'verdict'
  box.append(verdict)
  return { box, judge() {
    const given = item.kind === 'word' ? [box.querySelector('input').value.trim()] : [...box.querySelectorAll('input:checked')].map((one) => one.value)
    const lower = new Set([...item.right].map((one) => one.toLowerCase()))
    const isRight = item.kind === 'word' ? lower.has(given[0].toLowerCase()) : given.length === item.right.size && given.every((one) => item.right.has(one))
    verdict.textContent = isRight ? texts.right : texts.wrong
    verdict.dataset.right = isRight
    return isRight
  } }
}

export async function show(root, address, texts, finish) {
  const response = await fetch(address)
  if (!response.ok) throw new Error(texts.not_found)
  const items = [...new DOMParser().parseFromString(await response.text(), 'application/xml').querySelectorAll('item')].map(itemRead).filter((item) => item.right.size)
  const form = document.createElement('form')
  form.className = 'prose quiz'
  const shown = items.map((item, i) => itemShow(item, i + 1, texts))
  const button = document.createElement('button')
  button.textContent = texts.check_answers
  const score = document.createElement('p')
  score.setAttribute('role', 'status')
  form.append(...shown.map((one) => one.box), button, score)
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const share = shown.filter((one) => one.judge()).length / (shown.length || 1)
    score.textContent = `${texts.your_score} ${Math.round(share * 100)} %`
    finish(share)
  })
  root.replaceChildren(form)
}
