const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EDQUOT: "the quota is used up",
  EEXIST: "it is no folder",
  EFBIG: "the file may not grow further",
  EIO: "the disk failed",
  EMFILE: "too many open files",
  ENOSPC: "the disk is full",
  ENOTDIR: "a part of the path is no folder",
  EPERM: "operation not permitted",
  EROFS: "the file system is read-only",
};

/** The file system's code of an error, or "". */
export function codeOf(error: unknown): string {
  return String(Object(error).code ?? "");
}

/** Says in which folder the journal could not be kept, and why; `code` is Node's. */
export function folderError(action: string, folder: string, cause: unknown): Error {
  const code = codeOf(cause);
  const reason = REASONS[code] ?? Object(cause).message ?? String(cause);
  const error = new Error(
    `Cannot ${action} the journal in ${JSON.stringify(folder)}: ${reason}${code && ` (${code})`}`,
    {
      cause,
    },
  );
  return Object.assign(error, { code, path: folder });
}
