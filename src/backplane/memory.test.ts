import { testBackplane } from './backplane.conformance.ts'
import { MEMORY } from './memory.conformance.ts'

testBackplane(MEMORY)
