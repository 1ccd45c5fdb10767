import type * as Native from '../native'
import { type Handlers, handlerArguments } from './handlers'
import { native } from './native'
import { flatHeaders, type Header, type Record } from './record'
import { type SerdeLike, serdeName } from './serde'
import { type Settings, settingPairs } from './settings'
import { nativeTopology, type Topology } from './topology'

/** How a {@link TestDriver} runs a topology. */
export interface TestDriverOptions extends Handlers {
  /** Settings, under Kafka's names. */
  settings?: Settings | undefined
  /** The wall clock at the beginning, in milliseconds since 1970. */
  startMs?: number | undefined
}

/** How keys and values are written or read: as a `Buffer` without a serde. */
export interface TestSerdes<K = any, V = any> {
  /** The key's serde. */
  keySerde?: SerdeLike<K> | undefined
  /** The value's serde. */
  valueSerde?: SerdeLike<V> | undefined
}

/** A record to be piped in. */
export interface TestRecord<K = unknown, V = unknown> {
  /** The key, `null` by default. */
  key?: K | null | undefined
  /** The value, `null` by default. */
  value?: V | null | undefined
  /** Milliseconds since 1970, 0 by default. */
  timestamp?: number | undefined
}

/** One row of a store. */
export interface StoreRow<K, V> {
  /** The key. */
  key: K
  /** The value. */
  value: V
  /** The time that the row was written for, in milliseconds since 1970. */
  timestamp: number
}

/**
 * Runs a topology in this process, without a broker: Kafka Streams' `TopologyTestDriver`.
 *
 * Each topic has one partition. What the topology sends to a topic that it reads comes back before the call returns.
 * Functions of the topology run inside of the call; what they throw comes out of it, unless a handler decides
 * otherwise. After a call that failed, the driver is closed.
 *
 * @example
 * const driver = new TestDriver(topology, { settings: { 'statestore.cache.max.bytes': 0 } })
 * driver.pipe('words', { value: 'to' }, { valueSerde: serde.string })
 * driver.read('counts', { keySerde: serde.string, valueSerde: serde.long })
 */
export class TestDriver {
  readonly #native: Native.TestDriver

  /**
   * Starts the topology.
   *
   * @throws {@link InvalidError} when a setting is wrong or a serde is missing
   */
  constructor(topology: Topology, options: TestDriverOptions = {}) {
    const pairs = settingPairs(options.settings)
    this.#native = new native.TestDriver(nativeTopology(topology), pairs, options.startMs ?? 0, handlerArguments(options))
  }

  /**
   * Pipes a record in and processes everything that follows from it, with a commit after each processed record.
   *
   * @throws {@link InvalidError} when the topology does not read the topic
   * @throws {@link DataError} when a serde cannot write or read the record
   * @throws {@link ClosedError} when the driver is closed
   */
  pipe<K, V>(
    topic: string,
    record: TestRecord<K, V> & { headers?: readonly Header[] | undefined },
    serdes: TestSerdes<K, V> = {},
  ): void {
    const { key, value, timestamp = 0, headers } = record
    const [keySerde, valueSerde] = [serdeName(serdes.keySerde), serdeName(serdes.valueSerde)]
    this.#native.pipe(topic, key, value, timestamp, flatHeaders(headers), keySerde, valueSerde)
  }

  /** Pipes many records in, processes them all, and commits once: what a running application does. */
  pipeBatch<K, V>(topic: string, records: Iterable<TestRecord<K, V>>, serdes: TestSerdes<K, V> = {}): void {
    const flat: unknown[] = []
    for (const { key, value, timestamp } of records) flat.push(key, value, timestamp ?? 0)
    this.#native.pipeBatch(topic, flat, serdeName(serdes.keySerde), serdeName(serdes.valueSerde))
  }

  /** Moves the wall clock and commits. */
  advanceWallClock(milliseconds: number): void {
    this.#native.advanceWallClock(milliseconds)
  }

  /** Takes what was sent to a topic since the last call, in order. */
  read<K = Buffer | null, V = Buffer | null>(topic: string, serdes: TestSerdes<K, V> = {}): Record<K, V>[] {
    return this.#native.read(topic, serdeName(serdes.keySerde), serdeName(serdes.valueSerde)) as Record<K, V>[]
  }

  /** Takes everything that was sent since the last call, to all topics, in order. */
  outputs(): Record[] {
    return this.#native.outputs() as Record[]
  }

  /**
   * The rows of a store in the order of their keys' bytes, with what its cache still holds.
   *
   * @throws {@link InvalidError} when the topology has no such store
   */
  storeRows<K = Buffer, V = Buffer>(name: string, serdes: TestSerdes<K, V> = {}): StoreRow<K, V>[] {
    const flat = this.#native.storeRows(name, serdeName(serdes.keySerde), serdeName(serdes.valueSerde))
    const rows: StoreRow<K, V>[] = []
    for (let index = 0; index < flat.length; index += 3) {
      rows.push({ key: flat[index] as K, value: flat[index + 1] as V, timestamp: flat[index + 2] as number })
    }
    return rows
  }

  /** The names of the stores. */
  get storeNames(): string[] {
    return this.#native.storeNames()
  }

  /** How many records were dropped (`dropped-records-total`). */
  get dropped(): number {
    return this.#native.dropped()
  }

  /** Closes the stores and removes their directory. May be called again. */
  close(): void {
    this.#native.close()
  }

  /** The same as {@link close}. */
  [Symbol.dispose](): void {
    this.close()
  }
}
