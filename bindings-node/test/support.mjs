// What tests share.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after } from 'node:test'

import { EmbeddedCluster } from 'libkstreams'

/** The settings of an application that does not wait for long. */
export const quick = {
  'statestore.cache.max.bytes': 0,
  'auto.offset.reset': 'earliest',
  'default.key.serde': 'string',
  'default.value.serde': 'string',
  'commit.interval.ms': 100,
  'session.timeout.ms': 6000,
}

/** A cluster in this process that ends after the test. */
export function embedded(t) {
  const cluster = new EmbeddedCluster()
  t.after(() => cluster.close())
  return cluster
}

/** A folder that goes after the test. */
export function folder(t) {
  const path = mkdtempSync(join(tmpdir(), 'libkstreams-test-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** A real Kafka, one for all tests of a file. `KS_BROKER` is the program that runs one until its input ends. */
export function broker() {
  if (process.env.KS_BROKER === undefined) throw new Error('KS_BROKER is not set: run tests/run node')
  const child = spawn(process.env.KS_BROKER, { stdio: ['pipe', 'pipe', 'inherit'] })
  after(async () => {
    const over = once(child, 'exit')
    child.stdin.end()
    await over
  })
  return once(createInterface(child.stdout), 'line').then(([line]) => line.trim())
}

/** Waits until `look` gives something true. */
export async function until(look, what, timeoutMs = 30_000) {
  const end = performance.now() + timeoutMs
  for (;;) {
    const found = await look()
    if (found) return found
    if (performance.now() > end) throw new Error(`not within ${timeoutMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
