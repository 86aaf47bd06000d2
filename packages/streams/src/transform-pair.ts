import { linkedPair } from "./linked-pair.ts";
import type { StreamPair, StreamsOption } from "./stream-family.ts";

/**
 * The standard's Transformer, member by member: TypeScript's web library does not know its `cancel` yet, and Node's types
 * do not have the name.
 */
export interface PairTransformer<In, Out> {
  start?: (controller: TransformStreamDefaultController<Out>) => unknown;
  transform?: (chunk: In, controller: TransformStreamDefaultController<Out>) => void | PromiseLike<void>;
  flush?: (controller: TransformStreamDefaultController<Out>) => void | PromiseLike<void>;
  readableType?: undefined;
  writableType?: undefined;
  /** Called once, when the readable side is cancelled or the writable side aborted; never after `flush`. */
  cancel?: (reason: unknown) => void | PromiseLike<void>;
}

type Callback = "start" | "transform" | "flush" | "cancel";

/**
 * Makes the pair of streams that `new TransformStream(transformer, …)` would, from any family of streams, and calls
 * `transformer.cancel` on every runtime: no browser's own TransformStream does.
 *
 * @param transformer What `TransformStream` takes; without `transform`, chunks pass as they are.
 * @param writableStrategy The queue before the transformer. By default one chunk.
 * @param readableStrategy The queue behind it. By default none: nothing is transformed before it is asked for.
 * @throws {TypeError} when a member is no function. {RangeError} for `readableType` and `writableType`, as the platform.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { adopt, transformPair } from "@sluice/streams";
 *
 * const upper = transformPair<string, string>({
 *   transform: (text, controller) => controller.enqueue(text.toUpperCase()),
 * });
 * const texts = await Array.fromAsync(adopt(["to the", " weir"]).pipeThrough(upper));
 * assert.deepEqual(texts, ["TO THE", " WEIR"]);
 * ```
 */
export function transformPair<In = unknown, Out = unknown>(
  transformer: PairTransformer<In, Out> = {},
  writableStrategy: QueuingStrategy<In> = {},
  readableStrategy: QueuingStrategy<Out> = {},
  options: StreamsOption = {},
): StreamPair<In, Out> {
  // Members are read once each and in this order, as Web IDL reads a dictionary.
  const cancel = callback(transformer, "cancel");
  const flush = callback(transformer, "flush");
  if (transformer?.readableType !== undefined) throw reserved("readableType");
  const start = callback(transformer, "start");
  const transform = callback(transformer, "transform");
  if (transformer?.writableType !== undefined) throw reserved("writableType");
  return linkedPair<In, Out>(
    {
      start,
      transform: transform ?? ((chunk, controller) => controller.enqueue(chunk as unknown as Out)),
      flush,
      cancel,
    },
    strategy(writableStrategy, 1),
    strategy(readableStrategy, 0),
    options,
  );
}

function callback<In, Out, Name extends Callback>(
  transformer: PairTransformer<In, Out> | null,
  name: Name,
): PairTransformer<In, Out>[Name] | undefined {
  const value = transformer?.[name];
  if (value === undefined) return undefined;
  if (typeof value !== "function") {
    throw new TypeError(
      `Cannot make a transform pair: "${name}" must be a function, received ${value === null ? "null" : typeof value}`,
    );
  }
  return value.bind(transformer as never) as PairTransformer<In, Out>[Name];
}

function reserved(name: string): RangeError {
  return new RangeError(
    `Cannot make a transform pair: "${name}" is reserved by the Streams standard and must be absent`,
  );
}

function strategy<T>(given: QueuingStrategy<T> | null, defaultHighWaterMark: number): QueuingStrategy<T> {
  const highWaterMark = given?.highWaterMark;
  const size = given?.size;
  return {
    highWaterMark: highWaterMark === undefined ? defaultHighWaterMark : highWaterMark,
    ...(size === undefined ? {} : { size }),
  };
}
