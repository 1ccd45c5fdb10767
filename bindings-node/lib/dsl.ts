import type * as Native from '../native'
import { native } from './native'
import type { Record } from './record'
import { type SerdeLike, serdeName } from './serde'
import { type Settings, settingPairs } from './settings'
import { Topology } from './topology'

/** The name of an operator's node. */
export interface NameOptions {
  /** The name, instead of a generated one. Changelogs and repartition topics get their names from nodes. */
  name?: string | undefined
}

/** How records are written or read. */
export interface SerdeOptions<K = any, V = any> extends NameOptions {
  /** How keys are written. Without one, what is known from before, or the setting `default.key.serde`. */
  keySerde?: SerdeLike<K> | undefined
  /** How values are written. Without one, what is known from before, or the setting `default.value.serde`. */
  valueSerde?: SerdeLike<V> | undefined
}

/** How topics are read. */
export interface Consumed<K = any, V = any> extends SerdeOptions<K, V> {
  /**
   * Gets a record and the highest timestamp of its partition so far, -1 at first, and returns the record's timestamp in
   * milliseconds. A negative one drops the record.
   */
  timestampExtractor?: ((record: Record<K, V>, highest: number) => number) | undefined
  /** Where to begin when the group has no offset. Without it, the setting `auto.offset.reset` says it. */
  offsetReset?: 'earliest' | 'latest' | 'none' | undefined
}

/**
 * Chooses partitions: one, or several, each of which gets a copy; none of them drops the record. `null` leaves it to the
 * producer, which goes by the key.
 */
export type Partitioner<K = any, V = any> = (
  topic: string,
  key: K,
  value: V,
  partitions: number,
) => number | readonly number[] | null | undefined

/** How a topic is written. */
export interface Produced<K = any, V = any> extends SerdeOptions<K, V> {
  /** Chooses partitions. */
  partitioner?: Partitioner<K, V> | undefined
}

/** How a repartition topic is made. The name makes it `<application.id>-<name>-repartition`. */
export interface Repartitioned<K = any, V = any> extends Produced<K, V> {
  /** How many partitions the topic gets. Without it, as many as what is read here. */
  partitions?: number | undefined
}

/** How records are grouped. The name is that of the repartition topic, should one be needed. */
export interface Grouped<K = any, V = any> extends SerdeOptions<K, V> {}

/** How a table is kept. */
export interface Materialized<K = any, V = any> {
  /** The store's name, so that its changelog keeps its name when the topology changes. */
  name?: string | undefined
  /** How keys are written. Without one, what is known from the stream. */
  keySerde?: SerdeLike<K> | undefined
  /** How values are written. */
  valueSerde?: SerdeLike<V> | undefined
  /** Where it is kept. Without it, the setting `dsl.store` says it. */
  store?: 'rocksdb' | 'memory' | undefined
  /** Whether changes of a key are collected, and the last one is passed on at a commit: so by default. */
  caching?: boolean | undefined
  /** Whether there is a changelog: so by default. Without one, what the store held is lost when its task moves. */
  logging?: boolean | undefined
  /** Topic settings of the changelog. */
  topicConfig?: { readonly [name: string]: string } | undefined
}

/** How a table is kept, and the name of its node. */
export interface TableOptions<K = any, V = any> extends NameOptions {
  /** How the table is kept. */
  materialized?: Materialized<K, V> | undefined
}

/** A key and a value. */
export type Pair<K, V> = readonly [key: K, value: V]

/**
 * Builds a {@link Topology} from streams and tables.
 *
 * A mistake throws {@link InvalidError} at the call that made it.
 *
 * @example
 * const builder = new StreamsBuilder()
 * builder
 *   .stream('orders', { keySerde: serde.string, valueSerde: serde.string })
 *   .filter((key, order) => order.includes('paid'))
 *   .to('paid-orders')
 * console.log(builder.build().describe())
 */
export class StreamsBuilder {
  readonly #native = new native.Builder()

  /** A stream of the records of one or several topics. */
  stream<K = any, V = any>(topics: string | readonly string[], options: Consumed<K, V> = {}): KStream<K, V> {
    const names = typeof topics === 'string' ? [topics] : [...topics]
    return new KStream(this.#native.stream(names, common(options), options.timestampExtractor, options.offsetReset))
  }

  /**
   * The topology.
   *
   * @param settings those that change it: `topology.optimization`, `dsl.store`,
   *   `ensure.explicit.internal.resource.naming`. Others may be among them.
   * @throws {@link InvalidError} when a node, store or topic occurs twice, or a setting is wrong
   */
  build(settings?: Settings): Topology {
    return new Topology(this.#native.build(settings === undefined ? undefined : settingPairs(settings)))
  }
}

/**
 * A stream of records. Made by {@link StreamsBuilder.stream} and by the methods of other streams.
 *
 * Functions get keys and values as the serdes make them: `string`, `number`, `bigint` for a long, `Buffer`, `boolean` or
 * `null`, and return such values. They run on JavaScript's one thread and must not block it; a returned `Promise` is an
 * error. What they throw arrives at the application's exception handlers as the same object.
 */
export class KStream<K = any, V = any> {
  readonly #native: Native.Stream

  /** @internal */
  constructor(native: Native.Stream) {
    this.#native = native
  }

  /** The records for which the predicate holds. */
  filter(predicate: (key: K, value: V) => unknown, options: NameOptions = {}): KStream<K, V> {
    return new KStream(this.#native.filter(predicate, options.name))
  }

  /** The records for which the predicate does not hold. */
  filterNot(predicate: (key: K, value: V) => unknown, options: NameOptions = {}): KStream<K, V> {
    return new KStream(this.#native.filterNot(predicate, options.name))
  }

  /** New keys and values: the mapper returns both, as an array. Grouping what comes out repartitions it. */
  map<K2, V2>(mapper: (key: K, value: V) => Pair<K2, V2>, options: NameOptions = {}): KStream<K2, V2> {
    return new KStream(this.#native.map(mapper, options.name))
  }

  /** New values. */
  mapValues<V2>(mapper: (key: K, value: V) => V2, options: NameOptions = {}): KStream<K, V2> {
    return new KStream(this.#native.mapValues(mapper, options.name))
  }

  /**
   * Any number of records for each one, in order: the mapper returns an array or another iterable of pairs.
   *
   * A generator runs as far as its items are needed: what it does between two of them happens between them.
   */
  flatMap<K2, V2>(mapper: (key: K, value: V) => Iterable<Pair<K2, V2>>, options: NameOptions = {}): KStream<K2, V2> {
    return new KStream(this.#native.flatMap(mapper, options.name))
  }

  /** Any number of values for each record, in order, under the same key: see {@link flatMap}. */
  flatMapValues<V2>(mapper: (key: K, value: V) => Iterable<V2>, options: NameOptions = {}): KStream<K, V2> {
    return new KStream(this.#native.flatMapValues(mapper, options.name))
  }

  /** New keys. Grouping what comes out repartitions it. */
  selectKey<K2>(selector: (key: K, value: V) => K2, options: NameOptions = {}): KStream<K2, V> {
    return new KStream(this.#native.selectKey(selector, options.name))
  }

  /** Shows each record to a function and passes it on. */
  peek(action: (key: K, value: V) => void, options: NameOptions = {}): KStream<K, V> {
    return new KStream(this.#native.peek(action, options.name))
  }

  /** Shows each record to a function; nothing comes after it. */
  forEach(action: (key: K, value: V) => void, options: NameOptions = {}): void {
    this.#native.forEach(action, options.name)
  }

  /**
   * The records of both streams, without an order between them.
   *
   * @throws {@link InvalidError} when the other stream belongs to another builder
   */
  merge(other: KStream<K, V>, options: NameOptions = {}): KStream<K, V> {
    return new KStream(this.#native.merge(other.#native, options.name))
  }

  /** Writes the records to an internal topic by their keys and reads them back. Records without a key vanish. */
  repartition(options: Repartitioned<K, V> = {}): KStream<K, V> {
    return new KStream(this.#native.repartition(common(options), options.partitions, options.partitioner))
  }

  /** Groups by the present key. Without any option the serdes are what is known from before. */
  groupByKey(options: Grouped<K, V> = {}): KGroupedStream<K, V> {
    return new KGroupedStream(this.#native.groupByKey(common(options)))
  }

  /** Groups by a new key, which the selector returns: the stream is repartitioned by it. */
  groupBy<K2>(selector: (key: K, value: V) => K2, options: Grouped<K2, V> = {}): KGroupedStream<K2, V> {
    return new KGroupedStream(this.#native.groupBy(selector, common(options)))
  }

  /** Writes the records to a topic, which must exist. */
  to(topic: string, options: Produced<K, V> = {}): void {
    this.#native.to(topic, common(options), options.partitioner)
  }
}

/**
 * A stream whose records are together by their keys. Made by {@link KStream.groupBy} and {@link KStream.groupByKey}.
 * Records with a null key or value are dropped.
 */
export class KGroupedStream<K = any, V = any> {
  readonly #native: Native.Grouped

  /** @internal */
  constructor(native: Native.Grouped) {
    this.#native = native
  }

  /** How many records each key has had. */
  count(options: TableOptions<K, bigint> = {}): KTable<K, bigint> {
    return new KTable(this.#native.count(table(options.materialized), options.name))
  }

  /** One value for each key: the reducer gets the value so far and the next one. The first value stands for itself. */
  reduce(reducer: (soFar: V, value: V) => V, options: TableOptions<K, V> = {}): KTable<K, V> {
    return new KTable(this.#native.reduce(reducer, table(options.materialized), options.name))
  }

  /**
   * One value for each key, of any type.
   *
   * @param initializer returns what stands before the first record of a key
   * @param aggregator returns the new value; `null` deletes the row
   */
  aggregate<V2>(
    initializer: () => V2,
    aggregator: (key: K, value: V, soFar: V2) => V2 | null,
    options: TableOptions<K, V2> = {},
  ): KTable<K, V2> {
    return new KTable(this.#native.aggregate(initializer, aggregator, table(options.materialized), options.name))
  }
}

/** A table: for each key the last value, and the changes as they happen. */
export class KTable<K = any, V = any> {
  readonly #native: Native.Table

  /** @internal */
  constructor(native: Native.Table) {
    this.#native = native
  }

  /** The changes as a stream: each one's new value, `null` for a deletion. */
  toStream(options: NameOptions = {}): KStream<K, V> {
    return new KStream(this.#native.toStream(options.name))
  }
}

function common(options: SerdeOptions): Native.Common {
  return { name: options.name, keySerde: serdeName(options.keySerde), valueSerde: serdeName(options.valueSerde) }
}

function table(materialized: Materialized | undefined): Native.TableOptions | undefined {
  if (materialized === undefined) return undefined
  return {
    ...common(materialized),
    store: materialized.store,
    caching: materialized.caching ?? true,
    logging: materialized.logging ?? true,
    topicConfig: Object.entries(materialized.topicConfig ?? {}),
  }
}
