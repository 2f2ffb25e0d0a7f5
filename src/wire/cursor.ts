import { WireError } from './wire-error.ts'

/** A server's id is kept for each client and sent back in a request's head. */
export const MAX_CURSOR_BYTES = 1024

/** @throws {WireError} `cursor-too-long` for an id of so many bytes that nobody could resume by it */
export function checkCursor(bytes: number): void {
  if (bytes > MAX_CURSOR_BYTES) {
    throw new WireError('cursor-too-long', `an id of more than ${MAX_CURSOR_BYTES} bytes`)
  }
}
