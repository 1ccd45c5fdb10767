// Our engine with functions in JavaScript: one run of a workload, as benchmarks/README.md ("An engine") asks.
import { setTimeout as sleep } from 'node:timers/promises'

import { KafkaStreams, StreamsBuilder } from 'libkstreams'

const { BENCH_WORKLOAD, BENCH_PROCESS, BENCH_OUT, BENCH_APP, BENCH_BOOTSTRAP, BENCH_STATE, BENCH_THREADS } = process.env

const builder = new StreamsBuilder()
const events = builder.stream('events', { keySerde: 'long', valueSerde: 'string' })
const workloads = {
  stateless: () => events
    .filter((key, value) => !value.includes('"type":"view"'))
    .mapValues((key, value) => value.replaceAll('Mozilla/5.0', 'M5'))
    .to(BENCH_OUT, { keySerde: 'long', valueSerde: 'string' }),
  count: () => events
    .groupByKey().count({ materialized: { name: 'counts' } }).toStream()
    .to(BENCH_OUT, { keySerde: 'long', valueSerde: 'long' }),
}
workloads[BENCH_WORKLOAD]()
const streams = new KafkaStreams(builder.build(), {
  'application.id': BENCH_APP,
  'bootstrap.servers': BENCH_BOOTSTRAP,
  'state.dir': BENCH_STATE,
  'num.stream.threads': BENCH_THREADS,
})

/** Waits until so many records are processed, and says how many are. */
async function waitFor(records) {
  for (;;) {
    if (streams.error !== undefined) throw streams.error
    const done = streams.metrics['process-total']
    if (done >= records) return done
    await sleep(5)
  }
}

const work = Number(BENCH_PROCESS)
console.log('START')
streams.start()
console.log('HALF', await waitFor(Math.floor(work / 2)))
await waitFor(work)
await streams.close({ timeoutMs: 60_000 })
console.log('DONE')
