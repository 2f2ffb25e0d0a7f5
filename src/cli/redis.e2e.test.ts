import { REDIS } from '../backplane/servers.conformance.ts'
import { testRuns } from './bus-runs.conformance.ts'

testRuns(REDIS)
