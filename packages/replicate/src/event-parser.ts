/** One server-sent event. */
export interface ServerSentEvent {
  /** `message` unless the server says otherwise. */
  readonly event: string;
  /** Lines of data, joined by line breaks. */
  readonly data: string;
}

/** The most characters of an event: one may be a whole file as a data URI. */
const LONGEST = 64 * 1024 * 1024;

/** Reads server-sent events as the HTML standard has them, from text that comes in any pieces. */
export class EventParser {
  readonly #emit: (event: ServerSentEvent) => void;
  /** Pieces of a line whose end has not come. */
  #pieces: string[] = [];
  #length = 0;
  #event = "";
  #data: string[] = [];
  /** The last piece ended with CR: an LF at the next one's beginning belongs to it. */
  #afterReturn = false;
  #begun = false;

  constructor(emit: (event: ServerSentEvent) => void) {
    this.#emit = emit;
  }

  /** @throws {RangeError} for an event that does not end. */
  push(text: string): void {
    if (text === "") return;
    let rest = this.#begun ? text : text.replace(/^\u{feff}/u, "");
    this.#begun = true;
    if (this.#afterReturn && rest.startsWith("\n")) rest = rest.slice(1);
    if (rest !== "") this.#afterReturn = rest.endsWith("\r");
    const lines = rest.split(/\r\n|\r|\n/);
    const last = lines.pop() as string;
    for (const line of lines) {
      this.#line(this.#pieces.length === 0 ? line : this.#pieces.join("") + line);
      this.#pieces = [];
    }
    if (last !== "") this.#pieces.push(last);
    this.#length = lines.length > 0 ? this.#dataLength() + last.length : this.#length + last.length;
    if (this.#length > LONGEST) throw new RangeError(`an event of more than ${LONGEST} characters`);
  }

  #dataLength(): number {
    return this.#data.reduce((sum, line) => sum + line.length, 0);
  }

  #line(line: string): void {
    if (line === "") {
      // Without data there is no event; one that the end of the stream cuts off is none either.
      if (this.#data.length > 0) this.#emit({ event: this.#event || "message", data: this.#data.join("\n") });
      this.#event = "";
      this.#data = [];
      return;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + (line[colon + 1] === " " ? 2 : 1));
    if (field === "event") this.#event = value;
    else if (field === "data") this.#data.push(value);
  }
}
