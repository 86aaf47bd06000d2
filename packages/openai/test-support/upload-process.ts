// A process that uploads a file and can be killed: `upload-process.ts <base URL> <path> <journal> <part size> <concurrency>`.
import { openai } from "@sluice/openai";
import { file } from "@sluice/source/node";
import { upload } from "@sluice/uploader";
import { fileJournal } from "@sluice/uploader/node";

const [baseUrl = "", path = "", journal = "", partSize, concurrency] = process.argv.slice(2);
await using client = openai({ apiKey: "any", baseUrl });
const uploaded = await upload(file(path), client.target({ purpose: "user_data" }), {
  journal: fileJournal(journal),
  partSize: Number(partSize),
  concurrency: Number(concurrency),
  onEvent: (event) => console.log(JSON.stringify(event)),
});
console.log(JSON.stringify({ type: "done", id: uploaded.id }));
