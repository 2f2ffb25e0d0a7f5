const STEP_MS = 20

/**
 * Does something to each of some members, in an even pace over a time, as who is asked to leave in an order
 * that nobody may know; those to come do not keep the process.
 */
export function spread<Member>(
  members: Iterable<Member>,
  withinMs: number,
  act: (member: Member) => void,
): void {
  const all = [...members]
  const startMs = performance.now()
  let done = 0
  const step = (): void => {
    const share = withinMs === 0 ? 1 : Math.min(1, (performance.now() - startMs) / withinMs)
    const due = Math.ceil(all.length * share)
    while (done < due) act(all[done++] as Member)
    if (done < all.length) setTimeout(step, STEP_MS).unref()
  }
  step()
}
