import { utf16 } from '../encoding.ts'

/** Sigma spec, «utf16»: byte order mark FF FE, then little-endian. */
export default utf16('utf16', (bytes) => Buffer.concat([Buffer.from([0xff, 0xfe]), bytes]))
