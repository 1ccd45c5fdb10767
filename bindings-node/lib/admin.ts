import type * as Native from '../native'
import { PartialError } from './errors'
import { native } from './native'
import type { TimeoutOptions } from './producer'
import { type Settings, settingPairs } from './settings'

/** A topic to create. */
export interface NewTopic {
  /** The name. */
  name: string
  /** How many partitions, at least one. */
  partitions: number
  /** How many brokers keep each partition. Without it, what the broker says. */
  replicationFactor?: number | undefined
  /** Topic settings, such as `cleanup.policy`. */
  config?: { readonly [name: string]: string } | undefined
}

/** A partition as the cluster knows it. */
export interface PartitionDescription {
  /** The number, from 0. */
  partition: number
  /** The broker that leads it; `null` while there is none. */
  leader: number | null
  /** How many brokers keep it. */
  replicas: number
}

/** A topic as the cluster knows it. */
export interface TopicDescription {
  /** The name. */
  name: string
  /** The partitions, by number. */
  partitions: PartitionDescription[]
}

/**
 * Looks after topics. Calls take at most 60 seconds, unless they are told otherwise, and are rejected with
 * {@link TimeoutError} or {@link RetriableError} when the cluster does not answer, and {@link ClosedError}.
 */
export class Admin {
  readonly #native: Native.Admin

  /**
   * Starts a client. It connects in the background: a broker that cannot be reached is no error here.
   *
   * @throws {@link InvalidError} for unknown or wrong settings
   */
  constructor(settings: Settings) {
    this.#native = new native.Admin(settingPairs(settings))
  }

  /**
   * Creates topics.
   *
   * The promise is rejected with {@link PartialError} when some were not created. One that exists already is an
   * {@link InvalidError} with Kafka's code 36.
   */
  async createTopics(topics: readonly NewTopic[], options: TimeoutOptions = {}): Promise<void> {
    const wanted = topics.map(({ name, partitions, replicationFactor, config = {} }) => ({
      name,
      partitions,
      replicationFactor,
      config: Object.entries(config),
    }))
    const names = topics.map((topic) => topic.name)
    check(names, await this.#native.createTopics(wanted, milliseconds(options)))
  }

  /** Deletes topics. The promise is rejected with {@link PartialError} when some were not deleted. */
  async deleteTopics(names: readonly string[], options: TimeoutOptions = {}): Promise<void> {
    check(names, await this.#native.deleteTopics([...names], milliseconds(options)))
  }

  /** All topics of the cluster that this principal may see, by name. */
  async topics(options: TimeoutOptions = {}): Promise<TopicDescription[]> {
    return described(await this.#native.topics(milliseconds(options)))
  }

  /** Topics in the order of their names here. The promise is rejected with {@link InvalidError} when one does not exist. */
  async describeTopics(names: readonly string[], options: TimeoutOptions = {}): Promise<TopicDescription[]> {
    return described(await this.#native.describeTopics([...names], milliseconds(options)))
  }

  /** Waits until these topics exist and each of their partitions has a leader, so that they can be used. */
  async waitForLeaders(names: readonly string[], options: TimeoutOptions = {}): Promise<void> {
    await this.#native.waitForLeaders([...names], milliseconds(options))
  }

  /** Ends the client: in 30 seconds by default. Other calls go on to their end. */
  async close(options: TimeoutOptions = {}): Promise<void> {
    await this.#native.close(options.timeoutMs ?? 30_000)
  }

  /** The same as {@link close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

function milliseconds(options: TimeoutOptions): number {
  return options.timeoutMs ?? 60_000
}

/** Both halves of a result by name; the places are those of the names in the call. */
function check(names: readonly string[], [succeeded, failed]: [string[], [string, Error][]]): void {
  if (failed.length === 0) return
  throw new PartialError(
    succeeded.map((name) => ({ index: names.indexOf(name), result: name })),
    failed.map(([name, result]) => ({ index: names.indexOf(name), result })),
  )
}

function described(topics: Awaited<ReturnType<Native.Admin['topics']>>): TopicDescription[] {
  return topics.map(([name, partitions]) => ({
    name,
    partitions: partitions.map(([partition, leader, replicas]) => ({ partition, leader, replicas })),
  }))
}
