export { fileJournal } from "./file-journal.ts";
export { type KeptUpload, readUpload } from "./read-upload.ts";
