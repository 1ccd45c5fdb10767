/** Where a record was when it failed. */
export interface FailureContext {
  /** The topic that it came from, if it came from one. */
  topic: string | null
  /** The partition, or -1. */
  partition: number
  /** The offset, or -1. */
  offset: bigint
  /** The node that failed, as in {@link Topology.describe}. */
  node: string
  /** The task, such as `0_1`. */
  task: string
  /** Milliseconds since 1970, or -1 if it is not known yet. */
  timestamp: number
}

/**
 * What an exception handler decides: `fail` stops the task, `continue` goes on without the record, which is counted in
 * `dropped-records-total`.
 */
export type HandlerResponse = 'continue' | 'fail'

/** Decides about a record that failed. One that throws decides for `fail`. The error is the very object that was thrown. */
export type ExceptionHandler = (context: FailureContext, error: unknown) => HandlerResponse

/** Who decides about records that fail. Without a function, the settings say what happens. */
export interface Handlers {
  /** Decides about records whose bytes a serde cannot read. */
  deserializationHandler?: ExceptionHandler | undefined
  /** Decides about records on which a node fails. */
  processingHandler?: ExceptionHandler | undefined
  /** Decides about records that cannot be written to a topic. */
  productionHandler?: ExceptionHandler | undefined
}

type Parts = [topic: string | null, partition: number, offset: bigint, node: string, task: string, timestamp: number]

/** @internal The handlers as the native half takes them. */
export function handlerArguments(handlers: Handlers): unknown[] {
  return [handlers.deserializationHandler, handlers.processingHandler, handlers.productionHandler].map(named)
}

function named(handler: ExceptionHandler | undefined): unknown {
  if (typeof handler !== 'function') return handler
  const asked = ([topic, partition, offset, node, task, timestamp]: Parts, error: unknown) =>
    handler({ topic, partition, offset, node, task, timestamp }, error)
  return Object.defineProperty(asked, 'name', { value: handler.name })
}
