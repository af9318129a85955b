// Svix's library under Express, as its documentation shows it.
// Source: docs.svix.com/receiving/verifying-payloads/how, "Framework specific examples"

import fs from "node:fs";
import process from "node:process";
import express from "express";
import { Webhook } from "svix";

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
    if (event.type === "email.delivered") {
      fs.appendFileSync(LEDGER, `${request.headers["svix-id"]}\n`);
    }
    return response.json({});
  },
);

app.listen(Number(PORT), "127.0.0.1");
