// Twilio's middleware under Express, as its documentation shows it.
// Source: twilio.com/docs/usage/tutorials/how-to-secure-your-express-app-by-validating-incoming-twilio-requests

import fs from "node:fs";
import process from "node:process";
import express from "express";
import twilio from "twilio";

const { LEDGER, PORT, SECRET } = process.env;
const app = express();

app.use(express.urlencoded({ extended: false }));

app.post("/webhooks", twilio.webhook(SECRET), (request, response) => {
  const answer = new twilio.twiml.MessagingResponse();
  answer.message(`You said: ${request.body.Body}`);
  fs.appendFileSync(LEDGER, `${request.body.MessageSid}\n`);
  response.type("text/xml").send(answer.toString());
});

app.listen(Number(PORT), "127.0.0.1");
