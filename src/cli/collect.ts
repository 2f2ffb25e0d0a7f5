/** A flag that may be given several times: its values in their order. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value]
}

/** A flag that may be given several times: its values as one, with commas. */
export function joined(value: string, before: string | undefined): string {
  return before === undefined ? value : `${before},${value}`
}
