import { hash } from 'node:crypto'

/**
 * Merkle tree hash of RFC 6962 §2.1 with SHA-256. Leaves and nodes are hashed in domains of their own, so that a node can never
 * be passed off as a leaf.
 */
const NODE = Buffer.of(1)

/** `hash` gives a string in a third of the time that it takes to give a buffer. */
function sha256(data: string | Buffer): Buffer {
  return Buffer.from(hash('sha256', data, 'binary'), 'latin1')
}

/** Hash of a leaf: `text` in UTF-8 behind a zero octet. */
export function leafHash(text: string): Buffer {
  return sha256(`\0${text}`)
}

function nodeHash(left: Buffer, right: Buffer): Buffer {
  return sha256(Buffer.concat([NODE, left, right]))
}

/** A tree that grows at its end and keeps only the roots of its perfect subtrees: one for each bit set in its size. */
export interface Frontier {
  size: number
  /** Roots of the perfect subtrees, the largest, which is the leftmost, first. */
  peaks: Buffer[]
}

/** Adds a leaf in place. */
export function grow(tree: Frontier, leaf: Buffer): void {
  let node = leaf
  for (let size = tree.size; size % 2 === 1; size = (size - 1) / 2) node = nodeHash(tree.peaks.pop()!, node)
  tree.peaks.push(node)
  tree.size++
}

/** Of a tree without leaves: the hash of nothing (§2.1). */
export function rootOf({ peaks }: Frontier): Buffer {
  const [last, ...others] = peaks.toReversed()
  return others.reduce((right, left) => nodeHash(left, right), last ?? sha256(''))
}

/** Audit path of leaf `index` (§2.1.1): the hashes that, with the leaf, give the root; nearest to the leaf first. */
export function pathOf(leaves: readonly Buffer[], index: number): Buffer[] {
  if (leaves.length <= 1) return []
  const split = splitOf(leaves.length)
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)]
  return index < split ? [...pathOf(left, index), treeHash(right)] : [...pathOf(right, index - split), treeHash(left)]
}

function treeHash(leaves: readonly Buffer[]): Buffer {
  const tree: Frontier = { size: 0, peaks: [] }
  for (const leaf of leaves) grow(tree, leaf)
  return rootOf(tree)
}

/** The root that an audit path leads to; `null` where a tree of that size has no such path. */
export function rootByPath(leaf: Buffer, index: number, size: number, path: readonly Buffer[]): Buffer | null {
  if (!(Number.isSafeInteger(size) && Number.isSafeInteger(index) && index >= 0 && index < size)) return null
  if (size === 1) return path.length === 0 ? leaf : null
  const sibling = path.at(-1)
  if (sibling === undefined) return null
  const split = splitOf(size)
  const rest = path.slice(0, -1)
  if (index < split) {
    const left = rootByPath(leaf, index, split, rest)
    return left === null ? null : nodeHash(left, sibling)
  }
  const right = rootByPath(leaf, index - split, size - split, rest)
  return right === null ? null : nodeHash(sibling, right)
}

/** The largest power of two that is smaller than `size`. */
function splitOf(size: number): number {
  let split = 1
  while (split * 2 < size) split *= 2
  return split
}
