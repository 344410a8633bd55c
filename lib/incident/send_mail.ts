import type { Socket } from "node:net";
import { redact } from "../scan/redact.ts";
import { sha256Hex } from "../store/digest.ts";
import type { Attempt } from "./attempt.ts";
import { Deadline } from "./deadline.ts";
import type { IncidentMessage } from "./message.ts";
import type { Target } from "./target.ts";
import { isLoopback, type TargetRules } from "./target_rules.ts";

/** How mail goes out. */
export interface MailSender {
  from: string | undefined;
  host: string | undefined;
  port: number;
  /** Encryption by STARTTLS, which the server must then offer; port 465 is encrypted from the start. */
  starttls: boolean;
  user: string | undefined;
  password: string | undefined;
  /** PEM of the authorities that the server's certificate must be of; the known ones if undefined. */
  ca: string | undefined;
  rules: TargetRules;
  /** Per attempt, seconds. */
  timeoutS: number;
}

/** The port on which a connection is encrypted from its first byte (RFC 8314). */
const IMPLICIT_TLS_PORT = 465;

const LONGEST_TITLE = 150;

const CONTROL = /\p{Cc}/u;

/** A bare address: nothing that could be read as a name, a list or a comment. */
const ADDRESS = /^[^\s@<>(),;:"\\[\]]+@[^\s@<>(),;:"\\]+$/u;

interface Envelope {
  from: string;
  host: string;
  subject: string;
  text: string;
}

function subjectOf({ incident }: IncidentMessage): string {
  const { drill, severity, incident_id, title } = incident;
  const words = title.length > LONGEST_TITLE ? `${title.slice(0, LONGEST_TITLE)}\u2026` : title;
  return `[incident]${drill ? "[drill]" : ""} ${severity} ${incident_id}: ${words}`.toWellFormed();
}

function refusal(status: string, error: string): Attempt {
  return { ok: false, status, status_code: 0, retryable: false, error };
}

/** Decides everything that can be decided before connecting. */
function prepare(
  { from, host, port, starttls, user, rules }: MailSender,
  recipient: string,
  message: IncidentMessage,
): Envelope | Attempt {
  if (from === undefined || host === undefined) {
    return refusal("email_config_missing", "sender or server is not set");
  }
  const subject = subjectOf(message);
  const injected = [["sender", from], ["recipient", recipient], ["subject", subject]]
    .find(([, value = ""]) => CONTROL.test(value));
  if (injected !== undefined) {
    return refusal("header_refused", `a control character stands in the ${injected[0]}`);
  }
  if (!ADDRESS.test(from) || !ADDRESS.test(recipient)) {
    return refusal("address_refused", "sender and recipients must be bare addresses");
  }
  if (rules.drill && !rules.allowExternal && !isLoopback(host)) {
    return refusal("target_refused", "leaves this machine, and a drill stays on loopback");
  }
  if (!starttls && port !== IMPLICIT_TLS_PORT && (!isLoopback(host) || user !== undefined)) {
    const why = "without encryption mail goes to loopback only, and no password is sent";
    return refusal("smtp_plaintext_refused", why);
  }
  return { from, host, subject, text: message.brief };
}

function judgeError(error: unknown, secrets: readonly string[]): Attempt {
  const { code = "", responseCode, message } = error as Error & {
    code?: string;
    responseCode?: number;
  };
  const text = redact(message, secrets).replaceAll(/\p{Cc}+/gu, " ").slice(0, 300);
  const answered = typeof responseCode === "number" ? responseCode : 0;
  const unsafe = code === "ETLS" || /cert|self.signed|altname/i.test(message);
  return {
    ok: false,
    status: unsafe ? "smtp_tls_error" : answered > 0 ? `smtp_${answered}` : "smtp_error",
    status_code: answered,
    retryable: !unsafe && code !== "EAUTH" && (answered === 0 || answered < 500),
    error: text,
  };
}

function options(sender: MailSender, { host }: Envelope, connection: Socket) {
  const { port, starttls, user, password, ca, timeoutS } = sender;
  const secure = port === IMPLICIT_TLS_PORT;
  const limit = timeoutS * 1000;
  return {
    connection,
    host,
    port,
    name: "localhost", // what it says in EHLO: the machine's own name is nobody's business
    secure,
    requireTLS: starttls && !secure,
    ignoreTLS: !starttls && !secure,
    tls: {
      minVersion: "TLSv1.2" as const,
      ...(ca === undefined ? {} : { ca }),
    },
    ...(user === undefined ? {} : { auth: { user, pass: password ?? "" } }),
    greetingTimeout: limit,
    socketTimeout: limit,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

const LATE: Attempt = {
  ok: false,
  status: "timeout",
  status_code: 0,
  retryable: true,
  error: "no answer in time",
};

/** Connects, or answers undefined when there is no time left. */
async function connected(
  { host, port }: { host: string; port: number },
  signal: AbortSignal,
): Promise<Socket | undefined> {
  const { connect } = await import("node:net");
  const { promise, resolve, reject } = Promise.withResolvers<Socket | undefined>();
  const socket = connect({ host, port });
  socket.once("connect", () => resolve(socket));
  socket.once("error", reject);
  signal.addEventListener("abort", () => {
    socket.destroy();
    resolve(undefined);
  }, { once: true });
  return await promise;
}

function contentOf({ from, subject, text }: Envelope, address: string, id: string, thread: string) {
  const domain = from.slice(from.lastIndexOf("@") + 1);
  return {
    from: { name: "", address: from },
    to: { name: "", address },
    subject,
    text,
    textEncoding: "quoted-printable" as const,
    messageId: `<${id}@${domain}>`,
    references: `<incident-${thread}@${domain}>`,
    headers: { "Auto-Submitted": "auto-generated" },
  };
}

/** Sends a message once to one mailbox; never throws for what the outside world does. */
export async function sendMail(
  { address }: Target,
  message: IncidentMessage,
  id: string,
  sender: MailSender,
  signal: AbortSignal,
): Promise<Attempt> {
  const envelope = prepare(sender, address, message);
  if ("ok" in envelope) return envelope;
  using limit = new Deadline(sender.timeoutS, signal);
  const thread = (await sha256Hex(message.incident.incident_id)).slice(0, 32);
  const secrets = [sender.password ?? "", address];
  let socket: Socket | undefined;
  try {
    socket = await connected({ host: envelope.host, port: sender.port }, limit.signal);
    if (socket === undefined) return LATE;
    const { createTransport } = await import("nodemailer");
    const transport = createTransport(options(sender, envelope, socket));
    const late = Promise.withResolvers<Attempt>();
    limit.signal.addEventListener("abort", () => late.resolve(LATE), { once: true });
    const sent = transport.sendMail(contentOf(envelope, address, id, thread)).then(
      (): Attempt => ({ ok: true, status: "smtp_250", status_code: 250, retryable: false }),
      (error: unknown) => judgeError(error, secrets),
    );
    return await Promise.race([sent, late.promise]);
  } catch (error) {
    return judgeError(error, secrets);
  } finally {
    socket?.destroy(); // a refused certificate leaves it open, and the process with it
  }
}
