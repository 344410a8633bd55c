import { join } from "@std/path/join";
import { z } from "zod";
import { IoError } from "../command/errors.ts";
import { Channel } from "../policy/incident_routing.ts";
import { describeFault, loadJson } from "../policy/load.ts";
import { writeAtomic } from "../store/write_atomic.ts";

/** Folder of the outbox, relative to root: one file for each delivery. */
export const OUTBOX_DIR = ".data/incident/outbox";

const OutboxRecord = z.strictObject({
  schema_version: z.literal(1),
  delivery_id: z.string().regex(/^[0-9a-f]{64}$/),
  incident_id: z.string(),
  channel: Channel,
  target: z.string().describe("As reports show it"),
  state: z.enum(["sending", "sent", "dead"]).describe(
    "sending: begun, and how it ended is not known",
  ),
  attempts: z.int().min(0).describe("Tries ever made"),
  updated_at: z.number().describe("Epoch seconds"),
});

/** What is known of one delivery. */
export type OutboxRecord = z.output<typeof OutboxRecord>;

/**
 * The memory of what was sent. A record is on disk before the first byte goes out and again after
 * the last, so a run that died in between leaves `sending`: then the delivery is made again under
 * the same id, because being told twice is better than not at all.
 */
export class Outbox {
  constructor(private readonly root: string) {}

  #path(deliveryId: string): string {
    return `${OUTBOX_DIR}/${deliveryId}.json`;
  }

  /** Resource that is locked while deliveries are made. */
  get folder(): string {
    return join(this.root, OUTBOX_DIR);
  }

  /**
   * @throws {IoError} If the record cannot be read: whether it was sent is then not known.
   */
  async read(deliveryId: string): Promise<OutboxRecord | undefined> {
    const path = this.#path(deliveryId);
    const loaded = await loadJson(join(this.root, path), OutboxRecord, { shown: path });
    if (loaded.state === "missing") return undefined;
    if (loaded.state === "ok") return loaded.value;
    const [fault] = loaded.faults;
    throw new IoError(
      `Cannot read the outbox: ${
        fault === undefined ? `${path} is ${loaded.state}` : describeFault(path, fault)
      }`,
      `find out whether it was sent, then remove ${path}`,
    );
  }

  async write(record: Omit<OutboxRecord, "schema_version">): Promise<void> {
    await Deno.mkdir(this.folder, { recursive: true });
    const text = JSON.stringify({ schema_version: 1, ...record }, null, 2) + "\n";
    await writeAtomic(join(this.root, this.#path(record.delivery_id)), text, { mode: 0o600 });
  }
}
