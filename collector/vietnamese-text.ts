import type { Encoding } from '../model/encoding.ts'

// The encodings of Vietnamese before Unicode, as old line-of-business programs still write them into their logs. All three are ASCII
// below 0x80; what comes out is composed (NFC), as people type it.

/**
 * TCVN 5712:1993 (VN1), 0x80 to 0xFF. TCVN3, «ABC», is its second half: letters from 0xA1 on, capital letters with a tone only by
 * another font. What VN1 has in places that TCVN3 leaves empty cannot do harm there.
 */
const TCVN =
  'ÀẢÃÁẠẶẬÈẺẼÉẸỆÌỈĨÍỊÒỎÕÓỌỘỜỞỠỚỢÙỦŨ\u00A0ĂÂÊÔƠƯĐăâêôơưđẰ\u0300\u0309\u0303\u0301\u0323àảãáạẲằẳẵắẴẮẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịòỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵỐ'

const GRAVE = '\u0300'
const ACUTE = '\u0301'
const CIRCUMFLEX = '\u0302'
const TILDE = '\u0303'
const BREVE = '\u0306'
const HOOK = '\u0309'
const DOT = '\u0323'

/**
 * VNI-Windows (VNI Software, «VNI character set»): a vowel is its letter, then one byte for its marks; both have the letter's case,
 * and the marks of capitals lie 0x20 below those of small letters. Letters of one byte are ì í ỉ ĩ ị ơ ư ỵ đ.
 */
const VNI_MARKS: { readonly [byte: number]: string } = {
  0xf8: GRAVE,
  0xf9: ACUTE,
  0xfb: HOOK,
  0xf5: TILDE,
  0xef: DOT,
  0xe2: CIRCUMFLEX,
  0xe0: CIRCUMFLEX + GRAVE,
  0xe1: CIRCUMFLEX + ACUTE,
  0xe5: CIRCUMFLEX + HOOK,
  0xe3: CIRCUMFLEX + TILDE,
  0xe4: CIRCUMFLEX + DOT,
  0xea: BREVE,
  0xe8: BREVE + GRAVE,
  0xe9: BREVE + ACUTE,
  0xfa: BREVE + HOOK,
  0xfc: BREVE + TILDE,
  0xeb: BREVE + DOT,
}
const VNI_LETTERS: { readonly [byte: number]: string } = {
  0xec: 'ì',
  0xed: 'í',
  0xe6: 'ỉ',
  0xf3: 'ĩ',
  0xf2: 'ị',
  0xf4: 'ơ',
  0xf6: 'ư',
  0xee: 'ỵ',
  0xf1: 'đ',
}
/** Small letters and marks end here; capitals are 0x20 below. */
const VNI_SMALL_FROM = 0xe0

const WINDOWS_1258 = new TextDecoder('windows-1258')

/** The text that `bytes` are in that encoding. Every byte gives something: one that the encoding leaves empty is U+FFFD. */
export function decodeVietnamese(bytes: Uint8Array, encoding: Encoding): string {
  if (encoding === 'windows-1258') return WINDOWS_1258.decode(bytes).normalize('NFC')
  const characters = encoding === 'tcvn3' ? decodeTcvn(bytes) : decodeVni(bytes)
  return characters.join('').normalize('NFC')
}

function decodeTcvn(bytes: Uint8Array): string[] {
  return Array.from(bytes, (byte) => (byte < 0x80 ? String.fromCharCode(byte) : TCVN[byte - 0x80]!))
}

function decodeVni(bytes: Uint8Array): string[] {
  const characters: string[] = []
  for (const byte of bytes) {
    if (byte < 0x80) {
      characters.push(String.fromCharCode(byte))
      continue
    }
    const capital = byte >= VNI_SMALL_FROM - 0x20 && byte < VNI_SMALL_FROM
    const small = capital ? byte + 0x20 : byte
    const marks = VNI_MARKS[small]
    const before = characters.at(-1)
    if (marks !== undefined && before !== undefined && /^[aeouyơư]$/i.test(before)) characters.push(marks)
    else {
      const letter = VNI_LETTERS[small]
      characters.push(letter === undefined ? '\uFFFD' : capital ? letter.toUpperCase() : letter)
    }
  }
  return characters
}
