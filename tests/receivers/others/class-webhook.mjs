// A receiver under Express with a class Webhook, as Svix's library and that of Standard
// Webhooks have one. Their documentations show the same handler.

import fs from "node:fs";
import process from "node:process";
import express from "express";

const { LEDGER, PORT, SECRET } = process.env;

export function serve(Webhook, type, id) {
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
      if (event.type === type) {
        fs.appendFileSync(LEDGER, `${request.headers[id]}\n`);
      }
      return response.json({});
    },
  );

  app.listen(Number(PORT), "127.0.0.1");
}
