export type {
  DigestLine,
  EndLine,
  FailedLine,
  JsonLine,
  ListeningLine,
  ResultLine,
  RunLine,
  SavedLine,
  SentLine,
  SweptLine,
  UploadLine,
} from "./json-line.ts";
