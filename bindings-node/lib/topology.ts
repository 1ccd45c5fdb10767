import type * as Native from '../native'
import { InvalidError } from './errors'

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
