// What can be wrong with settings, topics, state directories and the order of calls: the kind, the object's name, and what
// to do about it.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'

import {
  ClosedError, Consumer, DataError, InvalidError, KafkaStreams, Producer, ResourceError, serde, StreamsBuilder, TimeoutError,
} from 'libkstreams'

import { embedded, folder } from './support.mjs'

const text = { keySerde: serde.string, valueSerde: serde.string }

function counts() {
  const builder = new StreamsBuilder()
  builder.stream('in', text).groupByKey().count()
  return builder.build()
}

function settings(state, more = {}) {
  return { 'application.id': 'app', 'bootstrap.servers': '127.0.0.1:1', 'state.dir': state, ...more }
}

/** Checks class, texts and facts of what was thrown. */
function failure(Kind, facts, ...texts) {
  return (error) => {
    assert.ok(error instanceof Kind, `${error}`)
    for (const [name, value] of Object.entries(facts)) assert.equal(error.facts[name], value, `${error}`)
    for (const part of texts) assert.ok(error.message.includes(part), `${part} is not in ${error.message}`)
    return true
  }
}

test('an unknown setting is refused with the nearest known one', () => {
  for (const wrong of ['num.stream.thread', 'statestore.cache.max.byte', 'bootstrap.server']) {
    assert.throws(() => new KafkaStreams(counts(), settings('/nowhere', { [wrong]: 1 })),
      failure(InvalidError, { setting: wrong, nearest: `${wrong}s` }))
  }
})

test('a setting that is out of range is refused with the range', () => {
  for (const [setting, value] of [['num.stream.threads', 0], ['linger.ms', -5]]) {
    assert.throws(() => new Producer({ 'bootstrap.servers': '127.0.0.1:1', [setting]: value }),
      failure(InvalidError, { setting, value: String(value) }, 'allowed'))
  }
})

test('an unknown topic is named to the application', async (t) => {
  const cluster = embedded(t)
  const builder = new StreamsBuilder()
  builder.stream('missing', text).to('out')
  const more = { 'bootstrap.servers': cluster.bootstrapServers }
  const streams = new KafkaStreams(builder.build(), settings(folder(t), more))
  streams.start()
  const named = failure(InvalidError, { topic: 'missing' }, 'create it')
  await assert.rejects(streams.waitUntilStopped({ timeoutMs: 30_000 }), named)
  await streams.close().catch(named)
})

test('a state directory in use names its user', async (t) => {
  const state = folder(t)
  const first = new KafkaStreams(counts(), settings(state))
  assert.throws(() => new KafkaStreams(counts(), settings(state)),
    failure(ResourceError, { process: String(process.pid), path: join(state, 'app') }, 'in use', 'set another state.dir'))
  await first.close()
})

test('a foreign state layout is refused and left alone', (t) => {
  const state = folder(t)
  const foreign = join(state, 'app', 'kafka-streams-process-metadata')
  mkdirSync(join(state, 'app'))
  writeFileSync(foreign, '{}')
  assert.throws(() => new KafkaStreams(counts(), settings(state)),
    failure(DataError, { path: join(state, 'app'), found: 'kafka-streams-process-metadata' }, 'set another state.dir'))
  assert.equal(readFileSync(foreign, 'utf8'), '{}')
})

test('without the right to the state directory it is denied with its path', async (t) => {
  // Root may do everything: another process imports the package, and becomes nobody before it tries.
  const state = join(folder(t), 'state')
  mkdirSync(state)
  chmodSync(state, 0o555)
  chmodSync(join(state, '..'), 0o755)
  const program = `
    const { DeniedError, KafkaStreams, StreamsBuilder } = await import('libkstreams')
    if (process.getuid() === 0) { process.setgid(65534); process.setuid(65534) }
    const builder = new StreamsBuilder()
    builder.stream('in', { keySerde: 'string', valueSerde: 'string' }).groupByKey().count()
    try {
      new KafkaStreams(builder.build(), ${JSON.stringify(settings(state))})
    } catch (error) {
      console.log(JSON.stringify([error instanceof DeniedError, error.code, error.facts]))
    }`
  const options = { cwd: new URL('.', import.meta.url).pathname, timeout: 60_000 }
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], options)
  const [isDenied, code, facts] = JSON.parse(stdout)
  assert.deepEqual([isDenied, code], [true, 'denied'])
  assert.ok(facts.path.startsWith(state) && facts.remedy.includes('state.dir'), stdout)
})

test('a function that does not return keeps close no longer than its deadline', async (t) => {
  // Functions run on this thread, so what stands still is the whole program; close is asked for from inside.
  const cluster = embedded(t)
  await cluster.createTopic('in')
  const producer = new Producer({ 'bootstrap.servers': cluster.bootstrapServers })
  await producer.send({ topic: 'in', value: 'v' })
  await producer.close()
  const builder = new StreamsBuilder()
  let closing
  const called = new Promise((resolve) => {
    builder.stream('in', text).forEach(() => {
      closing ??= streams.close({ timeoutMs: 100 })
      closing.catch(() => {})
      const end = performance.now() + 1500
      while (performance.now() < end);
      resolve()
    })
  })
  const more = { 'bootstrap.servers': cluster.bootstrapServers, 'auto.offset.reset': 'earliest' }
  const streams = new KafkaStreams(builder.build(), settings(folder(t), more))
  streams.start()
  await called
  const late = failure(TimeoutError, { state: 'PENDING_SHUTDOWN' }, 'still closing')
  await assert.rejects(closing, late)
  // The deadline has passed: whether there was still time for a commit depends on the machine.
  await streams.close({ timeoutMs: 30_000 }).catch(failure(TimeoutError, {}, 'without a commit'))
  assert.equal(streams.state, 'NOT_RUNNING')
})

test('calls in the wrong order say what comes first', async (t) => {
  const state = folder(t)
  const streams = new KafkaStreams(counts(), settings(state))
  streams.start()
  assert.throws(() => streams.start(), failure(InvalidError, {}, 'make a new one'))
  await assert.rejects(streams.cleanUp(), failure(InvalidError, {}, 'close the application'))
  await streams.close()
  assert.throws(() => streams.start(), failure(InvalidError, { state: 'NOT_RUNNING' }, 'make a new one'))
  assert.ok(existsSync(state))
  const consumer = new Consumer({ 'bootstrap.servers': '127.0.0.1:1', 'group.id': 'g' })
  await assert.rejects(consumer.poll({ timeoutMs: 10 }), failure(InvalidError, {}, 'subscribe'))
  await consumer.close()
  await assert.rejects(consumer.poll({ timeoutMs: 10 }), failure(ClosedError, {}, 'make a new one'))
})
