/** What copies bytes from one place in memory to another without making anything of them. */
const METHODS = [
  [Uint8Array.prototype, "set", (_: Uint8Array, source: ArrayLike<number>) => source.length],
  [Uint8Array.prototype, "slice", (self: Uint8Array, from?: number, to?: number) => self.subarray(from, to).length],
  [
    Uint8Array.prototype,
    "copyWithin",
    (self: Uint8Array, _to: number, from?: number, to?: number) => self.subarray(from, to).length,
  ],
  [ArrayBuffer.prototype, "slice", (self: ArrayBuffer, from = 0, to = self.byteLength) => to - from],
  [
    Buffer.prototype,
    "copy",
    (self: Buffer, _target: Uint8Array, _at?: number, from?: number, to?: number) => self.subarray(from, to).length,
  ],
  [Buffer, "concat", (_: unknown, list: readonly Uint8Array[]) => list.reduce((sum, { length }) => sum + length, 0)],
  [Buffer, "from", (_: unknown, source: unknown) => (ArrayBuffer.isView(source) ? source.byteLength : 0)],
] as const;

type Method = (...args: never[]) => unknown;

/**
 * Counts the bytes that JavaScript copies while `work` runs: by methods of byte arrays and buffers, and by making an
 * array from another. What engines read and write (a digest, a codec) is work and not copying, and what the kernel does
 * is seen by nobody here.
 *
 * @param work Alone in this process as long as it runs.
 */
export async function countCopies(work: () => Promise<unknown>): Promise<number> {
  let copied = 0;
  const restore = METHODS.map(([owner, name, measure]) => {
    const methods = owner as unknown as Record<string, Method>;
    const own = Object.getOwnPropertyDescriptor(owner, name);
    const original = methods[name] as Method;
    methods[name] = function (this: unknown, ...args) {
      copied += (measure as (...all: unknown[]) => number)(this, ...args);
      return original.apply(this, args);
    };
    return () => {
      delete methods[name];
      if (own) Object.defineProperty(owner, name, own);
    };
  });
  const Original = globalThis.Uint8Array;
  globalThis.Uint8Array = new Proxy(Original, {
    construct(target, args, newTarget) {
      if (ArrayBuffer.isView(args[0])) copied += args[0].byteLength;
      return Reflect.construct(target, args, newTarget === globalThis.Uint8Array ? target : newTarget);
    },
  });
  try {
    await work();
  } finally {
    globalThis.Uint8Array = Original;
    for (const undo of restore) undo();
  }
  return copied;
}
