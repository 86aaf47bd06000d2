import { openAsBlob } from "node:fs";
import { kie } from "@sluice/kie";
import { oneai } from "@sluice/oneai";
import { replicate } from "@sluice/replicate";
import { file } from "@sluice/source/node";
import { type Case, type Contender, defineCase, type Group } from "../harness/case.ts";
import { type EmulatorProcess, startEmulatorProcess } from "../harness/emulator-process.ts";
import { GiB, MiB } from "../harness/size.ts";

type Provider = Contender<EmulatorProcess>;

const ours: Record<"replicate" | "oneai" | "kieStream" | "kieBase64", Provider> = {
  replicate: {
    name: "@sluice/replicate",
    async run({ file: path, bytes, fixture }) {
      await using client = replicate({ apiToken: "any", baseUrl: fixture.urls.replicate });
      await client.send(file(path));
      return { bytes };
    },
  },
  oneai: {
    name: "@sluice/oneai",
    async run({ file: path, bytes, fixture }) {
      await using client = oneai({ apiKey: "any", baseUrl: fixture.urls.oneai });
      await client.start(["transcribe"], file(path, { type: "audio/mpeg" }));
      return { bytes };
    },
  },
  kieStream: {
    name: "@sluice/kie, stream",
    async run({ file: path, bytes, fixture }) {
      await using client = kie({ apiKey: "any", baseUrl: fixture.urls.kie });
      await client.send(file(path), { method: "stream" });
      return { bytes };
    },
  },
  kieBase64: {
    name: "@sluice/kie, base64",
    async run({ file: path, bytes, fixture }) {
      await using client = kie({ apiKey: "any", baseUrl: fixture.urls.kie, allowLarge: true });
      await client.send(file(path), { method: "base64" });
      return { bytes };
    },
  },
};

/** Loaded where it is used: it is not to weigh on the memory of the others. */
const replicateSdk: Provider = {
  name: "replicate SDK",
  prepare: () => import("replicate"),
  async run({ file: path, bytes, fixture }) {
    const { default: Replicate } = await import("replicate");
    const client = new Replicate({ auth: "any", baseUrl: fixture.urls.replicate });
    await client.files.create(new File([await openAsBlob(path)], "stamped"));
    return { bytes };
  },
};

const shared = {
  mode: "process",
  file: true,
  rounds: 3,
  setup: startEmulatorProcess,
  teardown: (emulator: EmulatorProcess) => emulator.stop(),
} as const satisfies Partial<Case<EmulatorProcess>>;

/** One file to each provider's stand-in, in a process of its own, over loopback. */
export const group: Group = {
  description: "a file to each provider: memory, and Replicate beside its SDK",
  cases: [
    defineCase({
      ...shared,
      name: "Replicate, a file of 90 MiB",
      bytes: 90 * MiB,
      subject: ours.replicate,
      peer: replicateSdk,
    }),
    defineCase({
      ...shared,
      name: "OneAI, raw",
      note: "bar: ≤ 115 MB at 4 GiB",
      bytes: 4 * GiB,
      rounds: 1,
      warmup: 0,
      subject: ours.oneai,
    }),
    defineCase({ ...shared, name: "kie.ai, stream", bytes: 4 * GiB, rounds: 1, warmup: 0, subject: ours.kieStream }),
    defineCase({
      ...shared,
      name: "kie.ai, base64",
      note: "bar: ≤ 130 MB at 4 GiB",
      bytes: 4 * GiB,
      rounds: 1,
      warmup: 0,
      subject: ours.kieBase64,
    }),
  ],
};
