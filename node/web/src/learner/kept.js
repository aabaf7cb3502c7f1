// kept.js: rows on this device that a crash or a power cut does not take. What a page writes to localStorage is with the disk only seconds later; a transaction
// of IndexedDB that asks for it is there when it says so. Where there is none (private windows) every promise holds for localStorage alone.
const STORE = 'rows'
const WAIT_MS = 3000 // a browser that does not answer holds up nobody

const patience = (promise) => Promise.race([promise, new Promise((resolve, reject) => setTimeout(reject, WAIT_MS, new Error('no answer')))])
const opened = patience(new Promise((resolve, reject) => {
  const request = indexedDB.open('qanat.kept', 1)
  request.onupgradeneeded = () => request.result.createObjectStore(STORE)
  request.onsuccess = () => resolve(request.result)
  request.onerror = () => reject(request.error)
})).catch(() => null)

let db = null
opened.then((found) => {
  db = found
  if (db) db.onversionchange = () => { db.close(); db = null }
})

// `act` with the store, in a transaction; the promise is kept when that is done, and gives what `act` asked for. Without a store: nothing.
async function transact(mode, durability, act) {
  if (!db) return undefined
  const transaction = db.transaction(STORE, mode, { durability })
  const request = act(transaction.objectStore(STORE))
  return patience(new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request.result)
    transaction.onabort = () => reject(transaction.error)
  }))
}

export async function keptAll() {
  await opened
  return (await transact('readonly', 'default', (store) => store.getAll()).catch(() => null)) || []
}

export const COMMITS = 'qanat.commit.' // and the launch: keys of what waits in localStorage
export function isKeptHere() {
  try { return Object.keys(localStorage).some((key) => key.startsWith(COMMITS)) } catch { return false } // nothing is kept there
}

// Puts a row for `key`, or takes it out (null). Begun at once where the store is open: a page that goes away has done it. Gives when that is over whether the
// row is on the disk.
export async function keep(key, row) {
  if (!db) await opened
  return (await transact('readwrite', row ? 'strict' : 'relaxed', (store) => (row ? store.put(row, key) : store.delete(key))).catch(() => undefined)) !== undefined
}
