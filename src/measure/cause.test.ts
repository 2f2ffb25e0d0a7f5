import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import {
  errorName,
  isAnswered,
  mostFrequent,
  nothingDelivered,
  type SilenceFacts,
  type Strays,
} from './cause.ts'

test('the two most frequent causes are told, and nothing where there is none', () => {
  assert.equal(mostFrequent({}), '')
  assert.equal(mostFrequent({ closed: 1 }), ' (closed 1)')
  assert.equal(mostFrequent({ closed: 1, 'http-404': 9, timeout: 4 }), ' (http-404 9, timeout 4)')
})

test('a server that says no is told from one that is overrun', () => {
  assert.equal(isAnswered({ 'http-404': 9, timeout: 4 }), true)
  for (const code of ['content-encoding-gzip', 'ws-compressed', 'sse-media-type', 'ws-refused']) {
    assert.equal(isAnswered({ [code]: 9, timeout: 4 }), true)
  }
  for (const causes of [{}, { timeout: 4 }, { 'http-503': 9 }, { 'http-429': 9 }]) {
    assert.equal(isAnswered(causes), false)
  }
  assert.equal(isAnswered({ 'http-404': 1, timeout: 4 }), false)
})

describe('the cause of an error', () => {
  for (const code of ['EMFILE', 'EADDRNOTAVAIL']) {
    it(`is the generator's for ${code}`, () => assert.equal(errorName(code), `generator-${code}`))
  }

  for (const code of ['ECONNREFUSED', 'ECONNRESET', 'timeout', 'http-500']) {
    it(`is as it comes for ${code}`, () => assert.equal(errorName(code), code))
  }
})

const silence: SilenceFacts = {
  connected: 20,
  due: 40,
  accepted: 40,
  refusals: {},
  errors: {},
  strays: { foreign: 0, misrouted: 0, unmarked: 0, disguises: {} },
  foreignServer: '127.0.0.1:9000',
}

function strays(found: Partial<Strays>): Partial<SilenceFacts> {
  return { strays: { ...silence.strays, ...found } }
}

for (const [situation, facts, line] of [
  [
    'nothing came at all',
    {},
    'no event came back; does the publish path or body name the channel, as what clients subscribe by does?',
  ],
  [
    'nothing came from an own server',
    { foreignServer: null },
    "no event came back from rtbench's own server; look at its last words",
  ],
  [
    'nobody was subscribed',
    { connected: 0, errors: { 'http-404': 60, timeout: 1 } },
    'no event arrived, since no client was subscribed (http-404 60, timeout 1); look at what the server answers and at the paths',
  ],
  [
    'nobody was subscribed, since all is compressed',
    { connected: 0, errors: { 'content-encoding-gzip': 60 } },
    'no event arrived, since no client was subscribed (content-encoding-gzip 60): the server compresses, asked or not; switch that off for these paths',
  ],
  [
    'nobody was subscribed, and nobody said why',
    { connected: 0 },
    'no event arrived, since no client was subscribed; look at the server, and at how it is reached',
  ],
  [
    'every publish was refused',
    { accepted: 0, refusals: { 'http-401': 40 } },
    'no event arrived, since the server accepted none of 40 events (http-401 40); look at what the server answers and at the path',
  ],
  [
    'every publish failed',
    { accepted: 0, refusals: { ECONNRESET: 40 } },
    'no event arrived, since the server accepted none of 40 events (ECONNRESET 40); look at the server',
  ],
  [
    'connections were cut',
    { errors: { closed: 7 } },
    'no event came back, and connections failed (closed 7); look at the server, and at how it is reached',
  ],
  [
    'frames are compressed',
    { errors: { 'ws-compressed': 7 } },
    'no event came back, and connections failed (ws-compressed 7): the server compresses, asked or not; switch that off for these paths',
  ],
  [
    'messages without a mark came',
    strays({ unmarked: 420 }),
    '420 messages came, none with a mark: encoded, encrypted or cut; see that what is published as {data} comes back as it is',
  ],
  [
    'they are in base64, but for a few',
    strays({ unmarked: 4200, disguises: { cut: 1, base64: 99 } }),
    '4,200 messages came, none with a mark: the payload is in base64; have the server send it as it is',
  ],
  [
    'they are in UTF-16',
    strays({ unmarked: 1, disguises: { 'utf-16': 1 } }),
    '1 message came, none with a mark: the payload is in UTF-16; have the server send UTF-8',
  ],
  [
    'they are compressed',
    strays({ unmarked: 420, disguises: { gzip: 100 } }),
    '420 messages came, none with a mark: they are compressed (gzip); have the server send the payload as it is',
  ],
  [
    'they are cut',
    strays({ unmarked: 420, disguises: { cut: 100 } }),
    '420 messages came, none with a mark: marks are cut short or changed; have the server pass the payload on whole',
  ],
  [
    'events of other channels came, and greetings',
    strays({ misrouted: 30, unmarked: 20 }),
    '30 events came, none of them at a client of its channel; see that {channel} is in what clients subscribe by',
  ],
  [
    'events of another run came',
    strays({ foreign: 1 }),
    '1 event came, all of another run; see that clients subscribe to the channel that is published to',
  ],
  [
    'damaged events came, which may say anything of run and channel',
    strays({ damaged: 30, foreign: 3, misrouted: 2 }),
    '30 events came, none of them whole; find what changes or cuts the payload on its way',
  ],
] as const satisfies readonly (readonly [string, Partial<SilenceFacts>, string])[]) {
  test(`${situation}`, () => {
    const told = nothingDelivered({ ...silence, ...facts })
    assert.equal(told, line)
    // What is wrong; what to do.
    assert.match(told, /^[^\n;]{10,200}; [^\n;]{5,100}$/)
  })
}
