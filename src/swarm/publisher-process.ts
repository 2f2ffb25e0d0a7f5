import { beChild } from '../child-process.ts'
import { prepareHistograms } from '../measure/histogram.ts'
import { takeShortTurns, wakeOnTime } from '../process-settings.ts'
import type { FromPublisher } from './heard.ts'
import type { ToPublisher } from './messages.ts'
import { Publisher } from './publisher.ts'

let publisher: Publisher | null = null

function say(message: FromPublisher): void {
  process.send?.(message)
}

beChild('publisher')
wakeOnTime()
takeShortTurns()
process.on('message', (message: ToPublisher) => {
  switch (message.type) {
    case 'start':
      void prepareHistograms().then(() => {
        publisher = new Publisher(message.plan, (publishes) =>
          say({ type: 'history', batch: { clients: null, publishes } }),
        )
        say({ type: 'ready' })
      })
      break
    case 'publish':
      void publisher?.publish(message.schedule).then((report) => {
        say({ type: 'published', report })
      })
      break
    case 'finish':
      publisher?.finish()
      break
  }
})
