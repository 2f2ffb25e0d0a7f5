import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import type { RtbenchError } from '../error.ts'
import { fileLayer } from './file-layer.ts'
import type { Layer } from './layer.ts'
import { usageError } from './problem.ts'
import { suggest } from './suggestion.ts'

const MOST_BYTES = 2 ** 20

/** @throws RtbenchError `usage` when it cannot be read, is over 1 MiB, not UTF-8 or no scenario */
export async function readScenarioFile(path: string): Promise<Layer> {
  const bytes = await readAtMost(path, MOST_BYTES + 1)
  if (bytes.length > MOST_BYTES) {
    throw fileError(path, 'larger than 1 MiB; expected a scenario file')
  }
  if (!isUtf8(bytes)) {
    const where = firstForeignByte(bytes)
    throw fileError(`${path}:${where}`, 'not UTF-8; expected a text file in UTF-8')
  }
  return fileLayer(path, new TextDecoder().decode(bytes))
}

/** Reads up to so many bytes of whatever the path opens, pipes included. */
async function readAtMost(path: string, limit: number): Promise<Buffer> {
  try {
    return await buffer(createReadStream(path, { end: limit - 1 }))
  } catch (error) {
    throw fileError(path, await unreadable(path, error), error)
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EISDIR: 'a folder',
  EACCES: 'not readable by this user',
  EPERM: 'not readable by this user',
}

async function unreadable(path: string, error: unknown): Promise<string> {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'
  const isMissing = code === 'ENOENT' || code === 'ENOTDIR'
  const why = isMissing
    ? `no such file${await nearbyFile(path)}`
    : (REASONS[code] ?? `cannot be read (${code})`)
  return `${why}; expected a scenario file, YAML or JSON`
}

/** `, did you mean scenarios/broadcast.yaml?` when its folder has a file of nearly that name. */
async function nearbyFile(path: string): Promise<string> {
  const folder = dirname(path)
  const names = await readdir(folder).catch(() => [])
  const nearby = suggest(
    basename(path),
    names.filter((name) => /\.(ya?ml|json)$/i.test(name)),
  )
  return nearby === null ? '' : `, did you mean ${join(folder, nearby)}?`
}

/** Line and column of the first character that is not UTF-8. */
function firstForeignByte(bytes: Uint8Array): string {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const again = new TextEncoder().encode(decoder.decode(bytes))
  const differs = again.findIndex((byte, at) => byte !== bytes[at])
  const lines = decoder.decode(bytes.subarray(0, differs)).split('\n')
  return `${lines.length}:${(lines.at(-1) ?? '').length + 1}`
}

function fileError(label: string, text: string, cause?: unknown): RtbenchError {
  return usageError([{ place: { label, order: 0 }, text }], cause)
}
