// Receivers in Express, one right one a scheme and one wrong one a bug.
// node express.mjs NAME PORT FOLDER SECRETS     (SECRETS is a list in JSON)

import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import express from "express";

const [name, port, folder, secretsText] = process.argv.slice(2);
const secrets = JSON.parse(secretsText);
const LIMIT = 1_000_000;
const TOLERANCE = 300;
const KNOWN = new Set(["payment.succeeded", "payment.refunded"]);

class Away extends Error {}

// Ids and effects are one and the same: the lines of a file.
class Ledger {
  constructor({ remembers }) {
    this.file = path.join(folder, "ledger.txt");
    this.away = path.join(folder, "away");
    const lines = fs.existsSync(this.file)
      ? fs.readFileSync(this.file, "utf8").split("\n").filter(Boolean)
      : [];
    this.effects = lines.length;
    this.seen = new Set(remembers ? lines : []);
  }

  take(key) {
    if (this.seen.has(key)) return;
    this.work(key);
  }

  work(key) {
    if (fs.existsSync(this.away)) throw new Away();
    fs.appendFileSync(this.file, `${key}\n`);
    this.effects += 1;
    this.seen.add(key);
  }
}

const sha256 = (secret, content) =>
  crypto.createHmac("sha256", secret).update(content);

function same(given, wanted) {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && crypto.timingSafeEqual(a, b);
}

function fresh(t) {
  if (!/^[0-9]{1,15}$/.test(t)) return false;
  return Math.abs(Date.now() / 1000 - Number(t)) <= TOLERANCE;
}

// Schemes: take a request and its raw body, and tell whether it is authentic.

const schemes = {
  github(request, raw) {
    const given = request.get("x-hub-signature-256") ?? "";
    return secrets.some((secret) =>
      same(given, `sha256=${sha256(secret, raw).digest("hex")}`),
    );
  },

  slack(request, raw, isFresh = fresh) {
    const t = request.get("x-slack-request-timestamp") ?? "";
    const given = request.get("x-slack-signature") ?? "";
    if (!isFresh(t)) return false;
    const content = Buffer.concat([Buffer.from(`v0:${t}:`), raw]);
    return secrets.some((secret) =>
      same(given, `v0=${sha256(secret, content).digest("hex")}`),
    );
  },

  discord(request, raw) {
    const t = request.get("x-signature-timestamp") ?? "";
    const given = request.get("x-signature-ed25519") ?? "";
    if (!fresh(t) || !/^[0-9a-f]{128}$/i.test(given)) return false;
    return secrets.some((secret) => {
      const x = Buffer.from(secret, "hex").toString("base64url");
      const key = crypto.createPublicKey({
        key: { kty: "OKP", crv: "Ed25519", x },
        format: "jwk",
      });
      const content = Buffer.concat([Buffer.from(t), raw]);
      return crypto.verify(null, content, key, Buffer.from(given, "hex"));
    });
  },
};

function parsed(raw) {
  try {
    const event = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(raw));
    return event !== null && typeof event === "object" ? event : null;
  } catch {
    return null;
  }
}

// Express's own parsers refuse a long body only when they have read it to its end.
function readRaw(request, response, next) {
  const parts = [];
  let size = 0;
  const refuse = () => {
    request.removeAllListeners("data").removeAllListeners("end");
    response.on("finish", () => request.destroy());
    response.set("Connection", "close").sendStatus(413);
  };
  if (Number(request.get("content-length") ?? 0) > LIMIT) return refuse();
  request.on("data", (part) => {
    size += part.length;
    if (size > LIMIT) return refuse();
    parts.push(part);
  });
  request.on("end", () => {
    request.body = Buffer.concat(parts);
    next();
  });
}

// What a right receiver does; the wrong ones replace a part of it.
class Receiver {
  scheme = "github";
  refusal = 401;
  done = 200;
  remembers = true;

  constructor() {
    this.body = readRaw;
  }

  start() {
    this.ledger = new Ledger(this);
  }

  verify(request, raw) {
    return schemes[this.scheme](request, raw);
  }

  answer(request, response) {
    const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    if (!this.verify(request, raw)) return response.sendStatus(this.refusal);
    const event = parsed(raw);
    if (event === null) return response.sendStatus(400);
    return this.process(request, response, event);
  }

  process(request, response, event) {
    if (this.scheme === "slack" && event.type === "url_verification") {
      return response.type("text/plain").send(String(event.challenge));
    }
    if (this.scheme === "discord" && event.type === 0) return response.sendStatus(204);
    if (typeof event.id !== "string" || typeof event.event !== "string") {
      return response.sendStatus(400);
    }
    if (KNOWN.has(event.event)) {
      try {
        this.take(request, event);
      } catch (error) {
        if (error instanceof Away) return response.sendStatus(503);
        throw error;
      }
    }
    return response.sendStatus(this.done);
  }

  take(request, event) {
    this.ledger.take(JSON.stringify(event.id));
  }
}

class Slack extends Receiver {
  scheme = "slack";
}

class Discord extends Receiver {
  scheme = "discord";
  done = 204;
}

// 1: hashes the JSON that it wrote itself
class RewritesJson extends Receiver {
  constructor() {
    super();
    this.body = express.json({ type: () => true, strict: false, limit: LIMIT });
  }

  answer(request, response) {
    const rewritten = Buffer.from(JSON.stringify(request.body ?? ""));
    if (!this.verify(request, rewritten)) return response.sendStatus(401);
    if (request.body === null || typeof request.body !== "object") {
      return response.sendStatus(400);
    }
    return this.process(request, response, request.body);
  }
}

// 3: keeps the raw body of one content type only
class ParsesOneType extends Receiver {
  constructor() {
    super();
    this.body = express.raw({ type: "application/json", limit: LIMIT });
  }
}

// 6: compares digests of any length, in a callback that nobody guards
class ComparesLengths extends Receiver {
  answer(request, response) {
    // Out of Express's hands, as in every callback of a database or a queue.
    setImmediate(() => super.answer(request, response));
  }

  verify(request, raw) {
    const given = request.get("x-hub-signature-256") ?? "";
    return secrets.some((secret) =>
      crypto.timingSafeEqual(
        Buffer.from(given),
        Buffer.from(`sha256=${sha256(secret, raw).digest("hex")}`),
      ),
    );
  }
}

// 7: counts characters, then decodes them
class CountsCharacters extends Receiver {
  verify(request, raw) {
    const given = (request.get("x-hub-signature-256") ?? "").replace("sha256=", "");
    if (given.length !== 64) return false;
    return secrets.some((secret) =>
      crypto.timingSafeEqual(Buffer.from(given, "hex"), sha256(secret, raw).digest()),
    );
  }
}

// 15: refuses what is old, and takes the future
class PastOnly extends Slack {
  verify(request, raw) {
    return schemes.slack(
      request,
      raw,
      (t) => /^[0-9]{1,15}$/.test(t) && Date.now() / 1000 - Number(t) <= TOLERANCE,
    );
  }
}

// 20: knows duplicates by a header that is not signed
class UnsignedKey extends Receiver {
  take(request, event) {
    this.ledger.take(request.get("x-request-id") ?? event.id);
  }
}

// 21: looks for duplicates only if the header is there
class NoIdNoCheck extends Receiver {
  take(request, event) {
    const key = JSON.stringify(event.id);
    if (request.get("x-github-delivery")) this.ledger.take(key);
    else this.ledger.work(key);
  }
}

// 24: keeps its ids in memory
class MemoryOnly extends Receiver {
  remembers = false;
}

// 29: drops every retry, before it looks at the signature
class DropsRetries extends Slack {
  answer(request, response) {
    if (request.get("x-slack-retry-num")) return response.sendStatus(200);
    return super.answer(request, response);
  }
}

// 37: answers a challenge before it looks at the signature
class ChallengeFirst extends Slack {
  answer(request, response) {
    const event = Buffer.isBuffer(request.body) ? parsed(request.body) : null;
    if (event?.type === "url_verification") {
      return response.type("text/plain").send(String(event.challenge));
    }
    return super.answer(request, response);
  }
}

// 38: refuses a wrong signature, but not with 401
class Answers400 extends Discord {
  refusal = 400;
}

const receivers = {
  "express-slack": Slack,
  "express-discord": Discord,
  "01-express-rewrites-json": RewritesJson,
  "03-express-parses-one-type": ParsesOneType,
  "06-express-compares-lengths": ComparesLengths,
  "07-express-counts-characters": CountsCharacters,
  "15-express-past-only": PastOnly,
  "20-express-unsigned-key": UnsignedKey,
  "21-express-no-id-no-check": NoIdNoCheck,
  "24-express-memory-only": MemoryOnly,
  "29-express-drops-retries": DropsRetries,
  "37-express-challenge-first": ChallengeFirst,
  "38-express-answers-400": Answers400,
};

const receiver = new receivers[name]();
receiver.start();

const app = express();
app.disable("x-powered-by");
app.post("/webhooks", receiver.body, (request, response) =>
  receiver.answer(request, response),
);
app.all("/webhooks", (request, response) => response.sendStatus(405));
app.get("/effects", (request, response) => response.send(`${receiver.ledger.effects}`));
app.use((error, request, response, next) => {
  if (response.headersSent) return next(error);
  return response.sendStatus(error.status ?? 500);
});
app.listen(Number(port), "127.0.0.1");
