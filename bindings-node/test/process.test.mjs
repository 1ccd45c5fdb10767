// How processes and workers end, with things of ours still running.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'

import { embedded } from './support.mjs'

/** The beginning of each program: an application whose function calls `perRecord`, and a record for it. */
const application = `
const { Consumer, EmbeddedCluster, KafkaStreams, Producer, StreamsBuilder } = await import('libkstreams')
const cluster = new EmbeddedCluster()
const builder = new StreamsBuilder()
builder.stream('in', { keySerde: 'string', valueSerde: 'string' }).peek((key, value) => perRecord(value))
  .to('out', { keySerde: 'string', valueSerde: 'string' })
const topology = builder.build()
await cluster.prepare(topology, 'app')
const clients = { 'bootstrap.servers': cluster.bootstrapServers }
const streams = new KafkaStreams(topology, { ...clients, 'application.id': 'app', 'auto.offset.reset': 'earliest' })
const producer = new Producer(clients)
await producer.send({ topic: 'in', value: 'v' })
`

/** Runs a program to its end: exit code or signal, output, and for how long it ran after it said \`ready\`. */
async function run(body, { signal } = {}) {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', application + body],
    { stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 })
  let [out, ready] = ['', 0]
  child.stderr.on('data', (data) => { out += data })
  child.stdout.on('data', (data) => {
    out += data
    if (!ready && out.includes('ready')) {
      ready = performance.now()
      if (signal) child.kill(signal)
    }
  })
  const [code, killed] = await once(child, 'exit')
  return { code: code ?? killed, out, took: performance.now() - ready }
}

test('a process ends by itself once its application is closed', async () => {
  const { code, out, took } = await run(`
    function perRecord() { console.log('ready'); streams.close().then(() => console.log('closed')) }
    streams.start()
  `)
  assert.deepEqual([code, out], [0, 'ready\nclosed\n'])
  assert.ok(took < 3000, `${took} ms`)
})

test('a process with clients that nobody closed ends by itself', async () => {
  const { code, took } = await run(`
    const consumer = new Consumer({ ...clients, 'group.id': 'g' })
    await consumer.subscribe('in')
    await consumer.poll({ timeoutMs: 10 })
    console.log('ready')
  `)
  assert.equal(code, 0)
  assert.ok(took < 3000, `${took} ms`)
})

test('an application keeps its process alive', async () => {
  const { code } = await run(`
    function perRecord() { console.log('ready') }
    streams.start()
  `, { signal: 'SIGKILL' })
  assert.equal(code, 'SIGKILL')
})

test('process.exit ends a process whose application runs', async () => {
  const { code, out, took } = await run(`
    function perRecord() { console.log('ready'); setTimeout(() => process.exit(7), 50) }
    streams.start()
  `)
  assert.deepEqual([code, out], [7, 'ready\n'])
  assert.ok(took < 3000, `${took} ms`)
})

test('process.exit inside of a function of the topology ends the process', async () => {
  const { code, out, took } = await run(`
    function perRecord() { console.log('ready'); process.exit(8) }
    streams.start()
  `)
  assert.deepEqual([code, out], [8, 'ready\n'])
  assert.ok(took < 3000, `${took} ms`)
})

test('process.exit while a poll waits for ever ends the process', async () => {
  const { code, took } = await run(`
    const consumer = new Consumer({ ...clients, 'group.id': 'g' })
    await consumer.subscribe('in')
    consumer.poll()
    setTimeout(() => { console.log('ready'); process.exit(9) }, 200)
  `)
  assert.equal(code, 9)
  assert.ok(took < 3000, `${took} ms`)
})

test('SIGTERM closes within two seconds where the program says so', async () => {
  const { code, out, took } = await run(`
    function perRecord() { console.log('ready') }
    process.once('SIGTERM', () => streams.close({ timeoutMs: 2000 }))
    streams.start()
    await streams.waitUntilStopped()
    console.log(streams.state)
  `, { signal: 'SIGTERM' })
  assert.deepEqual([code, out], [0, 'ready\nNOT_RUNNING\n'])
  assert.ok(took < 2500, `${took} ms`)
})

test('SIGINT ends a program that does not care at once', async () => {
  const { code, took } = await run(`
    function perRecord() { console.log('ready') }
    streams.start()
  `, { signal: 'SIGINT' })
  assert.equal(code, 'SIGINT')
  assert.ok(took < 1000, `${took} ms`)
})

test('an exception in a listener is the program\'s', async () => {
  const { code, out } = await run(`
    function perRecord() {}
    streams.on('stateChange', () => { throw new Error('of a listener') })
    streams.start()
  `)
  assert.equal(code, 1)
  assert.match(out, /of a listener/)
})

/** Runs a program in a worker thread; `ended` is asked for what to do when it says \`ready\`. */
async function work(body, { terminate = false } = {}) {
  const worker = new Worker(`
    const { parentPort } = require('node:worker_threads')
    ;(async () => { ${application} ${body} })().catch((error) => parentPort.postMessage(error.stack))
  `, { eval: true })
  const exit = once(worker, 'exit')
  const [message] = await once(worker, 'message')
  assert.equal(message, 'ready')
  const start = performance.now()
  if (terminate) await worker.terminate()
  const [code] = await exit
  return { code, took: performance.now() - start }
}

for (let round = 0; round < 3; round++) {
  test(`a worker is terminated while its application runs (${round})`, async () => {
    const { code, took } = await work(`
      globalThis.perRecord = () => parentPort.postMessage('ready')
      streams.start()
    `, { terminate: true })
    assert.equal(code, 1)
    assert.ok(took < 4000, `${took} ms`)
  })
}

test('a worker is terminated in the middle of a function of the topology', async () => {
  const { code, took } = await work(`
    globalThis.perRecord = () => { parentPort.postMessage('ready'); for (;;); }
    streams.start()
  `, { terminate: true })
  assert.equal(code, 1)
  assert.ok(took < 4000, `${took} ms`)
})

test('a worker ends by itself once its application is closed', async () => {
  const { code, took } = await work(`
    globalThis.perRecord = () => { parentPort.postMessage('ready'); streams.close() }
    streams.start()
  `)
  assert.equal(code, 0)
  assert.ok(took < 4000, `${took} ms`)
})

test('after all these workers the library still works here', async (t) => {
  const cluster = embedded(t)
  await cluster.createTopic('topic')
  assert.match(cluster.bootstrapServers, /^127\.0\.0\.1:/)
})
