/** Removes what is built and has no source any more. */
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const built = join(root, 'dist')
for (const file of readdirSync(built, { recursive: true, encoding: 'utf8' })) {
  const source = /^(.*?)(?:\.d\.ts|\.js)$/.exec(file)?.[1]
  if (source === undefined || existsSync(join(root, 'src', `${source}.ts`))) continue
  rmSync(join(built, file), { force: true })
}
