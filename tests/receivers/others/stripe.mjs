// Stripe's library under Express, as its example shows it.
// Source: github.com/stripe/stripe-node, examples/webhook-signing/express

import fs from "node:fs";
import process from "node:process";
import express from "express";
import Stripe from "stripe";

const { LEDGER, PORT, SECRET } = process.env;
const stripe = new Stripe("sk_test_of_no_use");
const app = express();

app.post(
  "/webhooks",
  express.raw({ type: "application/json" }),
  (request, response) => {
    let event;
    try {
      event = stripe.webhooks.constructEvent(
        request.body,
        request.headers["stripe-signature"],
        SECRET,
      );
    } catch (error) {
      return response.status(400).send(`Webhook Error: ${error.message}`);
    }
    if (event.type === "payment_intent.succeeded") {
      fs.appendFileSync(LEDGER, `${event.id}\n`);
    }
    return response.json({ received: true });
  },
);

app.listen(Number(PORT), "127.0.0.1");
