/** The entry of the publisher's process. */
import { prepareHistograms } from '../measure/histogram.ts'
import type { FromPublisher, ToPublisher } from './messages.ts'
import { Publisher } from './publisher.ts'

let publisher: Publisher | null = null
let publishing = false

function say(message: FromPublisher): void {
  process.send?.(message)
}

process.on('message', (message: ToPublisher) => {
  if (message.type === 'start') {
    void prepareHistograms().then(() => {
      publisher = new Publisher(message.plan)
      say({ type: 'ready' })
    })
  } else if (publishing) publisher?.shorten(message.window)
  else {
    publishing = true
    void publisher?.publish(message.startNs, message.window).then((report) => {
      say({ type: 'published', report })
    })
  }
})
// Ctrl-C reaches the whole group; the coordinator decides when the publisher ends.
process.on('SIGINT', () => {})
process.on('disconnect', () => process.exit())
