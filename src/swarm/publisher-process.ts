import { beChild } from '../child-process.ts'
import { prepareHistograms } from '../measure/histogram.ts'
import { takeShortTurns, wakeOnTime } from '../process-settings.ts'
import { connectTo } from '../wire/connect.ts'
import type { FromPublisher } from './heard.ts'
import type { PublisherPlan, ToPublisher } from './messages.ts'
import { Publisher } from './publisher.ts'

let publisher: Publisher | null = null

function say(message: FromPublisher): void {
  process.send?.(message)
}

async function prepare(plan: PublisherPlan): Promise<void> {
  await prepareHistograms()
  const connect = await connectTo(plan.targets[0])
  publisher = new Publisher(
    plan,
    (publishes) => say({ type: 'history', batch: { clients: null, publishes } }),
    connect,
  )
  say({ type: 'ready' })
}

beChild('publisher')
wakeOnTime()
takeShortTurns()
process.on('message', (message: ToPublisher) => {
  switch (message.type) {
    case 'start':
      void prepare(message.plan)
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
