/**
 * Where the parser of responses is; those of a chunk's line are in http-chunk.ts. Up to REFUSED, no
 * response is under way.
 */
export const IDLE = 0
export const UPGRADED = 1
/** The last response of a connection is complete. */
export const ENDED = 2
export const REFUSED = 3
/** After an interim response. */
export const AWAITING = 4
export const STATUS_LINE = 5
export const FIELDS = 6
export const TRAILERS = 7
export const COUNTED_DATA = 8
export const CHUNK_DATA = 9
export const DATA_UNTIL_CLOSE = 10
/** All is read, `onComplete` is owed. */
export const DUE = 11
