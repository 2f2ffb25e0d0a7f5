const EVENT_TYPE = /^[^\r\n\0]{1,128}$/
/** On a stream, the type that tells of events which cannot be replayed. */
export const GAP_TYPE = 'gap'

/** What is wrong with a publisher's type for an event; null when it may be published. */
export function eventTypeFault(type: unknown): string | null {
  if (typeof type !== 'string' || !EVENT_TYPE.test(type)) {
    return 'type is not a line of 1 to 128 characters'
  }
  return type === GAP_TYPE ? `type ${GAP_TYPE} is the server's own` : null
}
