/** How a source's bytes are to be read where they are not UTF-8. */
export const ENCODINGS = ['windows-1258', 'tcvn3', 'vni'] as const
export type Encoding = (typeof ENCODINGS)[number]
