// The reference library of Standard Webhooks under Express.
// Source: github.com/standard-webhooks/standard-webhooks, libraries/javascript/README.md

import fs from "node:fs";
import process from "node:process";
import express from "express";
import { Webhook } from "standardwebhooks";

const { LEDGER, PORT, SECRET } = process.env;
const app = express();

app.post(
  "/webhooks",
  express.raw({ type: "application/json" }),
  (request, response) => {
    const webhook = new Webhook(SECRET);
    let event;
    try {
      event = webhook.verify(request.body, request.headers);
    } catch (error) {
      return response.status(400).json({});
    }
    if (event.type === "invoice.paid") {
      fs.appendFileSync(LEDGER, `${request.headers["webhook-id"]}\n`);
    }
    return response.json({});
  },
);

app.listen(Number(PORT), "127.0.0.1");
