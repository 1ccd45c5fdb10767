/** The native half. Private: its names may change in any release. */

/** What an operator with serdes may be given. */
export interface Common {
  name: string | undefined
  keySerde: string | undefined
  valueSerde: string | undefined
}

/** How a table is kept. */
export interface TableOptions extends Common {
  store: string | undefined
  caching: boolean
  logging: boolean
  topicConfig: string[][]
}

type AnyFunction = (...parameters: never[]) => unknown

export class Builder {
  constructor()
  stream(topics: string[], options: Common, timestamps: AnyFunction | undefined, reset: string | undefined): Stream
  build(settings: string[][] | undefined): Topology
}

export class Stream {
  filter(predicate: AnyFunction, name: string | undefined): Stream
  filterNot(predicate: AnyFunction, name: string | undefined): Stream
  map(mapper: AnyFunction, name: string | undefined): Stream
  mapValues(mapper: AnyFunction, name: string | undefined): Stream
  flatMap(mapper: AnyFunction, name: string | undefined): Stream
  flatMapValues(mapper: AnyFunction, name: string | undefined): Stream
  selectKey(selector: AnyFunction, name: string | undefined): Stream
  peek(action: AnyFunction, name: string | undefined): Stream
  forEach(action: AnyFunction, name: string | undefined): void
  merge(other: Stream, name: string | undefined): Stream
  repartition(options: Common, partitions: number | undefined, partitioner: AnyFunction | undefined): Stream
  groupByKey(options: Common): Grouped
  groupBy(selector: AnyFunction, options: Common): Grouped
  to(topic: string, options: Common, partitioner: AnyFunction | undefined): void
}

export class Grouped {
  count(options: TableOptions | undefined, name: string | undefined): Table
  reduce(reducer: AnyFunction, options: TableOptions | undefined, name: string | undefined): Table
  aggregate(
    initializer: AnyFunction,
    aggregator: AnyFunction,
    options: TableOptions | undefined,
    name: string | undefined,
  ): Table
}

export class Table {
  toStream(name: string | undefined): Stream
}

/** A topic that an application makes for itself. */
export interface InternalTopic {
  name: string
  kind: string
  partitions: number | undefined
  config: string[][]
}

export class Topology {
  describe(): string
  sourceTopics(): string[]
  sinkTopics(): string[]
  internalTopics(settings: string[][]): InternalTopic[]
  storeNames(): string[]
}

export class TestDriver {
  constructor(topology: Topology, settings: string[][], startMs: number, handlers: unknown[])
  pipe(
    topic: string,
    key: unknown,
    value: unknown,
    timestamp: number,
    headers: unknown[] | undefined,
    keySerde: string | undefined,
    valueSerde: string | undefined,
  ): void
  pipeBatch(topic: string, flat: unknown[], keySerde: string | undefined, valueSerde: string | undefined): void
  advanceWallClock(milliseconds: number): void
  outputs(): unknown[]
  read(topic: string, keySerde: string | undefined, valueSerde: string | undefined): unknown[]
  storeRows(name: string, keySerde: string | undefined, valueSerde: string | undefined): unknown[]
  storeNames(): string[]
  dropped(): number
  close(): void
}

/** The place of a record that was sent. */
export type Place = [topic: string, partition: number, offset: bigint, timestamp: number]

export class Producer {
  constructor(settings: string[][])
  send(record: unknown[]): Promise<Place>
  sendBatch(records: unknown[][]): Promise<[succeeded: [number, Place][], failed: [number, Error][]]>
  outstanding(): number
  flush(timeoutMs: number): Promise<void>
  close(timeoutMs: number): Promise<void>
}

export class Consumer {
  constructor(settings: string[][])
  subscribe(topics: string[]): Promise<void>
  assignment(): Promise<[topic: string, partition: number][]>
  poll(timeoutMs: number, max: number): Promise<unknown[]>
  commit(offsets: [topic: string, partition: number, offset: bigint, metadata: string][], timeoutMs: number): Promise<void>
  committed(
    partitions: [topic: string, partition: number][],
    timeoutMs: number,
  ): Promise<([offset: bigint, metadata: string] | null)[]>
  wakeup(): void
  close(timeoutMs: number): Promise<void>
}

export interface TopicArgument {
  name: string
  partitions: number
  replicationFactor: number | undefined
  config: string[][]
}

type Topics = [name: string, partitions: [partition: number, leader: number | null, replicas: number][]][]

export class Admin {
  constructor(settings: string[][])
  createTopics(topics: TopicArgument[], timeoutMs: number): Promise<[succeeded: string[], failed: [string, Error][]]>
  deleteTopics(names: string[], timeoutMs: number): Promise<[succeeded: string[], failed: [string, Error][]]>
  topics(timeoutMs: number): Promise<Topics>
  describeTopics(names: string[], timeoutMs: number): Promise<Topics>
  waitForLeaders(names: string[], timeoutMs: number): Promise<void>
  close(timeoutMs: number): Promise<void>
}

export class Cluster {
  constructor(brokers: number)
  bootstrapServers(): string
  createTopic(name: string, partitions: number): Promise<void>
  prepare(topology: Topology, applicationId: string): Promise<void>
  stopBroker(broker: number): Promise<void>
  startBroker(broker: number): Promise<void>
  close(): Promise<void>
}

export class Application {
  constructor(
    topology: Topology,
    settings: string[][],
    told: AnyFunction,
    uncaught: AnyFunction,
    handlers: unknown[],
  )
  start(): void
  state(): string
  error(): unknown
  metrics(): (string | number)[]
  localTasks(): [id: string, thread: number, isRunning: boolean, partitions: (string | number)[]][]
  waitFor(state: string, timeoutMs: number): Promise<void>
  waitUntilStopped(timeoutMs: number): Promise<void>
  close(timeoutMs: number): Promise<void>
  cleanUp(): Promise<void>
}

export function establish(helpers: AnyFunction[]): void
export function setLogger(level: string, sink: AnyFunction): void
export function clearLogger(): void
export function version(): string
export function errorKinds(): string[][]
export function serialize(name: string, value: unknown): Buffer | null
export function deserialize(name: string, bytes: Uint8Array | null): unknown
