import { native } from './native'

/** The names of all serdes, and the types of their values. */
export interface SerdeTypes {
  bytes: Buffer
  string: string
  short: number
  int: number
  long: bigint
  float: number
  double: number
  boolean: boolean
}

/** The name of a serde. */
export type SerdeName = keyof SerdeTypes

/** A serde or its name: `{ valueSerde: 'long' }` is `{ valueSerde: serde.long }`. */
export type SerdeLike<T = any> = Serde<T> | SerdeName

/** How keys and values are written as bytes, in the same form as Kafka's own serdes. */
export class Serde<T> {
  /** Kafka's word for it, such as `long`. */
  readonly name: SerdeName

  /** The serde of a name. */
  constructor(name: SerdeName) {
    this.name = name
  }

  /**
   * The bytes of a value; `null` stays `null`.
   *
   * @throws {@link DataError} when the value is of another type or out of range
   */
  serialize(value: T | null): Buffer | null {
    return native.serialize(this.name, value)
  }

  /**
   * The value of bytes; `null` stays `null`.
   *
   * @throws {@link DataError} when the bytes are not of this form
   */
  deserialize(bytes: Uint8Array | null): T | null {
    return native.deserialize(this.name, bytes) as T | null
  }
}

/** The serdes. */
export const serde = {
  /** A `Buffer` or `Uint8Array` as it is. */
  bytes: new Serde<Buffer>('bytes'),
  /** A string as UTF-8. Malformed bytes are read as U+FFFD, as in Java. */
  string: new Serde<string>('string'),
  /** A number as 16 bits, big endian. */
  short: new Serde<number>('short'),
  /** A number as 32 bits, big endian. */
  int: new Serde<number>('int'),
  /** A bigint (or a whole number) as 64 bits, big endian. */
  long: new Serde<bigint>('long'),
  /** A number as 32 bits, big endian. */
  float: new Serde<number>('float'),
  /** A number as 64 bits, big endian. */
  double: new Serde<number>('double'),
  /** A boolean as one byte, 0 or 1. */
  boolean: new Serde<boolean>('boolean'),
} as const

/** @internal The name that the native half takes. */
export function serdeName(serde: SerdeLike | undefined): string | undefined {
  return typeof serde === 'object' ? serde.name : serde
}
