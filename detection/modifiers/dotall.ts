import { regexFlag } from '../regex-flag.ts'

/** Sigma spec, «re» sub-modifier: a dot matches line breaks (long name). */
export default regexFlag('s')
