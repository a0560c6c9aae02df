import { utf16 } from '../encoding.ts'

/** Sigma spec, «utf16be»: the value as UTF-16 big-endian bytes. */
export default utf16('utf16be', (bytes) => bytes.swap16())
