import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path/join";
import { DrillMailbox } from "../../../lib/incident/drill_mailbox.ts";
import { Incident } from "../../../lib/incident/incident.ts";
import { messageOf } from "../../../lib/incident/message.ts";
import { type MailSender, sendMail } from "../../../lib/incident/send_mail.ts";
import { targetOf } from "../../../lib/incident/target.ts";

const TO = "duty@ops.example.invalid";

async function send(
  sender: Partial<MailSender>,
  { title = "down", to = TO, id = "INC-1" }: { title?: string; to?: string; id?: string } = {},
) {
  const incident = Incident.parse({ incident_id: id, severity: "high", title });
  const message = messageOf(incident, { source: "test", reportPath: "r.json", nowS: 1 });
  return await sendMail(await targetOf("email", to), message, "delivery", {
    from: "toolkit@ops.example.invalid",
    host: "127.0.0.1",
    port: 25,
    starttls: false,
    user: undefined,
    password: undefined,
    ca: undefined,
    rules: {
      drill: false,
      allowExternal: false,
      allowedHosts: undefined,
      privateHosts: [],
      allowedPorts: [443],
    },
    timeoutS: 10,
    ...sender,
  }, new AbortController().signal);
}

Deno.test("a mail has the headers of an automatic mail, real line breaks, and no secret of the machine", async () => {
  await using mailbox = await DrillMailbox.start();
  const attempt = await send({ port: mailbox.port }, { title: "Störung <b>" });
  assertEquals([attempt.ok, attempt.status], [true, "smtp_250"]);
  const [mail] = mailbox.mails;
  assertEquals(mail?.rcpttos, [TO]);
  assertMatch(mail!.text, /^Message-ID: <delivery@ops\.example\.invalid>\r$/m);
  assertMatch(mail!.text, /^References:\s+<incident-[0-9a-f]{32}@ops\.example\.invalid>\r$/m);
  assertMatch(mail!.text, /^Auto-Submitted: auto-generated\r$/m);
  assertMatch(mail!.text, /^Date: .+\r$/m);
  assertMatch(mail!.text, /^Subject: =\?UTF-8\?Q\?=5Bincident=5D_high_INC-1/m);
  assertMatch(mail!.text, /\r\nincident_id=3DINC-1\r\ntitle=3DSt=C3=B6rung <b>\r\nseverity=3Dhigh/);
  assertEquals(mail!.text.split("\r\n").every((line) => line.length <= 998), true);
});

const INJECTED: [what: string, changes: Parameters<typeof send>][] = [
  ["title", [{}, { title: "down\r\nBcc: everybody@ops.example.invalid" }]],
  ["incident id", [{}, { id: "INC-1\nBcc: x" }]],
  ["recipient", [{}, { to: "a@b.invalid\r\nRCPT TO:<c@d.invalid>" }]],
  ["sender", [{ from: "a@b.invalid\nBcc: x" }]],
  ["NUL in the title", [{}, { title: "a\0b" }]],
];

for (const [what, [sender, changes]] of INJECTED) {
  Deno.test(`a control character in the ${what} is refused before anything is connected`, async () => {
    await using mailbox = await DrillMailbox.start();
    const attempt = await send({ ...sender, port: mailbox.port }, changes);
    assertEquals([attempt.ok, attempt.status, attempt.retryable], [false, "header_refused", false]);
    assertEquals(mailbox.mails, []);
  });
}

Deno.test("a recipient that is a list or has a name is refused", async () => {
  for (const to of ["a@b.invalid, c@d.invalid", "A <a@b.invalid>", "a"]) {
    assertEquals((await send({}, { to })).status, "address_refused");
  }
});

Deno.test("without encryption nothing goes beyond loopback, and no password anywhere", async () => {
  assertEquals((await send({ host: "mail.example.invalid" })).status, "smtp_plaintext_refused");
  assertEquals((await send({ user: "u", password: "p" })).status, "smtp_plaintext_refused");
});

Deno.test("without sender or server there is nothing to try", async () => {
  assertEquals((await send({ host: undefined })).status, "email_config_missing");
  assertEquals((await send({ from: undefined })).status, "email_config_missing");
});

/** A loopback port on which nobody listens. */
function closedPort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

Deno.test("a server that nobody runs may be tried again", async () => {
  const attempt = await send({ port: closedPort() });
  assertEquals([attempt.status, attempt.retryable], ["smtp_error", true]);
});

Deno.test("a server that says nothing is left when the time is over", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept();
  const attempt = await send({ port: (listener.addr as Deno.NetAddr).port, timeoutS: 0.3 });
  assertEquals([attempt.ok, attempt.retryable], [false, true]);
  (await accepted).close();
});

const openssl = await hasOpenssl();

async function hasOpenssl(): Promise<boolean> {
  try {
    const output = { stdout: "null", stderr: "null" } as const;
    return (await new Deno.Command("openssl", { args: ["version"], ...output }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function certificate(folder: string): Promise<{ key: string; cert: string }> {
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const { success } = await new Deno.Command("openssl", {
    args: [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
      ...["-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=localhost"],
      ...["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
    ],
    stdout: "null",
    stderr: "null",
  }).output();
  assertEquals(success, true);
  return { key: await Deno.readTextFile(key), cert: await Deno.readTextFile(cert) };
}

Deno.test({
  name: `STARTTLS: a certificate that is vouched for is taken, any other refused${
    openssl ? "" : " (skipped: openssl is not installed)"
  }`,
  ignore: !openssl,
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const { key, cert } = await certificate(folder);
      await using mailbox = await DrillMailbox.start({ starttls: true, key, cert });
      const sender = { port: mailbox.port, starttls: true };
      const strange = await send(sender);
      assertEquals([strange.status, strange.retryable], ["smtp_tls_error", false]);
      assertEquals(mailbox.mails.length, 0);
      const trusted = await send({ ...sender, ca: cert });
      assertEquals([trusted.ok, trusted.status], [true, "smtp_250"], trusted.error);
      assertEquals(mailbox.mails.length, 1);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
