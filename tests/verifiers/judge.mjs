// Let the providers' released verifiers for Node judge requests.
// Input and output are those of judge.py.

import https from "node:https";
import { Readable } from "node:stream";
import { createRequire } from "node:module";
import { LinearWebhookClient } from "@linear/sdk/webhooks";
import { verifyWebhookSignature } from "@notionhq/client";
import { isValidSignature } from "@sanity/webhook";

const require = createRequire(import.meta.url);
const SnsValidator = require("sns-validator");
const ebayClient = require("event-notification-nodejs-sdk/lib/client");
const ebay = require("event-notification-nodejs-sdk/lib/validator");

const pem = (key) =>
  `-----BEGIN PUBLIC KEY-----\n${key.match(/.{1,64}/g).join("\n")}\n-----END PUBLIC KEY-----\n`;

// The libraries of eBay and SNS fetch the key; here it is the one of the request.
let key = "";
ebayClient.getPublicKey = async () => ({ key: `-----BEGIN PUBLIC KEY-----${key}-----END PUBLIC KEY-----` });
https.get = (url, answer) => {
  answer(Object.assign(Readable.from([Buffer.from(pem(key))]), { statusCode: 200 }));
  return { on() {} };
};

const judges = {
  ebay: ({ body, headers }) => ebay.validateSignature(JSON.parse(body), headers["x-ebay-signature"], {}),
  linear: ({ body, headers, secret }) =>
    new LinearWebhookClient(secret).verify(Buffer.from(body), headers["Linear-Signature"]),
  notion: ({ body, headers, secret }) =>
    verifyWebhookSignature({ body, signature: headers["X-Notion-Signature"], verificationToken: secret }),
  sanity: ({ body, headers, secret }) => isValidSignature(body, headers["sanity-webhook-signature"], secret),
  sns: ({ body }) =>
    new Promise((resolve) => new SnsValidator().validate(JSON.parse(body), (error) => resolve(!error))),
};

const parts = [];
for await (const part of process.stdin) parts.push(part);
const found = [];
for (const one of JSON.parse(Buffer.concat(parts).toString())) {
  key = one.public;
  try {
    found.push((await judges[one.scheme](one)) === true);
  } catch (error) {
    found.push(error instanceof TypeError || error instanceof ReferenceError ? String(error) : false);
  }
}
console.log(JSON.stringify(found));
