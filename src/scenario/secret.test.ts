import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import {
  describedWithoutSecrets,
  isSecretName,
  isStarred,
  withoutCredentials,
  withoutSecrets,
} from './secret.ts'

describe('a text without secrets', () => {
  for (const [given, shown] of [
    ['http://user:s3cret@host:80/a', 'http://***@host:80/a'],
    ['https://s3cret@host/a', 'https://***@host/a'],
    ['ftp://user:s3cret@s3cret@host/', 'ftp://***@host/'],
    ['http://user:s3cret/s3cret@host/', 'http://***@host/'],
    ['redis://:s3cret@host', 'redis://***@host'],
    ['user:s3cret@host', '***@host'],
    ['http://host/?token=s3cret', 'http://host/?token=***'],
    ['/a?x=1&api_key=s3cret&y=2', '/a?x=1&api_key=***&y=2'],
    ['/a?%74oken=s3cret;sig=s3cret', '/a?%74oken=***;sig=***'],
    ['token=s3cret&data={data}', 'token=***&data={data}'],
    ['{"accessToken": "s3\\"cret", "data": "{data}"}', '{"accessToken": "***", "data": "{data}"}'],
    ['{"pass":1234,"data":"{data}"}', '{"pass":***,"data":"{data}"}'],
    ['{"d":"{\\"jwt\\":\\"s3cret\\",\\"a\\":1}"}', '{"d":"{\\"jwt\\":\\"***\\",\\"a\\":1}"}'],
    ['{"d":"{\\"jwt\\":\\"s\\\\\\"3\\"}"}', '{"d":"{\\"jwt\\":\\"***\\"}"}'],
    ['{"u":"http:\\/\\/me:s3cret@h/"}', '{"u":"http:\\/\\/***@h/"}'],
    ['/a?PHPSESSID=s3cret&connectSid=s3cret', '/a?PHPSESSID=***&connectSid=***'],
    ['{"userSig":"s3cret","connect.sid":"s3cret"}', '{"userSig":"***","connect.sid":"***"}'],
    ['{"token": ["s3cret", {"a": 17}, "{data}"]}', '{"token": ["***", {"a": ***}, "{data}"]}'],
    ['{"auth":{"value":"s3[c}ret"},"a":"b"}', '{"auth":{"value":"***"},"a":"b"}'],
    ['["x",{"credentials":["u","s3cret"]},"y"]', '["x",{"credentials":["***","***"]},"y"]'],
    ['"token":"s3cret":', '"token":"***":'],
    ['{"auth":{"a":["s3cret"', '{"auth":{"a":["***"'],
    ['{"auth":{data},"pass":"s3cret"}', '{"auth":{data},"pass":"***"}'],
    ['{"d":"{\\"auth\\":{\\"v\\":[\\"s3cret\\"]}}"}', '{"d":"{\\"auth\\":{\\"v\\":[\\"***\\"]}}"}'],
    ['CONNECT\nlogin:me\npasscode:s3cret x\n\n\0', 'CONNECT\nlogin:me\npasscode:***\n\n\0'],
    ['["CONNECT\\ntoken:s3cret\\n\\n"]', '["CONNECT\\ntoken:***\\n\\n"]'],
    ['Authorization: Bearer s3cret', 'Authorization: Bearer ***'],
    ['send Bearer s3cret', 'send Bearer ***'],
    ['send Basic dXNlcjpzM2NyZXQ=', 'send Basic ***'],
  ] as const) {
    it(`has ${shown}`, () => {
      assert.equal(withoutSecrets(given), shown)
      assert.equal(withoutSecrets(shown), shown)
      // Else a printed scenario would be accepted, and the stars sent.
      assert.ok(isStarred(shown))
      assert.ok(!isStarred(given))
    })
  }

  it('is the text where nothing is one', () => {
    for (const text of [
      '/pub/{channel}?since=5&key={channel}',
      'http://host:80/a@b',
      'http://127.0.0.1:8080',
      '{"type":"subscribe","token":"","design":"x"}',
      '"type":"subscribed"',
      'x.yaml:3:10 clients',
      '/a?monkey=7&compass=n&author=me&ssid=x',
      'Basic auth is refused',
      'wants Basic authentication or a Bearer token-based one',
      '{"auth":null,"session":true,"token":[],"a":"b"}',
      'token:{data}',
      '***@ is nobody',
    ]) {
      assert.equal(withoutSecrets(text), text)
    }
  })

  it('is made in no time, whatever the text', () => {
    const long = [
      '://',
      '://a:',
      'a:',
      '"a":',
      '\\"a',
      '"token":"',
      ' a:b',
      'Basic ',
      '"',
      ' ',
      '"token":[',
      '\\nkey:',
    ]
    const startedMs = performance.now()
    for (const part of long) withoutSecrets(part.repeat(65_536 / part.length))
    assert.ok(performance.now() - startedMs < 5_000)
  })
})

test('a text tells whether it has lost its secrets', () => {
  for (const text of ['***', '/a?token=***', '{"key":"***"}', 'Bearer ***']) {
    assert.ok(isStarred(text), text)
  }
  for (const text of ['/a?token=x', '/***', '/a?x=***', '{"text":"***bold***"}']) {
    assert.ok(!isStarred(text), text)
  }
})

describe('a described server', () => {
  it('keeps no value of a header but those that tell nothing', () => {
    const headers = {
      authorization: 'Bearer s3cret',
      Cookie: 'sid=s3cret',
      'X-Tenant': 's3cret',
      'X-Channel': '{channel}',
      'Content-Type': 'application/json',
      Origin: 'http://user:s3cret@host',
    }
    const kept = {
      authorization: '***',
      Cookie: '***',
      'X-Tenant': '***',
      'X-Channel': '{channel}',
      'Content-Type': 'application/json',
      Origin: 'http://***@host',
    }
    const described = {
      publish: { path: '/p?token=s3cret', headers, accepted: [200] },
      endpoints: { sse: { path: '/e', headers, gap: null, cursor: [{ from: 'a', to: 'b' }] } },
    }
    assert.deepEqual(describedWithoutSecrets(described), {
      publish: { path: '/p?token=***', headers: kept, accepted: [200] },
      endpoints: {
        sse: { path: '/e', headers: kept, gap: null, cursor: [{ from: 'a', to: 'b' }] },
      },
    })
    assert.equal(described.publish.headers.authorization, 'Bearer s3cret')
  })

  it('is nothing where there is none', () => {
    assert.equal(describedWithoutSecrets(null), null)
  })
})

test('of a place in a file only credentials are starred, whatever the file is called', () => {
  assert.equal(withoutCredentials('session:3:10 clients'), 'session:3:10 clients')
  assert.equal(withoutCredentials('http://user:s3cret@host/ --url'), 'http://***@host/ --url')
})

test('a name tells whether its value is a secret', () => {
  const secrets =
    'key api_key apiKey X-Api-Key APIKey apikey AccessKeyId keys pass passwd user_pass userPassword passcode ' +
    'PASSPHRASE sid connect.sid connectSid sig userSig PHPSESSID sess JSESSIONID Authorization oauth ' +
    'authenticate X-Auth-Token csrfToken pwd clientSecret credentials jwt Set-Cookie signature'
  const others =
    'monkey keyboard turkey compass bypass passenger author authority ssid sidecar signal design ' +
    'inside channel id data assessment'
  for (const name of secrets.split(' ')) assert.ok(isSecretName(name), name)
  for (const name of others.split(' ')) assert.ok(!isSecretName(name), name)
})
