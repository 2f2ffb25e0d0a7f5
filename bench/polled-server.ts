/** The servers that the closed loop polls, each on a core of its own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { request } from 'undici'
import { COMMAND } from './program.ts'

const PATIENCE_MS = 5_000
const STEP_MS = 20

/** A server that answers polls, and how its clients ask. */
export interface PolledServer {
  readonly origin: string
  readonly pid: number
  /** Asks what is new after an id, which is nothing. */
  readonly path: string
  /** The scenario that describes it to rtbench; null for the reference server. */
  readonly scenario: string | null
  stop(): Promise<void>
}

/**
 * rtbench's own: Node's HTTP server, as an application would use it.
 *
 * @param core that it keeps to; without it, the system decides
 */
export async function startReference(core?: string): Promise<PolledServer> {
  const command = [process.execPath, COMMAND, 'serve', '--port', '0']
  const [program = '', ...args] = core === undefined ? command : ['taskset', '-c', core, ...command]
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const stop = stopperOf(child)
  const origin = await new Promise<string>((resolve, reject) => {
    let text = ''
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`the server ended: ${text}`)))
    child.stderr.on('data', (bytes: Buffer) => {
      text += bytes
      const found = /serves on (http:\/\/[\d.]+:\d+)/.exec(text)?.[1]
      if (found !== undefined) resolve(found)
    })
  })
  const { body } = await request(`${origin}/poll?channel=a`)
  const { lastEventId } = (await body.json()) as { lastEventId: string }
  const path = `/poll?channel=a&lastEventId=${lastEventId}`
  return { origin, pid: child.pid ?? 0, path, scenario: null, stop }
}

const ANSWER = '{"events":[],"lastEventId":"rtbi_1764084000000000_123456789_"}'
const SCENARIO = `
target:
  short-poll:
    path: /poll?channel={channel}
    cursor: [{ from: field lastEventId, to: query lastEventId }]
`

export function hasNginx(): boolean {
  return spawnSync('nginx', ['-v']).status === 0
}

/** nginx with the answer of an empty poll: two to three times as fast as Node's HTTP server. */
export async function startNginx(core: string): Promise<PolledServer> {
  const folder = await mkdtemp(join(tmpdir(), 'rtbench-nginx-'))
  const port = await freePort()
  const configuration = join(folder, 'nginx.conf')
  const scenario = join(folder, 'scenario.yaml')
  await writeFile(scenario, SCENARIO)
  await writeFile(configuration, nginxConfiguration(folder, port))
  const child = spawn(
    'taskset',
    ['-c', core, 'nginx', '-p', folder, '-c', configuration, '-e', join(folder, 'errors')],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  const end = stopperOf(child)
  await untilOpen(port)
  const stop = async (): Promise<void> => {
    await end()
    await rm(folder, { recursive: true, force: true })
  }
  const path = '/poll?channel=a&lastEventId=rtbi_1764084000000000_123456789_'
  return { origin: `http://127.0.0.1:${port}`, pid: child.pid ?? 0, path, scenario, stop }
}

function nginxConfiguration(folder: string, port: number): string {
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const temporary = kinds.map((kind) => `  ${kind}_temp_path ${folder}/${kind};`).join('\n')
  return `daemon off; worker_processes 1; pid ${folder}/pid;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 1000000000; keepalive_timeout 120s;
${temporary}
  server {
    listen 127.0.0.1:${port};
    location = /poll {
      default_type application/json;
      add_header Cache-Control no-store;
      return 200 '${ANSWER}';
    }
  }
}
`
}

/** Ends the process; whatever happens here, it does not outlive the bench. */
function stopperOf(child: ChildProcess): () => Promise<void> {
  const kill = (): void => void child.kill()
  process.once('exit', kill)
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  void gone.then(() => process.removeListener('exit', kill))
  return async () => {
    child.kill('SIGTERM')
    await gone
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

async function untilOpen(port: number): Promise<void> {
  const untilMs = performance.now() + PATIENCE_MS
  while (performance.now() < untilMs) {
    const socket = connect(port, '127.0.0.1')
    const open = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    })
    socket.destroy()
    if (open) return
    await sleep(STEP_MS)
  }
  throw new Error(`nothing listens on port ${port}`)
}
