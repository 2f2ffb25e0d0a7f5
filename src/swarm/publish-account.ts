/** What became of the requests of a publish link, and of the events in them that are counted. */
export class PublishAccount {
  /** Requests without an answer. */
  outstanding = 0
  /** Counted events that were accepted. */
  accepted = 0
  /** Counted events that were not. */
  dropped = 0
  /** These by the reason: `http-404`, `ECONNREFUSED`. */
  readonly refusals = new Map<string, number>()
  /** Counted events of which nothing is known yet. */
  unanswered = 0

  /** A counted event is to be sent. */
  expect(): void {
    this.unanswered++
  }

  /** A request with so many counted events is sent; call what comes back once, with its end. */
  begin(counted: number): (refusal: string | null) => void {
    this.outstanding++
    return (refusal) => {
      this.outstanding--
      this.unanswered -= counted
      if (refusal === null) this.accepted += counted
      else if (counted > 0) {
        this.dropped += counted
        this.refusals.set(refusal, (this.refusals.get(refusal) ?? 0) + counted)
      }
    }
  }
}
