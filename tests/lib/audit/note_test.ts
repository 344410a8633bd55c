import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { formatCheckpoint, parseCheckpoint } from "../../../lib/audit/checkpoint.ts";
import { generateKeyPem, parseSigningKey } from "../../../lib/audit/keys.ts";
import {
  cosignNote,
  formatNote,
  formatVerifierKey,
  NoteError,
  noteVerifier,
  openNote,
  parseVerifierKey,
  signNote,
} from "../../../lib/audit/note.ts";
import { SEED_KEY_PEM } from "./seed_key.ts";

const ORIGIN = "audit.example.org/ops";
const VERIFIER_KEY = `${ORIGIN}+6c45746d+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4`;
const TEXT = `${ORIGIN}\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n`;
const LINE = `— ${ORIGIN} bEV0bZe2dJhWWv+fnrZ5eqX+uCIJ7xijIO/zjrs5D4KjZ6zh6/2+EPNjzExFsVb5pj13` +
  "ZMOPXz6Q5stHuvghlEm49Qg=";
const PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const SAYING = "If you think cryptography is the answer to your problem,\n" +
  "then you don't know what your problem is.\n";
const PETER_LINE = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZ" +
  "SNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";

Deno.test("signNote() makes the published checkpoint of the seed key", async () => {
  const key = await parseSigningKey(SEED_KEY_PEM);
  assertEquals(formatVerifierKey(noteVerifier(ORIGIN, key.publicKey)), VERIFIER_KEY);
  assertEquals(await signNote(TEXT, ORIGIN, key), LINE);
  const { text, signatures } = await openNote(formatNote(TEXT, [LINE]), [
    parseVerifierKey(VERIFIER_KEY),
  ]);
  assertEquals(signatures.map(({ verifier }) => verifier.name), [ORIGIN]);
  const checkpoint = parseCheckpoint(text);
  assertEquals([checkpoint.origin, checkpoint.size], [ORIGIN, 8]);
  assertEquals(formatCheckpoint(checkpoint), TEXT);
});

Deno.test("openNote() accepts the published example of the signed-note package", async () => {
  const peter = parseVerifierKey(PETER);
  assertEquals(peter.id, "c74f20a3");
  const { text, signatures } = await openNote(formatNote(SAYING, [PETER_LINE]), [peter]);
  assertEquals([text, signatures.length], [SAYING, 1]);
});

Deno.test("openNote() passes unknown keys over, and takes sixteen lines and more", async () => {
  const stranger = await parseSigningKey(await generateKeyPem());
  const others = await Promise.all(
    Array.from({ length: 20 }, (_, i) => signNote(SAYING, `witness${i}`, stranger)),
  );
  const note = formatNote(SAYING, [...others, PETER_LINE, PETER_LINE]);
  assertEquals((await openNote(note, [parseVerifierKey(PETER)])).signatures.length, 1);
  assertEquals((await openNote(note, [])).signatures, []);
});

Deno.test("openNote() refuses a note that names a known key but does not hold", async () => {
  const peter = [parseVerifierKey(PETER)];
  const good = formatNote(SAYING, [PETER_LINE]);
  await assertRejects(
    () => openNote(good.replace("you", "You"), peter),
    NoteError,
    "does not hold",
  );
  for (
    const bad of [
      SAYING,
      `${SAYING}\n`,
      good.slice(0, -1),
      good.replace("— ", "- "),
      good.replace("— ", "—  "),
      good.replace("problem,", "problem,\r"),
      good.replace("problem", "prob\ud800lem"),
      good.replace("AM=\n", "AN=\n"), // bits beyond the last byte
      formatNote(SAYING, ["— PeterNeumann x08gow=="]),
    ]
  ) await assertRejects(() => openNote(bad, peter), NoteError, "Cannot");
});

Deno.test("a witness cosignature tells when the note was seen, and its key is another", async () => {
  const key = await parseSigningKey(SEED_KEY_PEM);
  const witness = noteVerifier("witness.example.org", key.publicKey, "cosignature");
  const line = await cosignNote(TEXT, witness.name, key, 1_771_718_400);
  const note = formatNote(TEXT, [LINE, line]);
  const verifiers = [parseVerifierKey(VERIFIER_KEY), parseVerifierKey(formatVerifierKey(witness))];
  const { signatures } = await openNote(note, verifiers);
  assertEquals(signatures.map(({ seenAt }) => seenAt), [undefined, 1_771_718_400]);
  const plain = noteVerifier("witness.example.org", key.publicKey);
  assertEquals((await openNote(note, [plain])).signatures, []);
});

Deno.test("parseVerifierKey() refuses what is not exactly such a key", () => {
  for (
    const bad of [
      PETER.replace("c74f20a3", "c74f20a4"),
      PETER.replace("+AR", "+Ah"),
      PETER.replace("PeterNeumann", "Peter Neumann"),
      PETER.slice(0, -4),
      "",
    ]
  ) assertThrows(() => parseVerifierKey(bad), NoteError, "Cannot read verifier key");
});

Deno.test("parseCheckpoint() refuses malformed sizes and roots", () => {
  for (
    const [from, to] of [
      ["\n8\n", "\n08\n"],
      ["\n8\n", "\n-8\n"],
      ["\n8\n", "\n9007199254740993\n"],
      ["\n8\n", "\n"],
      ["Qyg=", "Qyh="], // bits beyond the last byte
      ["Qyg=", "Qyg"],
      [ORIGIN, ""],
    ] as const
  ) assertThrows(() => parseCheckpoint(TEXT.replace(from, to)), NoteError, "checkpoint");
  assertEquals(parseCheckpoint(`${TEXT}extension\n`).size, 8);
});
