// Parts of the interface that no other test needs: each does what its name says.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import {
  AbortableError, Admin, CancelledError, DeniedError, FatalError, FencedError, InternalError, KafkaError, KGroupedStream,
  KStream, KTable, ResourceError, Serde, serde, StreamsBuilder, TestDriver, TimeoutError, Topology, version,
} from 'libkstreams'

import { embedded } from './support.mjs'

const text = { keySerde: serde.string, valueSerde: serde.string }

test('kinds without an occasion are caught as Kafka errors', () => {
  const kinds = {
    abortable: AbortableError, cancelled: CancelledError, denied: DeniedError, fatal: FatalError, fenced: FencedError,
    internal: InternalError, resource: ResourceError, timeout: TimeoutError,
  }
  for (const [code, Kind] of Object.entries(kinds)) {
    const error = new Kind('cannot go on', { code, facts: { topic: 'orders' } })
    assert.ok(error instanceof KafkaError && error instanceof Error)
    assert.deepEqual([error.name, error.code, error.topic], [Kind.name, code, 'orders'])
  }
})

test('serdes write the bytes of Kafka\'s own', () => {
  for (const [one, value, bytes] of [
    [serde.short, -2, 'fffe'], [serde.int, 258, '00000102'], [serde.long, -1n, 'ffffffffffffffff'],
    [serde.float, 1.5, '3fc00000'], [serde.double, 1.5, '3ff8000000000000'], [serde.boolean, true, '01'],
    [serde.string, 'é', 'c3a9'],
  ]) {
    assert.ok(one instanceof Serde)
    assert.equal(one.serialize(value).toString('hex'), bytes, one.name)
    assert.deepEqual(one.deserialize(Buffer.from(bytes, 'hex')), value, one.name)
  }
})

test('a table is kept as its options say', () => {
  const builder = new StreamsBuilder()
  const stream = builder.stream('in', text)
  const grouped = stream.groupByKey(text)
  const table = grouped.count({
    materialized: {
      name: 'kept', keySerde: 'string', valueSerde: 'long', store: 'memory', caching: false, logging: true,
      topicConfig: { 'min.compaction.lag.ms': '5' },
    },
  })
  assert.ok(stream instanceof KStream && grouped instanceof KGroupedStream && table instanceof KTable)
  table.toStream().to('out')
  const topology = builder.build()
  assert.ok(topology instanceof Topology)
  const driver = new TestDriver(topology, { startMs: 5, settings: { 'application.id': 'app' } })
  driver.pipeBatch('in', [{ key: 'k', value: 'a' }, { key: 'k', value: 'b' }], text)
  driver.advanceWallClock(1000)
  // Without a cache, both changes went on.
  assert.deepEqual(driver.read('out', { valueSerde: 'long' }).map((record) => record.value), [1n, 2n])
  assert.equal(driver.outputs().filter((record) => record.topic === 'app-kept-changelog').length, 2)
  driver.close()
})

test('internal topics are told with their settings', () => {
  const builder = new StreamsBuilder()
  builder.stream('in', text).groupBy((key, value) => value, { name: 'by-value', ...text })
    .count({ materialized: { name: 'kept', topicConfig: { 'min.compaction.lag.ms': '5' } } })
  const topics = builder.build().internalTopics({ 'application.id': 'app', 'bootstrap.servers': 'localhost:1' })
  assert.deepEqual(topics.map((topic) => [topic.name, topic.kind, topic.partitions]), [
    ['app-by-value-repartition', 'repartition', undefined],
    ['app-kept-changelog', 'changelog', undefined],
  ])
  assert.equal(topics[1].config['min.compaction.lag.ms'], '5')
  assert.throws(() => builder.build().internalTopics({ 'application.id': 'app' }), /bootstrap\.servers/)
})

test('a partition has a leader', async (t) => {
  const cluster = embedded(t)
  await cluster.createTopic('topic', 2)
  const admin = new Admin({ 'bootstrap.servers': cluster.bootstrapServers })
  const [topic] = await admin.describeTopics(['topic'])
  assert.deepEqual(topic.partitions.map(({ partition, leader }) => [partition, leader]), [[0, 1], [1, 1]])
  await admin.close()
})

test('the version has three numbers', () => {
  assert.match(version, /^\d+\.\d+\.\d+/)
})
