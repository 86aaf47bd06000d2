import { addFiles } from "./add-files.ts";
import type { ProviderEntry } from "./provider-entry.ts";

export const kieEntry: ProviderEntry = {
  name: "kie",
  title: "kie.ai",
  variable: "KIE_API_KEY",
  page: "https://kie.ai/api-key",
  baseUrlVariable: "KIE_API_BASE_URL",
  parts: false,
  runs: "model",
  options: [
    {
      flags: "--method <way>",
      description: "url, base64 or stream (default: the first that fits)",
      choices: ["url", "base64", "stream"],
    },
    { flags: "--upload-path <folder>", description: "where kie.ai keeps the files (default: uploads)" },
    { flags: "--file-name <name>", description: "what kie.ai calls the file, overwriting what has that name" },
  ],
  async open({ baseUrl }) {
    const [{ kie }, { waitFor }] = await Promise.all([import("@sluice/kie"), import("@sluice/poller")]);
    const client = kie({ baseUrl });
    return {
      send: (input, { method, uploadPath, fileName }, { name: _, concurrency: __, partSize: ___, ...transfer }) =>
        client.send(input, {
          ...transfer,
          method: method as "url" | "base64" | "stream" | undefined,
          ...(uploadPath !== undefined && { uploadPath: String(uploadPath) }),
          ...(fileName !== undefined && { fileName: String(fileName) }),
        }),
      async run({ model = "", input, files, deadline, signal, onProgress, onStarted }) {
        const sent: { member: string; value: string }[] = [];
        for (const { member, content } of files) {
          const { value } = await client.send(content, { signal, onProgress });
          sent.push({ member, value });
        }
        const job = await client.createJob(model, addFiles(input, sent), { signal });
        onStarted(job.taskId);
        return waitFor(client.task(job), { deadline, signal });
      },
      task: (id) => client.task(id),
      [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
    };
  },
};
