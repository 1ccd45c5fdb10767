// Producer, consumer and admin client: on a cluster in this process, and on a real Kafka.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import {
  Admin, CancelledError, ClosedError, Consumer, EmbeddedCluster, InvalidError, KafkaError, PartialError, Producer,
  RetriableError, TimeoutError,
} from 'libkstreams'

import { broker, embedded } from './support.mjs'

const servers = broker()

async function topic(t, name = 'topic', partitions = 1) {
  const cluster = embedded(t)
  await cluster.createTopic(name, partitions)
  return { 'bootstrap.servers': cluster.bootstrapServers }
}

function readers(t, settings) {
  const consumer = new Consumer({ ...settings, 'group.id': 'readers', 'auto.offset.reset': 'earliest', 'session.timeout.ms': 6000 })
  t.after(() => consumer.close().catch(() => {}))
  return consumer
}

test('a record is sent and read with everything in it', async (t) => {
  const settings = await topic(t, 'topic', 2)
  const producer = new Producer(settings)
  const headers = [{ name: 'h', value: Buffer.from('1') }, { name: 'h', value: null }]
  const sent = await producer.send({ topic: 'topic', key: 'k', value: new Uint8Array([1, 2]), timestamp: 42, partition: 1, headers })
  assert.deepEqual([sent.topic, sent.partition, sent.offset], ['topic', 1, 0n])
  await producer.send({ topic: 'topic', partition: 1 })
  await producer.close()
  const consumer = readers(t, settings)
  await consumer.subscribe(['topic'])
  const records = []
  while (records.length < 2) records.push(...await consumer.poll({ timeoutMs: 10_000 }))
  assert.deepEqual(records[0], {
    topic: 'topic', partition: 1, offset: 0n, timestamp: 42, key: Buffer.from('k'), value: Buffer.from([1, 2]), headers,
  })
  assert.deepEqual([records[1].key, records[1].value, records[1].headers], [null, null, []])
  assert.deepEqual(await consumer.assignment(), [0, 1].map((partition) => ({ topic: 'topic', partition })))
})

test('sends keep their order, and a full buffer makes them wait', async (t) => {
  const settings = await topic(t)
  const producer = new Producer({ ...settings, 'queue.buffering.max.messages': 10 })
  const all = Array.from({ length: 200 }, (_, n) => producer.send({ topic: 'topic', value: String(n) }))
  assert.ok(producer.outstanding > 10)
  const offsets = (await Promise.all(all)).map((place) => place.offset)
  assert.deepEqual(offsets, Array.from({ length: 200 }, (_, n) => BigInt(n)))
  assert.equal(producer.outstanding, 0)
  await producer.close()
})

test('sendBatch has one promise for all, and both halves when some fail', async (t) => {
  const settings = await topic(t)
  const producer = new Producer({ ...settings, 'max.request.size': 2000 })
  const places = await producer.sendBatch(['a', 'b'].map((value) => ({ topic: 'topic', value })))
  assert.deepEqual(places.map((place) => place.offset), [0n, 1n])
  await assert.rejects(
    producer.sendBatch([{ topic: 'topic', value: 'c' }, { topic: 'topic', value: 'x'.repeat(5000) }]),
    (error) => {
      assert.ok(error instanceof PartialError)
      assert.deepEqual(error.succeeded.map(({ index, result }) => [index, result.offset]), [[0, 2n]])
      assert.deepEqual(error.failed.map(({ index }) => index), [1])
      assert.ok(error.failed[0].result instanceof InvalidError)
      assert.equal(error.cause, error.failed[0].result)
      return true
    },
  )
  await producer.flush()
  await producer.close()
})

test('what cannot be sent is refused', async (t) => {
  const producer = new Producer(await topic(t))
  await assert.rejects(producer.send({ topic: 'topic', value: 5 }), (error) => error.code === 'data')
  await assert.rejects(producer.send({}), InvalidError)
  await producer.close()
  await assert.rejects(producer.send({ topic: 'topic' }), ClosedError)
  await assert.rejects(producer.close(), ClosedError)
})

test('unknown settings are refused with the nearest known name', () => {
  for (const Client of [Producer, Admin, Consumer]) {
    assert.throws(() => new Client({ 'bootstrap.server': 'localhost:1', 'group.id': 'g' }), (error) => {
      assert.ok(error instanceof InvalidError)
      assert.match(error.message, /bootstrap\.servers/)
      return true
    })
  }
  assert.throws(() => new Consumer({ 'bootstrap.servers': 'localhost:1' }),
    (error) => error instanceof InvalidError && error.message.includes('group.id'))
})

test('a broker that cannot be reached', async () => {
  const settings = { 'bootstrap.servers': '127.0.0.1:1' }
  const producer = new Producer({ ...settings, 'delivery.timeout.ms': 500, 'request.timeout.ms': 300, 'linger.ms': 0 })
  await assert.rejects(producer.send({ topic: 't', value: 'v' }), (error) => error instanceof TimeoutError)
  await producer.close({ timeoutMs: 1000 }).catch((error) => assert.ok(error instanceof TimeoutError))
  const consumer = new Consumer({ ...settings, 'group.id': 'g' })
  await consumer.subscribe('t')
  await assert.rejects(consumer.poll({ timeoutMs: 500 }), (error) => {
    assert.ok(error instanceof RetriableError && error.retriable)
    assert.match(error.message, /bootstrap\.servers/)
    return true
  })
  await consumer.close({ timeoutMs: 2000 })
})

test('iteration hands records out one by one, and a commit covers those', async (t) => {
  const settings = await topic(t)
  const producer = new Producer(settings)
  await producer.sendBatch(Array.from({ length: 10 }, (_, n) => ({ topic: 'topic', value: String(n) })))
  await producer.close()
  const first = readers(t, settings)
  await first.subscribe('topic')
  const seen = []
  for await (const record of first) {
    seen.push(record.value.toString())
    if (seen.length === 4) break
  }
  await first.commit()
  const place = { topic: 'topic', partition: 0 }
  assert.deepEqual(await first.committed([place]), [{ ...place, offset: 4n, metadata: '' }])
  for await (const record of first) {
    seen.push(record.value.toString())
    if (seen.length === 6) break
  }
  assert.deepEqual(seen, ['0', '1', '2', '3', '4', '5'])
  assert.deepEqual((await first.poll({ maxRecords: 3 })).map((record) => record.value.toString()), ['6', '7', '8'])
  await first.commit([{ ...place, offset: 2n, metadata: 'note' }])
  assert.deepEqual(await first.committed([place]), [{ ...place, offset: 2n, metadata: 'note' }])
  await first.close()

  const second = readers(t, settings)
  await second.subscribe('topic')
  assert.equal((await second.poll())[0].offset, 2n)
})

test('an AbortSignal ends a poll with its own reason, and the next poll works', async (t) => {
  const settings = await topic(t)
  const consumer = readers(t, settings)
  await consumer.subscribe('topic')
  await assert.rejects(consumer.poll({ signal: AbortSignal.abort() }), { name: 'AbortError' })
  const controller = new AbortController()
  const reason = new Error('enough')
  setTimeout(() => controller.abort(reason), 100)
  await assert.rejects(consumer.poll({ signal: controller.signal }), (error) => error === reason)
  await assert.rejects(async () => {
    for await (const record of consumer.records({ signal: AbortSignal.timeout(100) })) assert.fail(record)
  }, { name: 'TimeoutError' })
  assert.deepEqual(await consumer.poll({ timeoutMs: 50 }), [])
})

test('calls of one consumer wait for each other, and a poll gives way', async (t) => {
  const settings = await topic(t)
  const consumer = readers(t, settings)
  await consumer.subscribe('topic')
  const polls = [consumer.poll({ timeoutMs: 3000 }), consumer.poll({ timeoutMs: 3000 })]
  const start = performance.now()
  await consumer.assignment()
  assert.ok(performance.now() - start < 2000)
  const producer = new Producer(settings)
  await producer.sendBatch([{ topic: 'topic', value: 'a' }, { topic: 'topic', value: 'b' }])
  assert.equal((await Promise.all(polls)).flat().length >= 1, true)
  await producer.close()
})

test('close wakes a poll that waits for ever', async (t) => {
  const consumer = readers(t, await topic(t))
  await consumer.subscribe('topic')
  const poll = consumer.poll()
  const failed = assert.rejects(poll, (error) => error instanceof CancelledError || error instanceof ClosedError)
  await consumer.close()
  await failed
  await assert.rejects(consumer.poll(), ClosedError)
})

test('an embedded cluster says what it refuses', async (t) => {
  const cluster = embedded(t)
  await cluster.createTopic('topic', 3)
  await assert.rejects(cluster.createTopic('topic'), InvalidError)
  await assert.rejects(cluster.createTopic('other', 0), InvalidError)
  assert.throws(() => new EmbeddedCluster(0), InvalidError)
  await assert.rejects(cluster.stopBroker(9), KafkaError)
  await cluster.stopBroker(1)
  await cluster.startBroker(1)
  await cluster.close()
  assert.throws(() => cluster.bootstrapServers, ClosedError)
})

test('clients are disposed of by `await using`', async (t) => {
  const settings = await topic(t)
  for (const client of [new Producer(settings), new Admin(settings), new Consumer({ ...settings, 'group.id': 'g' })]) {
    await client[Symbol.asyncDispose]()
    await assert.rejects(client.close(), ClosedError)
  }
})

test('admin: topics are created, described and deleted on a real Kafka', async () => {
  const admin = new Admin({ 'bootstrap.servers': await servers })
  const topics = [
    { name: 'made', partitions: 3, replicationFactor: 1, config: { 'cleanup.policy': 'compact' } },
    { name: 'other', partitions: 1 },
  ]
  await admin.createTopics(topics)
  await admin.waitForLeaders(['made', 'other'])
  const [made] = await admin.describeTopics(['made'])
  assert.deepEqual(made.partitions.map(({ partition, replicas }) => [partition, replicas]), [[0, 1], [1, 1], [2, 1]])
  assert.ok((await admin.topics()).some((topic) => topic.name === 'other'))
  await assert.rejects(admin.createTopics([topics[0], { name: 'third', partitions: 1 }]), (error) => {
    assert.ok(error instanceof PartialError)
    assert.deepEqual(error.succeeded, [{ index: 1, result: 'third' }])
    assert.deepEqual([error.failed[0].index, error.failed[0].result.kafkaCode], [0, 36])
    return true
  })
  await admin.deleteTopics(['made', 'other', 'third'])
  await assert.rejects(admin.describeTopics(['nowhere']), (error) => error instanceof KafkaError && error.code === 'invalid')
  await assert.rejects(admin.waitForLeaders(['nowhere'], { timeoutMs: 200 }), TimeoutError)
  await admin.close()
})

test('a thousand records go through a real Kafka', async (t) => {
  const settings = { 'bootstrap.servers': await servers }
  const admin = new Admin(settings)
  await admin.createTopics([{ name: 'through', partitions: 2 }])
  await admin.waitForLeaders(['through'])
  await admin.close()
  const producer = new Producer(settings)
  await producer.sendBatch(Array.from({ length: 1000 }, (_, n) => ({ topic: 'through', key: String(n), value: `v${n}` })))
  await producer.close()
  const consumer = readers(t, settings)
  await consumer.subscribe('through')
  const seen = new Map()
  for await (const { key, value } of consumer) {
    seen.set(key.toString(), value.toString())
    if (seen.size === 1000) break
  }
  assert.equal(seen.get('999'), 'v999')
  await consumer.commit()
})
