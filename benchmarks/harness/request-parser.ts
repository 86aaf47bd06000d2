/** The start of a request; header names in lower case. */
export interface RequestHead {
  readonly method: string;
  readonly path: string;
  readonly version: string;
  readonly headers: ReadonlyMap<string, string>;
}

/** Called in the order of the bytes; a chunk given to `body` is valid during the call only. */
export interface RequestListener {
  head(head: RequestHead): void;
  body(chunk: Uint8Array): void;
  end(): void;
}

const LINE_FEED = 10;
const MAX_LINE = 16_384;

/**
 * Cuts one connection's bytes into requests, by Content-Length or chunked framing, however they are split.
 * What is no body is a line, so there are two states: counting body bytes down, and collecting a line.
 * A body costs one subtraction and one view per chunk, which is the point of it.
 */
export class RequestParser {
  readonly #listener: RequestListener;
  #expected: "request" | "header" | "chunk-size" | "chunk-end" | "trailer" = "request";
  #line = "";
  #bodyLeft = 0;
  #chunked = false;
  #request: readonly string[] = [];
  #headers = new Map<string, string>();

  constructor(listener: RequestListener) {
    this.#listener = listener;
  }

  /** @throws SyntaxError on anything that is not HTTP/1.x; the connection is of no use then. */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#bodyLeft > 0) {
        const end = Math.min(at + this.#bodyLeft, chunk.length);
        this.#bodyLeft -= end - at;
        this.#listener.body(chunk.subarray(at, end));
        at = end;
        if (this.#bodyLeft === 0) this.#bodyRead();
        continue;
      }
      const feed = chunk.indexOf(LINE_FEED, at);
      const end = feed === -1 ? chunk.length : feed;
      this.#line += Buffer.from(chunk.buffer, chunk.byteOffset + at, end - at).toString("latin1");
      if (this.#line.length > MAX_LINE) throw new SyntaxError(`a line of more than ${MAX_LINE} bytes`);
      at = end + 1;
      if (feed !== -1) {
        const line = this.#line.replace(/\r$/, "");
        this.#line = "";
        this.#take(line);
      }
    }
  }

  #take(line: string): void {
    switch (this.#expected) {
      case "request":
        if (line === "") return; // RFC 9112 section 2.2: blank lines before a request are skipped
        this.#request = line.split(" ");
        if (this.#request.length !== 3) throw new SyntaxError(`no request line: ${JSON.stringify(line.slice(0, 80))}`);
        this.#headers = new Map();
        this.#expected = "header";
        return;
      case "header": {
        if (line === "") {
          this.#headRead();
          return;
        }
        const colon = line.indexOf(":");
        this.#headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
        return;
      }
      case "chunk-size":
        this.#bodyLeft = length(line.split(";", 1)[0]?.trim() ?? "", 16);
        if (this.#bodyLeft === 0) this.#expected = "trailer";
        return;
      case "chunk-end":
        if (line !== "") throw new SyntaxError("a chunk longer than its size");
        this.#expected = "chunk-size";
        return;
      case "trailer":
        if (line === "") this.#ended();
    }
  }

  #headRead(): void {
    const [method = "", path = "", version = ""] = this.#request;
    this.#chunked = /\bchunked$/i.test(this.#headers.get("transfer-encoding") ?? "");
    const bodyLength = this.#chunked ? 0 : length(this.#headers.get("content-length") ?? "0", 10);
    this.#listener.head({ method, path, version, headers: this.#headers });
    this.#bodyLeft = bodyLength;
    if (this.#chunked) this.#expected = "chunk-size";
    else if (bodyLength === 0) this.#ended();
  }

  #bodyRead(): void {
    if (this.#chunked) this.#expected = "chunk-end";
    else this.#ended();
  }

  #ended(): void {
    this.#expected = "request";
    this.#listener.end();
  }
}

function length(text: string, radix: 10 | 16): number {
  const value = (radix === 16 ? /^[0-9a-f]+$/i : /^\d+$/).test(text) ? Number.parseInt(text, radix) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw new SyntaxError(`no length: ${JSON.stringify(text.slice(0, 80))}`);
  return value;
}
