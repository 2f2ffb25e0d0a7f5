import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { RtbenchError } from '../error.ts'
import { firstProblem } from '../text.ts'
import { writeAtomically } from './atomic-file.ts'
import { codeOf, messageOf, oneLine } from './cause.ts'
import { contradictionIn } from './contradiction.ts'
import { type Result, resultSchema } from './document.ts'

/**
 * A digest of a document, `sha256-…` in hexadecimal, which any change of a figure or a word changes;
 * white space is not part of it, nor is its own key. It tells damage, not forgery: who changes the
 * document may change the digest, too.
 */
function integrityOf(document: object): string {
  const text = JSON.stringify(withoutIntegrity(document))
  return `sha256-${createHash('sha256').update(text).digest('hex')}`
}

/** All that a document says but its digest. */
export function withoutIntegrity<Content extends object>(document: Content): Content {
  const { integrity: _, ...content } = document as Content & { readonly integrity?: unknown }
  return content as Content
}

/** Larger than any result that rtbench writes; a file above it is something else. */
const maxResultBytes = 512 * 1024 * 1024

/**
 * The stored form of a result: JSON, two spaces of indentation, a newline at its end. Its last key
 * is the digest of all before it, so that a changed figure is no other result.
 */
export function serialiseResult(result: Result): string {
  return `${JSON.stringify({ ...result, integrity: integrityOf(result) }, null, 2)}\n`
}

/**
 * A file's name without extension for a result: `2026-11-22T10-49-36Z-sse-10000`. Only letters,
 * digits, `.`, `_` and `-` of the scenario's name remain.
 * @param startedAt ISO 8601, UTC
 */
export function resultBaseName(name: string, startedAt: string): string {
  const moment = startedAt.replace(/\.\d+Z$/, 'Z').replace(/[^0-9TZ-]/g, '-')
  const safe = safeFileName(name)
  return safe === '' ? moment : `${moment}-${safe}`
}

/** What of a scenario's name can stand in a file's name anywhere; empty where nothing can. */
export function safeFileName(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 100)
}

/** Another form of a result to store beside it. */
export interface Rendering {
  /** Without a dot: `md`. */
  readonly extension: string
  readonly text: string
}

/**
 * Stores a result as `<folder>/<base name>.json`, its renderings beside it, and returns the paths,
 * the document's first: it is on the disk before anything is rendered. Storing the same invocation
 * again, as after each of its runs, replaces its files; another invocation's files are never touched:
 * the name gets a number then.
 * @param render makes the other forms, which may name a file beside them by the base name that all have
 * @throws RtbenchError `not-written`; also where the result breaks its own schema, or cannot be
 *   rendered
 */
export async function saveResult(
  folder: string,
  result: Result,
  render: (baseName: string) => readonly Rendering[] = () => [],
): Promise<string[]> {
  const check = resultSchema.safeParse(result)
  if (!check.success) {
    const why = `the result is not sound at ${firstProblem(check.error.issues)}`
    throw new RtbenchError('not-written', oneLine(`${folder}: not written: ${why}`))
  }
  const base = await freeBase(folder, result)
  const paths = [`${base}.json`]
  await writeAtomically(`${base}.json`, serialiseResult(result))
  let renderings: readonly Rendering[]
  try {
    renderings = render(basename(base))
  } catch (error) {
    const why = `the document is saved, but cannot be rendered (${messageOf(error)})`
    throw new RtbenchError('not-written', oneLine(`${base}: ${why}`), error)
  }
  for (const { extension, text } of renderings) {
    await writeAtomically(`${base}.${extension}`, text)
    paths.push(`${base}.${extension}`)
  }
  return paths
}

async function freeBase(folder: string, result: Result): Promise<string> {
  const { startedAt } = result.environment
  const wanted = join(folder, resultBaseName(result.scenario.name, startedAt))
  for (let number = 1; ; number++) {
    const base = number === 1 ? wanted : `${wanted}-${number}`
    try {
      const present = await readResult(`${base}.json`)
      if (present.environment.startedAt === startedAt) return base
    } catch (error) {
      // Unreadable but there, it is still somebody's.
      if (isMissing(error) || number === 1000) return base
    }
  }
}

/**
 * Reads a stored result.
 * @throws RtbenchError `bad-result`, and nothing else, whatever the file holds: one line with the
 * path, what is wrong, and for a document that breaks the schema where
 */
export async function readResult(path: string): Promise<Result> {
  let document: unknown
  try {
    document = JSON.parse(await readText(path))
  } catch (error) {
    throw bad(path, error instanceof SyntaxError ? notJson(path, error) : whyUnread(error), error)
  }
  if (typeof document !== 'object' || document === null || !('schemaVersion' in document)) {
    throw bad(path, 'not a result of rtbench: it has no schemaVersion')
  }
  if (document.schemaVersion !== 1) {
    const version = JSON.stringify(document.schemaVersion).slice(0, 40)
    throw bad(path, `schemaVersion is ${version}, but this rtbench reads 1; use a matching version`)
  }
  const parsed = resultSchema.safeParse(document)
  if (!parsed.success) throw bad(path, `damaged or foreign: ${firstProblem(parsed.error.issues)}`)
  // Results of before its time have no digest; who edits one by intent takes the key out.
  if ('integrity' in document && document.integrity !== integrityOf(document)) {
    throw bad(
      path,
      'damaged: its content is not what its key "integrity" was made of; restore the file or measure again, and if you edited it on purpose, take that key out',
    )
  }
  const contradiction = contradictionIn(parsed.data.runs)
  if (contradiction !== null) throw bad(path, `contradicts itself: ${contradiction}`)
  return withoutIntegrity(parsed.data)
}

async function readText(path: string): Promise<string> {
  // Asked before it is opened: to open a pipe would wait for its writer.
  const status = await stat(path)
  if (!status.isFile()) throw new RangeError('not a file; give the .json file of a result')
  if (status.size === 0) throw new RangeError('the file is empty')
  if (status.size > maxResultBytes) throw new RangeError('larger than 512 MiB, as no result is')
  // Fatal: a flipped byte must not become a replacement character in a name.
  return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path))
}

function bad(path: string, problem: string, cause?: unknown): RtbenchError {
  return new RtbenchError('bad-result', oneLine(`${path}: ${problem}`), cause)
}

function notJson(path: string, error: SyntaxError): string {
  if (/\.ya?ml$/i.test(path))
    return 'a scenario by its name; expected a result, which is a .json file'
  return `truncated or not JSON (${error.message.slice(0, 200)})`
}

function whyUnread(error: unknown): string {
  if (error instanceof RangeError) return error.message
  return UNREAD[codeOf(error) ?? ''] ?? `cannot be read (${messageOf(error)})`
}

const UNREAD: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'not allowed to read it',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'damaged: it is not UTF-8',
}

function isMissing(error: unknown): boolean {
  const code = error instanceof RtbenchError ? codeOf(error.cause) : null
  return code === 'ENOENT' || code === 'ENOTDIR'
}
