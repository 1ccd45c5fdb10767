// Apache Kafka's WordCountDemo, in Node.
//
// node wordcount.mjs [--text FILE]                   counts a text on a cluster inside of this process
// node wordcount.mjs --bootstrap-servers HOST:PORT   counts on yours until Ctrl-C
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { Admin, Consumer, EmbeddedCluster, KafkaStreams, Producer, serde, StreamsBuilder } from 'libkstreams'

/** The words of a line, split as Java does: a leading empty one stays, trailing ones go. */
function words(key, line) {
  const parts = line.toLowerCase().split(/\W+/)
  while (line !== '' && parts.length > 0 && parts.at(-1) === '') parts.pop()
  return parts
}

function wordCount(input, output) {
  const builder = new StreamsBuilder()
  const counts = builder.stream(input).flatMapValues(words).groupBy((key, word) => word).count()
  counts.toStream().to(output, { keySerde: serde.string, valueSerde: serde.long })
  return builder.build()
}

/** Counts on somebody's cluster until Ctrl-C or SIGTERM. */
async function runUntilStopped(topology, settings) {
  const streams = new KafkaStreams(topology, settings)
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => streams.close({ timeoutMs: 2000 }))
  streams.start()
  await streams.waitUntilStopped()
}

/** Feeds a text to the application, follows what comes out, and shows it. */
async function demonstrate(options, topology, settings) {
  const lines = (await readFile(options.text, 'ascii')).split('\n')
  if (lines.at(-1) === '') lines.pop()
  const expected = lines.reduce((sum, line) => sum + words(null, line).length, 0)
  const state = await mkdtemp(join(tmpdir(), 'wordcount-'))
  const cluster = new EmbeddedCluster()
  await cluster.prepare(topology, options['application-id'])
  const clients = { 'bootstrap.servers': cluster.bootstrapServers, 'auto.offset.reset': 'earliest' }
  const producer = new Producer(clients)
  await producer.sendBatch(lines.map((line) => ({ topic: options.input, value: line })))
  await producer.close()

  const streams = new KafkaStreams(topology, { ...settings, ...clients, 'state.dir': state })
  streams.start()
  const failed = streams.waitUntilStopped()
  const consumer = new Consumer({ ...clients, 'group.id': 'demo' })
  await consumer.subscribe(options.output)
  const counts = {}
  let [seen, start, shown] = [0, 0, 0]
  while (seen < expected) {
    for (const record of (await Promise.race([consumer.poll(), failed])) ?? []) {
      counts[serde.string.deserialize(record.key)] = Number(serde.long.deserialize(record.value))
      seen += 1
    }
    const now = performance.now()
    start ||= now
    if (now > shown + 500) {
      shown = now
      console.log(`${seen} of ${expected} words`)
    }
  }
  const rate = expected / ((performance.now() - start) / 1000)
  await streams.close({ timeoutMs: 5000 })
  await consumer.close()

  const ranking = Object.entries(counts).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  for (const [word, count] of ranking.slice(0, 20)) console.log(`${String(count).padStart(7)} ${word}`)
  console.log(`${expected} words, ${rate.toFixed(0)} words a second`)
  if (options.json) {
    const admin = new Admin(clients)
    const topics = (await admin.topics()).map((topic) => topic.name)
    await admin.close()
    const summary = { language: 'node', counts, rate, topics, describe: topology.describe() }
    await writeFile(options.json, JSON.stringify(summary))
  }
  await cluster.close()
  await rm(state, { recursive: true })
}

const { values: options } = parseArgs({
  options: {
    'bootstrap-servers': { type: 'string' },
    input: { type: 'string', default: 'streams-plaintext-input' },
    output: { type: 'string', default: 'streams-wordcount-output' },
    'application-id': { type: 'string', default: 'streams-wordcount' },
    text: { type: 'string', default: fileURLToPath(new URL('../../data/opticks.txt', import.meta.url)) },
    json: { type: 'string' },
  },
})
const settings = {
  'application.id': options['application-id'],
  'default.key.serde': 'string',
  'default.value.serde': 'string',
  'statestore.cache.max.bytes': 0,
  'auto.offset.reset': 'earliest',
}
const topology = wordCount(options.input, options.output)
console.log(topology.describe())
const servers = options['bootstrap-servers']
if (servers) {
  await runUntilStopped(topology, { ...settings, 'bootstrap.servers': servers })
} else {
  await demonstrate(options, topology, settings)
}
