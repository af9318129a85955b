// Svix's library under Express, as its documentation shows it.
// Source: docs.svix.com/receiving/verifying-payloads/how, "Framework specific examples"

import { Webhook } from "svix";
import { serve } from "./class-webhook.mjs";

serve(Webhook, "email.delivered", "svix-id");
