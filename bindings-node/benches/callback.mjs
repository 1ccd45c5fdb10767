// What a JavaScript function costs inside of a topology: `node callback.mjs [RECORDS]`, where libkstreams is installed.
//
// Runs the test driver with 1 and 5 functions of each kind in a row; the slope is the cost of one function, the engine's
// own operator around it included. CPU time, the best of several runs.
import { StreamsBuilder, TestDriver } from 'libkstreams'

const kinds = {
  'mapValues, string identity': ['string', (s) => s.mapValues((key, value) => value)],
  'mapValues, string upper': ['string', (s) => s.mapValues((key, value) => value.toUpperCase())],
  'mapValues, 100 bytes': ['bytes', (s) => s.mapValues((key, value) => value)],
  'map, pair of strings': ['string', (s) => s.map((key, value) => [key, value])],
  'filter': ['string', (s) => s.filter(() => true)],
  'flatMapValues, one item': ['string', (s) => s.flatMapValues((key, value) => [value])],
  'mapValues, double': ['double', (s) => s.mapValues((key, value) => value)],
  'mapValues, long': ['long', (s) => s.mapValues((key, value) => value)],
}
const values = { string: 'some text of a record', bytes: Buffer.alloc(100, 'x'), double: 12345.5, long: 12345n }

/** CPU microseconds for all records. */
function measure(serde, build, calls, records) {
  let best = Infinity
  for (let run = 0; run < 5; run++) {
    const builder = new StreamsBuilder()
    let stream = builder.stream('in', { keySerde: 'string', valueSerde: serde })
    for (let call = 0; call < calls; call++) stream = build(stream)
    stream.filter(() => false)
    const driver = new TestDriver(builder.build())
    const batch = new Array(records).fill({ key: 'key', value: values[serde] })
    const start = process.cpuUsage()
    driver.pipeBatch('in', batch, { keySerde: 'string', valueSerde: serde })
    const { user, system } = process.cpuUsage(start)
    best = Math.min(best, user + system)
    driver.close()
  }
  return best
}

const records = Number(process.argv[2] ?? 100_000)
console.log(`${'function'.padEnd(36)} µs per call`)
for (const [name, [serde, build]] of Object.entries(kinds)) {
  const [one, five] = [1, 5].map((calls) => measure(serde, build, calls, records))
  console.log(`${name.padEnd(36)} ${((five - one) / 4 / records).toFixed(3)}`)
}
const none = measure('string', (stream) => stream, 0, records)
console.log(`${'a record into the driver, one filter'.padEnd(36)} ${(none / records).toFixed(3)}`)
