/**
 * Kafka Streams as a native engine, with complete Kafka clients.
 *
 * @packageDocumentation
 */

import { native } from './native'

export * from './admin'
export * from './cluster'
export * from './consumer'
export * from './dsl'
export {
  AbortableError,
  CancelledError,
  ClosedError,
  DataError,
  DeniedError,
  type ErrorCode,
  FatalError,
  FencedError,
  InternalError,
  InvalidError,
  KafkaError,
  type KafkaErrorOptions,
  type Outcome,
  PartialError,
  ResourceError,
  RetriableError,
  TimeoutError,
  UserError,
} from './errors'
export type { ExceptionHandler, FailureContext, HandlerResponse, Handlers } from './handlers'
export { type LogLevel, type LogRecord, setLogger } from './logging'
export { Producer, type ProducerRecord, type RecordMetadata } from './producer'
export type { Header, Record } from './record'
export { Serde, serde, type SerdeLike, type SerdeName, type SerdeTypes } from './serde'
export type { Settings, SettingValue } from './settings'
export * from './streams'
export * from './testing'
export { type InternalTopic, Topology } from './topology'

/** The library's version. */
export const version: string = native.version()
