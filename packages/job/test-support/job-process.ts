// A process that runs a job and can be killed: `job-process.ts <base URL> <folder> <moment> <options>`. Of the journal's
// entries and removals, before and after each of which is a moment, it kills itself at the one given.
import { join } from "node:path";
import { runJob, type StepContext } from "@sluice/job";
import { file } from "@sluice/source/node";
import { type PartTarget, upload } from "@sluice/uploader";
import { fileJournal } from "@sluice/uploader/node";
import { mortalJournal } from "./mortal-journal.ts";

const [baseUrl = "", folder = "", moment = "-1", options = "{}"] = process.argv.slice(2);

async function call(method: string, path: string, body?: BodyInit): Promise<Record<string, string>> {
  const response = await fetch(`${baseUrl}${path}`, { method, ...(body !== undefined && { body }) });
  if (response.ok) return (await response.json()) as Record<string, string>;
  throw Object.assign(new Error(`${method} ${path}: ${response.status}`), { status: response.status });
}

const target: PartTarget<string, number, string> = {
  name: baseUrl,
  limits: { preferredPartSize: 4096 },
  repeat: "harmless",
  create: async () => String((await call("POST", "/uploads"))["id"]),
  async put(id, { index, body }, { signal }) {
    await call("PUT", `/uploads/${id}/${index}`, await new Response(body.stream({ signal })).arrayBuffer());
    return index;
  },
  complete: async (id) => String((await call("POST", `/uploads/${id}/complete`))["file"]),
  cancel: async (id) => void (await call("DELETE", `/uploads/${id}`)),
  async inspect(id) {
    const { state, file } = await call("GET", `/uploads/${id}`);
    return { state: state as "open" | "completed", ...(file !== undefined && { result: file }) };
  },
};

await runJob({
  key: "talk",
  journal: mortalJournal(fileJournal(join(folder, "journal")), Number(moment)),
  interval: 5,
  async send(context: StepContext) {
    await using source = file(join(folder, "talk.mp4"));
    return await upload(source, target, { ...context, concurrency: 2 });
  },
  start: async (sent) => ({ id: String((await call("POST", "/tasks", sent))["id"]) }),
  task: ({ id }) => ({
    id,
    async read() {
      const { state, result } = await call("GET", `/tasks/${id}`);
      return state === "succeeded" ? { state, result } : { state: "running" };
    },
  }),
  ...(JSON.parse(options) as object),
}).then(
  (result) => console.log(JSON.stringify({ result })),
  ({ code, message, sent }: { code?: string; message: string; sent?: unknown }) =>
    console.log(JSON.stringify({ code, message, sent })),
);
