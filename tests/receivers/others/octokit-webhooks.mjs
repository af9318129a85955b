// @octokit/webhooks on Node's own server, as its README shows it.
// Source: github.com/octokit/webhooks.js, "Usage"

import fs from "node:fs";
import http from "node:http";
import process from "node:process";
import { Webhooks, createNodeMiddleware } from "@octokit/webhooks";

const { LEDGER, PORT, SECRET } = process.env;
const webhooks = new Webhooks({ secret: SECRET });

webhooks.on("push", ({ id }) => fs.appendFileSync(LEDGER, `${id}\n`));

http
  .createServer(createNodeMiddleware(webhooks, { path: "/webhooks" }))
  .listen(Number(PORT), "127.0.0.1");
