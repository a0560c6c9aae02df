import { createPrivateKey, createPublicKey, generateKeyPairSync, hash, type KeyObject, sign, verify } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { KeyEntry, Link, SignatureEntry } from './entry.ts'

/** What a signature is over: a head of the chain, said in words so that it can be taken for nothing else. */
function headText({ n, hash: head }: Pick<Link, 'n' | 'hash'>): Buffer {
  return Buffer.from(`vong-gac integrity head 1\n${n}\n${head}\n`)
}

function keyText(key: string): Buffer {
  return Buffer.from(`vong-gac integrity key 1\n${key}\n`)
}

/** Names a key: the head of the SHA-256 of its SubjectPublicKeyInfo, hex. */
export function keyId(key: string): string {
  return hash('sha256', Buffer.from(key, 'base64')).slice(0, 16)
}

/** The public half as the chain carries it: SubjectPublicKeyInfo, DER, base64. */
export function publicOf(key: KeyObject): string {
  const half = key.type === 'private' ? createPublicKey(key) : key
  return half.export({ type: 'spki', format: 'der' }).toString('base64')
}

export function pemOf(key: string): string {
  return createPublicKey({ key: Buffer.from(key, 'base64'), type: 'spki', format: 'der' })
    .export({ type: 'spki', format: 'pem' })
    .toString()
}

/** @throws what is in the text is no Ed25519 public key */
export function publicFromPem(pem: string): string {
  const key = createPublicKey(pem)
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(`a key of ${key.asymmetricKeyType}, not of Ed25519`)
  return publicOf(key)
}

export function signHead(key: KeyObject, head: Pick<Link, 'n' | 'hash'>, at: string): SignatureEntry {
  const signature = sign(null, headText(head), key).toString('base64')
  return { kind: 'signature', at, key: keyId(publicOf(key)), signature }
}

export function isSigned({ signature }: SignatureEntry, head: Pick<Link, 'n' | 'hash'>, key: string): boolean {
  return isBy(key, headText(head), signature)
}

/** The entry by which `next` follows `former`, who vouches for it. */
export function announceKey(next: KeyObject, former: KeyObject | null, at: string): KeyEntry {
  const key = publicOf(next)
  return { kind: 'key', at, key, ...(former && { signature: sign(null, keyText(key), former).toString('base64') }) }
}

export function isVouchedFor({ key, signature }: KeyEntry, former: string): boolean {
  return signature !== undefined && isBy(former, keyText(key), signature)
}

function isBy(key: string, text: Buffer, signature: string): boolean {
  try {
    const half = createPublicKey({ key: Buffer.from(key, 'base64'), type: 'spki', format: 'der' })
    return half.asymmetricKeyType === 'ed25519' && verify(null, text, half, Buffer.from(signature, 'base64'))
  } catch {
    return false // no key at all
  }
}

const NAME = 'signing.key'

/** The key that signs, and one that was made to follow it, where the program ended in between. */
export function readKeys(folder: string): { current: KeyObject | null; next: KeyObject | null } {
  const read = (name: string): KeyObject | null => {
    const path = join(folder, name)
    return existsSync(path) ? createPrivateKey(readFileSync(path)) : null
  }
  return { current: read(NAME), next: read(`${NAME}.next`) }
}

/** Makes a key that is durable beside the one in use; `adoptKey` puts it in its place. */
export function makeKey(folder: string): KeyObject {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const { privateKey } = generateKeyPairSync('ed25519')
  const path = join(folder, `${NAME}.next`)
  const file = openSync(path, 'w', 0o600)
  writeSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
  fsyncSync(file)
  closeSync(file)
  syncFolder(dirname(path))
  return privateKey
}

export function adoptKey(folder: string): void {
  renameSync(join(folder, `${NAME}.next`), join(folder, NAME))
  syncFolder(folder)
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  fsyncSync(handle)
  closeSync(handle)
}
