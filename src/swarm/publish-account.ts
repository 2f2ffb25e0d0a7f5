/** What became of the requests of a publish link, and of the events in them that are counted. */
export class PublishAccount {
  /** Requests without an answer. */
  outstanding = 0
  /** Counted events that were accepted. */
  accepted = 0
  /** Counted events that were not. */
  dropped = 0
  /** Counted events of which nothing is known yet. */
  unanswered = 0

  /** A counted event is to be sent. */
  expect(): void {
    this.unanswered++
  }

  /** A request with so many counted events is sent; call what comes back once, with its end. */
  begin(counted: number): (accepted: boolean) => void {
    this.outstanding++
    return (accepted) => {
      this.outstanding--
      this.unanswered -= counted
      if (accepted) this.accepted += counted
      else this.dropped += counted
    }
  }
}
