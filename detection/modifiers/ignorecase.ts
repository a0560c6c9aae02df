import { regexFlag } from '../regex-flag.ts'

/** Sigma spec, «re» sub-modifier: upper and lower case are one (long name). */
export default regexFlag('i')
