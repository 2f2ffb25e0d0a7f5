import type { Socket } from 'node:net'
import type { Meter } from './server-side.ts'

/**
 * A held connection that is written to past its protocol's library, which would frame the same
 * event anew for every receiver. One that leaves too much unread is cut.
 */
export abstract class BoundedWriter {
  protected readonly socket: Socket
  protected readonly meter: Meter
  readonly #maxBufferedBytes: number
  /** Unsent bytes beyond which the client is too slow just now. */
  #boundBytes: number
  /**
   * The last word is said. Kept here, since to ask the socket, or what stands above it, costs each
   * receiver of a broadcast a look into memory that no cache holds.
   */
  protected isClosing = false

  constructor(socket: Socket, meter: Meter, maxBufferedBytes: number) {
    this.socket = socket
    this.meter = meter
    this.#maxBufferedBytes = maxBufferedBytes
    this.#boundBytes = maxBufferedBytes
  }

  /** False when the connection is over, if only by this frame, which was one too many. */
  protected send(frame: Buffer): boolean {
    return !this.isClosing && (this.socket.write(frame) || this.#isInBounds())
  }

  /**
   * Sends what was missed. Who asks for much has not been slow yet: the bound is wider until this
   * is read, and the log bounds it.
   */
  protected sendReplay(frames: readonly Buffer[]): void {
    this.#boundBytes = this.#maxBufferedBytes
    for (const frame of frames) {
      this.#boundBytes += frame.length
      this.socket.write(frame)
    }
    if (this.#isInBounds()) this.meter.deliveries += frames.length
  }

  #isInBounds(): boolean {
    if (this.socket.destroyed) return false
    const unsent = this.socket.writableLength
    if (unsent <= this.#maxBufferedBytes) this.#boundBytes = this.#maxBufferedBytes
    else if (unsent > this.#boundBytes) {
      this.meter.slowConsumers++
      this.socket.destroy()
      return false
    }
    return true
  }
}
