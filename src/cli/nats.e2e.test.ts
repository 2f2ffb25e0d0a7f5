import { NATS } from '../backplane/servers.conformance.ts'
import { testRuns } from './bus-runs.conformance.ts'

testRuns(NATS)
