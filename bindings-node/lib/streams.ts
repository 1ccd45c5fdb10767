import { EventEmitter } from 'node:events'

import type * as Native from '../native'
import type { TopicPartition } from './consumer'
import { type Handlers, handlerArguments } from './handlers'
import { native } from './native'
import type { TimeoutOptions } from './producer'
import { type Settings, settingPairs } from './settings'
import { nativeTopology, type Topology } from './topology'

/** What an application is doing: Kafka Streams' states. `NOT_RUNNING` and `ERROR` are its ends. */
export type State =
  | 'CREATED'
  | 'REBALANCING'
  | 'RUNNING'
  | 'PENDING_SHUTDOWN'
  | 'NOT_RUNNING'
  | 'PENDING_ERROR'
  | 'ERROR'

/**
 * What happens after a failure that no exception handler took: `shutdownClient` stops this application, whose state
 * becomes `ERROR`; `replaceThread` starts a new thread in the place of the failed one.
 */
export type UncaughtResponse = 'shutdownClient' | 'replaceThread'

/** Who decides about failures. */
export interface KafkaStreamsOptions extends Handlers {
  /** Decides after a failure that no exception handler took. The error is the very object that was thrown. */
  uncaughtExceptionHandler?: ((error: unknown) => UncaughtResponse) | undefined
}

/** A task of this instance. */
export interface LocalTask {
  /** Its name, such as `0_1`. */
  id: string
  /** The number of its thread, from 1. */
  thread: number
  /** Whether its stores are there, so that it processes records. */
  isRunning: boolean
  /** What it reads. */
  partitions: TopicPartition[]
}

/** What an application tells. */
export interface KafkaStreamsEvents {
  /** Its state has changed. */
  stateChange: [state: State, before: State]
  /** It has failed: its state is `ERROR`. */
  error: [error: unknown]
}

/** Applications that run: nobody else may hold them. */
const running = new Set<KafkaStreams>()

/**
 * A topology that runs on a Kafka cluster. It shares the work with all other instances that have the same
 * `application.id`.
 *
 * Functions of the topology run on JavaScript's thread, a batch of records at a time; the process stays alive until the
 * application has ended. Events: `stateChange` and `error`. Without a listener, `error` is silent: {@link error} and the
 * promise of {@link waitUntilStopped} have it too.
 *
 * @example
 * const streams = new KafkaStreams(topology, { 'application.id': 'orders', 'bootstrap.servers': 'localhost:9092' })
 * streams.start()
 * process.once('SIGTERM', () => streams.close({ timeoutMs: 2000 }))
 * await streams.waitUntilStopped()
 */
export class KafkaStreams extends EventEmitter<KafkaStreamsEvents> {
  readonly #native: Native.Application

  /**
   * Checks the settings and takes the state directory, if the topology has stores on disk. Nothing runs yet.
   *
   * @throws {@link InvalidError} for a setting that is missing or wrong
   * @throws {@link DeniedError} without the right to the state directory
   * @throws {@link ResourceError} while another process uses it
   * @throws {@link DataError} when it has a foreign layout
   */
  constructor(topology: Topology, settings: Settings, options: KafkaStreamsOptions = {}) {
    super()
    // The library holds its listeners for as long as the application is there: they must not hold the application.
    const self = new WeakRef(this)
    const told = (state: State, before: State) => {
      const streams = self.deref()
      if (streams !== undefined) streams.#told(state, before)
    }
    const uncaught = options.uncaughtExceptionHandler ?? (() => 'shutdownClient' as const)
    const pairs = settingPairs(settings)
    this.#native = new native.Application(nativeTopology(topology), pairs, told, uncaught, handlerArguments(options))
  }

  /**
   * Starts the threads and returns at once. A cluster that cannot be reached is waited for.
   *
   * @throws {@link InvalidError} when it was started or closed before
   */
  start(): void {
    this.#native.start()
    running.add(this)
  }

  /** What the application is doing. */
  get state(): State {
    return this.#native.state() as State
  }

  /** Why the application failed, or is failing. */
  get error(): unknown {
    return this.#native.error()
  }

  /**
   * What was counted so far, under Kafka Streams' names where it has them, such as `process-total`, `commit-total`,
   * `dropped-records-total` and `restore-total`.
   */
  get metrics(): { [name: string]: number } {
    const flat = this.#native.metrics()
    const metrics: { [name: string]: number } = {}
    for (let index = 0; index < flat.length; index += 2) metrics[flat[index] as string] = flat[index + 1] as number
    return metrics
  }

  /** The tasks of this instance. */
  get localTasks(): LocalTask[] {
    return this.#native.localTasks().map(([id, thread, isRunning, flat]) => {
      const partitions: TopicPartition[] = []
      for (let index = 0; index < flat.length; index += 2) {
        partitions.push({ topic: flat[index] as string, partition: flat[index + 1] as number })
      }
      return { id, thread, isRunning, partitions }
    })
  }

  /**
   * Waits until the application is in a state: for ever by default.
   *
   * The promise is rejected with {@link TimeoutError}, with what it waits for as the cause, or with the application's
   * failure or {@link ClosedError} when it has come to an end in another state.
   */
  async waitFor(state: State, options: TimeoutOptions = {}): Promise<void> {
    await this.#native.waitFor(state, options.timeoutMs ?? Infinity)
  }

  /** Waits until the application has come to its end. The promise is rejected with the application's failure. */
  async waitUntilStopped(options: TimeoutOptions = {}): Promise<void> {
    await this.#native.waitUntilStopped(options.timeoutMs ?? Infinity)
  }

  /**
   * Stops processing, commits, closes the stores and leaves the group: in 30 seconds by default. May be called again, to
   * wait longer.
   *
   * The promise is rejected with {@link TimeoutError} when something is not done yet, with what it is.
   */
  async close(options: TimeoutOptions = {}): Promise<void> {
    await this.#native.close(options.timeoutMs ?? 30_000)
  }

  /**
   * Deletes everything that the application keeps on disk, so that its stores are restored from their changelogs.
   *
   * The promise is rejected with {@link InvalidError} while it runs.
   */
  async cleanUp(): Promise<void> {
    await this.#native.cleanUp()
  }

  /** The same as {@link close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #told(state: State, before: State): void {
    if (state === 'NOT_RUNNING' || state === 'ERROR') running.delete(this)
    // What a listener throws is nobody's business but the program's.
    process.nextTick(() => {
      this.emit('stateChange', state, before)
      if (state === 'ERROR' && this.listenerCount('error') > 0) this.emit('error', this.error)
    })
  }
}
