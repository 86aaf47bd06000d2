import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytesSource } from "@sluice/source";
import { expect, test } from "vitest";
import { MemoryTarget } from "../memory-target.ts";
import { upload } from "../upload.ts";
import { fileJournal } from "./file-journal.ts";
import { readUpload } from "./read-upload.ts";

test("readUpload tells how far an upload is, and nothing of what is none", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "read-upload-"));
  const journal = fileJournal(folder.path);
  const begun = Date.now();
  // The last part, the short one, does not arrive.
  class TornTarget extends MemoryTarget {
    override async put(...args: Parameters<MemoryTarget["put"]>) {
      if (args[1].index === 2) throw new Error("cut off");
      return super.put(...args);
    }
  }
  const sending = upload(
    bytesSource(new Uint8Array(250), { name: "a.bin" }),
    new TornTarget({ preferredPartSize: 100 }),
    {
      journal,
      key: "a",
      concurrency: 1,
      onAbort: "keep",
    },
  );
  await expect(sending).rejects.toThrow("cut off");
  const kept = await readUpload(journal, "a");
  expect(kept).toMatchObject({ key: "a", name: "a.bin", size: 250, arrived: 200, completing: false });
  expect(kept?.createdAt.getTime()).toBeGreaterThanOrEqual(begun);
  expect(await readUpload(journal, "b")).toBeUndefined();
  await journal.append("b", { type: "job" });
  expect(await readUpload(journal, "b")).toBeUndefined();
});
