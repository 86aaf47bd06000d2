export type {
  DigestLine,
  EndLine,
  FailedLine,
  JsonLine,
  ListeningLine,
  ResultLine,
  SavedLine,
  SentLine,
  SweptLine,
  UploadLine,
} from "./json-line.ts";
