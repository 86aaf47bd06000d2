type Bytes = Uint8Array<ArrayBuffer>;
/** Of a byte stream, or of a stream that takes chunks alone. */
export type Controller = ReadableByteStreamController | ReadableStreamDefaultController<Bytes>;

/** Where a stream's next bytes are put, and how they are handed on, with either kind of controller. */
export class Outlet {
  readonly #controller: Controller;
  readonly #chunkSize: number;
  /** Of a reader that brought memory. */
  #request: ReadableStreamBYOBRequest | null | undefined;
  #view: Bytes = new Uint8Array();

  constructor(controller: Controller, chunkSize: number) {
    this.#controller = controller;
    this.#chunkSize = chunkSize;
  }

  /**
   * The memory that a reader brought, or else new memory. There is `autoAllocateChunkSize` for this, but it makes a
   * request, a view and a record of each chunk, a sixth of what a file's stream keeps alive while it waits for a read.
   *
   * @param most Bytes that may still come: the last chunk keeps no more memory alive than it fills.
   */
  view(most: number): Bytes {
    this.#request = this.#asked();
    this.#view = (this.#request?.view as Bytes | undefined) ?? new Uint8Array(Math.min(this.#chunkSize, most));
    return this.#view;
  }

  /** Hands on so many of them. */
  give(count: number): void {
    if (this.#request) this.#request.respond(count);
    else this.#controller.enqueue(this.#view.subarray(0, count));
  }

  close(): void {
    this.#controller.close();
    // A reader's buffer that was not filled is handed back by an answer of no bytes.
    this.#asked()?.respond(0);
  }

  error(reason: unknown): void {
    this.#controller.error(reason);
  }

  #asked(): ReadableStreamBYOBRequest | null | undefined {
    return (this.#controller as Partial<ReadableByteStreamController>).byobRequest;
  }
}
