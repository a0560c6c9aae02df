import { utf16 } from '../encoding.ts'

/** Sigma spec, «utf16le»: the value as UTF-16 little-endian bytes. */
export default utf16('utf16le', (bytes) => bytes)
