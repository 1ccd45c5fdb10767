// Builds the package in place: the native library, the CommonJS files, and the ES module over them.
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(dirname(fileURLToPath(import.meta.url)))
const run = (program, ...args) => execFileSync(program, args, { cwd: here, stdio: 'inherit' })

// More flags for cargo, such as those of the benchmarks.
const flags = (process.env.KS_CARGO_FLAGS ?? '').split(' ').filter((flag) => flag !== '')
run('cargo', ...flags, 'build', '--quiet', '--package', 'kstreams-node')
const metadata = JSON.parse(
  execFileSync('cargo', ['metadata', '--no-deps', '--format-version', '1'], { cwd: here, maxBuffer: 1 << 26 }),
)
const native = join(here, 'native', 'kstreams.node')
// A new file: the old one may be loaded by a program that runs.
rmSync(native, { force: true })
copyFileSync(join(metadata.target_directory, 'debug', 'libkstreams_node.so'), native)

for (const folder of ['cjs', 'esm']) rmSync(join(here, folder), { recursive: true, force: true })
run(process.execPath, createRequire(import.meta.url).resolve('typescript/bin/tsc'))

// The ES module hands out the CommonJS one's names: whoever loads both ways gets the same classes.
const names = Object.keys(createRequire(import.meta.url)(join(here, 'cjs', 'index.js'))).sort()
mkdirSync(join(here, 'esm'))
writeFileSync(
  join(here, 'esm', 'index.mjs'),
  `import library from '../cjs/index.js'\n\nexport const {\n${names.map((name) => `  ${name},\n`).join('')}} = library\n`,
)
writeFileSync(join(here, 'esm', 'index.d.mts'), "export * from '../cjs/index.js'\n")
