/** What the sections that judge the command as its users see it have in common. */
export type Print = (line: string) => void

/** `undisturbed: bounds are close: 97 of 100, at least 95 %: holds` */
export function printBar(
  print: Print,
  what: string,
  count: number,
  of: number,
  share: number,
): void {
  const holds = of > 0 && count >= share * of ? 'holds' : 'MISSED'
  print(`  ${what}: ${count} of ${of}, at least ${share * 100} %: ${holds}`)
}
