import type * as Native from '../native'
import { CancelledError } from './errors'
import { native } from './native'
import type { TimeoutOptions } from './producer'
import type { Record } from './record'
import { type Settings, settingPairs } from './settings'

/** A partition of a topic. */
export interface TopicPartition {
  /** The topic. */
  topic: string
  /** The partition's number, from 0. */
  partition: number
}

/** A place in a partition: that of the next record to read. */
export interface Offset extends TopicPartition {
  /** The place. */
  offset: bigint
  /** A note of the program's. */
  metadata?: string | undefined
}

/** A record as it was read. */
export interface ConsumerRecord extends Record {
  partition: number
  offset: bigint
}

/** How to stop waiting. */
export interface SignalOptions {
  /** Rejects the promise with its reason. */
  signal?: AbortSignal | undefined
}

/** How to poll. */
export interface PollOptions extends SignalOptions {
  /** How long to wait for a record, in milliseconds; the array is empty then. For ever by default. */
  timeoutMs?: number | undefined
  /** How many records at most. */
  maxRecords?: number | undefined
}

/**
 * Reads records of topics, as a member of a group.
 *
 * The program says what was processed: {@link commit}. Nothing is committed by itself. Calls wait for each other.
 *
 * @example
 * await using consumer = new Consumer({ 'bootstrap.servers': 'localhost:9092', 'group.id': 'readers' })
 * await consumer.subscribe(['orders'])
 * for await (const record of consumer) {
 *   if (record.value === null) continue // a tombstone
 *   await consumer.commit()
 * }
 */
export class Consumer {
  readonly #native: Native.Consumer
  /** The call before the next one. */
  #last: Promise<unknown> = Promise.resolve()
  #isPolling = false
  /** How many calls want their turn, polls apart. */
  #waiting = 0
  #isClosing = false
  /** Records that were read and not handed out. */
  #buffer: ConsumerRecord[] = []
  #next = 0
  /** What was handed out, by partition. */
  readonly #positions = new Map<string, Offset>()

  /**
   * Starts a consumer. It connects in the background: a broker that cannot be reached is no error here.
   *
   * @throws {@link InvalidError} for unknown or wrong settings, or without `group.id`
   */
  constructor(settings: Settings) {
    this.#native = new native.Consumer(settingPairs(settings))
  }

  /** Joins the group for these topics, instead of those before. A name that begins with `^` is a regular expression. */
  async subscribe(topics: string | readonly string[]): Promise<void> {
    const names = typeof topics === 'string' ? [topics] : [...topics]
    await this.#exclusively(() => this.#native.subscribe(names))
  }

  /** The partitions that the group gave to this member. */
  async assignment(): Promise<TopicPartition[]> {
    const partitions = await this.#exclusively(() => this.#native.assignment())
    return partitions.map(([topic, partition]) => ({ topic, partition }))
  }

  /**
   * Waits for records, then takes what is there, up to `max.poll.records`.
   *
   * Poll at least every `max.poll.interval.ms`, or the group gives the partitions to others. The promise is rejected
   * with {@link RetriableError} when no broker could be reached yet, {@link InvalidError} for a topic that does not
   * exist or an offset that is gone, {@link DeniedError}, {@link AbortableError} when the group gave the partitions away
   * meanwhile, {@link FatalError} or {@link FencedError} when the consumer is unusable, {@link ClosedError}.
   */
  async poll(options: PollOptions = {}): Promise<ConsumerRecord[]> {
    const max = options.maxRecords ?? Number.MAX_SAFE_INTEGER
    if (this.#next >= this.#buffer.length) await this.#fill(max, options)
    const records = this.#buffer.slice(this.#next, this.#next + max)
    this.#next += records.length
    for (const record of records) this.#handOut(record)
    return records
  }

  /** The records one by one, for ever. Leaving the loop loses none of them. */
  async *records(options: SignalOptions = {}): AsyncGenerator<ConsumerRecord, void, undefined> {
    for (;;) {
      while (this.#next < this.#buffer.length) {
        options.signal?.throwIfAborted()
        const record = this.#buffer[this.#next++]!
        this.#handOut(record)
        yield record
      }
      await this.#fill(Number.MAX_SAFE_INTEGER, options)
    }
  }

  /** The same as {@link records}. */
  [Symbol.asyncIterator](): AsyncGenerator<ConsumerRecord, void, undefined> {
    return this.records()
  }

  /**
   * Commits offsets: without any, those behind all records that were handed out.
   *
   * @param offsets the places of the next records to read
   */
  async commit(offsets?: readonly Offset[], options: TimeoutOptions = {}): Promise<void> {
    const places = offsets ?? [...this.#positions.values()]
    if (places.length === 0) return
    const flat = places.map(
      ({ topic, partition, offset, metadata }): [string, number, bigint, string] =>
        [topic, partition, offset, metadata ?? ''],
    )
    await this.#exclusively(() => this.#native.commit(flat, options.timeoutMs ?? 60_000))
  }

  /** What the group has committed for partitions, in their order; `null` where there is nothing. */
  async committed(partitions: readonly TopicPartition[], options: TimeoutOptions = {}): Promise<(Offset | null)[]> {
    const flat = partitions.map(({ topic, partition }): [string, number] => [topic, partition])
    const found = await this.#exclusively(() => this.#native.committed(flat, options.timeoutMs ?? 60_000))
    return found.map((pair, index) => {
      const { topic, partition } = partitions[index]!
      return pair && { topic, partition, offset: pair[0], metadata: pair[1] }
    })
  }

  /** Leaves the group and ends the consumer, without a commit: in 30 seconds by default. What waits is woken. */
  async close(options: TimeoutOptions = {}): Promise<void> {
    this.#isClosing = true
    await this.#native.close(options.timeoutMs ?? 30_000)
  }

  /** The same as {@link close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #handOut({ topic, partition, offset }: ConsumerRecord): void {
    const position = this.#positions.get(`${topic}\0${partition}`)
    if (position === undefined) {
      this.#positions.set(`${topic}\0${partition}`, { topic, partition, offset: offset + 1n })
    } else {
      position.offset = offset + 1n
    }
  }

  /** Polls until there is something, or the time is over. */
  async #fill(max: number, { signal, timeoutMs = Infinity }: PollOptions): Promise<void> {
    signal?.throwIfAborted()
    const end = performance.now() + timeoutMs
    const wake = () => this.#native.wakeup()
    signal?.addEventListener('abort', wake)
    try {
      for (;;) {
        const left = Math.max(0, end - performance.now())
        try {
          this.#buffer = (await this.#inTurn(() => this.#poll(left, max))) as ConsumerRecord[]
          this.#next = 0
          if (this.#buffer.length > 0 || left === 0) return
        } catch (error) {
          signal?.throwIfAborted()
          // Woken for another call, which has had its turn when we are here again.
          if (!(error instanceof CancelledError) || this.#isClosing) throw error
        }
        signal?.throwIfAborted()
      }
    } finally {
      signal?.removeEventListener('abort', wake)
    }
  }

  async #poll(timeoutMs: number, max: number): Promise<unknown[]> {
    this.#isPolling = true
    try {
      const records = this.#native.poll(timeoutMs, max)
      if (this.#waiting > 0) this.#native.wakeup()
      return await records
    } finally {
      this.#isPolling = false
    }
  }

  /** One call after the other. A poll that waits gives way. */
  #exclusively<T>(call: () => Promise<T>): Promise<T> {
    this.#waiting += 1
    if (this.#isPolling) this.#native.wakeup()
    return this.#inTurn(() => {
      this.#waiting -= 1
      return call()
    })
  }

  #inTurn<T>(call: () => Promise<T>): Promise<T> {
    const result = this.#last.then(call)
    this.#last = result.catch(() => {})
    return result
  }
}
