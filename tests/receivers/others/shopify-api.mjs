// Shopify's library under Express, as its guide shows it.
// Source: github.com/Shopify/shopify-app-js, packages/apps/shopify-api/docs/guides/webhooks.md

import fs from "node:fs";
import process from "node:process";
import "@shopify/shopify-api/adapters/node";
import { DeliveryMethod, LogSeverity, shopifyApi } from "@shopify/shopify-api";
import express from "express";

const { LEDGER, PORT, SECRET } = process.env;

const shopify = shopifyApi({
  apiKey: "an API key",
  apiSecretKey: SECRET,
  apiVersion: "2026-07",
  hostName: "shop.example",
  isEmbeddedApp: true,
  logger: { level: LogSeverity.Error },
});

shopify.webhooks.addHandlers({
  "orders/create": [
    {
      deliveryMethod: DeliveryMethod.Http,
      callbackUrl: "/webhooks",
      callback: async (topic, shop, body, webhookId) => {
        fs.appendFileSync(LEDGER, `${webhookId}\n`);
      },
    },
  ],
});

const app = express();

app.post("/webhooks", express.text({ type: "*/*" }), async (request, response) => {
  try {
    await shopify.webhooks.process({
      rawBody: request.body,
      rawRequest: request,
      rawResponse: response,
    });
  } catch (error) {
    console.log(error.message);
  }
});

app.listen(Number(PORT), "127.0.0.1");
