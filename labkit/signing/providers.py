"""Schemes of further providers, most of them a description of their layout.

A line of the table is what `labkit.signing.described.read` reads. The sources are the
providers' own pages, as of November 2026. Where a time has no `tolerance`, the provider
leaves it to the receiver.
"""

from collections.abc import Iterator, Mapping

from labkit.signing import (
    apple,
    braintree,
    described,
    ebay,
    embedded,
    fireblocks,
    jwt,
    messages,
    neon,
    paymob,
    sns,
    solidgate,
    standard,
    tokens,
    wix,
)
from labkit.signing.scheme import Scheme

_CLOUDINARY = (
    "header=X-Cld-Signature time=X-Cld-Timestamp signed={body}{t} tolerance=7200 "
    "source=cloudinary.com/documentation/notifications"
)
_T_V1 = "value=t={t},v1={mac} signed={t}.{body}"

TABLE = {
    "adyen-platform": "header=HmacSignature encoding=base64 key=hex "
    "source=docs.adyen.com/development-resources/webhooks",
    "airtable": "header=X-Airtable-Content-MAC value=hmac-sha256={mac} key=base64 "
    "source=airtable.com/developers/web/api/webhooks-overview",
    # The receiver must sign its responses as well, which no probe looks at.
    "alipay": "header=Signature encoding=percent digest=rsa-sha256 "
    "value=algorithm=RSA256,keyVersion=1,signature={mac} "
    "'signed={method} {path}\nLABKIT.{t}.{body}' also=client-id:LABKIT "
    "time=request-time unit=iso source=docs.antom.com",
    "asana": "header=X-Hook-Signature handshake=asana "
    "source=developers.asana.com/docs/webhooks-guide",
    "bitbucket": "header=X-Hub-Signature value=sha256={mac} type=X-Event-Key "
    "id=X-Request-UUID source=support.atlassian.com/bitbucket-cloud",
    "box": "header=BOX-SIGNATURE-PRIMARY encoding=base64 signed={body}{t} "
    "time=BOX-DELIVERY-TIMESTAMP unit=iso id=BOX-DELIVERY-ID tolerance=600 "
    "'also=BOX-SIGNATURE-VERSION:1;BOX-SIGNATURE-ALGORITHM:HmacSHA256' "
    "source=developer.box.com/guides/webhooks/v2/signatures-v2",
    # The digest is hashed again when it is signed, as in Bridge's own example.
    "bridge": "header=X-Webhook-Signature value=t={t},v0={mac} signed={t}.{body} "
    "digest=rsa-sha256-twice encoding=base64 unit=ms tolerance=600 "
    "source=apidocs.bridge.xyz/platform/additional-information/webhooks/signature",
    "calendly": f"header=Calendly-Webhook-Signature {_T_V1} "
    "source=developer.calendly.com",
    "circle": "header=X-Circle-Signature encoding=base64 digest=ecdsa-sha256 "
    "handshake=head source=developers.circle.com/cpn/guides/webhooks",
    "clio": "header=X-Hook-Signature handshake=asana source=docs.developers.clio.com",
    # The package cloudinary on PyPI verifies both; an account has one of them.
    "cloudinary": f"{_CLOUDINARY} digest=plain-sha1",
    "cloudinary-sha256": f"{_CLOUDINARY} digest=plain-sha256",
    "coinbase-commerce": "header=X-CC-Webhook-Signature "
    "source=docs.cdp.coinbase.com/commerce",
    "convoy": "header=X-Convoy-Signature source=getconvoy.io/docs",
    "convoy-advanced": "header=X-Convoy-Signature value=t={t},v1={mac} "
    "signed={t},{body} source=getconvoy.io/docs",
    "courier": "header=courier-signature value=t={t},signature={mac} "
    "signed={t}.{body} unit=ms source=courier.com/docs",
    "customerio": "header=X-CIO-Signature signed=v0:{t}:{body} time=X-CIO-Timestamp "
    "source=docs.customer.io",
    "docusign": "header=X-DocuSign-Signature-1 encoding=base64 "
    "source=developers.docusign.com/platform/webhooks/connect/validate",
    "dropbox": "header=X-Dropbox-Signature handshake=dropbox "
    "source=dropbox.com/developers/reference/webhooks",
    "fireblocks": "header=Fireblocks-Signature encoding=base64 digest=rsa-sha512 "
    "source=developers.fireblocks.com",
    "front": "header=X-Front-Signature encoding=base64 signed={t}:{body} "
    "time=X-Front-Request-Timestamp unit=ms handshake=front "
    "source=dev.frontapp.com/docs/application-webhooks",
    "gocardless": "header=Webhook-Signature source=developer.gocardless.com",
    "hookdeck": "header=x-hookdeck-signature encoding=base64 source=hookdeck.com/docs",
    "hubspot": "header=X-HubSpot-Signature-v3 encoding=base64 "
    "signed={method}{url}{body}{t} time=X-HubSpot-Request-Timestamp unit=ms "
    "tolerance=300 source=developers.hubspot.com",
    "intercom": "header=X-Hub-Signature value=sha1={mac} digest=sha1 "
    "source=developers.intercom.com",
    "jira": "header=X-Hub-Signature value=sha256={mac} "
    "id=X-Atlassian-Webhook-Identifier source=developer.atlassian.com/cloud/jira",
    "knock": "header=x-knock-signature value=t={t},s={mac} signed={t}.{body} "
    "encoding=base64 unit=ms source=docs.knock.app",
    "line": "header=X-Line-Signature encoding=base64 source=developers.line.biz",
    "linear": "header=Linear-Signature id=Linear-Delivery type=Linear-Event "
    "source=linear.app/developers/sdk-webhooks",
    "linkedin": "header=X-LI-Signature signed=hmacsha256={body} handshake=linkedin "
    "source=learn.microsoft.com/linkedin/shared/api-guide/webhook-validation",
    "meta": "header=X-Hub-Signature-256 value=sha256={mac} weaker=X-Hub-Signature "
    "handshake=meta source=developers.facebook.com/docs/graph-api/webhooks",
    "mux": f"header=Mux-Signature {_T_V1} source=docs.mux.com",
    "notion": "header=X-Notion-Signature value=sha256={mac} handshake=notion "
    "source=developers.notion.com/reference/webhooks",
    "nylas": "header=x-nylas-signature handshake=nylas "
    "source=developer.nylas.com/docs/v3/notifications/webhooks",
    "oura": "header=x-oura-signature encoding=HEX signed={t}{body} "
    "time=x-oura-timestamp handshake=oura source=cloud.ouraring.com/v2/docs",
    "outpost": "header=x-outpost-signature value=v0={mac} source=outpost.hookdeck.com",
    "paypal": "header=PAYPAL-TRANSMISSION-SIG encoding=base64 digest=rsa-sha256 "
    "signed={id}|{t}|WEBHOOK_ID|{body_crc32} id=PAYPAL-TRANSMISSION-ID "
    "time=PAYPAL-TRANSMISSION-TIME unit=iso also=PAYPAL-AUTH-ALGO:SHA256withRSA "
    "source=developer.paypal.com/api/rest/webhooks/rest",
    "paystack": "header=x-paystack-signature digest=sha512 source=paystack.com/docs",
    "persona": f"header=Persona-Signature {_T_V1} source=docs.withpersona.com",
    "pusher": "header=X-Pusher-Signature source=pusher.com/docs/channels",
    "razorpay": "header=X-Razorpay-Signature id=X-Razorpay-Event-Id "
    "source=razorpay.com/docs/webhooks",
    "retell": "header=x-retell-signature value=v={t},d={mac} signed={body}{t} unit=ms "
    "tolerance=300 source=docs.retellai.com",
    "sanity": "header=sanity-webhook-signature value=t={t},v1={mac} signed={t}.{body} "
    "encoding=base64url unit=ms source=sanity.io/docs/webhooks",
    "sendgrid": "header=X-Twilio-Email-Event-Webhook-Signature encoding=base64 "
    "digest=ecdsa-sha256 signed={t}{body} "
    "time=X-Twilio-Email-Event-Webhook-Timestamp "
    "source=twilio.com/docs/sendgrid/for-developers/tracking-events",
    "smartcar": "header=SC-Signature handshake=smartcar "
    "source=smartcar.com/docs/integrations/webhooks",
    "statsig": "header=X-Statsig-Signature value=v0={mac} signed=v0:{t}:{body} "
    "time=X-Statsig-Request-Timestamp unit=ms source=docs.statsig.com",
    "tebex": "header=X-Signature signed={body_sha256} handshake=tebex "
    "source=docs.tebex.io/developers/webhooks/overview",
    "telnyx": "header=telnyx-signature-ed25519 encoding=base64 digest=ed25519 "
    "signed={t}|{body} time=telnyx-timestamp tolerance=300 "
    "source=developers.telnyx.com",
    "token-io": "header=token-signature encoding=base64url digest=ed25519 "
    "source=docs.token.io",
    "trello": "header=x-trello-webhook encoding=base64 digest=sha1 signed={body}{url} "
    "handshake=head source=developer.atlassian.com/cloud/trello/guides/rest-api",
    "twitch": "header=Twitch-Eventsub-Message-Signature value=sha256={mac} "
    "signed={id}{t}{body} id=Twitch-Eventsub-Message-Id "
    "time=Twitch-Eventsub-Message-Timestamp unit=iso "
    "type=Twitch-Eventsub-Subscription-Type tolerance=600 handshake=twitch "
    "also=Twitch-Eventsub-Message-Type:notification "
    "source=dev.twitch.tv/docs/eventsub/handling-webhook-events",
    "typeform": "header=Typeform-Signature value=sha256={mac} encoding=base64 "
    "source=developer.typeform.com",
    "utila": "header=x-utila-signature encoding=base64 digest=rsa-pss-sha512 "
    "source=docs.utila.io",
    "vercel": "header=x-vercel-signature digest=sha1 source=vercel.com/docs",
    # Headers with an underscore never reach a WSGI app behind waitress 3.0, Werkzeug
    # 3.1 or gunicorn 27, unless gunicorn runs with --header-map dangerous; uvicorn and
    # wsgiref pass them on. examine finds it (contact.headers-underscore).
    "walmart": "header=WM_SEC.SIGNATURE time=WM_SEC.TIMESTAMP encoding=base64 "
    "'signed={method}\n{target}\n{t}\n{body_sha256}' tolerance=300 "
    "source=developer.walmart.com/us-marketplace/docs/security-and-authenticity",
    # The nonce is another one in each attempt; here it is the id of the event.
    "wechat-pay": "header=Wechatpay-Signature encoding=base64 digest=rsa-sha256 "
    "'signed={t}\n{id}\n{body}\n' id=Wechatpay-Nonce time=Wechatpay-Timestamp "
    "also=Wechatpay-Serial:LABKIT tolerance=300 source=pay.weixin.qq.com/doc/global/v3",
    "woocommerce": "header=X-WC-Webhook-Signature encoding=base64 "
    "id=X-WC-Webhook-Delivery-ID type=X-WC-Webhook-Topic source=woocommerce.com",
    "workos": "header=WorkOS-Signature 'value=t={t}, v1={mac}' signed={t}.{body} "
    "unit=ms tolerance=180 source=workos.com/docs/events/data-syncing/webhooks",
    "x": "header=x-twitter-webhooks-signature value=sha256={mac} encoding=base64 "
    "handshake=x source=docs.x.com/x-api/webhooks/quickstart",
    "xero": "header=x-xero-signature encoding=base64 refusal=401 handshake=xero "
    "source=developer.xero.com/documentation/guides/webhooks",
    "zendesk": "header=X-Zendesk-Webhook-Signature encoding=base64 signed={t}{body} "
    "time=X-Zendesk-Webhook-Signature-Timestamp unit=iso "
    "id=X-Zendesk-Webhook-Invocation-Id "
    "source=developer.zendesk.com/documentation/webhooks/verifying",
}
"""Descriptions by the name of the provider."""


FACTS: dict[str, Mapping[str, object]] = {
    "nylas": {"signs_compressed": True},
    "paypal": {
        "certificate_header": "PAYPAL-CERT-URL",
        "certificate_host": "api.paypal.com",
    },
}
"""What a line of the table can't say: class variables of `Scheme`."""

KINDS: tuple[type[Scheme], ...] = (
    apple.Apple,
    braintree.Braintree,
    ebay.Ebay,
    embedded.Adyen,
    embedded.ExactOnline,
    embedded.Mailgun,
    fireblocks.FireblocksJws,
    standard.StandardV1a,
    standard.GitLabSigned,
    jwt.FusionAuth,
    jwt.LiveKit,
    jwt.Monday,
    jwt.Plaid,
    jwt.PubSub,
    jwt.Vonage,
    neon.NeonAuth,
    paymob.Paymob,
    sns.Sns,
    solidgate.Solidgate,
    messages.HttpMessage,
    messages.HttpMessageHmac,
    tokens.Auth0,
    tokens.Basic,
    tokens.GitLab,
    tokens.Graph,
    tokens.Telegram,
    tokens.HuggingFace,
    tokens.Meraki,
    tokens.Okta,
    tokens.RingCentral,
    tokens.SharePoint,
    wix.Wix,
)
"""Schemes that are more than a description."""


class Providers(Mapping[str, Scheme]):
    """The schemes of table and classes; a described one is made when it is used."""

    def __init__(self) -> None:
        self._made: dict[str, Scheme] = {kind.name: kind() for kind in KINDS}
        self._names = sorted({*TABLE, *self._made})

    def __getitem__(self, name: str) -> Scheme:
        if name not in self._made:
            self._made[name] = described.described(
                described.read(TABLE[name], name=name), FACTS.get(name, {})
            )
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
