/** Extensions of what is usually sent to models. */
const TYPES: Readonly<Record<string, string>> = {
  bin: "application/octet-stream",
  gif: "image/gif",
  gz: "application/gzip",
  jpg: "image/jpeg",
  json: "application/json",
  m4a: "audio/mp4",
  mov: "video/quicktime",
  mp3: "audio/mpeg",
  mp4: "video/mp4",
  pdf: "application/pdf",
  png: "image/png",
  svg: "image/svg+xml",
  txt: "text/plain",
  wav: "audio/wav",
  webm: "video/webm",
  webp: "image/webp",
  zip: "application/zip",
};

/** The media type that a name's extension stands for. */
export function typeOfName(name: string): string | undefined {
  const extension = extensionOf(name);
  return extension === undefined ? undefined : TYPES[extension === "jpeg" ? "jpg" : extension];
}

/** An extension for a generated name: that of the file's own name, else one for its type. */
export function extensionFor(name: string | undefined, type: string): string {
  const known = Object.entries(TYPES).find(([, each]) => each === type.split(";", 1)[0]?.toLowerCase());
  return (name === undefined ? undefined : extensionOf(name)) ?? known?.[0] ?? "bin";
}

function extensionOf(name: string): string | undefined {
  return /[^/]\.([a-z0-9]{1,10})$/i.exec(name)?.[1]?.toLowerCase();
}
