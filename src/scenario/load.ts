import { open, readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { RtbenchError } from '../error.ts'
import { fileLayer } from './file-layer.ts'
import type { Layer } from './layer.ts'
import { usageError } from './problem.ts'
import { suggest } from './suggestion.ts'

const MOST_BYTES = 2 ** 20
const LINE_FEED = 0x0a

/**
 * Reads a scenario file, YAML or JSON.
 *
 * @throws RtbenchError `usage` when it cannot be read, is over 1 MiB, not UTF-8 or no scenario
 */
export async function readScenarioFile(path: string): Promise<Layer> {
  const bytes = await readAtMost(path, MOST_BYTES + 1)
  if (bytes.length > MOST_BYTES) {
    throw fileError(path, 'larger than 1 MiB; expected a scenario file')
  }
  return fileLayer(path, decode(path, bytes))
}

/** Reads up to so many bytes of whatever the path opens, pipes included. */
async function readAtMost(path: string, limit: number): Promise<Uint8Array> {
  try {
    const file = await open(path, 'r')
    try {
      const bytes = new Uint8Array(limit)
      let length = 0
      while (length < limit) {
        const { bytesRead } = await file.read(bytes, length, limit - length)
        if (bytesRead === 0) break
        length += bytesRead
      }
      return bytes.subarray(0, length)
    } finally {
      await file.close()
    }
  } catch (error) {
    throw fileError(path, await unreadable(path, error), error)
  }
}

async function unreadable(path: string, error: unknown): Promise<string> {
  const expected = 'expected a scenario file, YAML or JSON'
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return `no such file${await nearbyFile(path)}; ${expected}`
    case 'EISDIR':
      return `a folder; ${expected}`
    case 'EACCES':
    case 'EPERM':
      return `not readable by this user; ${expected}`
    default:
      return `cannot be read (${code}); ${expected}`
  }
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

function decode(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    const where = firstForeignByte(bytes)
    throw fileError(`${path}:${where}`, 'not UTF-8; expected a text file in UTF-8', error)
  }
}

/** Line and column of the first character that is not UTF-8; a line feed is never inside one. */
function firstForeignByte(bytes: Uint8Array): string {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const encoder = new TextEncoder()
  let start = 0
  for (let line = 1; start < bytes.length; line++) {
    const feed = bytes.indexOf(LINE_FEED, start)
    const end = feed === -1 ? bytes.length : feed
    const written = bytes.subarray(start, end)
    const text = decoder.decode(written)
    const again = encoder.encode(text)
    const differs = again.findIndex((byte, at) => byte !== written[at])
    if (differs !== -1) {
      const before = decoder.decode(written.subarray(0, differs))
      return `${line}:${before.length + 1}`
    }
    start = end + 1
  }
  return '1:1'
}

function fileError(label: string, text: string, cause?: unknown): RtbenchError {
  return usageError([{ place: { label, order: 0 }, text }], cause)
}
