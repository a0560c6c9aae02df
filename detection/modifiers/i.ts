import { regexFlag } from '../regex-flag.ts'

/** Sigma spec, «re» sub-modifier: upper and lower case are one. */
export default regexFlag('i')
