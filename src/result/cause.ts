/** The code of what a file system refuses, such as `ENOENT`; null where it has none. */
export function codeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null
  return typeof error.code === 'string' ? error.code : null
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** A path or a file's bytes may hold line ends and escape codes; a message may not. */
export function oneLine(message: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return message.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
}
