/** A header of a record. */
export interface Header {
  /** The name; names may repeat. */
  name: string
  /** The value. */
  value: Buffer | Uint8Array | null
}

/** A record of a topic. */
export interface Record<K = Buffer | null, V = Buffer | null> {
  /** The topic. Empty in a timestamp extractor. */
  topic: string
  /** The key: a `Buffer` or `null`, unless a serde was given where the record was read. */
  key: K
  /** The value: a `Buffer` or `null`, unless a serde was given where the record was read. */
  value: V
  /** Milliseconds since 1970, if it is known. */
  timestamp: number | undefined
  /** The partition, if it is known. */
  partition: number | undefined
  /** The record's place in its partition, if it is known. */
  offset: bigint | undefined
  /** The headers. */
  headers: Header[]
}

/** @internal What the native half calls for a record. */
export function makeRecord(
  topic: string | undefined,
  key: unknown,
  value: unknown,
  timestamp: number | undefined,
  partition: number | undefined,
  offset: bigint | undefined,
  headers: (string | Buffer | null)[] | undefined,
): Record<unknown, unknown> {
  return { topic: topic ?? '', key, value, timestamp, partition, offset, headers: toHeaders(headers) }
}

function toHeaders(flat: (string | Buffer | null)[] | undefined): Header[] {
  const headers: Header[] = []
  for (let index = 0; index + 1 < (flat?.length ?? 0); index += 2) {
    headers.push({ name: flat![index] as string, value: flat![index + 1] as Buffer | null })
  }
  return headers
}

/** @internal Headers as the native half takes them: names and values in turn. */
export function flatHeaders(headers: readonly Header[] | undefined): unknown[] | undefined {
  return headers?.flatMap(({ name, value }) => [name, value])
}
