// build.mjs: src -> dist, what the binary embeds. `node build.mjs` writes dist, `--check` says whether dist is what src builds to.
// Names carry the hash of their content, so that a browser may keep them for ever. The result depends on src and the lock file alone.
import * as esbuild from 'esbuild'
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { NAMES, RTL } from './src/app/i18n.js'

const here = dirname(fileURLToPath(import.meta.url))
const dist = join(here, 'dist')
const LEARNER_MAX = 60 * 1024 // bytes of the learner's entry, gzipped, with the largest language and everything loaded before the first page
const entries = ['learner', 'teach', 'hub', 'admin', 'player']
// The texts of one language are one file; each face is sent only its own part.
const groups = {
  learner: ['app', 'in', 'home', 'list', 'course', 'play', 'paper', 'me', 'error'],
  teach: ['app', 'in', 'teach', 'course', 'error'],
  hub: ['app', 'in', 'hub', 'error'],
  admin: ['app', 'in', 'admin', 'error'],
}
export const languages = readdirSync(join(here, 'src/i18n')).map((name) => name.replace('.json', '')).sort()

const texts = (lang, group) => {
  const all = JSON.parse(readFileSync(join(here, `src/i18n/${lang}.json`), 'utf8'))
  return Object.fromEntries(Object.entries(all).filter(([key]) => groups[group].includes(key.split('.')[0])))
}

// What the node itself writes, for pages without a program: language, key and text, by tabs; the C table is made of it.
const serverKeys = (key) => key.startsWith('verify.') || ['app.verify', 'app.learn', 'app.courses', 'app.figures', 'app.console', 'app.pages', 'app.skip', 'app.language', 'app.motto', 'in.sign_in', 'error.not_signed_in', 'error.not_found'].includes(key)
function serverTexts() {
  const rows = languages.flatMap((lang) => {
    const all = JSON.parse(readFileSync(join(here, `src/i18n/${lang}.json`), 'utf8'))
    const own = { 'lang.name': NAMES[lang], 'lang.dir': RTL.includes(lang) ? 'rtl' : 'ltr' }
    return [...Object.entries(all).filter(([key]) => serverKeys(key)), ...Object.entries(own)].map(([key, text]) => `${lang}\t${key}\t${text}`)
  })
  return rows.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))).join('\n') + '\n'
}

// `import load from 'texts:learner'` gives {en: () => import(...), …}.
const textsPlugin = {
  name: 'texts',
  setup(build) {
    build.onResolve({ filter: /^texts:/ }, (args) => ({ path: args.path.slice(6), namespace: 'texts' }))
    build.onLoad({ filter: /.*/, namespace: 'texts' }, (args) => {
      const [group, lang] = args.path.split('/')
      if (lang) return { contents: JSON.stringify(texts(lang, group)), loader: 'json' }
      const rows = languages.map((l) => `${JSON.stringify(l)}: () => import('texts:${group}/${l}')`)
      return { contents: `export default {${rows.join(',')}}`, loader: 'js', resolveDir: here }
    })
  },
}

// H5P's style sheet without the two text fonts it brings: the system's are as good and weigh nothing.
const h5pCss = {
  name: 'h5p-css',
  setup(build) {
    build.onLoad({ filter: /h5p-standalone\/dist\/styles\/h5p\.css$/ }, (args) => ({
      contents: readFileSync(args.path, 'utf8').replace(/@font-face\s*\{[^}]*(inter|open-sans)[^}]*\}/gi, '').replace(/\?ver=[\d.]+/g, ''),
      loader: 'css',
      resolveDir: dirname(args.path),
    }))
  },
}

const common = { bundle: true, minify: true, write: false, metafile: true, outdir: dist, absWorkingDir: here, legalComments: 'none', charset: 'utf8',
  target: ['es2020', 'chrome87', 'firefox78', 'safari14.1'], logLevel: 'error', entryNames: '[name]-[hash]', chunkNames: 'part-[hash]', assetNames: '[name]-[hash]',
  loader: { '.woff2': 'file', '.woff': 'file', '.gif': 'file', '.svg': 'file' } }

const hashed = (name, bytes) => name.replace(/(\.[a-z]+)$/, `-${createHash('sha256').update(bytes).digest('hex').slice(0, 8).toUpperCase()}$1`)

async function build() {
  const files = new Map() // name -> bytes
  const own = Buffer.from(serverTexts())
  files.set(hashed('texts.txt', own), own)
  const frame = Buffer.concat(['node_modules/h5p-standalone/dist/frame.bundle.js', 'src/player/h5p-frame.js'].flatMap((path) => [readFileSync(join(here, path)), Buffer.from('\n')]))
  const frameName = hashed('h5p-frame.js', frame)
  files.set(frameName, frame)
  const css = await esbuild.build({ ...common, entryPoints: { 'h5p': 'h5p-standalone/dist/styles/h5p.css' }, plugins: [h5pCss] })
  for (const file of css.outputFiles) files.set(basename(file.path), Buffer.from(file.contents))
  const cssName = basename(css.outputFiles.find((file) => file.path.endsWith('.css')).path)

  const result = await esbuild.build({ ...common, format: 'esm', splitting: true, jsx: 'automatic', jsxImportSource: 'preact', plugins: [textsPlugin],
    entryPoints: entries.map((name) => join(here, `src/entries/${name}.jsx`)),
    define: { H5P_FRAME_JS: JSON.stringify(`/app/${frameName}`), H5P_FRAME_CSS: JSON.stringify(`/app/${cssName}`), LANGUAGES: JSON.stringify(languages) } })
  // The sheets of parts that are loaded later are in their entry's sheet already.
  for (const file of result.outputFiles) if (!/part-\w+\.css$/.test(file.path)) files.set(basename(file.path), Buffer.from(file.contents))
  const plain = await esbuild.build({ ...common, entryPoints: [join(here, 'src/style/plain.css')] })
  const plainName = basename(plain.outputFiles[0].path)
  files.set(plainName, Buffer.from(plain.outputFiles[0].contents))
  const mark = readFileSync(join(here, 'src/style/mark.svg'))
  const markName = hashed('mark.svg', mark)
  files.set(markName, mark)
  const icon = `<link rel="icon" href="/app/${markName}" type="image/svg+xml">\n`
  files.set('entry-plain.html', Buffer.from(`${icon}<link rel="stylesheet" href="/app/${plainName}">\n`))

  for (const entry of entries) files.set(`entry-${entry}.html`, Buffer.from(icon + head(result.metafile, entry)))
  files.set('licences.txt', Buffer.from(licences(result.metafile)))
  files.set('index.txt', Buffer.from([...files.keys()].sort().join('\n') + '\n'))
  return { files, metafile: result.metafile }
}

const outputOf = (metafile, entry) => Object.entries(metafile.outputs).find(([, output]) => output.entryPoint === `src/entries/${entry}.jsx`)

// Everything that the entry imports before it runs.
function closure(metafile, entry) {
  const found = [outputOf(metafile, entry)[0]]
  for (const name of found) {
    for (const one of metafile.outputs[name].imports) if (one.kind === 'import-statement' && !found.includes(one.path)) found.push(one.path)
  }
  return found
}

// What a page's <head> says to load this entry.
function head(metafile, entry) {
  const [name, output] = outputOf(metafile, entry)
  const lines = closure(metafile, entry).slice(1).map((path) => `<link rel="modulepreload" href="/app/${basename(path)}">`)
  if (output.cssBundle) lines.unshift(`<link rel="stylesheet" href="/app/${basename(output.cssBundle)}">`)
  lines.push(`<script type="module" src="/app/${basename(name)}"></script>`)
  return lines.join('\n') + '\n'
}

// MIT and BSD ask that their notice goes along.
function licences(metafile) {
  const names = new Set(['h5p-standalone'])
  for (const input of Object.keys(metafile.inputs)) {
    const match = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)
    if (match) names.add(match[1])
  }
  return [...names].sort().map((name) => {
    const dir = join(here, 'node_modules', name)
    const { version, license } = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'))
    const file = readdirSync(dir).find((entry) => /^licen[sc]e/i.test(entry))
    return `== ${name} ${version} (${license})\n\n${file ? readFileSync(join(dir, file), 'utf8').trim() : 'See its package.'}\n`
  }).join('\n')
}

function learnerSize({ files, metafile }) {
  const size = (path) => gzipSync(files.get(basename(path)), { level: 9 }).length
  const [, output] = outputOf(metafile, 'learner')
  const first = closure(metafile, 'learner').reduce((sum, path) => sum + size(path), output.cssBundle ? size(output.cssBundle) : 0)
  const largest = Math.max(...languages.map((lang) => gzipSync(JSON.stringify(texts(lang, 'learner')), { level: 9 }).length))
  return first + largest
}

// A text that counts has the plural forms of its language, all of them and no other.
function pluralsWrong() {
  return languages.flatMap((lang) => {
    const all = JSON.parse(readFileSync(join(here, `src/i18n/${lang}.json`), 'utf8'))
    const forms = new Intl.PluralRules(lang).resolvedOptions().pluralCategories.slice().sort().join()
    return Object.entries(all).filter(([, text]) => typeof text === 'object' && Object.keys(text).sort().join() !== forms).map(([key]) => `${lang}.json: ${key} needs ${forms}`)
  })
}

const wrongForms = pluralsWrong()
if (wrongForms.length) {
  console.error(wrongForms.join('\n'))
  process.exit(1)
}
const built = await build()
const weight = learnerSize(built)
if (weight > LEARNER_MAX) {
  console.error(`The learner's entry weighs ${weight} bytes compressed, more than ${LEARNER_MAX}.`)
  process.exit(1)
}
if (process.argv.includes('--check')) {
  const there = new Set(readdirSync(dist))
  const wrong = [...built.files].filter(([name, bytes]) => !there.has(name) || !readFileSync(join(dist, name)).equals(bytes)).map(([name]) => name)
  const extra = [...there].filter((name) => !built.files.has(name))
  if (wrong.length || extra.length) {
    console.error(`dist is not what src builds to (run: npm ci && npm run build). Differs: ${[...wrong, ...extra].join(', ')}`)
    process.exit(1)
  }
} else {
  rmSync(dist, { recursive: true, force: true })
  mkdirSync(dist)
  for (const [name, bytes] of built.files) writeFileSync(join(dist, name), bytes)
}
const total = [...built.files.values()].reduce((sum, bytes) => sum + bytes.length, 0)
console.log(`${built.files.size} files, ${total} bytes; learner entry ${weight} of ${LEARNER_MAX} bytes compressed`)
