import type * as Native from '../native'
import { PartialError } from './errors'
import { native } from './native'
import { flatHeaders, type Header } from './record'
import { type Settings, settingPairs } from './settings'

/** Keys and values: bytes, text as UTF-8, or Kafka's null. */
export type Data = Buffer | Uint8Array | string | null

/** A record to send. */
export interface ProducerRecord {
  /** The topic. */
  topic: string
  /** The key, `null` by default. */
  key?: Data | undefined
  /** The value, `null` by default: a tombstone. */
  value?: Data | undefined
  /** Milliseconds since 1970, now by default. */
  timestamp?: number | undefined
  /** The partition. Without one, the key's hash decides, as in Java. */
  partition?: number | undefined
  /** The headers. */
  headers?: readonly Header[] | undefined
}

/** Where a record was written. */
export interface RecordMetadata {
  /** The topic. */
  topic: string
  /** The partition. */
  partition: number
  /** The place in the partition; -1 with `acks=0`, where nobody knows. */
  offset: bigint
  /** Milliseconds since 1970. */
  timestamp: number
}

/** How long something may take. */
export interface TimeoutOptions {
  /** The time in milliseconds. */
  timeoutMs?: number | undefined
}

/**
 * Sends records to topics.
 *
 * A record goes into a buffer, is sent with others in batches, and its promise says where it is or why it failed.
 * Defaults are Java's: idempotent, acknowledged by all replicas, 5 ms of lingering, Java's partitioner.
 *
 * @example
 * await using producer = new Producer({ 'bootstrap.servers': 'localhost:9092' })
 * const { partition, offset } = await producer.send({ topic: 'greetings', key: 'en', value: 'hello' })
 */
export class Producer {
  readonly #native: Native.Producer

  /**
   * Starts a producer. It connects in the background: a broker that cannot be reached is no error here.
   *
   * @throws {@link InvalidError} for unknown or wrong settings
   */
  constructor(settings: Settings) {
    this.#native = new native.Producer(settingPairs(settings))
  }

  /**
   * Sends a record. Records are in the order of the calls; when the buffer is full, the next ones wait for room.
   *
   * The promise is rejected with {@link TimeoutError} after `delivery.timeout.ms`, {@link RetriableError} when the buffer
   * stayed full, {@link InvalidError} for a record that is too large or a topic that does not exist,
   * {@link DeniedError}, {@link FatalError} or {@link FencedError} when the producer is unusable, {@link ClosedError}.
   */
  async send(record: ProducerRecord): Promise<RecordMetadata> {
    return metadata(await this.#native.send(flat(record)))
  }

  /**
   * Sends many records, with one promise for all.
   *
   * The promise is rejected with {@link PartialError} if any record failed: `succeeded` and `failed` say which.
   */
  async sendBatch(records: Iterable<ProducerRecord>): Promise<RecordMetadata[]> {
    const [succeeded, failed] = await this.#native.sendBatch(Array.from(records, flat))
    if (failed.length === 0) return succeeded.map(([, place]) => metadata(place))
    throw new PartialError(
      succeeded.map(([index, place]) => ({ index, result: metadata(place) })),
      failed.map(([index, result]) => ({ index, result })),
    )
  }

  /** How many records have no answer yet. */
  get outstanding(): number {
    return this.#native.outstanding()
  }

  /**
   * Sends what is buffered at once and waits until every record has its answer: 60 seconds by default.
   *
   * The promise is rejected with {@link TimeoutError} when some have none yet: they are still being sent.
   */
  async flush(options: TimeoutOptions = {}): Promise<void> {
    await this.#native.flush(options.timeoutMs ?? 60_000)
  }

  /**
   * Flushes, then ends the producer: in 60 seconds by default.
   *
   * The promise is rejected with {@link TimeoutError} when records were lost: their promises say which.
   */
  async close(options: TimeoutOptions = {}): Promise<void> {
    await this.#native.close(options.timeoutMs ?? 60_000)
  }

  /** The same as {@link close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

function flat(record: ProducerRecord): unknown[] {
  const { topic, key, value, timestamp, partition, headers } = record
  return [topic, key, value, timestamp, partition, flatHeaders(headers)]
}

function metadata([topic, partition, offset, timestamp]: Native.Place): RecordMetadata {
  return { topic, partition, offset, timestamp }
}
