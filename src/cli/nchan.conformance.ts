/** nginx with nchan, which serves all four techniques: a server that nobody here wrote. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { folder } from './command.conformance.ts'
import { root } from './root.conformance.ts'

const PATIENCE_MS = 10_000
const STEP_MS = 20
const DOCUMENTED_ADDRESS = '127.0.0.1:8081'

/** The configuration that the documentation gives, so that it is one that works. */
const documented = readFileSync(join(root, 'docs', 'targets.md'), 'utf8')
  .split('```nginx\n')[1]
  ?.split('```')[0] as string

/** An option of a test: skipped, and told how not to be, where the server is not installed. */
export const needsNchan = isInstalled()
  ? {}
  : { skip: 'nginx with nchan is not here: apt-get install nginx libnginx-mod-nchan' }

/** nginx in the foreground, on a free port, with all its files in a folder of its own. */
export class Nchan {
  readonly url: string
  readonly #nginx: ChildProcess
  readonly #port: number
  readonly #folder: string
  #said = ''

  private constructor(port: number, configuration: string) {
    this.#port = port
    this.url = `http://127.0.0.1:${port}`
    this.#folder = mkdtempSync(join(folder, 'nchan-'))
    const file = join(this.#folder, 'nginx.conf')
    writeFileSync(file, configuration.replace(DOCUMENTED_ADDRESS, `127.0.0.1:${port}`))
    // As root it would give its folders' use away to a user who cannot enter them.
    const user = process.getuid?.() === 0 ? 'user root; ' : ''
    const flags = ['-p', this.#folder, '-c', file, '-e', join(this.#folder, 'error.log')]
    this.#nginx = spawn('nginx', [...flags, '-g', `${user}daemon off;`], {
      env: withSbin(),
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#nginx.stderr?.on('data', (bytes: Buffer) => {
      this.#said += bytes
    })
  }

  get pid(): number {
    return this.#nginx.pid ?? 0
  }

  /**
   * Resolves when it serves; it is gone after the test.
   *
   * @param change of the documented configuration
   */
  static async start(context: TestContext, change = (text: string) => text): Promise<Nchan> {
    const nchan = new Nchan(await freePort(), change(documented))
    context.after(() => nchan.stop())
    await nchan.#until(true)
    return nchan
  }

  /** Resolves when nothing of it runs any more. */
  async stop(): Promise<void> {
    if (this.#nginx.exitCode === null && this.#nginx.signalCode === null) {
      const exit = once(this.#nginx, 'exit')
      this.#nginx.kill('SIGTERM')
      await exit
    }
    await this.#until(false)
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #until(serves: boolean): Promise<void> {
    const untilMs = performance.now() + PATIENCE_MS
    while ((await accepts(this.#port)) !== serves) {
      const ended = serves && this.#nginx.exitCode !== null
      assert.ok(!ended && performance.now() < untilMs, `nginx: ${this.#said}`)
      await sleep(STEP_MS)
    }
  }
}

function isInstalled(): boolean {
  const [, module = ''] = /load_module (.+);/.exec(documented) ?? []
  return existsSync(module) && spawnSync('nginx', ['-v'], { env: withSbin() }).status === 0
}

/** Debian has nginx where only root looks. */
function withSbin(): NodeJS.ProcessEnv {
  return { PATH: `${process.env['PATH']}:/usr/sbin` }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const connected = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
  })
  socket.destroy()
  return connected
}
