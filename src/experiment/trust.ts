/** Who is trusted over TLS, and as whom it is spoken, from the files that a scenario or a flag names. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { RtbenchError } from '../error.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { Trust } from '../wire/secure.ts'

/**
 * How the clients of a scenario speak TLS; undefined where as usual.
 * @throws RtbenchError `cannot-run` where a file cannot be used
 */
export async function trustOf({
  ca,
  insecure,
  clientCert,
  clientKey,
  serverName,
}: Pick<Scenario, 'ca' | 'insecure' | 'clientCert' | 'clientKey' | 'serverName'>): Promise<
  Trust | undefined
> {
  const trust: Trust = {
    ...(ca === null ? {} : { ca: await readCertificates('--ca', ca) }),
    ...(insecure ? { isBlind: true } : {}),
    ...(clientCert === null || clientKey === null
      ? {}
      : {
          certificate: await readPair(['--client-cert', clientCert], ['--client-key', clientKey]),
        }),
    ...(serverName === null ? {} : { serverName }),
  }
  return Object.keys(trust).length === 0 ? undefined : trust
}

/** A flag, and the file that it names. */
type Named = readonly [flag: string, path: string]

/** A certificate and its key. */
export async function readPair(
  [certFlag, certPath]: Named,
  [keyFlag, keyPath]: Named,
): Promise<{ readonly cert: string; readonly key: string }> {
  const cert = await readCertificates(certFlag, certPath)
  const key = await readText(keyFlag, keyPath)
  const isOf = tryTo(`${keyFlag}: ${keyPath} has no private key in PEM without a passphrase`, () =>
    new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)),
  )
  if (isOf) return { cert, key }
  throw new RtbenchError(
    'cannot-run',
    `${keyFlag}: ${keyPath} is not the key of the certificate in ${certPath}; expected that one`,
  )
}

async function readCertificates(flag: string, path: string): Promise<string> {
  const text = await readText(flag, path)
  tryTo(`${flag}: ${path} has no certificate in PEM`, () => new X509Certificate(text))
  return text
}

async function readText(flag: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const { code = 'unreadable' } = error as NodeJS.ErrnoException
    throw new RtbenchError('cannot-run', `${flag}: cannot read ${path} (${code})`, error)
  }
}

function tryTo<Value>(fault: string, read: () => Value): Value {
  try {
    return read()
  } catch (error) {
    throw new RtbenchError('cannot-run', `${fault}; expected -----BEGIN …`, error)
  }
}
