/** As much of the library as the console uses; it brings no types of its own. */
declare module 'commonmark' {
  export interface Node {
    readonly type: string
    readonly literal: string | null
    readonly destination: string | null
    readonly level: number
    readonly listType: 'bullet' | 'ordered'
    readonly firstChild: Node | null
    readonly next: Node | null
  }
  export class Parser {
    parse(text: string): Node
  }
}
