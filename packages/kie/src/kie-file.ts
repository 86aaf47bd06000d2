/** A file at kie.ai, as its API tells it. The live service and its documents differ in what there is. */
export interface KieFile {
  /** Where to download it, without a key. */
  readonly downloadUrl?: string;
  /** What older documents have in its place. */
  readonly fileUrl?: string;
  readonly fileName?: string;
  readonly filePath?: string;
  readonly fileSize?: number;
  readonly mimeType?: string;
  readonly uploadedAt?: string;
  readonly fileId?: string;
  readonly originalName?: string;
  readonly uploadPath?: string;
  readonly uploadTime?: string;
  readonly expiresAt?: string;
}

/** What the documents call three days in one place and one in another; the live service's caches keep it for one. */
const LIFETIME = 24 * 3_600_000;

/** Whether it has an address that can be used. */
export function isFile(value: unknown): value is KieFile {
  return addressOf(Object(value)) !== undefined;
}

/** Where the file is; undefined where the answer has no address. */
export function addressOf({ downloadUrl, fileUrl }: KieFile): string | undefined {
  return [downloadUrl, fileUrl].find(
    (url) => typeof url === "string" && /^https?:\/\//i.test(url) && URL.canParse(url),
  );
}

/** When the file is gone: as the answer says, else a day after it says that it was uploaded. */
export function expiryOf({ expiresAt, uploadedAt, uploadTime }: KieFile, now: number): Date {
  const said = timeOf(expiresAt);
  return new Date(said ?? (timeOf(uploadedAt) ?? timeOf(uploadTime) ?? now) + LIFETIME);
}

function timeOf(text: unknown): number | undefined {
  const time = typeof text === "string" ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
