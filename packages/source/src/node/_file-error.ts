const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EEXIST: "it exists",
  EISDIR: "it is a folder",
  ELOOP: "too many symbolic links",
  EMFILE: "too many open files",
  ENAMETOOLONG: "the name is too long",
  ENOENT: "there is no such file",
  ENOSPC: "the disk is full",
  ENOTDIR: "a part of the path is no folder",
  EPERM: "operation not permitted",
  EROFS: "the file system is read-only",
};

/** An error of the file system that says what was to be done, with which file, and why it was not; `code` is Node's. */
export function fileError(verb: string, path: string, cause: unknown, hint = ""): Error {
  const { code, message } = cause as NodeJS.ErrnoException;
  return codedError(verb, path, (code && REASONS[code]) ?? message, code, hint, cause);
}

/** The same for what was found out without asking the file system to do it. */
export function codedError(
  verb: string,
  path: string,
  reason: string,
  code: string | undefined,
  hint = "",
  cause?: unknown,
): Error {
  const text = `Cannot ${verb} ${JSON.stringify(path)}: ${reason}${code ? ` (${code})` : ""}${hint}`;
  const error = new Error(text, cause === undefined ? undefined : { cause });
  return Object.assign(error, { code, path });
}
