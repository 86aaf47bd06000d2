import { openAsBlob, symlinkSync, unlinkSync } from "node:fs";
import { join } from "node:path";
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

const oneaiSdk: Provider = {
  name: "oneai SDK",
  prepare: () => import("oneai"),
  async run({ file: path, folder, bytes, fixture }) {
    const { OneAI } = await import("oneai");
    const client = new OneAI("any", { baseURL: fixture.urls.oneai });
    client.logger.enabled = false;
    const recording = join(folder, "talk.mp3");
    symlinkSync(path, recording);
    try {
      await new client.Pipeline(client.skills.transcribe()).runFile(recording, { polling: false });
    } finally {
      unlinkSync(recording);
    }
    return { bytes };
  },
};

const NO_SDK = "there is no official SDK for Node";

const shared = {
  mode: "process",
  file: true,
  rounds: 3,
  setup: startEmulatorProcess,
  teardown: (emulator: EmulatorProcess) => emulator.stop(),
} as const satisfies Partial<Case<EmulatorProcess>>;

/** One file to each provider's stand-in, in a process of its own, over loopback. */
export const group: Group = {
  description: "a file to each provider, beside its own SDK where it has one",
  cases: [
    defineCase({
      ...shared,
      name: "Replicate, a file of 90 MiB",
      headline: true,
      bytes: 90 * MiB,
      subject: ours.replicate,
      peer: replicateSdk,
    }),
    defineCase({
      ...shared,
      name: "OneAI, a recording of 256 MiB",
      headline: true,
      bytes: 256 * MiB,
      note: "the SDK reads the whole file into memory",
      subject: ours.oneai,
      peer: oneaiSdk,
    }),
    defineCase({ ...shared, name: "kie.ai, multipart", bytes: GiB, note: NO_SDK, subject: ours.kieStream }),
    defineCase({ ...shared, name: "kie.ai, base64 in JSON", bytes: GiB, note: NO_SDK, subject: ours.kieBase64 }),
  ],
};
