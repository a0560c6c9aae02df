import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesBelow, hashOf, parseSums, renderSums, SUMS_FILE } from '../data-folder/sums.ts'

/** Ed25519 over the list of hashes: 64 bytes, as `openssl pkeyutl -verify -rawin` takes them. */
export const SIGNATURE_FILE = `${SUMS_FILE}.sig`

/** What was signed is not what lies here, or another key signed it. */
export class SignatureError extends Error {
  override readonly name = 'SignatureError'
}

/** The private key in a PEM file, which is made where it is not there. @throws for a key of another kind */
export function releaseKey(path: string): KeyObject {
  if (!existsSync(path)) {
    const { privateKey } = generateKeyPairSync('ed25519')
    writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' })
  }
  const key = createPrivateKey(readFileSync(path))
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(`${path} is no Ed25519 key`)
  return key
}

export function publicPem(key: KeyObject): string {
  return createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString()
}

/** SHA-256 of the public key (DER, SPKI), lower-case hex: short enough to be read out over the telephone. */
export function fingerprint(pem: string): string {
  return createHash('sha256')
    .update(createPublicKey(pem).export({ type: 'spki', format: 'der' }))
    .digest('hex')
}

/** Lists the hashes of all files in `folder`, and signs the list. */
export async function signFolder(folder: string, key: KeyObject): Promise<void> {
  const sums = new Map<string, string>()
  for (const path of await filesBelow(folder)) sums.set(path, await hashOf(join(folder, path)))
  const text = renderSums(sums)
  writeFileSync(join(folder, SUMS_FILE), text)
  writeFileSync(join(folder, SIGNATURE_FILE), sign(null, Buffer.from(text), key))
}

/**
 * Holds a folder against its signed list: the signature first, then every file, and no file more.
 * @param pem the public key that is trusted, from elsewhere than the folder
 * @throws {SignatureError}
 */
export async function verifyFolder(folder: string, pem: string): Promise<void> {
  const [list, signature] = [SUMS_FILE, SIGNATURE_FILE].map((name) => {
    const path = join(folder, name)
    if (!existsSync(path)) throw new SignatureError(`${name} is missing: it is not signed · không có chữ ký`)
    return readFileSync(path)
  })
  if (!verify(null, list!, createPublicKey(pem), signature!)) {
    throw new SignatureError('the signature is not of the trusted key · chữ ký không đúng khóa tin cậy')
  }
  const sums = parseSums(list!.toString()) ?? new Map<string, string>()
  const files = new Set(await filesBelow(folder))
  for (const own of [SUMS_FILE, SIGNATURE_FILE]) files.delete(own)
  for (const [path, hash] of sums) {
    if (!files.delete(path) || (await hashOf(join(folder, path))) !== hash) {
      throw new SignatureError(`${path} is not what was signed · tệp không khớp chữ ký`)
    }
  }
  const [extra] = files
  if (extra !== undefined) throw new SignatureError(`${extra} was not signed · tệp lạ, không có chữ ký`)
}
