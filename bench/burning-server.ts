/**
 * The reference server with a busy loop for each delivery: a server that costs a known share more. It burns after
 * an event was written to all of its receivers, so that nothing but its CPU time changes.
 * Arguments: the port, and microseconds a delivery.
 */
import { FanOutMeter } from '../src/server/hub.ts'
import { DEFAULT_SERVER_OPTIONS, startServer } from '../src/server/reference-server.ts'

const [port = 0, burnUs = 0] = process.argv.slice(2).map(Number)

const book = FanOutMeter.prototype.book
FanOutMeter.prototype.book = function burning(receivers, ...times) {
  book.call(this, receivers, ...times)
  const before = process.cpuUsage()
  while (cpuUs(before) < receivers * burnUs);
}

/** CPU time and no other: a server that has to wait for a processor burns no less. */
function cpuUs(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return user + system
}

const server = await startServer({ ...DEFAULT_SERVER_OPTIONS, port })
process.once('SIGTERM', () => void server.drain())
