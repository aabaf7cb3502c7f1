// carry.js: what a course said to the record store itself, sent for it when the node is back (player/carry.js hands it over): as it was, with the authorization of its
// own launch, which is worth nothing for anybody else.
import { ApiError, online } from '../app/api.js'

const RESOURCES = /^(statements|activities\/state)(\?|$)/
const HEADERS = ['authorization', 'content-type', 'x-experience-api-version']
const CATEGORY = 'https://w3id.org/xapi/cmi5/context/categories/cmi5'
const VERB = 'http://adlnet.gov/expapi/verbs/'

// What a stranger asks to be carried: null where it is none of what may be.
export function carryRead({ method, path, headers, body }, launch) {
  if (!['PUT', 'POST', 'DELETE'].includes(method) || typeof path !== 'string' || !RESOURCES.test(path) || (typeof body !== 'string' && body != null)) return null
  const own = Object.fromEntries(HEADERS.filter((name) => typeof headers?.[name] === 'string').map((name) => [name, headers[name]]))
  return { method, path, headers: own, body: body ?? null, activity: launch.activity, is_cmi5: launch.runtime === 'cmi5' }
}

// A document that is written as a whole takes the place of what waits of it.
export const isReplaced = (old, { body: { xapi } }) => xapi.method === 'PUT' && !xapi.path.startsWith('statements') && !old.out && old.body.xapi?.method === 'PUT' && old.body.xapi.path === xapi.path

// Gives the code of the node's answer.
export async function carrySend({ method, path, headers, body }, signal) {
  let response
  try {
    response = await fetch(`/xapi/${path}`, { method, headers, body: body ?? undefined, credentials: 'omit', redirect: 'error', signal })
  } catch {
    online.value = false
    throw new ApiError(0, 'offline', '')
  }
  if (response.status === 429 || response.status >= 500) throw new ApiError(response.status, 'busy', '')
  if (!response.headers.has('X-Experience-API-Version')) throw new ApiError(0, 'offline', '') // not the node: the page of a stranger's network
  online.value = true
  return response.status
}

const secondsOf = (text) => {
  const found = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?$/.exec(text || '')
  return found ? Math.round((found[1] || 0) * 86400 + (found[2] || 0) * 3600 + (found[3] || 0) * 60 + Number(found[4] || 0)) : null
}

// What statements say of the launch as a whole; null where that is nothing. (The node reads the same of those that it takes: node/learn/attempt/xapi.c.)
export function resultOf({ path, body, activity, is_cmi5: isOfCmi5 }) {
  if (!path.startsWith('statements')) return null
  const said = JSON.parse(body), result = {}
  for (const one of Array.isArray(said) ? said : [said]) {
    const verb = String(one.verb?.id || '').replace(VERB, ''), isOwn = one.object?.id === activity
    const isDefined = !isOfCmi5 || one.context?.contextActivities?.category?.some?.(({ id }) => id === CATEGORY)
    if (!isOwn || !isDefined) continue
    if (verb === 'completed' || (!isOfCmi5 && ['passed', 'failed'].includes(verb))) result.completion = true
    if (verb === 'passed' || verb === 'failed') result.success = verb === 'passed'
    if (['completed', 'passed', 'failed'].includes(verb) && typeof one.result?.score?.scaled === 'number') result.score = { scaled: Math.max(0, one.result.score.scaled) }
    if (isOfCmi5 && verb === 'terminated' && secondsOf(one.result?.duration) !== null) result.seconds = secondsOf(one.result.duration)
  }
  return Object.keys(result).length ? result : null
}
