// Failures: every kind has its class, and a function's own error stays the same object.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'

import * as library from 'libkstreams'
import {
  ClosedError, DataError, InvalidError, KafkaError, PartialError, RetriableError, serde, StreamsBuilder, TestDriver,
  UserError,
} from 'libkstreams'

const require = createRequire(import.meta.url)
const text = { keySerde: serde.string, valueSerde: serde.string }

/** `in` -> one operator -> `out`, all text. */
function topology(operator, fn) {
  const builder = new StreamsBuilder()
  builder.stream('in', text)[operator](fn, { name: 'node' })?.to('out', text)
  return builder.build()
}

function pipe(driver, ...values) {
  driver.pipeBatch('in', values.map((value) => ({ key: 'k', value })), text)
}

test('every kind has its class', () => {
  const path = require.resolve('libkstreams').replace(/cjs.index\.js$/, 'native/index.js')
  const kinds = require(path).errorKinds()
  assert.equal(kinds.length, 13)
  for (const [kind] of kinds) {
    const name = `${kind[0].toUpperCase()}${kind.slice(1)}Error`
    assert.ok(library[name].prototype instanceof KafkaError, name)
    assert.equal(new library[name]('x').name, name)
  }
})

test('an error tells code, facts and cause', () => {
  const cause = new Error('below')
  const error = new RetriableError('not now', {
    code: 'retriable', kafkaCode: 29, facts: { topic: 'orders', partition: '3' }, cause,
  })
  assert.deepEqual([error.code, error.retriable, error.kafkaCode, error.topic, error.partition, error.cause],
    ['retriable', true, 29, 'orders', 3, cause])
  assert.equal(error.message, 'not now topic=`orders` partition=`3`')
  assert.equal(new InvalidError('x', { code: 'invalid' }).retriable, false)
})

test('a partial error has both halves', () => {
  const failure = new DataError('too large', { code: 'data', kafkaCode: 10 })
  const error = new PartialError([{ index: 0, result: 'first' }], [{ index: 1, result: failure }])
  assert.deepEqual([error.succeeded[0].result, error.failed[0].result, error.code, error.kafkaCode, error.cause],
    ['first', failure, 'data', 10, failure])
})

test('both ways of importing give the same classes', () => {
  const required = require('libkstreams')
  assert.equal(required.KafkaError, KafkaError)
  assert.deepEqual(Object.keys(required).sort(), Object.keys(library).filter((name) => name !== 'default' && name !== 'module.exports').sort())
})

const operators = ['filter', 'filterNot', 'map', 'mapValues', 'flatMap', 'flatMapValues', 'selectKey', 'peek', 'forEach']
for (const operator of operators) {
  test(`what a function in ${operator} throws comes out as the same object`, () => {
    const thrown = new RangeError('no')
    const seen = []
    const driver = new TestDriver(topology(operator, () => { throw thrown }), {
      processingHandler: (context, error) => {
        seen.push([context, error])
        return 'fail'
      },
    })
    assert.throws(() => pipe(driver, 'v'), (error) => error === thrown)
    assert.equal(seen.length, 1)
    const [[context, error]] = seen
    assert.equal(error, thrown)
    assert.deepEqual(context, { topic: 'in', partition: 0, offset: 0n, node: 'node', task: '0_0', timestamp: 0 })
    driver.close()
  })

  test(`a Promise from a function in ${operator} is refused`, () => {
    const driver = new TestDriver(topology(operator, async () => true))
    assert.throws(() => pipe(driver, 'v'), (error) => {
      while (error.cause) error = error.cause
      return error instanceof DataError && error.facts.got === 'Promise'
    })
  })
}

for (const thrown of ['text', 5, null, undefined, Symbol('s'), { own: true }, Object.freeze([1])]) {
  test(`anything may be thrown: ${String(thrown)}`, () => {
    const driver = new TestDriver(topology('mapValues', () => { throw thrown }))
    let caught = 'nothing'
    try {
      pipe(driver, 'v')
    } catch (error) {
      caught = error
    }
    assert.equal(caught, thrown)
  })
}

test('a handler may go on without the record', () => {
  const fn = (key, value) => {
    if (value === 'bad') throw new Error('bad')
    return value
  }
  const driver = new TestDriver(topology('mapValues', fn), { processingHandler: () => 'continue' })
  pipe(driver, 'a', 'bad', 'b')
  assert.deepEqual(driver.read('out', text).map((record) => record.value), ['a', 'b'])
  assert.equal(driver.dropped, 1)
  driver.close()
})

test('a generator may fail between two items', () => {
  function* split(key, value) {
    yield 'first'
    throw new Error(value)
  }
  const driver = new TestDriver(topology('flatMapValues', split), { processingHandler: () => 'continue' })
  pipe(driver, 'a')
  assert.deepEqual(driver.read('out', text).map((record) => record.value), ['first'])
  driver.close()
})

for (const [what, handler] of [
  ['throws', () => { throw new Error('handler') }],
  ['answers nothing', () => {}],
  ['answers something else', () => 'CONTINUE'],
  ['answers later', async () => 'continue'],
]) {
  test(`a handler that ${what} decides for the end`, () => {
    const thrown = new Error('no')
    const driver = new TestDriver(topology('peek', () => { throw thrown }), { processingHandler: handler })
    assert.throws(() => pipe(driver, 'v'), (error) => error === thrown)
  })
}

test('a deserialisation handler gets the error of the serde', () => {
  const builder = new StreamsBuilder()
  builder.stream('in', { keySerde: 'string', valueSerde: 'long' }).to('out')
  const seen = []
  const driver = new TestDriver(builder.build(), {
    deserializationHandler: (context, error) => {
      seen.push([context.node, error])
      return 'continue'
    },
  })
  driver.pipe('in', { value: Buffer.alloc(3) })
  assert.deepEqual(driver.outputs(), [])
  assert.equal(seen.length, 1)
  assert.ok(seen[0][1] instanceof DataError)
  assert.equal(seen[0][0], 'KSTREAM-SOURCE-0000000000')
  driver.close()
})

test('a production handler gets what cannot be written', () => {
  const builder = new StreamsBuilder()
  builder.stream('in', text).mapValues(() => 1e6).to('out', { valueSerde: 'short' })
  const seen = []
  const driver = new TestDriver(builder.build(), {
    productionHandler: (context, error) => {
      seen.push(error.code)
      return 'continue'
    },
  })
  pipe(driver, 'v')
  assert.deepEqual([seen, driver.read('out')], [['data'], []])
  driver.close()
})

test('settings name handlers too', () => {
  const settings = { 'processing.exception.handler': 'continue' }
  const driver = new TestDriver(topology('peek', () => { throw new Error('no') }), { settings })
  pipe(driver, 'v')
  driver.close()
  assert.throws(() => new TestDriver(topology('peek', () => {}), { settings: { 'processing.exception.handler': 'x' } }),
    InvalidError)
})

test('unknown settings are refused with the nearest known name', () => {
  assert.throws(() => new TestDriver(topology('peek', () => {}), { settings: { 'aplication.id': 'x' } }), (error) => {
    assert.ok(error instanceof InvalidError)
    assert.match(error.message, /application\.id/)
    return true
  })
})

test('a driver that is closed or has failed says so', () => {
  const driver = new TestDriver(topology('peek', () => {}))
  driver.close()
  driver.close()
  assert.throws(() => pipe(driver, 'v'), ClosedError)
})

test('a driver cannot be used by its own functions', () => {
  let driver
  const errors = []
  driver = new TestDriver(topology('peek', () => {
    try {
      driver.close()
    } catch (error) {
      errors.push(error)
    }
  }))
  pipe(driver, 'v')
  assert.equal(errors.length, 1)
  assert.ok(errors[0] instanceof InvalidError)
  driver.close()
})

test('another driver can be used by a function', () => {
  const inner = new TestDriver(topology('mapValues', (key, value) => value.toUpperCase()))
  const outer = new TestDriver(topology('mapValues', (key, value) => {
    pipe(inner, value)
    return inner.read('out', text)[0].value
  }))
  pipe(outer, 'v')
  assert.deepEqual(outer.read('out', text).map((record) => record.value), ['V'])
  inner.close()
  outer.close()
})

test('the driver refuses topics, stores and records that it does not know', () => {
  const driver = new TestDriver(topology('peek', () => {}))
  assert.throws(() => driver.pipe('other', {}), (error) => error instanceof InvalidError && error.topic === 'other')
  assert.throws(() => driver.storeRows('other'), (error) => error instanceof InvalidError && error.facts.store === 'other')
  assert.throws(() => driver.pipe('in', { value: 'text without a serde' }), DataError)
  assert.throws(() => new TestDriver({}), InvalidError)
  driver.close()
})

test('headers go through', () => {
  const driver = new TestDriver(topology('peek', () => {}))
  const headers = [{ name: 'h', value: Buffer.from('1') }, { name: 'h', value: null }]
  driver.pipe('in', { key: 'k', value: 'v', headers, timestamp: 5 }, text)
  const [record] = driver.outputs()
  assert.deepEqual(record, {
    topic: 'out', key: Buffer.from('k'), value: Buffer.from('v'), timestamp: 5, partition: undefined, offset: undefined,
    headers,
  })
  assert.throws(() => driver.pipe('in', { headers: [{ name: 'h', value: 'text' }] }), InvalidError)
  driver.close()
})

test('a user error without an object is of its class', () => {
  assert.equal(new UserError('x', { code: 'user' }).code, 'user')
})
