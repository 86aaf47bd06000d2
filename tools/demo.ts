// Sends gigabytes with the real command line to a stand-in for every provider, in a process of its own on this machine:
// `npm run demo`. Ends with 0 only if all that arrived has the digest that the system's own program finds.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Command } from "./demo/command.ts";
import { sha256Of } from "./demo/sha256-of.ts";
import { createStampedFile } from "./demo/stamped-file.ts";
import { type Row, tableOf } from "./demo/table.ts";

const LARGE = 2 * 1024 ** 3;
/** Replicate takes 100 MB at most. */
const SMALL = 90_000_000;
/** More than three times what it takes on two slow cores. */
const LIMIT = 10 * 60_000;

const folder = mkdtempSync(join(tmpdir(), "sluice-demo-"));
const running = new Set<Command>();
const tidy = () => {
  for (const { child } of running) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
};
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    tidy();
    process.exit(130);
  });
}
setTimeout(() => {
  console.error(`The demo has taken more than ${LIMIT / 60_000} minutes, and gives up.`);
  tidy();
  process.exit(1);
}, LIMIT).unref();

const began = Date.now();
try {
  const rows = await demo();
  console.log(`\n${tableOf(rows)}`);
  const wrong = rows.filter(({ verified }) => !verified).length;
  const words = wrong === 0 ? "Everything arrived as it was sent" : `${wrong} did not arrive as they were sent`;
  console.log(`\n${words}; ${Math.round((Date.now() - began) / 1000)} s in all.`);
  process.exitCode = wrong === 0 && rows.length === 5 ? 0 : 1;
} finally {
  tidy();
}

async function demo(): Promise<Row[]> {
  const large = join(folder, "recording.wav");
  const small = join(folder, "clip.mp4");
  say("Making recording.wav of 2 GiB and clip.mp4 of 90 MB, in which every MiB differs, and asking sha256sum …");
  await Promise.all([createStampedFile(large, LARGE), createStampedFile(small, SMALL)]);
  const [largeDigest, smallDigest] = await Promise.all([sha256Of(large), sha256Of(small)]);

  const emulator = start(["emulate"], {}, true);
  const { url, urls } = (await emulator.first()) as unknown as { url: string; urls: Record<string, string> };
  say(`All providers' stand-in listens on ${url}, in process ${emulator.child.pid}. It hashes all that it gets.`);
  const env = {
    OPENAI_API_KEY: "demo",
    OPENAI_BASE_URL: urls["openai"] ?? "",
    REPLICATE_API_TOKEN: "demo",
    REPLICATE_BASE_URL: urls["replicate"] ?? "",
    ONEAI_API_KEY: "demo",
    ONEAI_BASE_URL: urls["oneai"] ?? "",
    KIE_API_KEY: "demo",
    KIE_API_BASE_URL: urls["kie"] ?? "",
    KIE_UPLOAD_BASE_URL: urls["kie"] ?? "",
    XDG_STATE_HOME: join(folder, "state"),
  };
  const received = async (id: string) =>
    Object((await ask(`${url}/_sluice/files/${id}`)) as object) as { sha256?: string };
  const rows: Row[] = [];
  const done = (what: string, command: Command, digest: string | undefined, bytes: number, sent = bytes) => {
    const verified = digest === (bytes === LARGE ? largeDigest : smallDigest);
    const { seconds, peakMemory } = command.line("end");
    rows.push({ what, bytes, sent, seconds: Number(seconds), peakMemory: Number(peakMemory), verified });
    say(verified ? `sha256 ${digest?.slice(0, 16)}… is what sha256sum says.` : `sha256 ${digest}: NOT WHAT WAS SENT.`);
  };

  title("OpenAI: in parts, some at once");
  const openai = start(["send", "recording.wav", "--to", "openai"], env);
  await openai.end();
  const parts = await received(String(openai.line("sent")["value"]));
  done("OpenAI, in parts", openai, parts.sha256, LARGE);

  title("OpenAI: killed halfway, and resumed");
  const batch = ["--purpose", "batch", "--name", "recording.jsonl"];
  const arrived = await killHalfway(start(["send", "recording.wav", "--to", "openai", ...batch], env), url);
  const resumed = start(["resume"], env);
  await resumed.end();
  const whole = await received(String(resumed.line("sent")["value"]));
  const share = Math.round((arrived / LARGE) * 100);
  done(`OpenAI, killed at ${share} % and resumed`, resumed, whole.sha256, LARGE, LARGE - arrived);

  title("OneAI: as it is, and the task to its result");
  const oneai = start(["run", "recording.wav", "--to", "oneai", "--skill", "transcribe"], env);
  await oneai.end();
  const { output } = oneai.line("result")["result"] as { output: { text: string }[] };
  done("OneAI, raw, and its task", oneai, JSON.parse(output[0]?.text ?? "{}").sha256, LARGE);

  title("kie.ai: as a stream");
  const kie = start(["send", "recording.wav", "--to", "kie"], env);
  await kie.end();
  const name = String(kie.line("sent")["value"]).split("/").at(-1);
  const files = (await ask(`${url}/_sluice/files`)) as { name: string; sha256: string }[];
  done("kie.ai, as a stream", kie, files.find((file) => file.name.endsWith(`/${name}`))?.sha256, LARGE);

  title("Replicate: a file, and a prediction on it");
  const model = ["--model", "sluice/digest", "--file", "video=clip.mp4"];
  const replicate = start(["run", "--to", "replicate", ...model], env);
  await replicate.end();
  const { files: seen } = replicate.line("result")["result"] as { files: { sha256: string }[] };
  done("Replicate, and a prediction", replicate, seen[0]?.sha256, SMALL);

  emulator.child.kill("SIGINT");
  await emulator.end();
  return rows;
}

function say(text: string): void {
  console.error(text);
}

function title(text: string): void {
  say(`\n${text}`);
}

function start(args: readonly string[], env: Readonly<Record<string, string>>, quiet = false): Command {
  const command = new Command(args, { cwd: folder, env, quiet });
  running.add(command);
  command.child.once("close", () => running.delete(command));
  return command;
}

/** Ends the command when half of its parts have arrived, as `kill -9` does; tells how many bytes these were. */
async function killHalfway(command: Command, url: string): Promise<number> {
  for (;;) {
    const uploads = (await ask(`${url}/_sluice/uploads`)) as { status: string; parts: { size: number }[] }[];
    const pending = uploads.find(({ status }) => status === "pending");
    const arrived = pending?.parts.reduce((sum, { size }) => sum + size, 0) ?? 0;
    if (arrived >= LARGE / 2) {
      command.child.kill("SIGKILL");
      await command.end(null);
      // The bar of who was killed still stands there.
      say(`${process.stderr.isTTY ? "\n" : ""}kill -9 when ${(arrived / 1e9).toFixed(1)} GB had arrived.`);
      return arrived;
    }
    if (command.child.exitCode !== null) throw new Error("The upload was over before it could be killed");
    await pause(20);
  }
}

async function ask(url: string): Promise<unknown> {
  return (await fetch(url)).json();
}
