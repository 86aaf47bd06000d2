import type { Group } from "../harness/case.ts";
import { chunkPoints } from "./scaling/chunk-points.ts";
import { uploadPoints } from "./scaling/upload-points.ts";

/** Curves: rate and memory over part size, connections and chunk size. */
export const group: Group = {
  description: "rate and memory over part size, connections and chunk size",
  cases: [...uploadPoints, ...chunkPoints],
};
