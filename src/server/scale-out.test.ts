import { MEMORY } from '../backplane/memory.conformance.ts'
import { testScaleOut } from './scale-out.conformance.ts'

testScaleOut(MEMORY)
