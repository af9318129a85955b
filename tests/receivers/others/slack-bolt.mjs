// Bolt for JavaScript on its own server, as its README shows it.
// Source: github.com/slackapi/bolt-js, and docs.slack.dev/tools/bolt-js, "Authorization"

import fs from "node:fs";
import process from "node:process";
import { App } from "@slack/bolt";

const { LEDGER, PORT, SECRET } = process.env;

const app = new App({
  signingSecret: SECRET,
  endpoints: "/webhooks",
  authorize: async () => ({ botToken: "xoxb-1", botId: "B1", botUserId: "U1" }),
});

app.event("app_mention", async ({ body }) => {
  fs.appendFileSync(LEDGER, `${body.event_id}\n`);
});

await app.start({ port: Number(PORT), host: "127.0.0.1" });
