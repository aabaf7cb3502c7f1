// ask.js: the two ways in which a page asks (fetch, XMLHttpRequest), led by carry.js where they ask the record store. Everything else goes as it is.
import { ANSWER_MS, answerOf, arrived, askOf, carry, hold, isAnswer, isRoom, isWrite, reachedSay, unsavedSay, waitingFind } from './carry.js'

const OURS = new WeakSet()
const VERSION = 'X-Experience-API-Version'
const GOING = ['readystatechange', 'load', 'loadend', 'error', 'timeout', 'abort', 'progress']

// --- fetch ---

const responseOf = (page, { status, text, headers }) => new page.Response(text, { status, headers })

async function fetchAsk(page, ask, signal, send) {
  const found = waitingFind(ask)
  if (found) return responseOf(page, found)
  const entry = isWrite(ask) ? carry(ask) : null
  if (!entry) {
    try {
      const said = await send(ask.body)
      reachedSay(true)
      if (isWrite(ask)) unsavedSay(ask, false)
      return said
    } catch (error) {
      if (error?.name !== 'AbortError') reachedSay(false)
      if (isWrite(ask)) unsavedSay(ask, true)
      throw error
    }
  }
  if (!entry.isHeld) {
    const late = new Promise((resolve) => setTimeout(resolve, ANSWER_MS))
    let failed = null
    const said = await Promise.race([send(entry.body), late]).catch((error) => { failed = error })
    if (said && isAnswer(said.status, said.headers.get(VERSION))) {
      arrived(entry)
      unsavedSay(ask, false)
      return said
    }
    hold(entry)
    if (failed && signal?.aborted) throw failed
  }
  if (await entry.kept) return responseOf(page, answerOf(entry))
  unsavedSay(ask, true)
  throw new page.TypeError('Failed to fetch')
}

function fetchWrap(page) {
  const native = page.fetch
  if (!native || OURS.has(native)) return
  const ours = function fetch(input, init = {}) {
    const isRequest = typeof input === 'object' && input && typeof input.clone === 'function'
    const ask = askOf(init.method || (isRequest ? input.method : 'GET'), isRequest ? input.url : input, page.document.baseURI)
    if (!ask) return native.call(page, input, init)
    new page.Headers(init.headers || (isRequest ? input.headers : {})).forEach((value, name) => { ask.headers[name] = value })
    const send = (body) => native.call(page, input, isWrite(ask) && typeof body === 'string' ? { ...init, body } : init)
    ask.body = init.body ?? null
    if (isRequest && ask.body === null && isWrite(ask)) return input.clone().text().then((text) => fetchAsk(page, { ...ask, body: text || null }, init.signal || input.signal, send))
    return fetchAsk(page, ask, init.signal || input.signal, send)
  }
  OURS.add(ours)
  page.fetch = ours
}

// --- XMLHttpRequest ---

// One that can answer without the network. While it makes up its mind nobody hears what the browser says of it.
const requestClass = (page, Native) => class XMLHttpRequest extends Native {
  #ask = null
  #entry = null
  #answer = null
  #isDeciding = false
  #isAborted = false
  #isAsync = true
  #timer = 0

  constructor(...rest) {
    super(...rest)
    for (const name of GOING) this.addEventListener(name, (event) => event.isTrusted && this.#hear(event))
  }

  // The browser's own events, before anybody else hears them.
  #hear(event) {
    if (this.#isDeciding || (this.#answer && event.type !== 'loadstart')) {
      event.stopImmediatePropagation()
      return
    }
    if (!this.#ask || super.readyState !== 4 || this.#isAborted) return
    const isThere = isAnswer(super.status, super.status ? super.getResponseHeader(VERSION) : null)
    if (!this.#entry) {
      if (event.type === 'readystatechange') {
        reachedSay(super.status > 0)
        if (isWrite(this.#ask)) unsavedSay(this.#ask, super.status === 0)
      }
      return
    }
    clearTimeout(this.#timer)
    if (isThere) {
      if (event.type === 'readystatechange') {
        arrived(this.#entry)
        unsavedSay(this.#ask, false)
      }
      return
    }
    event.stopImmediatePropagation()
    if (this.#isAsync) this.#decide()
  }

  #tell(...names) {
    for (const name of names) this.dispatchEvent(name === 'readystatechange' ? new page.Event(name) : new page.ProgressEvent(name))
  }

  async #decide() {
    this.#isDeciding = true
    hold(this.#entry)
    const isKept = await this.#entry.kept
    this.#isDeciding = false
    if (this.#isAborted) return
    if (!isKept) unsavedSay(this.#ask, true)
    this.#answer = isKept ? answerOf(this.#entry) : { status: 0, text: '', headers: {} }
    this.#tell('readystatechange', isKept ? 'load' : 'error', 'loadend')
  }

  // Something that waits answers as soon as the page goes on; a request that stops its page, at once.
  #answerWith(answer) {
    this.#answer = answer
    if (this.#isAsync) setTimeout(() => this.#isAborted || this.#tell('readystatechange', 'load', 'loadend'))
    else this.#tell('readystatechange', 'load', 'loadend')
  }

  open(method, address, isAsync = true, ...rest) {
    clearTimeout(this.#timer)
    this.#ask = askOf(method, address, page.document.baseURI)
    this.#entry = this.#answer = null
    this.#isDeciding = this.#isAborted = false
    this.#isAsync = Boolean(isAsync)
    super.open(method, address, isAsync, ...rest)
  }

  setRequestHeader(name, value) {
    super.setRequestHeader(name, value)
    if (this.#ask) this.#ask.headers[String(name).toLowerCase()] = String(value)
  }

  send(body = null) {
    const ask = this.#ask
    if (!ask) return super.send(body)
    const found = waitingFind(ask)
    if (found) return this.#answerWith(found)
    ask.body = body
    this.#entry = isWrite(ask) && (this.#isAsync || isRoom()) ? carry(ask) : null
    if (this.#isAsync) return this.#sendAsync()
    return this.#sendSync()
  }

  #sendAsync() {
    if (this.#entry?.isHeld) return void this.#decide()
    if (this.#entry) {
      this.#timer = setTimeout(() => {
        this.#decide()
        super.abort()
      }, ANSWER_MS)
    }
    super.send(this.#entry ? this.#entry.body : this.#ask.body)
  }

  #sendSync() {
    const entry = this.#entry
    let isThere = false
    if (!entry?.isHeld) {
      try {
        super.send(entry ? entry.body : this.#ask.body)
        isThere = isAnswer(super.status, super.getResponseHeader(VERSION))
      } catch (error) {
        reachedSay(false)
        if (entry) hold(entry)
        else {
          if (isWrite(this.#ask)) unsavedSay(this.#ask, true)
          throw error
        }
      }
    }
    if (!entry || isThere) return
    hold(entry)
    entry.kept.then((is) => is || unsavedSay(this.#ask, true))
    this.#answerWith(answerOf(entry))
  }

  abort() {
    this.#isAborted = true
    clearTimeout(this.#timer)
    if (this.#entry && super.readyState < 4) hold(this.#entry)
    super.abort()
  }

  get readyState() { return this.#answer ? 4 : this.#isDeciding ? 1 : super.readyState }
  get status() { return this.#answer ? this.#answer.status : this.#isDeciding ? 0 : super.status }
  get statusText() { return this.#answer ? (this.#answer.status === 204 ? 'No Content' : this.#answer.status ? 'OK' : '') : super.statusText }
  get responseText() { return this.#answer ? this.#answer.text || '' : super.responseText }
  get response() {
    if (!this.#answer) return super.response
    return this.responseType === 'json' ? (this.#answer.text ? JSON.parse(this.#answer.text) : null) : this.#answer.text || ''
  }

  getResponseHeader(name) {
    if (!this.#answer) return super.getResponseHeader(name)
    return Object.entries(this.#answer.headers).find(([one]) => one.toLowerCase() === String(name).toLowerCase())?.[1] ?? null
  }

  getAllResponseHeaders() {
    return this.#answer ? Object.entries(this.#answer.headers).map(([name, value]) => `${name.toLowerCase()}: ${value}\r\n`).join('') : super.getAllResponseHeaders()
  }
}

function requestWrap(page) {
  const Native = page.XMLHttpRequest
  if (!Native || OURS.has(Native)) return
  const Ours = requestClass(page, Native)
  OURS.add(Ours)
  page.XMLHttpRequest = Ours
}

export function askWrap(page) {
  fetchWrap(page)
  requestWrap(page)
}
