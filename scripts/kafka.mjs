/** Fetches the Kafka broker that the tests of the backplane start, where it is not in the cache yet. */
import { fetchKafka } from '../dist/backplane/kafka-broker.conformance.js'

try {
  fetchKafka()
} catch (error) {
  process.stderr.write(`no Kafka for the tests: ${error.message}\n`)
  process.exitCode = 1
}
