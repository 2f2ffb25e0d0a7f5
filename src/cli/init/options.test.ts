import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { askForServer, type InitOptions, serverOf, wishesOf } from './options.ts'

const server = { serve: 'npm start' }

const refused: readonly (readonly [InitOptions, RegExp])[] = [
  [{ serve: 'x', url: 'http://127.0.0.1' }, /^--url: --serve starts/],
  [{ serve: ' ' }, /^--serve: is no command of one line/],
  [{ serve: 'a\nb' }, /^--serve: is no command of one line/],
  [{ url: '127.0.0.1:3000' }, /^--url: /],
  [{ sse: 'events' }, /^--sse: events is no path; expected one such as \/events$/],
  [{ longPoll: '/a b' }, /^--long-poll: /],
  [{ publish: 'GET /x' }, /^--publish: GET \/x is no request; expected POST, PUT or PATCH/],
  [{ publish: 'x' }, /^--publish: /],
  [{ body: 'x' }, /^--body: x has no \{data\}/],
]

for (const [options, line] of refused) {
  test(`${JSON.stringify(options)} is refused`, () => {
    assert.throws(() => wishesOf(options, serverOf(options) ?? server), {
      code: 'usage',
      message: line,
    })
  })
}

test('what is said of a server', () => {
  const wishes = wishesOf({ ws: '/ws', publish: '/pub', body: '{data}', token: 't' }, server)
  assert.deepEqual(wishes, {
    paths: { websocket: '/ws' },
    publish: { method: 'POST', path: '/pub' },
    body: '{data}',
    mayGuess: true,
    token: 't',
  })
  const { publish } = wishesOf({ publish: 'PUT /x?y=1' }, server)
  assert.deepEqual(publish, { method: 'PUT', path: '/x?y=1' })
})

test('on another machine nothing is tried that nobody named', () => {
  const remote = { url: 'https://staging.example' }
  assert.equal(wishesOf({ allowRemote: true }, remote).mayGuess, false)
  assert.equal(wishesOf({}, { url: 'http://127.0.0.1:3000' }).mayGuess, true)
})

for (const [answer, expected] of [
  ['npm start\n', { serve: 'npm start' }],
  [' http://127.0.0.1:3000 \n', { url: 'http://127.0.0.1:3000' }],
  ['\n', null],
  ['', null],
] as const) {
  test(`a terminal's answer: ${JSON.stringify(answer)}`, async () => {
    const input = new PassThrough()
    const output = new PassThrough()
    input.end(answer)
    assert.deepEqual(await askForServer(input, output), expected)
    output.end()
    assert.match(await text(output), /^How is your server started/)
  })
}

test('Ctrl-C answers nothing', async () => {
  const input = new PassThrough()
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80 })
  input.write('npm st\u0003')
  await assert.rejects(askForServer(input, output), { code: 'interrupted' })
})
