/** How the two kinds of controller are given bytes. */
export interface Outlet {
  /** Where to put the next bytes. */
  view(): Uint8Array<ArrayBuffer>;
  /** Hands on so many of them. */
  give(count: number): void;
  close(): void;
  error(reason: unknown): void;
}

/** Puts bytes into the buffer that a reader brought, or that the stream allocated for it. */
export function byteOutlet(controller: ReadableByteStreamController): Outlet {
  let request: ReadableStreamBYOBRequest | null = null;
  return {
    view() {
      request = controller.byobRequest;
      return request?.view as Uint8Array<ArrayBuffer>;
    },
    give: (count) => request?.respond(count),
    close() {
      controller.close();
      // A reader's buffer that was not filled is handed back by an answer of no bytes.
      controller.byobRequest?.respond(0);
    },
    error: (reason) => controller.error(reason),
  };
}

/** Puts bytes into new memory, for streams that take chunks alone. */
export function plainOutlet(
  controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>,
  size: number,
): Outlet {
  let view = new Uint8Array();
  return {
    view() {
      view = new Uint8Array(size);
      return view;
    },
    give: (count) => controller.enqueue(view.subarray(0, count)),
    close: () => controller.close(),
    error: (reason) => controller.error(reason),
  };
}
