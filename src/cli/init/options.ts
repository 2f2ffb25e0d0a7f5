import { createInterface } from 'node:readline/promises'
import type { Wishes } from '../../discovery/discovery.ts'
import type { Technique } from '../../discovery/listener.ts'
import { RtbenchError } from '../../error.ts'
import { planOf } from '../../experiment/plan.ts'
import { flagLayer } from '../../scenario/layer.ts'
import { refuse } from '../flags.ts'

export interface InitOptions {
  readonly serve?: string
  readonly url?: string
  readonly sse?: string
  readonly ws?: string
  readonly poll?: string
  readonly longPoll?: string
  readonly publish?: string
  readonly body?: string
  readonly token?: string
  readonly allowRemote?: boolean
  /** False leaves the run out. */
  readonly try?: boolean
  readonly force?: boolean
}

/** The server that is to be measured: one that a command starts, or one that runs. */
export type Server = { readonly serve: string } | { readonly url: string }

/** The flag that names each technique's path. */
const PATH_FLAGS = {
  sse: 'sse',
  websocket: 'ws',
  'short-poll': 'poll',
  'long-poll': 'longPoll',
} as const satisfies Readonly<Record<Technique, keyof InitOptions>>

/** How such a flag is written. */
export function pathFlag(technique: Technique): string {
  return PATH_FLAGS[technique] === 'longPoll' ? '--long-poll' : `--${PATH_FLAGS[technique]}`
}

/**
 * The server that the flags name; null where it is rtbench's own.
 * @throws RtbenchError `usage`
 */
export function serverOf({ serve, url }: Pick<InitOptions, 'serve' | 'url'>): Server | null {
  if (serve !== undefined && url !== undefined) {
    refuse('--url', '--serve starts the server to be measured; leave one out')
  }
  if (serve !== undefined) {
    if (/^\s*$|[\r\n]/.test(serve)) {
      refuse('--serve', "is no command of one line; expected one such as 'npm start'")
    }
    return { serve }
  }
  if (url === undefined) return null
  planOf([flagLayer({ url })])
  return { url }
}

const QUESTION = `How is your server started, or at which URL is it running?
(npm start, http://127.0.0.1:3000; nothing for rtbench's own server) `

/**
 * Asks on a terminal which server is to be measured; null where nothing is answered.
 * @throws RtbenchError `interrupted` by Ctrl-C
 */
export async function askForServer(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): Promise<Server | null> {
  const dialogue = createInterface({ input, output })
  try {
    const closed = new Promise<string>((resolve) => dialogue.once('close', () => resolve('')))
    const stopped = new Promise<never>((_, reject) => {
      dialogue.once('SIGINT', () => {
        reject(new RtbenchError('interrupted', 'stopped before anything was written'))
      })
    })
    const answer = (await Promise.race([dialogue.question(QUESTION), closed, stopped])).trim()
    if (answer === '') return null
    return serverOf(/^https?:\/\//i.test(answer) ? { url: answer } : { serve: answer })
  } finally {
    dialogue.close()
  }
}

/**
 * What is said of how the server speaks.
 * @throws RtbenchError `usage`
 */
export function wishesOf(options: InitOptions, server: Server): Wishes {
  const { publish, body } = options
  const paths: Partial<Record<Technique, string>> = {}
  for (const technique of Object.keys(PATH_FLAGS) as Technique[]) {
    const path = options[PATH_FLAGS[technique]]
    if (path === undefined) continue
    if (!isPath(path))
      refuse(pathFlag(technique), `${path} is no path; expected one such as /events`)
    paths[technique] = path
  }
  if (body !== undefined && !body.includes('{data}')) {
    refuse('--body', `${body} has no {data}; expected one such as '{"text":"{data}"}'`)
  }
  return {
    paths,
    publish: publish === undefined ? null : requestOf(publish),
    body: body ?? null,
    // On another machine nothing is tried that nobody named.
    mayGuess: 'serve' in server || !options.allowRemote,
    token: options.token ?? (process.env['RTBENCH_TOKEN'] || null),
  }
}

/** `POST /messages`, or the path alone. */
function requestOf(text: string): NonNullable<Wishes['publish']> {
  const [, method = 'POST', path = ''] = /^(?:(POST|PUT|PATCH) +)?(\S+)$/.exec(text.trim()) ?? []
  if (!isPath(path)) {
    refuse(
      '--publish',
      `${text} is no request; expected POST, PUT or PATCH and a path: 'POST /messages'`,
    )
  }
  return { method, path }
}

function isPath(text: string): boolean {
  return /^\/[!-~]*$/.test(text) && !text.includes('#')
}
