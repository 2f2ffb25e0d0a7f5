/** What the documents name and the repository does not have, because a reader has it. */

/** A stored result; each is a copy of one short run. */
export const RESULTS: readonly string[] = [
  'results/2026-11-22T10-49-36Z-all-1000.json',
  'results/2026-11-25T15-27-10Z-all-1000.json',
  'results/before/all-1000.json',
  'results/after/all-1000.json',
  'all-1000.json',
  'rates.json',
  'result.json',
  'monday.json',
  'tuesday.json',
  'before.json',
  'after.json',
]

/** Folders, and those of the repository that they are copies of. */
export const FOLDERS: Readonly<Record<string, string>> = {
  'results/candidate': 'results/baseline',
}

/** Files by their text. */
export const FILES: Readonly<Record<string, string>> = {
  'chat.yaml':
    'transport: sse\nclients: 20\nrate: 10\narrivals: constant\nduration: 2s\nwarmup: 500ms\nrepeat: 5\n',
  'my.yaml': 'transport: sse\nclients: 20\n',
  // The mistakes that docs/scenarios.md shows.
  'mine.yaml': 'cleints: 10\ntransport: sse\nduration: 30\n',
  // A server of the reader's own, whom the reference server stands in for.
  'server.js':
    "process.argv.splice(2, 0, 'serve')\nconst { main } = await import('./dist/cli/main.js')\nawait main(process.argv)\n",
}

/** What a command before it in the same script writes. */
export const WRITTEN: readonly string[] = ['scenarios/first.yaml']

/** What a file's commands suppose to have been done. */
export const BEFORE: Readonly<Record<string, string>> = {
  'scenarios/nchan.yaml': 'mkdir /tmp/nchan && cp nginx.conf /tmp/nchan',
}

/** The one folder outside of a copy in which the documents write. */
export const OUTSIDE = '/tmp/nchan'
