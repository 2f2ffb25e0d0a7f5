import { stringify } from 'yaml'
import type { Discovery } from '../../discovery/discovery.ts'
import type { Technique } from '../../discovery/listener.ts'
import { listed, shellWord } from '../../report/wording.ts'
import { BEGUN_THRESHOLDS } from '../../scenario/printed.ts'
import { pathFlag, type Server } from './options.ts'

/** What is written in the place of what was not found. */
const SAMPLES: Readonly<Record<Technique | 'publish', string>> = {
  publish: `{ path: /messages, headers: { Content-Type: application/json }, body: '{"text":"{data}"}' }`,
  sse: '{ path: /events }',
  websocket: '{ path: /ws }',
  'short-poll': '{ path: /poll }',
  'long-poll': '{ path: /long-poll, first: held }',
}

/** A scenario that measures somebody's server as it was found to speak; what was not found is commented out. */
export function serverScenario(
  { publish, endpoints, missing }: Discovery,
  server: Server,
  { schema, command }: { readonly schema: string; readonly command: string },
): string {
  const target = { ...(publish === null ? {} : { publish }), ...endpoints }
  const texts = Object.values(target).map((one) => JSON.stringify(one))
  // Of one channel each event goes to all clients.
  const isOne = !texts.every((text) => text.includes('{channel}'))
  const rate = publish === null ? 0 : isOne ? 20 : 1
  const started =
    'serve' in server
      ? `# The server is started for each run by --serve; to measure one that runs:
#
#     npx rtbench run scenarios/server.yaml --url http://127.0.0.1:3000
`
      : stringify({ url: server.url }, { lineWidth: 0 })
  return `# yaml-language-server: $schema=${schema}
#
# A scenario of rtbench: what is measured of ${'serve' in server ? `the server of ${shellWord(server.serve)}` : server.url}.
# docs/scenarios.md of rtbench explains every key, docs/targets.md how a server is described.
#
#     ${command}
#
${started}
${stringify({ target }, { lineWidth: 0 })}${(Object.keys(missing) as (Technique | 'publish')[])
  .map((name) => absentLines(name, missing[name] ?? ''))
  .join('')}
transport: all # all that are described
clients: 50
channels: ${isOne ? 'broadcast # every event goes to all clients' : 'per-client'}
rate: ${rate}${publish === null ? ' # until target says how to publish' : ' # events per second and channel'}
arrivals: constant
payload: 128
interval: 500ms

warmup: 1s
duration: 5s
seed: 1
${publish === null ? '' : thresholdLines(endpoints)}`
}

/** What every server should keep, and a time that no sound one misses: a poller waits for its interval. */
function thresholdLines(endpoints: Discovery['endpoints']): string {
  const longest = endpoints['short-poll'] === undefined ? '100ms' : '1s'
  const listed = stringify({ threshold: BEGUN_THRESHOLDS }, { lineWidth: 0 })
  return `\n${listed}  - p50<${longest} # what your clients may wait; judged with the times\n`
}

function absentLines(name: Technique | 'publish', why: string): string {
  const flag = name === 'publish' ? "--publish 'POST /path'" : `${pathFlag(name)} PATH`
  return `  # ${name}: ${why}; name it by rtbench init ${flag}, or here:\n  # ${name}: ${SAMPLES[name]}\n`
}

/** What was found, in words: `Event stream on /events`. */
export function foundLine({ publish, endpoints }: Discovery): string {
  const where = Object.entries(endpoints).map(([name, { path }]) => `${name} on ${path}`)
  if (publish !== null)
    where.push(`publishing by ${publish['method'] ?? 'POST'} ${publish['path']}`)
  return listed(where)
}
