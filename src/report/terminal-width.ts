/**
 * Columns of a terminal; `usual` where it is none, or one that does not tell: pseudo-terminals
 * that nobody has sized say 0.
 */
export function terminalWidth(stream: { readonly columns?: number }, usual: number): number {
  return stream.columns || usual
}
