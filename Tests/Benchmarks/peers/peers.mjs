// Node's figures: crypto, JSON, and both with a Set. One JSON object per line.
//   node peers.mjs INPUTS AREA…
import crypto from "node:crypto";
import fs from "node:fs";

const [inputs, ...areas] = process.argv.slice(2);
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const median = (figures) => figures.sort((one, other) => one - other)[figures.length >> 1];
const report = (row, ns) => console.log(JSON.stringify({ row, who: "Node", ns }));
let sink = 0;

function measure(row, operation) {
  let count = 1;
  const time = () => {
    const start = process.hrtime.bigint();
    for (let i = 0; i < count; i++) sink ^= operation() ? 1 : 2;
    return Number(process.hrtime.bigint() - start);
  };
  while (time() < 8e6) count *= 2;
  report(row, median(Array.from({ length: 9 }, () => time() / count)));
}

function verified(body, expected) {
  const received = Buffer.from("sha256=" + crypto.createHmac("sha256", secret).update(body).digest("hex"));
  return received.length === expected.length && crypto.timingSafeEqual(received, expected);
}

if (areas.includes("signing")) {
  for (const [name, size] of [["256 B", 256], ["1 KB", 1024], ["16 KB", 16384], ["1 MB", 1048576]]) {
    const body = Buffer.from(Array.from({ length: size }, (_, i) => ((i * 31) % 96) + 32));
    const expected = Buffer.from("sha256=" + crypto.createHmac("sha256", secret).update(body).digest("hex"));
    measure(`sign ${name}`, () => "sha256=" + crypto.createHmac("sha256", secret).update(body).digest("hex"));
    measure(`verify ${name}`, () => verified(body, expected));
  }
}

if (areas.includes("json")) {
  const text = fs.readFileSync(`${inputs}/sample.json`);
  const value = JSON.parse(text);
  measure("JSON encode 1 KB", () => Buffer.from(JSON.stringify(value)));
  measure("JSON decode 1 KB", () => JSON.parse(text.toString()));
}

if (areas.includes("receiver")) {
  const key = Buffer.from(secret.slice(6), "base64");
  const requests = fs.readFileSync(`${inputs}/requests.tsv`, "utf8").trimEnd().split("\n").map((line) => {
    const [id, timestamp, signature, body] = line.split("\t");
    return { id, timestamp, signature, body: Buffer.from(body) };
  });
  const times = [];
  for (let round = 0; round < 5; round++) {
    const seen = new Set();
    const start = process.hrtime.bigint();
    for (const { id, timestamp, signature, body } of requests) {
      if (Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) throw new Error("too old");
      const expected = crypto.createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest();
      const received = Buffer.from(signature.slice(3), "base64");
      if (received.length !== 32 || !crypto.timingSafeEqual(received, expected)) throw new Error("not genuine");
      const event = JSON.parse(body.toString());
      if (!seen.has(event.id)) seen.add(event.id);
    }
    times.push(Number(process.hrtime.bigint() - start) / requests.length);
    if (seen.size !== requests.length) throw new Error("duplicates");
  }
  report("verify, decode and deduplicate 1 KB", median(times));
}
if (sink === 42) console.log();
