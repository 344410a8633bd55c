/**
 * Shapes shared by the path functions.
 * @module
 */

/** The parts of a path, as {@linkcode parse} takes it apart. */
export interface ParsedPath {
  /** `/`, a drive such as `C:\`, a share such as `\\server\share\`, or empty for a relative path. */
  root: string;
  /** Everything before the last segment, without the separator that follows it. */
  dir: string;
  /** Last segment with its extension. */
  base: string;
  /** Extension with its dot; empty when there is none. */
  ext: string;
  /** Last segment without its extension. */
  name: string;
}
