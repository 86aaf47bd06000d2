import { file } from "@sluice/source/node";
import { type UploadOptions, upload } from "@sluice/uploader";
import type { Case, Point } from "../../harness/case.ts";
import { formatSize, GiB, MiB } from "../../harness/size.ts";
import { bareTarget } from "../transfer/bare-target.ts";
import { curl } from "../transfer/curl.ts";

const shared = { mode: "process", bytes: GiB, rounds: 3, file: true, server: true } as const;
const CONNECTIONS = 4;

function uploadPoint(name: string, point: Point, options: UploadOptions): Case {
  return {
    ...shared,
    name,
    point,
    subject: {
      name: "upload(file)",
      async run({ file: path, server }) {
        await using source = file(path);
        const { target, client } = bareTarget(server);
        await using _ = client;
        return { bytes: await upload(source, target, options) };
      },
    },
  };
}

const partSizes = [1, 4, 16, 64, 256, 512].map((mebibytes): Case => {
  const partSize = mebibytes * MiB;
  return {
    ...uploadPoint(
      `parts of ${mebibytes} MiB over ${CONNECTIONS} connections`,
      { curve: "upload(file)", axis: "part size", value: partSize },
      { partSize, concurrency: CONNECTIONS },
    ),
    // A part for each connection, at least.
    bytes: Math.max(shared.bytes, CONNECTIONS * partSize),
  };
});

const connections = [1, 2, 4, 8, 16, 32].map((count) =>
  uploadPoint(
    `${count} connections, parts of ${formatSize(16 * MiB)}`,
    { curve: "upload(file)", axis: "connections", value: count },
    { partSize: 16 * MiB, concurrency: count },
  ),
);

/** What one connection of a program in C does, to read the curves by. */
const limit: Case = {
  ...shared,
  name: "one connection of curl",
  point: { curve: "curl -T", axis: "connections", value: 1 },
  subject: curl,
};

/** One upload over part sizes and over connections. */
export const uploadPoints: readonly Case[] = [...partSizes, ...connections, limit];
