/** A bus's URL fit to be shown: who logs in is starred, and so are the values of its parameters. */
export function shownUrl(url: string): string {
  return url
    .replace(/^([a-z][a-z0-9+.-]*:)?\/*\S*@/i, '$1//***@')
    .replace(/([?&][^=&#]*=)[^&#]*/g, '$1***')
}
