import { existsSync, readFileSync } from 'node:fs'

let version: string | null = null

/** The package's version; reading it is quicker than importing it would be. */
export function packageVersion(): string {
  version ??= readVersion()
  return version
}

function readVersion(): string {
  const text = readFileSync(nearestManifest(new URL('.', import.meta.url)), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

/** The package's file above a folder, as the benchmarks' build lies deeper than the package's. */
function nearestManifest(folder: URL): URL {
  const manifest = new URL('package.json', folder)
  const above = new URL('..', folder)
  return existsSync(manifest) || above.href === folder.href ? manifest : nearestManifest(above)
}
