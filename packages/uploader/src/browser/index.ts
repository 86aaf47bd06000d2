export { indexedDbJournal } from "./indexed-db-journal.ts";
