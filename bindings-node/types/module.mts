// What a program in TypeScript sees. Checked by the compiler alone; lines that must not compile say so.
import {
  Admin, Consumer, type ConsumerRecord, EmbeddedCluster, KafkaError, KafkaStreams, type KTable, PartialError, Producer,
  type RecordMetadata, serde, Serde, type State, StreamsBuilder, TestDriver,
} from 'libkstreams'

const builder = new StreamsBuilder()
const lines = builder.stream('lines', { keySerde: serde.string, valueSerde: serde.string })
const counts: KTable<string, bigint> = lines
  .flatMapValues((key, line) => line.split(' '))
  .groupBy((key, word) => word)
  .count({ materialized: { name: 'counts', keySerde: 'string' } })
counts.toStream().filter((word, count) => count > 1n).to('counts', { valueSerde: serde.long })
lines.map((key, line) => [line, line.length] as const).mapValues((key, length) => length.toFixed())
lines.flatMap(function* (key, line) { yield [key, line.length] as const }).to('lengths', { valueSerde: 'int' })
lines.groupByKey().aggregate(() => 0n, (key, line, soFar) => soFar + BigInt(line.length)).toStream()
lines.to('out', { partitioner: (topic, key, value, partitions) => value.length % partitions })
builder.stream<Buffer, number>(['a', 'b'], { offsetReset: 'latest' }).peek((key, value) => { key.at(0); value.toFixed() })

// @ts-expect-error: a string has no such method
lines.mapValues((key, line) => line.toFixed())
// @ts-expect-error: a pair is needed
lines.map((key, line) => line)
// @ts-expect-error: there is no such serde
builder.stream('x', { keySerde: 'text' })
// @ts-expect-error: there is no such option
lines.filter(() => true, { nam: 'x' })
// @ts-expect-error: a long is a bigint
serde.long.serialize(1)

const topology = builder.build({ 'topology.optimization': 'all' })
const driver = new TestDriver(topology, { settings: { 'statestore.cache.max.bytes': 0 }, processingHandler: () => 'continue' })
driver.pipe('lines', { value: 'x', timestamp: 1 }, { valueSerde: serde.string })
const [record] = driver.read('counts', { keySerde: serde.string, valueSerde: serde.long })
const [word, count]: [string, bigint] = [record!.key, record!.value]
driver.storeRows('counts').map((row) => row.key.at(0))
new Serde<bigint>('long')

export async function clients(signal: AbortSignal): Promise<void> {
  await using cluster = new EmbeddedCluster(1)
  const settings = { 'bootstrap.servers': cluster.bootstrapServers, 'linger.ms': 5, 'enable.idempotence': true }
  await using producer = new Producer(settings)
  const place: RecordMetadata = await producer.send({ topic: word, key: null, value: String(count), headers: [] })
  try {
    await producer.sendBatch([{ topic: 't', partition: place.partition }])
  } catch (error) {
    if (error instanceof PartialError) error.failed.map(({ index, result }) => [index.toFixed(), result.message])
    else if (error instanceof KafkaError && error.retriable) error.code satisfies string
  }
  await using consumer = new Consumer({ ...settings, 'group.id': 'g' })
  await consumer.subscribe(['t'])
  const records: ConsumerRecord[] = await consumer.poll({ signal, timeoutMs: 100, maxRecords: 10 })
  await consumer.commit(records.map(({ topic, partition, offset }) => ({ topic, partition, offset: offset + 1n })))
  for await (const { value, offset } of consumer.records({ signal })) {
    if (value === null || offset > 10n) break
    value.toString()
  }
  await using admin = new Admin(settings)
  await admin.createTopics([{ name: 't', partitions: 1, config: { 'cleanup.policy': 'compact' } }], { timeoutMs: 1000 })
  await using streams = new KafkaStreams(topology, settings, { uncaughtExceptionHandler: () => 'replaceThread' })
  streams.on('stateChange', (state: State, before: State) => [state, before])
  // @ts-expect-error: there is no such event
  streams.on('changed', () => {})
  // @ts-expect-error: there is no such answer
  new KafkaStreams(topology, settings, { processingHandler: () => 'stop' })
  streams.start()
  await streams.waitFor('RUNNING', { timeoutMs: 1000 })
}
