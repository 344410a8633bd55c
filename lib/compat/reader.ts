import type { ReaderDeclaration } from "../policy/release_compat_matrix.ts";
import type { StateDocument } from "./document.ts";

/** What a reader made of a state document. */
export type ReaderAnswer =
  | {
    ok: true;
    /** The JSON text it answered with. */
    text: string;
    value: StateDocument;
    /** JSON pointers that a declared migration took away. */
    dropped?: string[];
    /** Top-level keys that only the reader's defaults supplied. */
    supplied?: string[];
  }
  | { ok: false; why: string };

/** One reading that is asked for. */
export interface ReadRequest {
  /** The document as it is stored. */
  text: string;
  value: StateDocument;
  /** Where it stands, relative to root; undefined for a document that is in no file. */
  path: string | undefined;
  fromSchema: string;
  toSchema: string;
  direction: string;
}

/** Reads state of one schema version as another version does. */
export interface StateReader {
  kind: ReaderDeclaration["kind"];
  read(request: ReadRequest): Promise<ReaderAnswer>;
}

/** What readers need to know of the matrix and the run. */
export interface ReaderContext {
  root: string;
  /** JSON pointer to the schema version in a document. */
  schemaPointer: string;
  /** Environment of a reader command. */
  env: Readonly<Record<string, string>>;
  signal: AbortSignal;
}

function asIs(): StateReader {
  return {
    kind: "as_is",
    read: ({ text, value }) => Promise.resolve({ ok: true, text, value }),
  };
}

function overDefaults(document: StateDocument): StateReader {
  return {
    kind: "defaults",
    read: ({ value }) => {
      const read = { ...document, ...value };
      return Promise.resolve({
        ok: true,
        text: JSON.stringify(read),
        value: read,
        supplied: Object.keys(document).filter((key) => !Object.hasOwn(value, key)),
      });
    },
  };
}

/** The reader that a declaration names; what a kind needs is loaded only for it. */
export async function readerOf(
  declaration: ReaderDeclaration,
  context: ReaderContext,
): Promise<StateReader> {
  switch (declaration.kind) {
    case "as_is":
      return asIs();
    case "defaults":
      return overDefaults(declaration.document);
    case "release_channels": {
      const { readRegistryState } = await import("./state_reader.ts");
      return {
        kind: "release_channels",
        read: ({ text, path, toSchema }) =>
          Promise.resolve(readRegistryState(text, path ?? "(generated)", toSchema)),
      };
    }
    case "migrations": {
      const { migrate } = await import("./migrate.ts");
      return {
        kind: "migrations",
        read: (request) =>
          Promise.resolve(migrate(request, declaration.steps, context.schemaPointer)),
      };
    }
    case "command": {
      const { readByCommand } = await import("./command_reader.ts");
      return {
        kind: "command",
        read: (request) => readByCommand(request, declaration, context),
      };
    }
  }
}
