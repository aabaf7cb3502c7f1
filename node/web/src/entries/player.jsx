// player.jsx: the page on the content origin around a course. It shares that origin with the course, so it trusts nothing it holds: it knows one
// launch and the right to write this launch's state.
import '../style/player.css'
import { listen } from '../player/bridge.js'

listen(async (launch) => {
  if (launch.runtime === 'scorm12' || launch.runtime === 'scorm2004') return (await import('../player/scorm.js')).run(launch)
  if (launch.runtime === 'h5p') return (await import('../player/h5p.js')).run(launch)
  if (launch.runtime === 'cmi5') return (await import('../player/cmi5.js')).run(launch)
  if (launch.runtime === 'tincan') return (await import('../player/tincan.js')).run(launch)
  return (await import('../player/plain.js')).run(launch)
})
