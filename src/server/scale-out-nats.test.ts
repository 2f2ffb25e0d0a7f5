import { NATS } from '../backplane/servers.conformance.ts'
import { testScaleOut } from './scale-out.conformance.ts'

testScaleOut(NATS)
