import type { JsonLine } from "./json-line.ts";

/** How much is said, and in which form. */
export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** Something at the bottom of the terminal that has to step aside while a line is written. */
export interface Overlay {
  clear(): void;
  draw(): void;
}

/** Results go to the standard output, everything else to the standard error. */
export class Output {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  overlay: Overlay | undefined;
  #closed = false;

  constructor({ json, quiet, verbose }: OutputOptions) {
    this.json = json;
    this.quiet = quiet;
    this.verbose = verbose;
    // Whoever reads has seen enough: `sluice list | head -1`.
    process.stdout.on("error", (error: NodeJS.ErrnoException) => this.#lost(error));
  }

  /** Whether nobody reads the results any more. */
  get closed(): boolean {
    return this.#closed;
  }

  /** A result: its line of JSON with `--json`, else its text. */
  result(line: JsonLine, text: string): void {
    this.#write(process.stdout, this.json ? JSON.stringify(line) : text);
  }

  /** A line that only machines are told. */
  machine(line: JsonLine): void {
    if (this.json) this.#write(process.stdout, JSON.stringify(line));
  }

  /** For people: what happens, and what has happened. */
  note(text: string): void {
    if (!this.quiet) this.#write(process.stderr, text);
  }

  /** What went wrong; said whatever the options. */
  error(text: string): void {
    this.#write(process.stderr, text);
  }

  /** Requests, retries and the like. */
  detail(text: string): void {
    if (this.verbose) this.#write(process.stderr, text);
  }

  #write(stream: NodeJS.WriteStream, text: string): void {
    if (stream === process.stdout && this.#closed) return;
    this.overlay?.clear();
    stream.write(`${text}\n`);
    this.overlay?.draw();
  }

  #lost(error: NodeJS.ErrnoException): void {
    if (error.code === "EPIPE" || error.code === "EIO") this.#closed = true;
  }
}
