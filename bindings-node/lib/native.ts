import { makeError } from './errors'
import { makeRecord } from './record'
import native = require('../native')

/** The iterator of an iterable, or nothing. */
function iterator(object: Partial<Iterable<unknown>>): Iterator<unknown> | undefined {
  return object[Symbol.iterator]?.()
}

// The order is the native half's.
native.establish([makeError, iterator, makeRecord])

export { native }
