// A process that runs a provider's job and can be killed: `provider-job-process.ts <provider> <base URL> <folder> <moment>
// <options>`. Of the journal's entries and removals, before and after each of which is a moment, it kills itself at the
// one given.
import { join } from "node:path";
import { runJob } from "@sluice/job";
import { kie } from "@sluice/kie";
import { oneai } from "@sluice/oneai";
import { replicate } from "@sluice/replicate";
import { file } from "@sluice/source/node";
import { fileJournal } from "@sluice/uploader/node";
import { mortalJournal } from "../../job/test-support/mortal-journal.ts";

const [provider = "", baseUrl = "", folder = "", moment = "-1", options = "{}"] = process.argv.slice(2);

await using talk = file(join(folder, "talk.mp3"));
const apiKey = "a-key-of-tests";
const settings = {
  journal: mortalJournal(fileJournal(join(folder, "journal")), Number(moment)),
  interval: 5,
  ...JSON.parse(options),
};
const runs: Record<string, () => Promise<unknown>> = {
  replicate: () =>
    runJob({
      ...replicate({ apiToken: apiKey, baseUrl }).job("owner/digest", { input: { audio: talk } }),
      ...settings,
    }),
  kie: () => runJob({ ...kie({ apiKey, baseUrl }).job("maker/digest", { audio: talk }), ...settings }),
  oneai: () => runJob({ ...oneai({ apiKey, baseUrl }).job(["transcribe", "summarize"], talk), ...settings }),
};
await runs[provider]?.().then(
  (result) => console.log(JSON.stringify({ result })),
  ({ code, message }: { code?: string; message: string }) => console.log(JSON.stringify({ code, message })),
);
