import { assertEquals } from "@std/assert/equals";
import type { Attempt } from "../../../lib/incident/attempt.ts";
import { messageOf } from "../../../lib/incident/message.ts";
import { sendHttp } from "../../../lib/incident/send_http.ts";
import { targetOf } from "../../../lib/incident/target.ts";
import { targetRules } from "../../../lib/incident/target_rules.ts";

const MESSAGE = messageOf({
  incident_id: "INC-7",
  title: "SLO broken",
  severity: "critical",
  escalation_level: "p1",
  status: "open",
  owner: "",
  scope: "",
  drill: true,
}, { source: "test", reportPath: "", nowS: 0 });

/** Sends to a server that answers with these bytes and then keeps the connection open. */
async function sendTo(answer: string, timeoutS: number): Promise<Attempt> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const answered = (async () => {
    const connection = await listener.accept();
    await connection.read(new Uint8Array(65_536));
    await connection.write(new TextEncoder().encode(answer));
    return connection;
  })();
  const { port } = listener.addr as Deno.NetAddr;
  const target = await targetOf("webhook", `http://127.0.0.1:${port}/hook`);
  const rules = targetRules(undefined, { drill: true, allowExternal: false });
  const sender = { rules, timeoutS, signingKey: undefined, feishuSecret: undefined };
  const { signal } = new AbortController();
  const webhook = { ...target, channel: "webhook" as const };
  const attempt = await sendHttp(webhook, MESSAGE, "0".repeat(64), sender, signal);
  (await answered).close();
  return attempt;
}

Deno.test("a receiver that wants to speak another protocol has not taken the message", async () => {
  const answer = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";
  assertEquals(await sendTo(answer, 10), {
    ok: false,
    status: "http_101",
    status_code: 101,
    retryable: false,
    error: "answered 101",
  });
});

const ENDLESS: [what: string, answer: string][] = [
  ["has not begun", ""],
  ["is only announced", "HTTP/1.1 100 Continue\r\n\r\n"],
  ["ends in its headers", "HTTP/1.1 200 OK\r\nX-A: "],
  ["ends in its body", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"],
];

for (const [what, answer] of ENDLESS) {
  Deno.test(`an answer that ${what} is left when the time is over`, async () => {
    const { status, retryable } = await sendTo(answer, 0.2);
    assertEquals([status, retryable], ["timeout", true]);
  });
}
