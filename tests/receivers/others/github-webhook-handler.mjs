// github-webhook-handler on Node's own server, as its README shows it.
// Source: github.com/rvagg/github-webhook-handler

import fs from "node:fs";
import http from "node:http";
import process from "node:process";
import createHandler from "github-webhook-handler";

const { LEDGER, PORT, SECRET } = process.env;
const handler = createHandler({ path: "/webhooks", secret: SECRET });

http
  .createServer((request, response) => {
    handler(request, response, () => {
      response.statusCode = 404;
      response.end("no such location");
    });
  })
  .listen(Number(PORT), "127.0.0.1");

handler.on("error", (error) => console.error("Error:", error.message));

handler.on("push", (event) => fs.appendFileSync(LEDGER, `${event.id}\n`));
