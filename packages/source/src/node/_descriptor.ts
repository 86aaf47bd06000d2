import { close, fstat, open } from "node:fs";
import { promisify } from "node:util";
import { SourceChangedError } from "../source-changed-error.ts";
import { fileError } from "./_file-error.ts";
import { fingerprintOf } from "./_look.ts";

const openFile = promisify(open);
const statFile = promisify(fstat);
const closeFile = promisify(close);

/**
 * How long a descriptor outlives a positional read that nothing follows. Reads come in rows, and to open and close for
 * each costs as much as reading 256 KiB.
 */
const LINGER = 100;

/** A file that is open while somebody needs it, once, however many do. */
export class Descriptor {
  readonly #path: string;
  readonly #fingerprint: string;
  readonly #linger: number;
  #users = 0;
  #opened: Promise<number> | undefined;
  #fd: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closing: Promise<void> = Promise.resolve();
  #idle: (() => void) | undefined;

  constructor(path: string, fingerprint: string, linger: number = LINGER) {
    this.#path = path;
    this.#fingerprint = fingerprint;
    this.#linger = linger;
  }

  /** Undefined where it is not open. */
  get fd(): number | undefined {
    return this.#fd;
  }

  /**
   * Keeps it open until `release`.
   *
   * @returns Undefined where it is open already.
   * @throws {SourceChangedError} when the file at the path is no longer the one that was looked at.
   */
  acquire(): Promise<void> | undefined {
    this.#users += 1;
    return this.#fd === undefined ? this.#acquireOpening() : undefined;
  }

  /** @returns A promise that settles when the file is closed; undefined where it stays open, for others or for a while. */
  release(use: "stream" | "read"): Promise<void> | undefined {
    this.#users -= 1;
    if (this.#users > 0) return undefined;
    if (use === "read" && !this.#idle) {
      if (this.#timer) this.#timer.refresh();
      else this.#wait();
      return undefined;
    }
    return this.#close().then(this.#idle);
  }

  /** Settles when the file is closed. Waits for who still has it: to close it under a read is to read another file. */
  async close(): Promise<void> {
    if (this.#users > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    }
    await this.#close();
  }

  async #acquireOpening(): Promise<void> {
    this.#opened ??= this.#open();
    const opened = this.#opened;
    try {
      this.#fd = await opened;
    } catch (error) {
      this.#users -= 1;
      // Unless somebody has tried anew already.
      if (this.#opened === opened) this.#opened = undefined;
      if (this.#users === 0) this.#idle?.();
      throw error;
    }
  }

  async #open(): Promise<number> {
    const fd = await openFile(this.#path, "r").catch((error: unknown) => {
      throw fileError("open", this.#path, error);
    });
    const received = fingerprintOf(await statFile(fd, { bigint: true }));
    if (received === this.#fingerprint) return fd;
    await closeFile(fd);
    throw new SourceChangedError({ path: this.#path, expected: this.#fingerprint, received });
  }

  /** One timer serves a row of reads: it is put off by each, and does nothing where it finds the file in use. */
  #wait(): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#users === 0) this.#close();
    }, this.#linger);
    this.#timer.unref();
  }

  async #close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#fd = undefined;
    const opened = this.#opened;
    this.#opened = undefined;
    if (opened) this.#closing = opened.then(closeFile).catch(() => {});
    await this.#closing;
  }
}
