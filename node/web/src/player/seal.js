// seal.js: a message that lies where any course can reach it is sealed with a key that only its launch had; each key seals one message.
//
// A polynomial over the bytes, modulo 2^127 - 1 (Carter and Wegman, "New hash functions and their use in authentication and set equality", 1981): whoever has not
// the key finds another message with its seal with a chance of its length in 2^127, whatever they compute. Pages on plain http have no crypto.subtle.
const PRIME = (1n << 127n) - 1n
const BLOCK = 15 // bytes

const number = (bytes) => bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)

// A key is 64 hexadecimal digits.
export function keyMake() {
  return [...crypto.getRandomValues(new Uint8Array(32))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

export function seal(key, text) {
  const factor = BigInt(`0x${key.slice(0, 32)}`) % PRIME, offset = BigInt(`0x${key.slice(32)}`) % PRIME
  const bytes = new TextEncoder().encode(text)
  let sum = BigInt(bytes.length)
  for (let at = 0; at < bytes.length; at += BLOCK) sum = ((sum + number([...bytes.slice(at, at + BLOCK)])) * factor) % PRIME
  return ((sum + offset) % PRIME).toString(16)
}
