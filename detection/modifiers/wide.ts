import { utf16 } from '../encoding.ts'

/** Sigma spec, «wide»: the value as UTF-16 little-endian bytes. */
export default utf16('wide', (bytes) => bytes)
