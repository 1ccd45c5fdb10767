import { native } from './native'

/** How serious a log record is. */
export type LogLevel = 'error' | 'warn' | 'info' | 'debug' | 'trace'

/** Something that the library logged. */
export interface LogRecord {
  /** How serious it is. */
  level: LogLevel
  /** Which part of the library it comes from, such as `kstreams::runtime`. */
  target: string
  /** What happened, in one line. */
  message: string
  /** Milliseconds since 1970. */
  timestamp: number
}

/**
 * Delivers log records of a level and more serious ones to a function, instead of an earlier one, in all threads of the
 * process. Without a logger, as at first, nothing is logged. A logger does not keep the process alive.
 *
 * @example
 * setLogger('info', ({ level, message }) => console.error(level, message))
 *
 * @param logger `null` for none
 */
export function setLogger(level: LogLevel, logger: ((record: LogRecord) => void) | null): void {
  if (logger === null) return native.clearLogger()
  native.setLogger(level, (level: LogLevel, target: string, message: string, timestamp: number) => {
    logger({ level, target, message, timestamp })
  })
}
