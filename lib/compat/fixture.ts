import type { Inputs } from "../command/inputs.ts";
import { sha256Hex } from "../store/digest.ts";
import { brief } from "../text/json_pointer.ts";
import { isDocument, type StateDocument, tooDeep } from "./document.ts";
import type { StateShape } from "./state_shapes.ts";

/** One state document that a case reads. */
export interface FixtureDocument {
  /** In messages: the file, or which generated variant. */
  name: string;
  /** Relative to root; undefined for a generated document. */
  path: string | undefined;
  text: string;
  value: StateDocument;
}

/** The documents of a case, or why there are none. */
export type Fixture =
  | {
    state: "ok";
    source: "file" | "generated";
    documents: FixtureDocument[];
    /** Of the file, or of all generated documents one after the other. */
    sha256: string;
  }
  | { state: "missing" | "unreadable" | "malformed" | "wrong_type"; why: string };

async function fromFile(path: string, inputs: Inputs): Promise<Fixture> {
  const file = await inputs.text(path);
  if (file.state !== "ok") return { state: file.state, why: `${path} ${file.message}` };
  let value: unknown;
  try {
    value = JSON.parse(file.text);
  } catch (error) {
    return { state: "malformed", why: `${path} is not JSON: ${(error as Error).message}` };
  }
  if (!isDocument(value)) {
    return { state: "wrong_type", why: `${path} is ${brief(value)}, expected an object` };
  }
  if (tooDeep(value)) return { state: "malformed", why: `${path} is nested over 500 levels deep` };
  return {
    state: "ok",
    source: "file",
    documents: [{ name: path, path, text: file.text, value }],
    sha256: await sha256Hex(file.bytes),
  };
}

async function fromShape(fromSchema: string, shape: StateShape | undefined): Promise<Fixture> {
  if (shape === undefined) {
    return {
      state: "missing",
      why: `the case names no state_fixture, and no form of schema ${fromSchema} is declared`,
    };
  }
  const { generateDocuments } = await import("./generate_documents.ts");
  try {
    const documents = await generateDocuments(shape);
    const sha256 = await sha256Hex(documents.map(({ text }) => text).join("\n"));
    return { state: "ok", source: "generated", documents, sha256 };
  } catch (error) {
    return { state: "malformed", why: (error as Error).message };
  }
}

/** Opens the fixture of a case: the file it names, else documents made from the schema's form. */
export async function openFixture(
  { path, fromSchema }: { path: string | undefined; fromSchema: string },
  inputs: Inputs,
  shape: StateShape | undefined,
): Promise<Fixture> {
  return path === undefined || path === ""
    ? await fromShape(fromSchema, shape)
    : await fromFile(path, inputs);
}
