import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSecretName } from './secret-name.ts'

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
