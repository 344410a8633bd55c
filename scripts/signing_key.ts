#!/usr/bin/env -S deno run --no-prompt --allow-read --allow-write --allow-env=WA_AUDIT_CHAIN_*,WA_RELEASE_*,GITHUB_ACTIONS --allow-run=git
/**
 * Makes the keys that sign evidence, and shows their public forms.
 * @module
 */
import { dirname } from "@std/path/dirname";
import {
  generateKeyPem,
  keyIdOf,
  parsePublicKey,
  parseSigningKey,
  publicKeyPem,
  readSigningKey,
  sshPublicKey,
} from "../lib/audit/keys.ts";
import { formatVerifierKey, NoteError, noteVerifier } from "../lib/audit/note.ts";
import { defineCommands, type Outcome, subcommand } from "../lib/command/command.ts";
import { UsageError } from "../lib/command/errors.ts";
import { choice, path, secret, text } from "../lib/command/flag.ts";
import { main } from "../lib/command/main.ts";
import { createExclusive } from "../lib/store/write_atomic.ts";

const FORMS = ["pem", "note", "witness", "ssh", "id", "all"] as const;

const name = text({
  default: "release-governance.invalid/ops",
  help: "Name of the key: for checkpoints the origin that the trust policy names",
});

/** The public forms of a key, each as the tools that take it expect it. */
function formsOf(publicKey: Uint8Array<ArrayBuffer>, name: string): Record<string, string> {
  try {
    return {
      pem: publicKeyPem(publicKey),
      note: `${formatVerifierKey(noteVerifier(name, publicKey))}\n`,
      witness: `${formatVerifierKey(noteVerifier(name, publicKey, "cosignature"))}\n`,
      ssh: `${sshPublicKey(publicKey, name)}\n`,
      id: `${keyIdOf(publicKey)}\n`,
    };
  } catch (error) {
    if (!(error instanceof NoteError)) throw error;
    throw new UsageError(error.message);
  }
}

function answer(
  forms: Record<string, string>,
  form: typeof FORMS[number],
  headline: string,
): Outcome {
  const all = Object.entries(forms).map(([form, text]) => `# ${form}\n${text}`).join("\n");
  return {
    checks: [{
      id: "key_usable",
      ok: true,
      mode: "enforce",
      value: forms["id"]!.trim(),
      expect: "an Ed25519 key",
    }],
    headline,
    fields: { forms },
    stdout: form === "all" ? all : forms[form]!,
    unrecorded: true,
  };
}

/** A key that cannot be used is the operator's to mend. */
async function usable<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
    throw new UsageError(error.message, "make one: deno task signing_key generate --key-file PATH");
  }
}

export const command = defineCommands({
  name: "signing_key",
  summary: "Make the keys that sign evidence, and show their public forms",
  commands: {
    generate: subcommand({
      summary: "Write a new Ed25519 key that only its owner can read, and print its public forms",
      kind: "actor",
      flags: {
        "key-file": path({ help: "Where the private key goes; must not exist" }),
        name,
        form: choice(FORMS, { default: "all", help: "Public form to print" }),
      },
      details: [
        "The private key is PKCS#8 in PEM, mode 0600, and is never printed. Put its public form note into security/evidence_trust_policy.json, and the file out of reach of everything that does not sign.",
      ],
      async run({ flags, inputs }) {
        const file = flags["key-file"];
        if (file === undefined) throw new UsageError("--key-file is needed");
        const pem = await generateKeyPem();
        const { publicKey } = await parseSigningKey(pem);
        const forms = formsOf(publicKey, flags.name);
        const path = inputs.absolute(file);
        try {
          await Deno.mkdir(dirname(path), { recursive: true });
          await createExclusive(path, pem, { mode: 0o600 });
        } catch (error) {
          if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
          throw new UsageError(`"${inputs.shown(file)}" exists`, "keys are not overwritten");
        }
        return answer(
          forms,
          flags.form,
          `key ${forms["id"]!.slice(0, 12)} in ${inputs.shown(file)}`,
        );
      },
    }),
    show: subcommand({
      summary: "Print the public forms of a key",
      kind: "gate",
      flags: {
        "key-file": path({ help: "Private key in PKCS#8 PEM, mode 0600" }),
        "public-file": path({ help: "Public key in SPKI PEM, instead of a private one" }),
        "signing-key": secret({
          env: "WA_AUDIT_CHAIN_SIGNING_KEY",
          help: "Private key, where no file is named",
        }),
        name,
        form: choice(FORMS, { default: "all", help: "Public form to print" }),
      },
      async run({ flags, inputs }) {
        const { "key-file": file, "public-file": publicFile, "signing-key": pem } = flags;
        const publicKey = await usable(async () => {
          if (publicFile !== undefined) {
            return parsePublicKey(await Deno.readTextFile(inputs.absolute(publicFile)));
          }
          if (file !== undefined) return (await readSigningKey(inputs.absolute(file))).publicKey;
          if (pem !== undefined) return (await parseSigningKey(pem)).publicKey;
          throw new UsageError(
            "Name a key: --key-file, --public-file or WA_AUDIT_CHAIN_SIGNING_KEY",
          );
        });
        const forms = formsOf(publicKey, flags.name);
        return answer(forms, flags.form, `key ${forms["id"]!.slice(0, 12)}`);
      },
    }),
  },
});

if (import.meta.main) await main(command);
