export { file } from "./file.ts";
export { type FileSinkOptions, fileSink } from "./file-sink.ts";
export { fileSource } from "./file-source.ts";
export { type SourceLike, toSource } from "./to-source.ts";
