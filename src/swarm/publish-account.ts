/** What became of the requests of a publish link, and of the events in them that are counted. */
export class PublishAccount {
  /** Requests without an answer. */
  outstanding = 0
  /** Counted events that were accepted. */
  accepted = 0
  /** Counted events that were not: refused, or never sent. */
  dropped = 0
  /** Counted events that were sent, and of which nobody knows whether the server took them. */
  unknown = 0
  /** The dropped and the unknown ones by the reason: `http-404`, `ECONNREFUSED`, `closed`. */
  readonly causes = new Map<string, number>()

  /** A request is under way. */
  begin(): void {
    this.outstanding++
  }

  /**
   * A request with so many counted events was answered.
   *
   * @param refusal why they were not accepted; null where they were
   */
  answered(counted: number, refusal: string | null): void {
    this.outstanding--
    if (refusal === null) this.accepted += counted
    else {
      this.dropped += counted
      this.#note(refusal, counted)
    }
  }

  /** A request was not sent, and will not be. */
  unsent(counted: number, cause: string): void {
    this.outstanding--
    this.dropped += counted
    this.#note(cause, counted)
  }

  /** A request was sent, and will not be answered. */
  lost(counted: number, cause: string): void {
    this.outstanding--
    this.unknown += counted
    this.#note(cause, counted)
  }

  #note(cause: string, counted: number): void {
    if (counted > 0) this.causes.set(cause, (this.causes.get(cause) ?? 0) + counted)
  }
}
