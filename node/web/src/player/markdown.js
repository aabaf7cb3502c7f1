// markdown.js: Markdown as elements. Nothing of the text becomes HTML by itself: each piece is made by name, raw HTML only where it is one of a few
// harmless elements, and an address only when it leads into the package or to http, https or mailto.
import { lexer } from 'marked'

const PLAIN = ['b', 'strong', 'i', 'em', 'u', 's', 'del', 'ins', 'sub', 'sup', 'code', 'kbd', 'br', 'hr', 'p', 'div', 'span', 'blockquote', 'ul', 'ol', 'li', 'table', 'thead', 'tbody', 'tr', 'td',
  'th', 'details', 'summary', 'figure', 'figcaption', 'pre', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'img', 'a', 'video', 'audio', 'source', 'center', 'dl', 'dt', 'dd', 'small', 'mark', 'abbr']
const ATTRIBUTES = { img: ['alt', 'width', 'height', 'title'], td: ['colspan', 'rowspan'], th: ['colspan', 'rowspan', 'scope'], ol: ['start'], details: ['open'], abbr: ['title'] }
const INTO = { img: 'src', a: 'href', video: 'src', audio: 'src', source: 'src' }

let base = ''

// "" when it may not be followed.
function address(text) {
  try {
    const url = new URL(text, base)
    return ['http:', 'https:', 'mailto:'].includes(url.protocol) ? url.href : ''
  } catch { return '' }
}

function make(name, children = [], attributes = {}) {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) if (value != null && value !== '') element.setAttribute(key, value)
  element.append(...children)
  return element
}

function link(href, children, title) {
  const url = address(href)
  if (href?.startsWith('#')) return make('a', children, { href })
  if (!url) return make('span', children)
  const isOutside = new URL(url).origin !== location.origin
  return make('a', children, { href: url, title, ...(isOutside && { target: '_blank', rel: 'noopener noreferrer' }) })
}

// A picture of the package; one from elsewhere is named, not fetched: a page that is read tells nobody outside.
function image(source, text, title, size = {}) {
  const url = address(source || '')
  if (!url || new URL(url).origin !== location.origin) return make('span', [text || ''], { class: 'absent' })
  return make('img', [], { ...size, src: url, alt: text || ' ', title, loading: 'lazy' })
}

// Raw HTML is parsed where no script runs and nothing is loaded; of the result only what is allowed is copied.
function harmless(html) {
  return [...new DOMParser().parseFromString(html, 'text/html').body.childNodes].flatMap(copy)
}

function copy(node) {
  if (node.nodeType === 3) return [node.data]
  if (node.nodeType !== 1) return []
  const name = node.localName
  if (['script', 'style', 'template', 'iframe', 'object', 'embed', 'noscript'].includes(name)) return []
  const children = [...node.childNodes].flatMap(copy)
  if (!PLAIN.includes(name)) return children
  if (name === 'a') return [link(node.getAttribute('href'), children, node.getAttribute('title'))]
  const attributes = Object.fromEntries((ATTRIBUTES[name] || []).map((key) => [key, node.getAttribute(key)]))
  if (name === 'img') return [image(node.getAttribute('src'), node.getAttribute('alt'), node.getAttribute('title'), attributes)]
  if (INTO[name]) attributes[INTO[name]] = address(node.getAttribute(INTO[name]) || '')
  if (name === 'video' || name === 'audio') attributes.controls = 'controls'
  return [make(name === 'center' ? 'div' : name, children, attributes)]
}

const decoded = (text) => new DOMParser().parseFromString(text, 'text/html').documentElement.textContent

function inline(tokens = []) {
  return tokens.flatMap((token) => {
    switch (token.type) {
      case 'strong': case 'em': case 'del': return [make(token.type, inline(token.tokens))]
      case 'codespan': return [make('code', [decoded(token.text)])]
      case 'br': return [make('br')]
      case 'link': return [link(token.href, inline(token.tokens), token.title)]
      case 'image': return [image(token.href, token.text, token.title)]
      case 'html': return harmless(token.raw)
      case 'text': return token.tokens ? inline(token.tokens) : [decoded(token.raw)]
      case 'escape': return [token.text]
      case 'checkbox': return []
      default: return [token.raw || '']
    }
  })
}

const slug = (text) => text.toLowerCase().trim().replace(/[^\p{L}\p{N}\s-]/gu, '').replace(/\s+/g, '-')

function cells(row, name, align) {
  return row.map((cell, i) => {
    const element = make(name, inline(cell.tokens), name === 'th' ? { scope: 'col' } : {})
    if (align[i]) element.style.textAlign = align[i] === 'left' ? 'start' : align[i] === 'right' ? 'end' : 'center'
    return element
  })
}

function blocks(tokens) {
  return tokens.flatMap((token) => {
    switch (token.type) {
      case 'heading': return [make(`h${token.depth}`, inline(token.tokens), { id: slug(token.text) })]
      case 'paragraph': return [make('p', inline(token.tokens))]
      case 'text': return token.tokens ? inline(token.tokens) : [decoded(token.text)]
      case 'code': return [make('pre', [make('code', [token.text])], { tabindex: '0', dir: 'ltr' })]
      case 'blockquote': return [make('blockquote', blocks(token.tokens))]
      case 'list': return [make(token.ordered ? 'ol' : 'ul', token.items.map((item) => {
        const box = item.task ? [make('input', [], { type: 'checkbox', disabled: 'disabled', 'aria-label': item.text.slice(0, 80), ...(item.checked && { checked: 'checked' }) }), ' '] : []
        return make('li', [...box, ...blocks(item.tokens)])
      }), token.ordered && token.start > 1 ? { start: token.start } : {})]
      case 'table': return [make('div', [make('table', [make('thead', [make('tr', cells(token.header, 'th', token.align))]),
        make('tbody', token.rows.map((row) => make('tr', cells(row, 'td', token.align))))])], { class: 'wide', tabindex: '0' })]
      case 'hr': return [make('hr')]
      case 'html': return harmless(token.raw)
      case 'space': case 'def': return []
      default: return token.tokens ? blocks(token.tokens) : []
    }
  })
}

// The text as a fragment; addresses in it are relative to `from`.
export function write(text, from) {
  base = from
  const fragment = document.createDocumentFragment()
  fragment.append(...blocks(lexer(text.replace(/^---\n[\s\S]*?\n---\n/, ''), { gfm: true })))
  return fragment
}
