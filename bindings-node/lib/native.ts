import { markAsUntransferable } from 'node:worker_threads'

import { makeError } from './errors'
import { makeRecord } from './record'
import native = require('../native')

/** The iterator of an iterable, or nothing. */
function iterator(object: Partial<Iterable<unknown>>): Iterator<unknown> | undefined {
  return object[Symbol.iterator]?.()
}

/** Memory for small buffers, and what makes views of it. */
function makePool(size: number): [Buffer, (start: number, end: number) => Buffer] {
  const pool = Buffer.allocUnsafeSlow(size)
  // Whoever transfers a small buffer to a worker must not take the others along.
  markAsUntransferable(pool.buffer)
  return [pool, (start, end) => pool.subarray(start, end)]
}

// The order is the native half's.
native.establish([makeError, iterator, makeRecord, makePool])

export { native }
