// The reference library of Standard Webhooks under Express.
// Source: github.com/standard-webhooks/standard-webhooks, libraries/javascript/README.md

import { Webhook } from "standardwebhooks";
import { serve } from "./class-webhook.mjs";

serve(Webhook, "invoice.paid", "webhook-id");
