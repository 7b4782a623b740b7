// Lines that wait to be run. A paste of a hundred thousand lines is cut as they come up, since to cut it at once
// would hold the page.

const LINE_END = /\r\n|\r|\n/g;

export class Lines {
  /** Texts of whole lines; of the first one what stands before #at has been run. */
  #texts: string[] = [];
  #at = 0;

  get empty(): boolean {
    return this.#texts.length === 0;
  }

  /** Appends a line. */
  add(line: string): void {
    this.#texts.push(`${line}\n`);
  }

  /** Appends the whole lines of a text and returns what stands behind the last line end. */
  addAll(text: string): string {
    const end = Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1;
    if (end > 0) this.#texts.push(text.slice(0, end));
    return text.slice(end);
  }

  /** Takes the first line out, which must be there. */
  next(): string {
    const text = this.#texts[0]!;
    LINE_END.lastIndex = this.#at;
    const line = text.slice(this.#at, LINE_END.exec(text)!.index);
    this.#at = LINE_END.lastIndex;
    if (this.#at === text.length) {
      this.#texts.shift();
      this.#at = 0;
    }
    return line;
  }

  /** Drops all lines and returns the first of them, `most` at most. */
  drop(most = 0): string[] {
    const first: string[] = [];
    while (first.length < most && !this.empty) first.push(this.next());
    this.#texts = [];
    this.#at = 0;
    return first;
  }
}
