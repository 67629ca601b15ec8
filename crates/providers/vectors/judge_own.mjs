// The part of judge_own.py for libraries of npm: rows on stdin, one verdict a line on stdout.
// The first argument is the node_modules folder that holds them.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const modules = path.resolve(process.argv[2]);
const require = createRequire(path.join(modules, "here.cjs"));
const version = (name) => JSON.parse(readFileSync(path.join(modules, name, "package.json"))).version;

let clock = 0;
const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...given) {
    given.length ? super(...given) : super(clock);
  }
  static now() {
    return clock;
  }
};

const text = (shown) => shown.body.toString("utf8");
const fields = (shown) => {
  const made = {};
  for (const [name, value] of new URLSearchParams(text(shown))) {
    made[name] = name in made ? [made[name], value].flat() : value;
  }
  return made;
};
const checks = {
  resend: {
    resend: (shown, webhookSecret) => {
      const { Resend } = require("resend");
      const at = (name) => shown.headers[`svix-${name}`];
      const headers = { id: at("id"), timestamp: at("timestamp"), signature: at("signature") };
      new Resend("re_key").webhooks.verify({ payload: text(shown), headers, webhookSecret });
    },
    svix: (shown, secret) => {
      const { Webhook } = require("svix");
      new Webhook(secret).verify(text(shown), shown.headers);
    },
  },
  replicate: {
    replicate: (shown, secret) => {
      const { validateWebhook } = require("replicate");
      const at = (name) => shown.headers[`webhook-${name}`];
      const given = { id: at("id"), timestamp: at("timestamp"), signature: at("signature") };
      return validateWebhook({ ...given, body: text(shown), secret });
    },
  },
  polar: {
    "@polar-sh/sdk": (shown, secret) => {
      const { validateEvent } = require("@polar-sh/sdk/webhooks");
      validateEvent(text(shown), shown.headers, secret);
    },
  },
  liveblocks: {
    "@liveblocks/node": (shown, secret) => {
      const { WebhookHandler } = require("@liveblocks/node");
      new WebhookHandler(secret).verifyRequest({ headers: shown.headers, rawBody: text(shown) });
    },
  },
  elevenlabs: {
    "@elevenlabs/elevenlabs-js": (shown, secret) => {
      const { ElevenLabsClient } = require("@elevenlabs/elevenlabs-js");
      const client = new ElevenLabsClient({ apiKey: "key" });
      return client.webhooks.constructEvent(text(shown), shown.headers["elevenlabs-signature"], secret);
    },
  },
  mux: {
    "@mux/mux-node": (shown, secret) => {
      const { default: Mux } = require("@mux/mux-node");
      const mux = new Mux({ tokenId: "a", tokenSecret: "b" });
      return mux.webhooks.verifySignature(text(shown), shown.headers, secret);
    },
  },
  onfido: {
    "@onfido/api": (shown, secret) => {
      const { WebhookEventVerifier } = require("@onfido/api");
      new WebhookEventVerifier(secret).readPayload(shown.body, shown.headers["x-sha2-signature"]);
    },
  },
  retell: {
    "retell-sdk": (shown, secret) => {
      const { verify } = require("retell-sdk/lib/webhook_auth");
      return verify(text(shown), secret, shown.headers["x-retell-signature"]);
    },
  },
  webflow: {
    "webflow-api": (shown, secret) => {
      const { WebflowClient } = require("webflow-api");
      const client = new WebflowClient({ accessToken: "a" });
      return client.webhooks.verifySignature({ headers: shown.headers, body: text(shown), secret });
    },
  },
  sanity: {
    "@sanity/webhook": async (shown, secret) => {
      const { assertValidSignature } = require("@sanity/webhook");
      await assertValidSignature(text(shown), shown.headers["sanity-webhook-signature"], secret);
    },
  },
  gocardless: {
    "gocardless-nodejs": (shown, secret) => {
      const { parse } = require("gocardless-nodejs/webhooks");
      parse(shown.body, secret, shown.headers["webhook-signature"]);
    },
  },
  easypost: {
    "@easypost/api": (shown, secret) => {
      const Client = require("@easypost/api");
      new Client("key").Utils.validateWebhook(shown.body, shown.headers, secret);
    },
  },
  smartcar: {
    smartcar: (shown, secret) => {
      // It takes the parsed body and serialises it again.
      const smartcar = require("smartcar");
      let parsed;
      try {
        parsed = JSON.parse(text(shown));
      } catch {
        return false;
      }
      return smartcar.verifyPayload(secret, shown.headers["sc-signature"], parsed);
    },
  },
  adyen_platform: {
    "@adyen/api-library": (shown, secret) => {
      const { hmacValidator } = require("@adyen/api-library");
      return new hmacValidator().validateHMACSignature(secret, shown.headers["hmacsignature"], text(shown));
    },
  },
  mollie: {
    "mollie-api-typescript": (shown, secret) => {
      const { SignatureValidator } = require(path.join(modules, "mollie-api-typescript/dist/commonjs/utils/webhooks"));
      return SignatureValidator.validate(text(shown), secret, shown.headers["x-mollie-signature"]?.split(","));
    },
  },
  telnyx: {
    telnyx: (shown, key) => {
      const { TelnyxWebhook } = require("telnyx/lib/webhooks");
      return new TelnyxWebhook(key).verify(text(shown), shown.headers);
    },
  },
  discord: {
    "discord-interactions": (shown, key) => {
      const { verifyKey } = require("discord-interactions");
      const at = (name) => shown.headers[name];
      return verifyKey(shown.body, at("x-signature-ed25519"), at("x-signature-timestamp"), key);
    },
  },
  pusher: {
    pusher: (shown, secret) => {
      const Pusher = require("pusher");
      const key = shown.config.key_ids[shown.config.secrets.indexOf(secret)];
      const client = new Pusher({ appId: "1", key, secret, cluster: "eu" });
      return client.webhook({ headers: shown.headers, rawBody: text(shown) }).isValid();
    },
  },
  mercado_pago: {
    mercadopago: (shown, secret) => {
      const { WebhookSignatureValidator } = require("mercadopago");
      WebhookSignatureValidator.validate({
        xSignature: shown.headers["x-signature"],
        xRequestId: shown.headers["x-request-id"],
        dataId: new URLSearchParams(shown.request.query).get("data.id"),
        secret,
      });
    },
  },
  box: {
    "box-node-sdk": (shown) => {
      const { WebhooksManager } = require("box-node-sdk/lib/managers/webhooks");
      const [primary, secondaryKey] = shown.config.secrets;
      return WebhooksManager.validateMessage(text(shown), shown.headers, primary, { secondaryKey });
    },
  },
  contentful: {
    "@contentful/node-apps-toolkit": (shown, secret) => {
      const { verifyRequest } = require("@contentful/node-apps-toolkit");
      const { method, path, query } = shown.request;
      const given = { method, path: query ? `${path}?${query}` : path, headers: shown.headers };
      return verifyRequest(secret, { ...given, body: text(shown) });
    },
  },
  plivo: {
    plivo: (shown, secret) => {
      const { validateV3Signature } = require("plivo");
      const at = (name) => shown.headers[`x-plivo-signature-v3${name}`];
      return validateV3Signature(shown.request.method, shown.config.url, at("-nonce"), secret, at(""), fields(shown));
    },
  },
  twilio: {
    twilio: (shown, secret) => {
      const { validateRequestWithBody } = require("twilio");
      return validateRequestWithBody(secret, shown.headers["x-twilio-signature"], shown.config.url, text(shown));
    },
  },
  braintree: {
    braintree: async (shown, privateKey) => {
      const braintree = require("braintree");
      const publicKey = shown.config.public_keys[shown.config.secrets.indexOf(privateKey)];
      const { Sandbox } = braintree.Environment;
      const keys = { environment: Sandbox, merchantId: "merchant", publicKey, privateKey };
      const { webhookNotification } = new braintree.BraintreeGateway(keys);
      if (shown.request.method === "GET") {
        webhookNotification.verify(new URLSearchParams(shown.request.query).get("bt_challenge"));
        return true;
      }
      const { bt_signature, bt_payload } = fields(shown);
      await webhookNotification.parse(bt_signature, bt_payload);
    },
  },
  dropbox_sign: {
    "@dropbox/sign": (shown, secret) => {
      const { EventCallbackHelper, EventCallbackRequest } = require("@dropbox/sign");
      const part = /name="json"\r\n\r\n([^]*)\r\n--/.exec(text(shown));
      const found = text(shown).includes("form-data") ? part?.[1] : fields(shown).json;
      let parsed;
      try {
        parsed = JSON.parse(found);
      } catch {
        return false;
      }
      return EventCallbackHelper.isValid(secret, EventCallbackRequest.init(parsed));
    },
  },
  chargebee: {
    chargebee: async (shown) => {
      const { basicAuthValidator } = require("chargebee");
      const { username, password } = shown.config;
      await basicAuthValidator((user, word) => user === username && word === password)(shown.headers);
    },
  },
  qstash: {
    "@upstash/qstash": (shown) => {
      const { Receiver } = require("@upstash/qstash");
      const [currentSigningKey, nextSigningKey] = shown.config.secrets;
      const receiver = new Receiver({ currentSigningKey, nextSigningKey });
      const signature = shown.headers["upstash-signature"];
      return receiver.verify({ signature, body: text(shown), url: shown.config.url });
    },
  },
  livekit: {
    "livekit-server-sdk": async (shown, secret) => {
      const { WebhookReceiver } = require("livekit-server-sdk");
      const receiver = new WebhookReceiver(shown.config.api_key, secret);
      await receiver.receive(text(shown), shown.headers["authorization"]);
    },
  },
};

// The body is parsed after the signature held; unknown kinds of events are told then as well.
const afterTheSignature = (error) =>
  (error instanceof SyntaxError && error.message.includes("JSON")) ||
  ["SDKValidationError", "ZodError"].includes(error?.constructor?.name) ||
  /unknown event type|Unknown event type|invalid payload|Failed to parse/.test(error?.message ?? "");

async function judge(check, shown) {
  let refusal = "reject";
  for (const secret of shown.config.secrets ?? shown.config.public_keys ?? [null]) {
    try {
      if ((await check(shown, secret)) !== false) return "accept";
      refusal = "reject";
    } catch (error) {
      if (afterTheSignature(error)) return "accept";
      const unhandled = error instanceof TypeError || error instanceof RangeError || error?.name === "InvalidCharacterError";
      refusal = unhandled ? "reject by exception" : "reject";
    }
  }
  return refusal;
}

for (const line of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  const row = JSON.parse(line);
  const headers = {};
  for (const [name, value] of Object.entries(row.request.headers)) {
    const joined = Array.isArray(value) ? value.join(",") : value;
    headers[name.toLowerCase()] = Buffer.from(joined, "utf8").toString("latin1");
  }
  const body = Buffer.from(row.request.body_base64, "base64");
  const shown = { headers, body, config: row.config, request: row.request };
  clock = row.now * 1000;
  for (const [name, check] of Object.entries(checks[row.provider] ?? {})) {
    const verdict = await judge(check, shown);
    console.log(JSON.stringify({ id: row.id, sdk: `npm:${name}==${version(name)}`, verdict }));
  }
}
