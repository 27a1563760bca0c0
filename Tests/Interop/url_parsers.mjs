// Checks that Node's WHATWG parser finds the same host and port in every URL that the production policy accepts.
//
// Usage: node url_parsers.mjs TFHOOK [COUNT] [SEED]
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

const [tfhook, count = "200000", seed = "1"] = process.argv.slice(2);
let state = Number(seed) >>> 0;
const random = (limit) => {
  // xorshift32: the same URLs for the same seed.
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % limit;
};
if (state === 0) state = 1;
const pick = (list) => list[random(list.length)];
const some = (list, most) => Array.from({ length: random(most + 1) }, () => pick(list)).join("");

const schemes = ["https://", "https://", "https://", "HTTPS://", "https:/", "https:", "http://", "https:\\\\", ""];
const labels = [
  "example", "com", "a", "0x7f", "127", "1", "xn--bcher-kva", "xn--fiqs8s", "xn--", "xn--a", "0", "010", "-", "a-b", "ab--cd", "LocalHost",
  "%31", "é", "ß", "①", "_x", "0x", "08", "co", "test1", "xn--80ak6aa92e", "xn--ls8h", "xn--1ch", "xn--nxasmm1c", "xn--zca", "xn--n3h",
];
const punycode = "abcdefghijklmnopqrstuvwxyz0123456789-";
const dots = [".", ".", ".", ".", "..", "。", ""];
const addresses = ["8.8.8.8", "1.1.1.1", "[2606:4700::1111]", "[2606:4700:0:0:0:0:0:1111]", "[2600::]", "[2400:cb00::1:0:0:1]", "[2606:4700::17.17.17.17]", "8.8.8.08", "[::1]", "0x8.8.8.8", "134744072"];
const ports = ["", "", "", "", ":443", ":0443", ":", ":444", ":+443", ":443 "];
const tails = ["", "/", "/a", "?x", "/a?b=c@d", "#x", "\\@127.0.0.1", "/%00", "/a b", "/..//", "@evil.com", ";x", "/:80", "\t", "//"];

function host() {
  if (random(6) === 0) return pick(addresses);
  const parts = Array.from({ length: 1 + random(4) }, () => (random(8) === 0 ? "xn--" + some([...punycode], 12) : pick(labels)));
  return parts.map((part, index) => (index ? pick(dots) : "") + part).join("") + pick(["", "", "", ".", "com", ".com", ".com"]);
}
function url() {
  let text = pick(schemes) + pick(["", "", "", "", "", "u@", ":@"]) + host() + pick(ports) + pick(tails);
  if (random(10) === 0) {
    const at = random(text.length + 1);
    text = text.slice(0, at) + pick(["@", ":", "/", "\\", "%", "#", "?", "[", "]", "\0", "\u00ad", "\u200d", " ", "."]) + text.slice(at);
  }
  return text;
}

const table = readFileSync(new URL("../Fixtures/endpoint-urls.jsonl", import.meta.url), "utf8").trim().split("\n");
const urls = table.map((line) => JSON.parse(line).url).concat(Array.from({ length: Number(count) }, url));
const input = urls.map((url) => JSON.stringify({ url })).join("\n");
const run = spawnSync(tfhook, ["check-url", "--jsonl", "--parts"], { input, maxBuffer: 1 << 30, encoding: "utf8" });
if (run.status !== 0) throw new Error(`tfhook: ${run.status} ${run.stderr}`);

let accepted = 0;
let different = 0;
let unknown = 0;
for (const [index, line] of run.stdout.trim().split("\n").entries()) {
  const verdict = JSON.parse(line);
  if (verdict.url !== urls[index]) throw new Error(`line ${index} is the result of another URL: ${line}`);
  if (verdict.verdict !== "allow") continue;
  accepted += 1;
  let found = "not a URL";
  try {
    const parsed = new URL(verdict.url);
    // We remove the trailing dot of an absolute name.
    found = `${parsed.hostname.replace(/^\[|\]$|\.$/g, "")} ${parsed.port || 443}`;
  } catch {
    // Node's tables are older than ours; idna_labels.py compares which labels are valid.
    if (URL.canParse(verdict.url.replace(/xn--[^.:/?#\\]*/gi, "a"))) {
      unknown += 1;
      continue;
    }
  }
  if (found !== `${verdict.host} ${verdict.port}`) {
    different += 1;
    if (different <= 20) console.log(`${JSON.stringify(verdict.url)}: ours ${verdict.host} ${verdict.port}, Node's ${found}`);
  }
}
console.log(`${urls.length} URLs, ${accepted} accepted, ${unknown} with labels unknown to Node, ${different} different (seed ${seed})`);
if (different > 0 || accepted < urls.length / 100 || unknown > accepted / 100) process.exit(1);
