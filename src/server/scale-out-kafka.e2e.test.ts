import { KAFKA } from '../backplane/kafka-broker.conformance.ts'
import { testScaleOut } from './scale-out.conformance.ts'

testScaleOut(KAFKA)
