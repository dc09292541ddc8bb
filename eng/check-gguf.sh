#!/usr/bin/env bash
# Reads the headers of GGUF files with Hugging Face's own parser (npm @huggingface/gguf), and prints what it finds; fails where it cannot.
# By hand: eng/check-gguf.sh bakery.gguf ...
set -euo pipefail
[ $# -gt 0 ] || { echo "eng/check-gguf.sh takes GGUF files." >&2; exit 2; }
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
files=()
for file in "$@"; do files+=("$(realpath "$file")"); done
npm install --silent --no-audit --no-fund --prefix "$tools" @huggingface/gguf@0.4.6
cat > "$tools/check.mjs" <<'SCRIPT'
import { gguf, GGMLQuantizationType } from "@huggingface/gguf";
for (const path of process.argv.slice(2)) {
	const { metadata, tensorInfos } = await gguf(path, { allowLocalFile: true });
	const types = [...new Set(tensorInfos.map((tensor) => GGMLQuantizationType[tensor.dtype]))].sort();
	const tokens = metadata["tokenizer.ggml.tokens"];
	if (!tokens?.length || !tensorInfos.length || Number(metadata.tensor_count) !== tensorInfos.length) throw new Error(`${path} has no tokens or tensors`);
	const ends = ["eos", "eot", "eom"].map((end) => metadata[`tokenizer.ggml.${end}_token_id`]).filter((id) => id !== undefined);
	console.log(`${path}: ${metadata["general.architecture"]}, ${tensorInfos.length} tensors of ${types.join(", ")}, ${tokens.length} tokens cut as`
		+ ` ${metadata["tokenizer.ggml.pre"]}, ends ${ends.map((id) => tokens[Number(id)]).join(" ")}`);
}
SCRIPT
node "$tools/check.mjs" "${files[@]}"
