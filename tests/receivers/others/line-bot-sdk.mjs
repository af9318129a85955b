// LINE's library under Express, as its example shows it.
// Source: github.com/line/line-bot-sdk-nodejs, examples/echo-bot

import fs from "node:fs";
import process from "node:process";
import { middleware } from "@line/bot-sdk";
import express from "express";

const { LEDGER, PORT, SECRET } = process.env;
const app = express();

app.post(
  "/webhooks",
  middleware({ channelSecret: SECRET }),
  (request, response) => {
    for (const event of request.body.events) {
      if (event.type === "message") {
        fs.appendFileSync(LEDGER, `${event.webhookEventId}\n`);
      }
    }
    response.json({});
  },
);

app.listen(Number(PORT), "127.0.0.1");
