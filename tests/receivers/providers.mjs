// Receivers made of providers' own middleware, as their pages show it, and of nothing
// else: no memory of ids, no limits of their own.
// node providers.mjs NAME PORT FOLDER SECRETS     (SECRETS is a list in JSON)

import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { Webhooks, createNodeMiddleware } from "@octokit/webhooks";
import express from "express";
import Stripe from "stripe";

const [name, port, folder, secretsText] = process.argv.slice(2);
const [secret, second] = JSON.parse(secretsText);
const file = path.join(folder, "ledger.txt");

function work(id) {
  if (fs.existsSync(path.join(folder, "away"))) throw new Error("no database");
  fs.appendFileSync(file, `${id}\n`);
}

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

const makers = {
  // github.com/octokit/webhooks.js, "createNodeMiddleware()"
  "provider-octokit"(app) {
    const webhooks = new Webhooks({ secret, additionalSecrets: [second], log: quiet });
    webhooks.onAny(({ id }) => work(id));
    app.use(createNodeMiddleware(webhooks, { path: "/webhooks", log: quiet }));
  },

  // github.com/stripe/stripe-node, "Webhook signing", examples/webhook-signing/express
  "provider-stripe"(app) {
    const stripe = new Stripe("sk_test_of_no_use");
    app.post(
      "/webhooks",
      express.raw({ type: "application/json" }),
      (request, response) => {
        let event;
        try {
          event = stripe.webhooks.constructEvent(
            request.body,
            request.headers["stripe-signature"],
            secret,
          );
        } catch (error) {
          return response.status(400).send(`Webhook Error: ${error.message}`);
        }
        if (event.event === "payment.succeeded") work(event.id);
        return response.json({ received: true });
      },
    );
  },
};

const app = express();
app.get("/effects", (request, response) => {
  const text = fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "";
  response.send(`${text.split("\n").filter(Boolean).length}`);
});
makers[name](app);
app.listen(Number(port), "127.0.0.1");
