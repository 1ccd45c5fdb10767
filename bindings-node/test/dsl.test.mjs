// Streams and tables, through the test driver.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { InvalidError, serde, StreamsBuilder, TestDriver } from 'libkstreams'

const text = { keySerde: serde.string, valueSerde: serde.string }
const uncached = { settings: { 'application.id': 'test', 'statestore.cache.max.bytes': 0 } }

/** Runs records through `in` -> what `build` makes -> `out`, and gives what came out as pairs. */
function through(build, records, { from = text, to = text } = {}) {
  const builder = new StreamsBuilder()
  build(builder.stream('in', from)).to('out', to)
  const driver = new TestDriver(builder.build(), uncached)
  try {
    driver.pipeBatch('in', records.map(([key, value]) => ({ key, value })), from)
    return driver.read('out', to).map((record) => [record.key, record.value])
  } finally {
    driver.close()
  }
}

test('filter and filterNot go by truth', () => {
  const records = [['a', ''], ['b', 'x']]
  assert.deepEqual(through((s) => s.filter((key, value) => value), records), [['b', 'x']])
  assert.deepEqual(through((s) => s.filterNot((key, value) => value === 'x'), records), [['a', '']])
})

test('map gives new keys and values', () => {
  assert.deepEqual(through((s) => s.map((key, value) => [value, key]), [['k', 'v']]), [['v', 'k']])
})

test('mapValues sees the key and keeps it', () => {
  assert.deepEqual(through((s) => s.mapValues((key, value) => key + value), [['k', 'v']]), [['k', 'kv']])
})

test('flatMap and flatMapValues take arrays and any iterable', () => {
  const records = [['k', 'a b']]
  const both = [['k', 'a'], ['k', 'b']]
  assert.deepEqual(through((s) => s.flatMapValues((key, value) => value.split(' ')), records), both)
  assert.deepEqual(through((s) => s.flatMapValues((key, value) => new Set(value.split(' '))), records), both)
  function* pairs(key, value) {
    for (const word of value.split(' ')) yield [key, word]
  }
  assert.deepEqual(through((s) => s.flatMap(pairs), records), both)
  assert.deepEqual(through((s) => s.flatMap((key, value) => [...pairs(key, value)]), records), both)
  assert.deepEqual(through((s) => s.flatMap(() => []), records), [])
})

test('a generator runs as far as its items are needed', () => {
  const seen = []
  function* noisy() {
    seen.push('before 1')
    yield '1'
    seen.push('before 2')
    yield '2'
    seen.push('end')
  }
  through((s) => s.flatMapValues(noisy).peek((key, value) => { seen.push(`peek ${value}`) }), [['k', 'v']])
  assert.deepEqual(seen, ['before 1', 'peek 1', 'before 2', 'peek 2', 'end'])
})

test('selectKey gives new keys', () => {
  assert.deepEqual(through((s) => s.selectKey((key, value) => value), [['k', 'v']]), [['v', 'v']])
})

test('peek and forEach see every record', () => {
  const seen = []
  const note = (key, value) => { seen.push([key, value]) }
  const records = [['a', '1'], ['b', null]]
  through((stream) => {
    stream.forEach(note)
    return stream.peek(note)
  }, records)
  assert.deepEqual(seen, [['a', '1'], ['a', '1'], ['b', null], ['b', null]])
})

test('merge puts two streams together', () => {
  const builder = new StreamsBuilder()
  builder.stream('a', text).merge(builder.stream('b', text)).to('out', text)
  const driver = new TestDriver(builder.build(), uncached)
  driver.pipe('b', { key: 'k', value: 'from b' }, text)
  driver.pipe('a', { key: 'k', value: 'from a' }, text)
  assert.deepEqual(driver.read('out', text).map((record) => record.value), ['from b', 'from a'])
  driver.close()
})

test('streams of two builders cannot be merged', () => {
  const [one, other] = [new StreamsBuilder().stream('a'), new StreamsBuilder().stream('b')]
  assert.throws(() => one.merge(other), InvalidError)
})

test('count, reduce and aggregate', () => {
  const records = [['a', 'x'], ['b', 'y'], ['a', 'z']]
  const long = { keySerde: 'string', valueSerde: 'long' }
  assert.deepEqual(through((s) => s.groupByKey(text).count().toStream(), records, { to: long }),
    [['a', 1n], ['b', 1n], ['a', 2n]])
  assert.deepEqual(through((s) => s.groupByKey(text).reduce((soFar, value) => soFar + value).toStream(), records),
    [['a', 'x'], ['b', 'y'], ['a', 'xz']])
  const lengths = (s) => s.groupByKey(text)
    .aggregate(() => 0n, (key, value, soFar) => soFar + BigInt(value.length), {
      materialized: { name: 'lengths', valueSerde: 'long' },
      name: 'add',
    })
    .toStream()
  assert.deepEqual(through(lengths, records, { to: long }), [['a', 1n], ['b', 1n], ['a', 2n]])
})

test('an aggregate may be a floating-point number that is whole', () => {
  const double = { keySerde: 'string', valueSerde: 'double' }
  const sum = (s) => s.groupByKey(double)
    .aggregate(() => 0, (key, value, soFar) => soFar + value, { materialized: { valueSerde: 'double' } })
    .toStream()
  assert.deepEqual(through(sum, [['a', 1.5], ['a', 1.5]], { from: double, to: double }), [['a', 1.5], ['a', 3]])
})

test('an aggregator that returns null deletes the row', () => {
  const builder = new StreamsBuilder()
  builder.stream('in', text).groupByKey().aggregate(() => '', (key, value) => (value === 'end' ? null : value), {
    materialized: { name: 'store', ...text },
  }).toStream().to('out')
  const driver = new TestDriver(builder.build(), uncached)
  driver.pipe('in', { key: 'a', value: '1' }, text)
  assert.deepEqual(driver.storeRows('store', { keySerde: 'string' }).map((row) => row.key), ['a'])
  driver.pipe('in', { key: 'a', value: 'end' }, text)
  assert.deepEqual(driver.storeRows('store'), [])
  driver.close()
})

test('groupBy repartitions by the new key, under the name given', () => {
  const builder = new StreamsBuilder()
  builder.stream('in', text).groupBy((key, value) => value, { name: 'by-value', ...text })
    .count({ materialized: { name: 'counts', store: 'memory', topicConfig: { 'segment.bytes': '1000000' } } })
  const topology = builder.build()
  assert.match(topology.describe(), /topic: by-value-repartition/)
  const driver = new TestDriver(topology, uncached)
  driver.pipeBatch('in', ['x', 'y', 'x'].map((value) => ({ value, timestamp: 7 })), text)
  const rows = driver.storeRows('counts', { keySerde: serde.string, valueSerde: serde.long })
  assert.deepEqual(rows, [{ key: 'x', value: 2n, timestamp: 7 }, { key: 'y', value: 1n, timestamp: 7 }])
  assert.deepEqual([driver.storeNames, topology.storeNames], [['counts'], ['counts']])
  driver.close()
})

test('repartition makes a topic with as many partitions as it says, chosen by the partitioner', () => {
  const builder = new StreamsBuilder()
  const seen = []
  const partitioner = (topic, key, value, partitions) => {
    seen.push([topic, key, value, partitions])
    return 0
  }
  builder.stream('in', text).repartition({ name: 'r', partitions: 3, partitioner, ...text }).to('out', text)
  const driver = new TestDriver(builder.build(), uncached)
  driver.pipe('in', { key: 'k', value: 'v' }, text)
  assert.deepEqual(seen, [['test-r-repartition', 'k', 'v', 1]])
  assert.equal(driver.read('out').length, 1)
  driver.close()
})

test('a partitioner may choose several partitions, none, or leave it', () => {
  const builder = new StreamsBuilder()
  builder.stream('in', text).to('out', { partitioner: (topic, key) => ({ two: [0, 1], none: [] })[key] ?? null })
  const driver = new TestDriver(builder.build(), uncached)
  for (const key of ['two', 'none', 'other']) driver.pipe('in', { key, value: 'v' }, text)
  assert.deepEqual(driver.read('out', text).map((record) => [record.key, record.partition]),
    [['two', 0], ['two', 1], ['other', undefined]])
  driver.close()
})

test('a timestamp extractor decides the time, and drops with a negative one', () => {
  const builder = new StreamsBuilder()
  const seen = []
  builder.stream('in', {
    ...text,
    name: 'source',
    offsetReset: 'earliest',
    timestampExtractor: (record, highest) => {
      seen.push([record.key, record.value, record.timestamp, highest])
      return Number(record.value)
    },
  }).to('out')
  const driver = new TestDriver(builder.build(), uncached)
  driver.pipeBatch('in', ['5', '-1', '6'].map((value) => ({ key: 'k', value, timestamp: 1 })), text)
  assert.deepEqual(driver.read('out', text).map((record) => record.timestamp), [5, 6])
  assert.deepEqual(seen[0], ['k', '5', 1, -1])
  assert.equal(driver.dropped, 1)
  driver.close()
})

test('operators have the names given', () => {
  const builder = new StreamsBuilder()
  const same = (key, value) => value
  builder.stream('in', { ...text, name: 'n-source' })
    .filter(same, { name: 'n-filter' }).filterNot(same, { name: 'n-filter-not' })
    .map((key, value) => [key, value], { name: 'n-map' }).mapValues(same, { name: 'n-map-values' })
    .flatMap(() => [], { name: 'n-flat-map' }).flatMapValues(() => [], { name: 'n-flat-map-values' })
    .selectKey(same, { name: 'n-select-key' }).peek(() => {}, { name: 'n-peek' })
    .groupByKey({ name: 'n-group', ...text }).reduce(same, { name: 'n-reduce' })
    .toStream({ name: 'n-to-stream' }).to('out', { name: 'n-sink' })
  const description = builder.build().describe()
  for (const name of ['source', 'filter', 'filter-not', 'map', 'map-values', 'flat-map', 'flat-map-values',
    'select-key', 'peek', 'reduce', 'to-stream', 'sink']) {
    assert.match(description, new RegExp(`: n-${name} `))
  }
})

test('the topology of word count is Java\'s', () => {
  const builder = new StreamsBuilder()
  builder.stream('streams-plaintext-input')
    .flatMapValues((key, line) => line.split(' ')).groupBy((key, word) => word).count().toStream()
    .to('streams-wordcount-output', { keySerde: 'string', valueSerde: 'long' })
  const topology = builder.build()
  assert.equal(topology.toString(), topology.describe())
  assert.match(topology.describe(), /Processor: KSTREAM-AGGREGATE-0000000004 \(stores: \[KSTREAM-AGGREGATE-STATE-STORE-0000000003\]\)/)
  assert.deepEqual([topology.sourceTopics, topology.sinkTopics],
    [['streams-plaintext-input'], ['streams-wordcount-output']])
})

test('settings change the topology', () => {
  const builder = new StreamsBuilder()
  builder.stream('in', text).groupBy((key, value) => value).count()
  assert.throws(() => builder.build({ 'ensure.explicit.internal.resource.naming': true }), InvalidError)
})

test('mistakes are thrown where they are made', () => {
  const builder = new StreamsBuilder()
  assert.throws(() => builder.stream('in', { keySerde: 'text' }), (error) => {
    assert.ok(error instanceof InvalidError)
    assert.deepEqual([error.code, error.facts.got], ['invalid', 'text'])
    return true
  })
  const stream = builder.stream('in', text)
  assert.throws(() => stream.filter('x'), (error) => error instanceof InvalidError && error.facts.got === 'string')
  assert.throws(() => stream.filter(() => true, { name: 'no spaces' }), InvalidError)
})
