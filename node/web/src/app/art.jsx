// art.jsx: the drawings: the mark, the channel under the ground, and a tile pattern for each course, made from its name.
export function Mark({ size = 34 }) {
  return (
    <svg class="mark" width={size} height={size} viewBox="0 0 48 48" aria-hidden="true" focusable="false">
      <rect class="mark-tile" x="9" y="9" width="30" height="30" rx="2" />
      <rect class="mark-tile" x="9" y="9" width="30" height="30" rx="2" transform="rotate(45 24 24)" />
      <path class="mark-shaft" d="M16 13v16M24 10v20M32 13v18" />
      <path class="mark-water" d="M9 29L39 33V37L9 33Z" />
    </svg>
  )
}

// The ground over a qanat, cut open: shafts down to water that runs gently towards the fields.
export function Ground({ shafts = 9 }) {
  const at = (i) => 60 + (i * 1080) / (shafts - 1)
  const top = (x) => 96 - 46 * Math.exp(-(((x - 120) / 190) ** 2)) - 26 * Math.exp(-(((x - 480) / 150) ** 2)) - 8 * Math.sin(x / 140)
  const water = (x) => 176 + x / 60
  const hill = Array.from({ length: 61 }, (_, i) => `${i * 20} ${top(i * 20).toFixed(1)}`).join('L')
  return (
    <svg class="ground" viewBox="0 0 1200 220" preserveAspectRatio="xMidYMax slice" aria-hidden="true" focusable="false">
      <path class="ground-earth" d={`M${hill}V220H0Z`} />
      <path class="ground-deep" d="M0 150Q300 132 600 152T1200 150V220H0Z" />
      {Array.from({ length: shafts }, (_, i) => (
        <g key={i}>
          <path class="ground-shaft" d={`M${at(i)} ${top(at(i)) - 2}V${water(at(i))}`} />
          <path class="ground-rim" d={`M${at(i) - 11} ${top(at(i)) + 1}q11 -11 22 0`} />
        </g>
      ))}
      <path class="ground-water" d="M0 176L1200 196V208L0 188Z" />
    </svg>
  )
}

function seeded(text) {
  let hash = 2166136261
  for (const char of text) hash = Math.imul(hash ^ char.codePointAt(0), 16777619)
  return () => {
    hash = Math.imul(hash ^ (hash >>> 15), 2246822519)
    hash = Math.imul(hash ^ (hash >>> 13), 3266489917)
    return ((hash ^= hash >>> 16) >>> 0) / 4294967296
  }
}

const points = (list) => list.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')
const star = (x, y, r) => points(Array.from({ length: 16 }, (_, i) => {
  const angle = (i * Math.PI) / 8
  const radius = i % 2 ? r * 0.765 : r
  return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)]
}))
const diamond = (x, y, r) => points([[x, y - r], [x + r, y], [x, y + r], [x - r, y]])

const PATTERNS = [
  (x, y, key) => [<polygon key={key} class="p1" points={star(x + 24, y + 24, 23)} />, <polygon key={key + 'a'} class="p2" points={star(x + 24, y + 24, 11)} />,
    <polygon key={key + 'b'} class="p3" points={diamond(x, y, 9)} />],
  (x, y, key, turn) => [<g key={key} transform={`rotate(${turn > 0.5 ? 90 : 0} ${x + 24} ${y + 24})`}><path class="l1" d={`M${x + 24} ${y}a24 24 0 0 1-24 24M${x + 48} ${y + 24}a24 24 0 0 0-24 24`} /></g>],
  (x, y, key) => [<circle key={key} class="p1" cx={x + 24} cy={y + 24} r="24" />, <circle key={key + 'a'} class="p2" cx={x + 24} cy={y + 30} r="16" />, <circle key={key + 'b'} class="p3" cx={x + 24} cy={y + 36} r="7" />],
  (x, y, key) => [<polygon key={key} class="p1" points={diamond(x + 24, y + 24, 23)} />, <polygon key={key + 'a'} class="p2" points={diamond(x + 24, y + 24, 13)} />, <circle key={key + 'b'} class="p3" cx={x} cy={y} r="6" />],
  (x, y, key, turn) => [<path key={key} class={turn > 0.75 ? 'p3' : 'p1'} d={`M${x} ${y}a24 24 0 0 0 24 24a24 24 0 0 0-24-24M${x + 48} ${y + 48}a24 24 0 0 0-24-24a24 24 0 0 0 24 24`} />,
    <path key={key + 'a'} class="p2" d={`M${x + 48} ${y}a24 24 0 0 0-24 24a24 24 0 0 0 24-24M${x} ${y + 48}a24 24 0 0 0 24-24a24 24 0 0 0-24 24`} />],
]

// The cover of a course: the same name gives the same tiles everywhere.
export function Tiles({ name, wide = 8, high = 4 }) {
  const random = seeded(name)
  const hue = Math.floor(random() * 5)
  const pattern = PATTERNS[Math.floor(random() * PATTERNS.length)]
  const cells = []
  for (let y = 0; y < high; y++) for (let x = 0; x < wide; x++) cells.push(...pattern(x * 48, y * 48, `${x}-${y}`, random()))
  return (
    <svg class={`tiles tiles-${hue}`} viewBox={`0 0 ${wide * 48} ${high * 48}`} preserveAspectRatio="xMidYMid slice" aria-hidden="true" focusable="false">
      <rect class="p0" width="100%" height="100%" />
      {cells}
    </svg>
  )
}

const STROKES = {
  home: 'M4 11l8-7 8 7v9h-5v-6H9v6H4z',
  book: 'M5 4h10a3 3 0 0 1 3 3v13H8a3 3 0 0 1-3-3zM5 17a3 3 0 0 1 3-3h10',
  award: 'M12 3a6 6 0 1 1 0 12a6 6 0 0 1 0-12zM8.5 14l-1.5 7 5-3 5 3-1.5-7',
  person: 'M12 4a4 4 0 1 1 0 8a4 4 0 0 1 0-8zM4 20c1-4 4-6 8-6s7 2 8 6',
  search: 'M11 4a7 7 0 1 1 0 14a7 7 0 0 1 0-14zM16 16l5 5',
  back: 'M14 5l-7 7 7 7M7 12h13',
  next: 'M9 5l7 7-7 7',
  list: 'M4 6h16M4 12h16M4 18h10',
  check: 'M5 13l5 5L20 7',
  clock: 'M12 4a8 8 0 1 1 0 16a8 8 0 0 1 0-16zM12 8v4l3 2',
  cloud: 'M7 18a4 4 0 0 1 0-8a6 6 0 0 1 11-1a4 4 0 0 1 0 9z',
  away: 'M4 4l16 16M7 18a4 4 0 0 1-1-8M10 6a6 6 0 0 1 8 3a4 4 0 0 1 2 7',
  down: 'M12 4v12M6 11l6 6 6-6M4 21h16',
  close: 'M6 6l12 12M18 6L6 18',
  globe: 'M12 3a9 9 0 1 1 0 18a9 9 0 0 1 0-18zM3 12h18M12 3c3 3 3 15 0 18M12 3c-3 3-3 15 0 18',
  sun: 'M12 8a4 4 0 1 1 0 8a4 4 0 0 1 0-8zM12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M19 5l-2 2M7 17l-2 2',
  chart: 'M4 20V4M4 20h16M8 16v-5M12 16V8M16 16v-3',
  people: 'M9 5a3.5 3.5 0 1 1 0 7a3.5 3.5 0 0 1 0-7zM3 19c.5-3.5 3-5 6-5s5.5 1.5 6 5M16 5.5a3 3 0 0 1 0 6M17 14c2.5.3 3.800 2 4 5',
  drop: 'M12 3c4 5 6 8 6 11a6 6 0 0 1-12 0c0-3 2-6 6-11z',
  alarm: 'M12 4l9 16H3zM12 10v4M12 17v.5',
  window: 'M4 5h16v15H4zM4 10h16M9 3v4M15 3v4',
  store: 'M4 7c0-4 16-4 16 0v10c0 4-16 4-16 0zM4 7c0 4 16 4 16 0M4 12c0 4 16 4 16 0',
  log: 'M6 3h9l4 4v14H6zM9 12h7M9 16h7M9 8h3',
  pulse: 'M3 12h4l3-7 4 14 3-7h4',
  out: 'M10 4H5v16h5M14 8l4 4-4 4M18 12H9',
}

export function Icon({ name, size = 20 }) {
  return (
    <svg class={`icon icon-${name}`} width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={STROKES[name]} />
    </svg>
  )
}
