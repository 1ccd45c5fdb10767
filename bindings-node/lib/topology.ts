import type * as Native from '../native'
import { InvalidError } from './errors'
import { type Settings, settingPairs } from './settings'

/** A topic that an application makes for itself. */
export interface InternalTopic {
  /** Its name, which begins with the application's id. */
  name: string
  /** What it is for. */
  kind: 'changelog' | 'repartition'
  /** How many partitions it has, if the topology says so. */
  partitions: number | undefined
  /** Its settings. */
  config: { [name: string]: string }
}

/**
 * What an application does with its records: checked and ready to run. Made by {@link StreamsBuilder.build}. It can be
 * run many times.
 */
export class Topology {
  /** @internal */
  readonly native: Native.Topology

  /** @internal */
  constructor(native: Native.Topology) {
    this.native = native
    Object.defineProperty(this, 'native', { enumerable: false })
  }

  /** The text that Kafka Streams prints for the same topology. */
  describe(): string {
    return this.native.describe()
  }

  /** The topics that are read and were not made by this topology, sorted. */
  get sourceTopics(): string[] {
    return this.native.sourceTopics()
  }

  /** The topics that are written and are not internal, sorted. */
  get sinkTopics(): string[] {
    return this.native.sinkTopics()
  }

  /**
   * The topics that an application with these settings makes for itself, by name.
   *
   * @throws {@link InvalidError} when a setting is missing or wrong
   */
  internalTopics(settings: Settings): InternalTopic[] {
    const topics = this.native.internalTopics(settingPairs(settings))
    return topics.map(({ name, kind, partitions, config }) => ({
      name,
      kind: kind as InternalTopic['kind'],
      partitions: partitions ?? undefined,
      config: Object.fromEntries(config),
    }))
  }

  /** The names of the stores, in the order in which they were added. */
  get storeNames(): string[] {
    return this.native.storeNames()
  }

  /** The same as {@link describe}. */
  toString(): string {
    return this.describe()
  }
}

/** @internal The native half of what should be a topology. */
export function nativeTopology(topology: Topology): Native.Topology {
  if (topology instanceof Topology) return topology.native
  throw new InvalidError('a topology is needed here, as StreamsBuilder.build() makes it', { code: 'invalid' })
}
