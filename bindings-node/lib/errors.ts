/** What to do about an error, in one word. */
export type ErrorCode =
  | 'retriable'
  | 'abortable'
  | 'fenced'
  | 'invalid'
  | 'denied'
  | 'data'
  | 'closed'
  | 'cancelled'
  | 'user'
  | 'internal'
  | 'timeout'
  | 'resource'
  | 'fatal'

/** What an error carries beside its message. */
export interface KafkaErrorOptions {
  /** What to do about it. */
  code?: ErrorCode
  /** Kafka's protocol error code, or 0 if the error does not come from a broker. */
  kafkaCode?: number
  /** What it happened to, such as `{ topic: 'orders' }`. */
  facts?: Record<string, string>
  /** What caused it. */
  cause?: unknown
}

/**
 * The base of all errors of this library. Its {@link code} says what to do.
 *
 * A function of yours that throws inside of a topology is different: its own error, the same object, arrives at the
 * exception handlers and at whoever waits for the result.
 */
export class KafkaError extends Error {
  /** What to do, in one word. */
  readonly code: ErrorCode
  /** Kafka's protocol error code, or 0 if the error does not come from a broker. */
  readonly kafkaCode: number
  /** What it happened to. Facts are printed after the message. */
  readonly facts: Readonly<Record<string, string>>

  constructor(message: string, options: KafkaErrorOptions = {}) {
    const facts = options.facts ?? {}
    const text = Object.entries(facts).reduce((text, [name, value]) => `${text} ${name}=\`${value}\``, message)
    super(text, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = options.code ?? 'internal'
    this.kafkaCode = options.kafkaCode ?? 0
    this.facts = facts
  }

  /** Whether the same call may succeed after a pause. */
  get retriable(): boolean {
    return this.code === 'retriable'
  }

  /** The topic that it is about, if there is one. */
  get topic(): string | undefined {
    return this.facts.topic
  }

  /** The partition that it is about, if there is one. */
  get partition(): number | undefined {
    return this.facts.partition === undefined ? undefined : Number(this.facts.partition)
  }
}

/** Repeat the call, after a pause. */
export class RetriableError extends KafkaError {}
/** Abort the transaction, then begin again. */
export class AbortableError extends KafkaError {}
/** Another instance took over: close, create anew. */
export class FencedError extends KafkaError {}
/** A wrong argument, setting or order of calls. */
export class InvalidError extends KafkaError {}
/** The broker or the operating system refuses this principal. */
export class DeniedError extends KafkaError {}
/** Data that cannot be read or written as declared; skip or repair them. */
export class DataError extends KafkaError {}
/** The object was closed. */
export class ClosedError extends KafkaError {}
/** The call was cancelled. */
export class CancelledError extends KafkaError {}
/** A callback of the program failed. */
export class UserError extends KafkaError {}
/** A bug in this library. */
export class InternalError extends KafkaError {}
/** A deadline passed; the message says whether the outcome is known. */
export class TimeoutError extends KafkaError {}
/** Disk, lock or memory: free it, then retry. */
export class ResourceError extends KafkaError {}
/** This object is unusable: make a new one. */
export class FatalError extends KafkaError {}

/** One item of a call and what became of it. */
export interface Outcome<T> {
  /** The item's place in the call, from 0. */
  index: number
  /** What became of it. */
  result: T
}

/**
 * Some items of one call succeeded, others failed.
 *
 * Its code is that of the first failure, and that failure is its `cause`.
 */
export class PartialError<T = unknown> extends KafkaError {
  /** The results of what succeeded. */
  readonly succeeded: readonly Outcome<T>[]
  /** What failed, and why. */
  readonly failed: readonly Outcome<Error>[]

  constructor(succeeded: readonly Outcome<T>[], failed: readonly Outcome<Error>[]) {
    const cause = failed[0]?.result
    const { code, kafkaCode } = cause instanceof KafkaError ? cause : { code: 'user' as const, kafkaCode: 0 }
    super(`${failed.length} of ${succeeded.length + failed.length} failed`, { code, kafkaCode, cause })
    this.succeeded = succeeded
    this.failed = failed
  }
}

/** The class of each code. */
const classes: Record<ErrorCode, typeof KafkaError> = {
  retriable: RetriableError,
  abortable: AbortableError,
  fenced: FencedError,
  invalid: InvalidError,
  denied: DeniedError,
  data: DataError,
  closed: ClosedError,
  cancelled: CancelledError,
  user: UserError,
  internal: InternalError,
  timeout: TimeoutError,
  resource: ResourceError,
  fatal: FatalError,
}

/** @internal What the native half calls for an error. */
export function makeError(
  code: ErrorCode,
  message: string,
  kafkaCode: number,
  facts: [string, string][],
  cause: unknown,
): KafkaError {
  const error = new (classes[code] ?? KafkaError)(message, { code, kafkaCode, facts: Object.fromEntries(facts), cause })
  // The first line of the stack is the call that failed.
  Error.captureStackTrace(error, makeError)
  return error
}
