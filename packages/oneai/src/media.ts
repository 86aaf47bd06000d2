import type { ByteSource } from "@sluice/source";

/** What an input is. An open union: the service may know more. */
export type InputType = "article" | "conversation" | "auto-detect" | (string & {});

/** What the service is told of a file. */
export interface Media {
  readonly contentType: string;
  readonly inputType: InputType;
}

const voice = (contentType: string): Media => ({ contentType, inputType: "conversation" });
const article = (contentType: string): Media => ({ contentType, inputType: "article" });

/** As the official SDK for JavaScript has them: an MP4 is sent as the sound in it, a PDF as a text. */
const BY_EXTENSION: Readonly<Record<string, Media>> = {
  json: { contentType: "application/json", inputType: "conversation" },
  txt: article("text/plain"),
  srt: { contentType: "text/plain", inputType: "conversation" },
  mp3: voice("audio/mp3"),
  mp4: voice("audio/mpeg"),
  wav: voice("audio/wav"),
  html: article("text/plain"),
  csv: article("text/csv"),
  pdf: article("text/pdf"),
};

/** For what has no name, or one that says nothing: the extension that such files have. */
const EXTENSION_OF_TYPE: Readonly<Record<string, string>> = {
  "application/json": "json",
  "text/plain": "txt",
  "application/x-subrip": "srt",
  "audio/mp3": "mp3",
  "audio/mpeg": "mp3",
  "video/mp4": "mp4",
  "audio/wav": "wav",
  "audio/wave": "wav",
  "audio/x-wav": "wav",
  "audio/vnd.wave": "wav",
  "text/html": "html",
  "text/csv": "csv",
  "text/pdf": "pdf",
  "application/pdf": "pdf",
};

/** What is known of a file by its name, else by its media type; undefined for what is in neither table. */
export function mediaOf({ name = "", type = "" }: Partial<Pick<ByteSource, "name" | "type">>): Media | undefined {
  const [, extension = ""] = /\.([a-z\d]+)$/i.exec(name) ?? [];
  const [essence = ""] = type.toLowerCase().split(";", 1);
  const known = entry(BY_EXTENSION, extension.toLowerCase());
  return known ?? entry(BY_EXTENSION, entry(EXTENSION_OF_TYPE, essence.trim()) ?? "");
}

/** What a content type that was given makes of an input. */
export function inputTypeOf(contentType: string): InputType {
  return isVoice(contentType) || /^application\/json\b/i.test(contentType) ? "conversation" : "article";
}

/** Whether there has to be text made of it first, or it is a table: what only asynchronous calls are for. */
export function isSlow(contentType: string): boolean {
  return isVoice(contentType) || /\/pdf\b|^text\/csv\b/i.test(contentType);
}

function isVoice(contentType: string): boolean {
  return /^(audio|video)\//i.test(contentType);
}

function entry<Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
