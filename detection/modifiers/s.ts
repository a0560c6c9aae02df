import { regexFlag } from '../regex-flag.ts'

/** Sigma spec, «re» sub-modifier: a dot matches line breaks. */
export default regexFlag('s')
