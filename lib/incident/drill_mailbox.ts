import type { SMTPServer, SMTPServerOptions } from "smtp-server";

/** One mail as it arrived. */
export interface DrillMail {
  /** Epoch seconds. */
  ts: number;
  mailfrom: string;
  rcpttos: string[];
  /** Characters. */
  size: number;
  /** Headers and body; soft line breaks of quoted-printable are undone in the body. */
  text: string;
}

/** How a mail server behaves. */
export interface MailboxRules {
  /** Offers STARTTLS; the certificate is nobody's unless one is given. */
  starttls?: boolean;
  key?: string;
  cert?: string;
  /** Recipients that begin with this are refused with 550. */
  refuse?: string;
}

/** A mail server on loopback that takes down every mail. */
export class DrillMailbox {
  private constructor(
    readonly mails: DrillMail[],
    readonly port: number,
    private readonly server: SMTPServer,
  ) {}

  static async start(rules: MailboxRules = {}): Promise<DrillMailbox> {
    const { SMTPServer } = await import("smtp-server");
    const mails: DrillMail[] = [];
    const server = new SMTPServer(options(rules, mails));
    // A client that hangs up on a certificate is what some scenarios want, and no error here.
    server.on("error", () => undefined);
    const { promise, resolve } = Promise.withResolvers<void>();
    const listener = server.listen(0, "127.0.0.1", resolve);
    await promise;
    const address = listener.address();
    if (address === null || typeof address === "string") {
      throw new TypeError("Cannot find the port of the drill's mail server");
    }
    return new DrillMailbox(mails, address.port, server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.server.close(() => resolve());
    await promise;
  }
}

function withoutSoftBreaks(text: string): string {
  const body = text.indexOf("\r\n\r\n");
  return text.slice(0, body) + text.slice(body).replaceAll(/=\r\n/g, "");
}

function options(
  { starttls = false, refuse, key, cert }: MailboxRules,
  mails: DrillMail[],
): SMTPServerOptions {
  return {
    name: "localhost",
    logger: false,
    authOptional: true,
    disableReverseLookup: true,
    closeTimeout: 500,
    disabledCommands: starttls ? ["AUTH"] : ["AUTH", "STARTTLS"],
    ...(key === undefined || cert === undefined ? {} : { key, cert }),
    onRcptTo({ address }, _session, callback) {
      if (refuse === undefined || !address.startsWith(refuse)) return callback();
      callback(Object.assign(new Error("no such mailbox"), { responseCode: 550 }));
    },
    onData(stream, { envelope }, callback) {
      const decoder = new TextDecoder();
      let text = "";
      stream.on("data", (part: Uint8Array) => {
        text += decoder.decode(part, { stream: true });
      });
      stream.on("end", () => {
        const { mailFrom, rcptTo } = envelope;
        mails.push({
          ts: Date.now() / 1000,
          mailfrom: mailFrom === false ? "" : mailFrom.address,
          rcpttos: rcptTo.map(({ address }) => address),
          size: text.length,
          text: withoutSoftBreaks(text),
        });
        callback();
      });
    },
  };
}
