// What suites themselves use and WebKitGTK lacks: `await using`, and loops over a stream. The packages do without, as
// a run without this module showed; that none says `await using`, check-bundles.ts sees to.
// As bundlers call it where there is none.
(Symbol as { asyncDispose?: symbol }).asyncDispose ??= Symbol.for("Symbol.asyncDispose");

const prototype: { [Symbol.asyncIterator]?: unknown } = ReadableStream.prototype;
prototype[Symbol.asyncIterator] ??= async function* (this: ReadableStream) {
  const reader = this.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    // As the standard's: whoever leaves the loop cancels the stream.
    await reader.cancel();
    reader.releaseLock();
  }
};
