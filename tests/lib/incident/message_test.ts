import { assert, assertEquals, assertMatch } from "@std/assert";
import { Incident } from "../../../lib/incident/incident.ts";
import { signatureFault } from "../../../lib/incident/judge_signature.ts";
import { bodyFor, feishuSign, messageOf, signedHeaders } from "../../../lib/incident/message.ts";
import { deliveryId, targetOf } from "../../../lib/incident/target.ts";

const incident = (changes: Record<string, unknown> = {}): Incident =>
  Incident.parse({ incident_id: "INC-1", severity: "critical", title: "down", ...changes });
const message = (changes: Record<string, unknown> = {}) =>
  messageOf(incident(changes), { source: "test", reportPath: "r.json", nowS: 1_700_000_000 });
const WITH = { deliveryId: "d", feishuSecret: undefined, timestampS: 1_771_718_400 };

Deno.test("signedHeaders() makes the published X-WA-Signature", async () => {
  const given = { id: "x", timestampS: 1_700_000_000, body: '{"ok":1}' };
  const headers = await signedHeaders("secret", given);
  assertEquals(
    headers["X-WA-Signature"],
    "sha256=af17f6599752f4c6926dad66839553949b97b3a76d5e036277840ac46e74d2dc",
  );
  assertEquals(headers["X-WA-Timestamp"], "1700000000");
});

Deno.test("signedHeaders() makes the signature that Standard Webhooks publishes", async () => {
  const headers = await signedHeaders("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", {
    id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
    timestampS: 1_614_265_330,
    body: '{"test": 2432232314}',
  });
  assertEquals(headers["webhook-signature"], "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
});

Deno.test("feishuSign() makes the published signature, and it goes into the body", async () => {
  const expected = "X8F5m9O3ywvvJL1XA3Jgmo7VSdsJjYKJMeSaLlyvjmE=";
  assertEquals(await feishuSign("drill-secret", 1_771_718_400), expected);
  const body = await bodyFor("feishu", message(), { ...WITH, feishuSecret: "drill-secret" });
  const { sign, timestamp, msg_type } = JSON.parse(body);
  assertEquals([sign, timestamp, msg_type], [expected, "1771718400", "text"]);
});

Deno.test("signatureFault() takes what signedHeaders() makes, and nothing else", async () => {
  const body = '{"a":1}';
  const headers = await signedHeaders("k", { id: "x", timestampS: 1000, body });
  const call = {
    body,
    timestamp: headers["X-WA-Timestamp"]!,
    signature: headers["X-WA-Signature"]!,
  };
  assertEquals(await signatureFault("k", call, 1000), undefined);
  assertEquals(await signatureFault("k", call, 1300), undefined);
  assertMatch(await signatureFault("k", call, 1301) ?? "", /301 s off/);
  assertMatch(await signatureFault("other", call, 1000) ?? "", /not of this key/);
  assertMatch(await signatureFault("k", { ...call, body: `${body} ` }, 1000) ?? "", /not of this/);
  assertMatch(await signatureFault("k", { ...call, timestamp: "1001" }, 1000) ?? "", /not of this/);
  assertMatch(await signatureFault("k", { ...call, signature: "" }, 1000) ?? "", /no signature/);
});

Deno.test("the brief has real line breaks, and no title can pose as another fact", () => {
  const { brief } = message({ title: "down\r\nseverity=info\u2028owner=x" });
  const lines = brief.split("\n");
  assertEquals(lines.length, 9);
  assert(!brief.includes("\\n"));
  assertEquals(lines.filter((line) => line.startsWith("severity=")), ["severity=critical"]);
  assert(lines.includes("title=down severity=info owner=x"));
});

Deno.test("Slack gets no link and no mention out of a title", async () => {
  const { text } = JSON.parse(
    await bodyFor("slack", message({ title: "<!channel> & <https://x>" }), WITH),
  );
  assert(text.includes("title=&lt;!channel&gt; &amp; &lt;https://x&gt;"));
});

Deno.test("Feishu gets no mention out of a title", async () => {
  const title = '<at user_id="all">x</at> < AT user_id="all"> a <attempt> 1 < 2';
  const { content } = JSON.parse(await bodyFor("feishu", message({ title }), WITH));
  const shown =
    'title=\uFF1Cat user_id="all">x\uFF1C/at> \uFF1C AT user_id="all"> a <attempt> 1 < 2';
  assert(content.text.includes(shown), content.text);
});

Deno.test("chats are sent at most 3000 characters of a very long title", async () => {
  const { text } = JSON.parse(await bodyFor("slack", message({ title: "x".repeat(9000) }), WITH));
  assertEquals(text.length, 3001);
});

Deno.test("deliveryId() is the same for the same news to the same place, and for nothing else", async () => {
  const place = await targetOf("slack", "https://hooks.example.invalid/a");
  const other = await targetOf("slack", "https://hooks.example.invalid/b");
  const id = await deliveryId(incident(), place);
  assertEquals(await deliveryId(incident({ title: "still down" }), place), id);
  const different = await Promise.all([
    deliveryId(incident(), other),
    deliveryId(incident(), { ...place, channel: "webhook" }),
    deliveryId(incident({ incident_id: "INC-2" }), place),
    deliveryId(incident({ escalation_level: "p1" }), place),
    deliveryId(incident({ status: "resolved" }), place),
    deliveryId(incident({ severity: "high" }), place),
  ]);
  assertEquals(new Set([id, ...different]).size, 7);
});

Deno.test("targetOf() shows neither the path of a URL nor the name of a mailbox", async () => {
  const { shown } = await targetOf("slack", "https://hooks.example.invalid/T0/secret?token=x");
  assertMatch(shown, /^https:\/\/hooks\.example\.invalid sha256:[0-9a-f]{8}$/);
  assertEquals(
    (await targetOf("email", "mira@ops.example.invalid")).shown,
    "m***@ops.example.invalid",
  );
  assertMatch((await targetOf("webhook", "secret")).shown, /^not a URL sha256:/);
});
