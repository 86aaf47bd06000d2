export { adopt } from "./adopt.ts";
export type { Codec } from "./codec.ts";
export { codecStream } from "./codec-stream.ts";
export { type CollectBytesOptions, collectBytes, TooLargeError } from "./collect-bytes.ts";
export { fuse } from "./fuse.ts";
export { type Expander, pullPair } from "./pull-pair.ts";
export type { StreamFamily, StreamPair, StreamsOption } from "./stream-family.ts";
export { type PairTransformer, transformPair } from "./transform-pair.ts";
