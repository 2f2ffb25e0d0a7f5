/**
 * Measures two things in turn, round after round, each of them first and second, so that a drift of
 * the machine favours neither.
 */
export async function inTurn<Figures>(
  rounds: number,
  one: () => Promise<Figures>,
  other: () => Promise<Figures>,
): Promise<readonly [one: readonly Figures[], other: readonly Figures[]]> {
  const ones: Figures[] = []
  const others: Figures[] = []
  for (let round = 0; round < rounds; round++) {
    const turns = [async () => ones.push(await one()), async () => others.push(await other())]
    for (const turn of round % 2 === 0 ? turns : turns.reverse()) await turn()
  }
  return [ones, others]
}
