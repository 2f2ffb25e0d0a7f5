/** The fields of a JSON text message; none where the text is no object, which names nothing. */
export function parseMessage(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // Text that is not JSON says nothing in this protocol: the reader passes it over or refuses it.
  }
  return {}
}
