// The running application: on a cluster in this process, and on a real Kafka.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import {
  Admin, Consumer, DataError, InvalidError, KafkaStreams, Producer, ResourceError, serde, setLogger, StreamsBuilder,
  TimeoutError,
} from 'libkstreams'

import { broker, embedded, folder, quick, until } from './support.mjs'

const servers = broker()
const text = { keySerde: serde.string, valueSerde: serde.string }

/** `in` -> `build` -> `out`, on an embedded cluster with these values in it. */
async function prepared(t, build, values = []) {
  const builder = new StreamsBuilder()
  build(builder.stream('in', text))?.to('out', text)
  const topology = builder.build()
  const cluster = embedded(t)
  await cluster.prepare(topology, 'app')
  const settings = { 'bootstrap.servers': cluster.bootstrapServers }
  await send(settings, values)
  const all = { ...quick, ...settings, 'application.id': 'app', 'state.dir': folder(t) }
  return { topology, settings, all }
}

async function send(settings, values, topic = 'in') {
  const producer = new Producer(settings)
  await producer.sendBatch(values.map((value) => ({ topic, key: 'k', value })))
  await producer.close()
}

let readers = 0

async function read(settings, count, serdes = text) {
  const consumer = new Consumer({ ...settings, 'group.id': `readers-${readers++}`, 'auto.offset.reset': 'earliest' })
  await consumer.subscribe('out')
  const records = []
  const signal = AbortSignal.timeout(30_000)
  while (records.length < count) {
    for (const { key, value } of await consumer.poll({ signal })) {
      records.push([serdes.keySerde.deserialize(key), serdes.valueSerde.deserialize(value)])
    }
  }
  await consumer.close()
  return records
}

/** An application that is closed after the test. */
function started(t, topology, settings, options) {
  const streams = new KafkaStreams(topology, settings, options)
  t.after(() => streams.close({ timeoutMs: 5000 }).catch(() => {}))
  streams.start()
  return streams
}

test('records are processed by functions, and the states go their way', async (t) => {
  const upper = (stream) => stream.mapValues((key, value) => value.toUpperCase())
  const { topology, settings, all } = await prepared(t, upper, ['a', 'b'])
  const streams = new KafkaStreams(topology, all)
  const changes = []
  streams.on('stateChange', (state, before) => changes.push([before, state]))
  assert.equal(streams.state, 'CREATED')
  streams.start()
  await streams.waitFor('RUNNING', { timeoutMs: 30_000 })
  assert.deepEqual(await read(settings, 2), [['k', 'A'], ['k', 'B']])
  assert.equal(streams.metrics['process-total'], 2)
  assert.deepEqual(streams.localTasks.map(({ id, isRunning, partitions }) => ({ id, isRunning, partitions })),
    [{ id: '0_0', isRunning: true, partitions: [{ topic: 'in', partition: 0 }] }])
  await streams.close()
  await streams.waitUntilStopped()
  await until(() => changes.length === 4, 'the last change')
  assert.deepEqual(changes, [['CREATED', 'REBALANCING'], ['REBALANCING', 'RUNNING'], ['RUNNING', 'PENDING_SHUTDOWN'],
    ['PENDING_SHUTDOWN', 'NOT_RUNNING']])
  assert.equal(streams.error, undefined)
  assert.throws(() => streams.start(), InvalidError)
})

test('what a function throws comes out as the same object everywhere', async (t) => {
  const thrown = new RangeError('no')
  const fail = (stream) => stream.peek(() => { throw thrown }, { name: 'node' })
  const { topology, all } = await prepared(t, fail, ['a'])
  const seen = []
  const streams = new KafkaStreams(topology, all, {
    processingHandler: (context, error) => {
      seen.push(['handler', error])
      assert.deepEqual([context.topic, context.node, context.offset], ['in', 'node', 0n])
      return 'fail'
    },
    uncaughtExceptionHandler: (error) => {
      seen.push(['uncaught', error])
      return 'shutdownClient'
    },
  })
  streams.on('error', (error) => seen.push(['event', error]))
  streams.start()
  await assert.rejects(streams.waitUntilStopped({ timeoutMs: 30_000 }), (error) => error === thrown)
  await until(() => seen.length === 3, 'the event')
  assert.deepEqual(seen.map(([where]) => where), ['handler', 'uncaught', 'event'])
  assert.ok(seen.every(([, error]) => error === thrown))
  assert.equal(streams.error, thrown)
  assert.equal(streams.state, 'ERROR')
  await streams.close().catch(() => {})
})

test('a handler lets the application go on without a record', async (t) => {
  const picky = (stream) => stream.mapValues((key, value) => {
    if (value === 'bad') throw new Error('bad')
    return value
  })
  const { topology, settings, all } = await prepared(t, picky, ['a', 'bad', 'b'])
  const streams = started(t, topology, all, { processingHandler: () => 'continue' })
  assert.deepEqual(await read(settings, 2), [['k', 'a'], ['k', 'b']])
  assert.equal(streams.metrics['dropped-records-total'], 1)
})

test('a thread is replaced when the uncaught exception handler wants it', async (t) => {
  let failures = 0
  const once = (stream) => stream.mapValues((key, value) => {
    if (value === 'bad' && failures === 0) throw new Error('once')
    return value
  })
  const { topology, settings, all } = await prepared(t, once, ['a', 'bad'])
  const streams = started(t, topology, all, {
    uncaughtExceptionHandler: () => {
      failures += 1
      return 'replaceThread'
    },
  })
  const records = await read(settings, 2)
  assert.deepEqual(records.at(-1), ['k', 'bad'])
  assert.deepEqual([failures, streams.metrics['failed-stream-threads']], [1, 1])
})

test('a function may close its own application', async (t) => {
  let streams
  const closing = (stream) => stream.peek(() => { streams.close() })
  const { topology, all } = await prepared(t, closing, ['a'])
  streams = started(t, topology, all)
  await streams.waitUntilStopped({ timeoutMs: 30_000 })
  assert.equal(streams.state, 'NOT_RUNNING')
})

test('JavaScript goes on while an application works', async (t) => {
  const values = Array.from({ length: 20_000 }, (_, n) => String(n))
  const { topology, settings, all } = await prepared(t, (s) => s.mapValues((k, v) => v + '!'), values)
  let ticks = 0
  const timer = setInterval(() => { ticks += 1 }, 5)
  started(t, topology, all)
  const records = await read(settings, values.length)
  clearInterval(timer)
  assert.equal(records.at(-1)[1], '19999!')
  assert.ok(ticks > 5, `${ticks} ticks`)
})

test('a cluster that cannot be reached is waited for, and closing does not', async (t) => {
  const builder = new StreamsBuilder()
  builder.stream('in', text).to('out', text)
  const streams = new KafkaStreams(builder.build(), { ...quick, 'application.id': 'app', 'bootstrap.servers': '127.0.0.1:1' })
  streams.start()
  await assert.rejects(streams.waitFor('RUNNING', { timeoutMs: 300 }), (error) => {
    assert.ok(error instanceof TimeoutError)
    assert.equal(error.facts.state, 'REBALANCING')
    return true
  })
  await assert.rejects(streams.cleanUp(), InvalidError)
  const start = performance.now()
  await streams.close({ timeoutMs: 5000 })
  assert.ok(performance.now() - start < 3000)
  await assert.rejects(streams.waitFor('RUNNING'), (error) => error.code === 'closed')
})

test('wrong settings are refused', (t) => {
  const builder = new StreamsBuilder()
  builder.stream('in', text).groupByKey().count()
  const topology = builder.build()
  const settings = { ...quick, 'bootstrap.servers': '127.0.0.1:1', 'application.id': 'app', 'state.dir': folder(t) }
  const missing = { ...settings, 'application.id': undefined }
  assert.throws(() => new KafkaStreams(topology, missing), (error) => error instanceof InvalidError && /application\.id/.test(error.message))
  assert.throws(() => new KafkaStreams(topology, { ...settings, 'num.stream.thread': 2 }),
    (error) => error instanceof InvalidError && /num\.stream\.threads/.test(error.message))
  assert.throws(() => new KafkaStreams(topology, { ...settings, 'num.stream.threads': 0 }), InvalidError)
  assert.throws(() => new KafkaStreams({}, settings), InvalidError)
})

test('a state directory is used by one application at a time, and can be deleted', async (t) => {
  const builder = new StreamsBuilder()
  builder.stream('in', text).groupByKey().count()
  const settings = { ...quick, 'bootstrap.servers': '127.0.0.1:1', 'application.id': 'app', 'state.dir': folder(t) }
  const streams = new KafkaStreams(builder.build(), settings)
  assert.throws(() => new KafkaStreams(builder.build(), settings), (error) => error instanceof ResourceError || error instanceof InvalidError)
  await streams.cleanUp()
  await streams.close()
  const again = new KafkaStreams(builder.build(), settings)
  await again.close()
})

test('bytes that a serde cannot read fail the application with an error of kind data', async (t) => {
  const builder = new StreamsBuilder()
  builder.stream('in', { keySerde: 'string', valueSerde: 'long' }).to('out')
  const topology = builder.build()
  const cluster = embedded(t)
  await cluster.prepare(topology, 'app')
  const settings = { 'bootstrap.servers': cluster.bootstrapServers }
  await send(settings, ['three'])
  const contexts = []
  const streams = started(t, topology, { ...quick, ...settings, 'application.id': 'app' }, {
    deserializationHandler: (context, error) => {
      contexts.push([context.topic, error.code])
      return 'fail'
    },
  })
  await assert.rejects(streams.waitUntilStopped({ timeoutMs: 30_000 }), DataError)
  assert.deepEqual(contexts, [['in', 'data']])
})

test('word count on a real Kafka goes on where it stopped, also without its state', async (t) => {
  const settings = { 'bootstrap.servers': await servers }
  const admin = new Admin(settings)
  await admin.createTopics([{ name: 'in', partitions: 2 }, { name: 'out', partitions: 1 }])
  await admin.waitForLeaders(['in', 'out'])
  await admin.close()
  const builder = new StreamsBuilder()
  builder.stream('in').flatMapValues((key, line) => line.split(' ')).groupBy((key, word) => word).count().toStream()
    .to('out', { valueSerde: 'long' })
  const topology = builder.build()
  const all = { ...quick, ...settings, 'application.id': 'words' }
  const counts = { keySerde: serde.string, valueSerde: serde.long }
  const [one, other] = [folder(t), folder(t)]
  let total = 0
  for (const [line, state, restored] of [['to be or not', one, 0], ['to be', one, 0], ['to', other, 6]]) {
    await send(settings, [line])
    total += line.split(' ').length
    const streams = started(t, topology, { ...all, 'state.dir': state })
    await read(settings, total, counts)
    assert.equal(streams.metrics['restore-total'], restored)
    await streams.close()
  }
  const records = await read(settings, total, counts)
  assert.deepEqual(Object.fromEntries(records), { to: 3n, be: 2n, or: 1n, not: 1n })
})

test('logs are delivered to a function', async (t) => {
  const records = []
  setLogger('warn', (record) => records.push(record))
  t.after(() => setLogger('warn', null))
  const consumer = new Consumer({ 'bootstrap.servers': '127.0.0.1:1', 'group.id': 'g' })
  await until(() => records.length > 0, 'a warning about the broker')
  assert.equal(typeof records[0].message, 'string')
  assert.ok(['warn', 'error'].includes(records[0].level))
  assert.deepEqual([typeof records[0].target, typeof records[0].timestamp], ['string', 'number'])
  await consumer.close({ timeoutMs: 1000 })
  assert.throws(() => setLogger('loud', () => {}), InvalidError)
})
