// Node: the crypto module.
import crypto from "node:crypto";
import readline from "node:readline";

const mode = process.argv[2];
const der = (prefix, key) => Buffer.concat([Buffer.from(prefix, "hex"), key]);

function message(id, timestamp, body) {
  return Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
}

function sign(scheme, secret, id, timestamp, body) {
  if (scheme === "taskflow-sha256") {
    return "sha256=" + crypto.createHmac("sha256", secret).update(body).digest("hex");
  }
  if (scheme === "standard-v1a") {
    const seed = Buffer.from(secret.replace(/^whsk_/, ""), "base64").subarray(0, 32);
    const key = crypto.createPrivateKey({ key: der("302e020100300506032b657004220420", seed), format: "der", type: "pkcs8" });
    return "v1a," + crypto.sign(null, message(id, timestamp, body), key).toString("base64");
  }
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  return "v1," + crypto.createHmac("sha256", key).update(message(id, timestamp, body)).digest("base64");
}

function verify(scheme, secret, id, timestamp, body, signature) {
  if (scheme === "standard-v1a") {
    const raw = Buffer.from(secret.replace(/^whpk_/, ""), "base64");
    const key = crypto.createPublicKey({ key: der("302a300506032b6570032100", raw), format: "der", type: "spki" });
    return crypto.verify(null, message(id, timestamp, body), key, Buffer.from(signature.slice(4), "base64"));
  }
  const expected = Buffer.from(sign(scheme, secret, id, timestamp, body));
  const received = Buffer.from(signature);
  // timingSafeEqual throws on unequal lengths, which the sample on the product page overlooks.
  return received.length === expected.length && crypto.timingSafeEqual(received, expected);
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  const [scheme, secret, id, timestamp, body, signature] = line.split("\t");
  const args = [scheme, Buffer.from(secret, "base64").toString(), id, timestamp, Buffer.from(body, "base64")];
  console.log(mode === "sign" ? sign(...args) : verify(...args, signature) ? "valid" : "invalid");
}
