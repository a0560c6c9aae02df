import { regexFlag } from '../regex-flag.ts'

/** Sigma spec, «re» sub-modifier: ^ and $ match at line breaks (long name). */
export default regexFlag('m')
