// Writes ids, ranges and decoded texts of the small tokenizers in features.mjs, as two references compute them.
// npm's @huggingface/tokenizers decides; where it differs from the library that it ports (Python's tokenizers, here as @anush008/tokenizers),
// features.mjs says "rust", and that library decides: about ids, or about decoded texts (decodedBy). Ranges, in code points, are always that library's.
import fs from "node:fs";
import { createRequire } from "node:module";
import { Tokenizer } from "@huggingface/tokenizers";
import { features } from "./features.mjs";

const { Tokenizer: Rust } = createRequire(import.meta.url)("@anush008/tokenizers");
const written = {};
const failures = [];
for (const [name, { tokenizer, texts, ids = [], around = false, reference = "npm", decodedBy = "npm" }] of Object.entries(features)) {
  const npm = new Tokenizer(structuredClone(tokenizer), { clean_up_tokenization_spaces: false });
  const rust = Rust.fromString(JSON.stringify(tokenizer));
  const rows = [];
  for (const text of texts) {
    const encoding = await rust.encode(text, null, { addSpecialTokens: around });
    const theirs = { npm: npm.encode(text, { add_special_tokens: around }).ids.map(id => id ?? null), rust: [...encoding.getIds()] };
    if (JSON.stringify(theirs.npm) !== JSON.stringify(theirs.rust) && reference === "npm")
      failures.push(`${name}: ${JSON.stringify(text)} is ${theirs.npm} by npm and ${theirs.rust} by the original`);
    const chosen = theirs[reference];
    rows.push({ text, ids: chosen, offsets: encoding.getOffsets().map(range => [...range]), decoded: await decode(chosen) });
  }
  const decodings = [];
  for (const list of ids)
    decodings.push({ ids: list, decoded: await decode(list) });
  written[name] = { tokenizer, around, rows, decodings };

  async function decode(list) {
    if (list.length === 0)
      return "";
    return decodedBy === "rust" ? await rust.decode(list, false) : npm.decode(list, { clean_up_tokenization_spaces: false });
  }
}
fs.writeFileSync(process.argv[2], `{\n${Object.entries(written).map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`).join(",\n")}\n}\n`);
failures.forEach(failure => console.error(failure));
console.log(`${Object.keys(written).length} features`);
process.exitCode = failures.length ? 1 : 0;
