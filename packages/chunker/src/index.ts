export { chunkerCodec } from "./chunker-codec.ts";
export { ChunkerStream, type ChunkerStreamOptions } from "./chunker-stream.ts";
