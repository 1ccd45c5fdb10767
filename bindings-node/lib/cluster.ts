import type * as Native from '../native'
import { native } from './native'
import { nativeTopology, type Topology } from './topology'

/**
 * A small Kafka cluster inside this process, for tests and demonstrations.
 *
 * Records and consumer groups work as on a real cluster, with limits: it keeps 5 MiB or 100,000 batches of each partition
 * and forgets the oldest silently; it has no topic settings, no compaction and no transactions, and topics are created
 * here, not by an admin client.
 *
 * @example
 * await using cluster = new EmbeddedCluster()
 * await cluster.createTopic('words', 4)
 * const producer = new Producer({ 'bootstrap.servers': cluster.bootstrapServers })
 */
export class EmbeddedCluster {
  readonly #native: Native.Cluster

  /**
   * Starts brokers on loopback.
   *
   * @param brokers how many, at most 64
   */
  constructor(brokers = 1) {
    this.#native = new native.Cluster(brokers)
  }

  /** What clients take as `bootstrap.servers`. */
  get bootstrapServers(): string {
    return this.#native.bootstrapServers()
  }

  /** Creates a topic. The promise is rejected with {@link InvalidError} for one that exists. */
  async createTopic(name: string, partitions = 1): Promise<void> {
    await this.#native.createTopic(name, partitions)
  }

  /**
   * Creates what an application needs and does not exist: the topics that it reads and writes, with one partition each,
   * and its internal topics, with as many as follow from those that it reads.
   */
  async prepare(topology: Topology, applicationId: string): Promise<void> {
    await this.#native.prepare(nativeTopology(topology), applicationId)
  }

  /** Cuts all connections of a broker, by its number from 1, and refuses new ones. */
  async stopBroker(broker: number): Promise<void> {
    await this.#native.stopBroker(broker)
  }

  /** Lets a stopped broker go on. */
  async startBroker(broker: number): Promise<void> {
    await this.#native.startBroker(broker)
  }

  /** Ends all brokers. May be called again. */
  async close(): Promise<void> {
    await this.#native.close()
  }

  /** The same as {@link close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
