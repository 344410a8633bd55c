import { IoError } from "../command/errors.ts";

/** What a full disk, a failing one, or one that may not be written says. */
const CODES = [
  ...["ENOSPC", "EDQUOT", "EROFS", "EIO", "EACCES", "EPERM", "EMFILE", "ENFILE"],
  ...["ENAMETOOLONG", "EFBIG"],
];

/** An error of the disk as one that the operator can mend; any other as it is. */
export function asIoError(error: unknown): unknown {
  const code = (error as { code?: unknown } | null)?.code;
  if (!(error instanceof Error) || !CODES.includes(String(code))) return error;
  return new IoError(
    `Cannot read or write a copy: ${error.message}`,
    "mend the disk or the permissions; the last good copy is as it was",
    { cause: error },
  );
}
