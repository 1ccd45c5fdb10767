// What functions see and may return.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { DataError, serde, StreamsBuilder, TestDriver } from 'libkstreams'

const settings = { 'application.id': 'test' }

/** Runs a value through a function and gives what comes out. */
function through(from, value, mapper, to = from) {
  const builder = new StreamsBuilder()
  builder.stream('in', { keySerde: 'string', valueSerde: from }).mapValues(mapper).to('out', { valueSerde: to })
  const driver = new TestDriver(builder.build(), { settings })
  try {
    driver.pipe('in', { value }, { valueSerde: from })
    return driver.read('out', { valueSerde: to })[0].value
  } finally {
    driver.close()
  }
}

const values = {
  bytes: [Buffer.from([0, 255]), Buffer.alloc(0), Buffer.alloc(1000, 7)],
  string: ['', 'text', 'größer 😀 ﬁ', 'x'.repeat(251), 'x'.repeat(252), 'ä'.repeat(126), 'é'.repeat(2000), 'a\0b'],
  short: [0, -32768, 32767],
  int: [0, -2147483648, 2147483647],
  long: [0n, -(2n ** 63n), 2n ** 63n - 1n],
  float: [0, 0.5, -1e30],
  double: [0, -0, 0.1, 1e300, 2 ** 53, Infinity, NaN],
  boolean: [true, false],
}

for (const [name, samples] of Object.entries(values)) {
  test(`${name}: what a function gets and returns is what was piped in`, () => {
    for (const sample of samples) {
      let seen
      const out = through(name, sample, (key, value) => (seen = value))
      const expected = name === 'float' ? Math.fround(sample) : sample
      assert.deepEqual(seen, expected)
      assert.deepEqual(out, expected)
      assert.deepEqual(serde[name].deserialize(serde[name].serialize(sample)), expected)
    }
    assert.equal(through(name, null, (key, value) => value), null)
    assert.deepEqual([serde[name].serialize(null), serde[name].deserialize(null)], [null, null])
  })
}

test('a Uint8Array is bytes as a Buffer is', () => {
  assert.deepEqual(through('bytes', new Uint8Array([1, 2]), () => new Uint8Array([3])), Buffer.from([3]))
  const part = new Uint8Array([1, 2, 3, 4]).subarray(1, 3)
  assert.deepEqual(serde.bytes.serialize(part), Buffer.from([2, 3]))
})

test('lone surrogates become the replacement character', () => {
  assert.equal(through('string', 'a\ud800b', (key, value) => value), 'a\ufffdb')
})

test('a whole number may be any integer or floating-point number', () => {
  for (const [name, expected] of [['short', 3], ['int', 3], ['long', 3n], ['float', 3], ['double', 3]]) {
    assert.equal(through('string', 'x', () => 3, name), expected)
  }
})

test('a bigint stays a bigint between functions', () => {
  const builder = new StreamsBuilder()
  const seen = []
  builder.stream('in', { keySerde: 'string', valueSerde: 'string' })
    .mapValues(() => 5n).mapValues((key, value) => value + 1n)
    .forEach((key, value) => { seen.push(value) })
  const driver = new TestDriver(builder.build(), { settings })
  driver.pipe('in', { value: 'x' }, { valueSerde: 'string' })
  assert.deepEqual(seen, [6n])
  driver.close()
})

for (const [what, mapper, to, got] of [
  ['undefined', () => {}, 'string', 'undefined'],
  ['an object', () => ({}), 'string', 'Object'],
  ['an array', () => [1], 'string', 'Array'],
  ['a function', () => () => 1, 'string', 'function'],
  ['a symbol', () => Symbol('s'), 'string', 'symbol'],
  ['a Promise', async () => 'later', 'string', 'Promise'],
  ['another class', () => new Date(0), 'string', 'Date'],
  ['floats as bytes', () => new Float64Array(1), 'bytes', 'Float64Array'],
]) {
  test(`${what} cannot be a value`, () => {
    assert.throws(() => through('string', 'x', mapper, to), (error) => {
      assert.ok(error instanceof DataError)
      assert.equal(error.code, 'data')
      let last = error
      while (last.cause) last = last.cause
      assert.equal(last.facts.got, got)
      return true
    })
  })
}

for (const [what, value, to] of [
  ['a fraction in a long', 1.5, 'long'],
  ['text in a long', 'x', 'long'],
  ['a long in text', 1n, 'string'],
  ['a number out of range', 40000, 'short'],
  ['a bigint in an int', 1n, 'int'],
  ['a bigint of 65 bits', 2n ** 64n, 'long'],
]) {
  test(`${what} is refused`, () => {
    assert.throws(() => through('string', 'x', () => value, to), DataError)
    assert.throws(() => serde[to].serialize(value), DataError)
  })
}

test('bytes that a serde cannot read are an error of kind data', () => {
  assert.throws(() => serde.long.deserialize(Buffer.alloc(3)), (error) => {
    assert.ok(error instanceof DataError)
    assert.deepEqual({ ...error.facts }, { serde: 'long', expected: '8', got: '3' })
    return true
  })
  assert.throws(() => serde.long.deserialize('text'), DataError)
})
