import { HttpHead } from './http-head.ts'
import { checkBody, checkHead, type HttpLimits } from './http-limits.ts'

/** The head of a response that is held against limits while it comes, and so is the body after it. */
export abstract class LimitedHead extends HttpHead {
  protected readonly limits: Partial<HttpLimits> | null
  /** Bytes so far of the head, the chunk's line or the trailers; pending ones excluded. */
  protected headBytes = 0
  protected bodyBytes = 0

  constructor(limits: Partial<HttpLimits> | null) {
    super()
    this.limits = limits
  }

  /** @throws {WireError} `http-head-too-large` */
  protected countHead(length: number): void {
    this.headBytes += length
    checkHead(this.limits, this.headBytes)
  }

  /** @throws {WireError} `http-body-too-large` */
  protected countBody(length: number): void {
    this.bodyBytes += length
    checkBody(this.limits, this.bodyBytes)
  }
}
