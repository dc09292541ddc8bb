#!/usr/bin/env bash
# Asks the endpoints with OpenAI's own client for JavaScript (npm openai), against a server of the bakery's model on this machine; fails where something is
# not as it should be. By hand; needs node and npm: eng/check-openai-client.sh
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
tools=$(mktemp -d)
server=
trap 'if [ -n "$server" ]; then kill -TERM "$server" 2> /dev/null || true; wait "$server" || true; fi; rm -rf "$tools"' EXIT
npm install --silent --no-audit --no-fund --prefix "$tools" openai@7.55.0
dotnet build "$root/src/Tool" -c Release -v q > "$tools/build.log" || { cat "$tools/build.log"; exit 1; }
DPO_API_KEY=sk-check dotnet "$root/src/Tool/bin/Release/net10.0/dpo.dll" serve --model bakery="$root/examples/QuickStart/model" --port 0 --json \
  > "$tools/serve.log" 2>&1 &
server=$!
for _ in $(seq 100); do grep -q '"serving"' "$tools/serve.log" && break; sleep 0.2; done
address=$(sed -n 's/.*"addresses":\["\([^"]*\)".*/\1/p' "$tools/serve.log")
[ -n "$address" ] || { cat "$tools/serve.log"; exit 1; }
cat > "$tools/check.mjs" <<'SCRIPT'
import assert from "node:assert/strict";
import OpenAI from "openai";
const baseURL = process.argv[2];
const client = new OpenAI({ baseURL, apiKey: "sk-check", maxRetries: 0 });
const messages = [{ role: "system", content: "You are a baker." }, { role: "user", content: [{ type: "text", text: "Is rye sold out?" }] }];
const ask = { model: "bakery", messages, seed: 3, temperature: 0.7, max_completion_tokens: 30 };

const whole = await client.chat.completions.create(ask);
const text = whole.choices[0].message.content;
assert.ok(text.length > 0 && whole.usage.total_tokens === whole.usage.prompt_tokens + whole.usage.completion_tokens);

let streamed = "", finish = null, usage = null;
for await (const piece of await client.chat.completions.create({ ...ask, stream: true, stream_options: { include_usage: true } })) {
	streamed += piece.choices[0]?.delta?.content ?? "";
	finish ??= piece.choices[0]?.finish_reason ?? null;
	usage = piece.usage ?? usage;
}
assert.equal(streamed, text);
assert.equal(finish, whole.choices[0].finish_reason);
assert.deepEqual(usage, whole.usage);
console.log(`streamed and whole: ${JSON.stringify(text)} (${finish}, ${usage.completion_tokens} tokens)`);

const helper = client.chat.completions.stream(ask);
assert.equal(await helper.finalContent(), text);
console.log("the stream's helper gives the same");

const likely = await client.chat.completions.create({ ...ask, logprobs: true, top_logprobs: 3 });
const tokens = likely.choices[0].logprobs.content;
assert.equal(Buffer.from(tokens.flatMap((token) => token.bytes)).toString(), likely.choices[0].message.content);
assert.ok(tokens.every((token) => token.top_logprobs.length === 3 && token.logprob <= 0));
console.log(`log-probs of ${tokens.length} tokens`);

const stop = text.split(" ")[1];
const stopped = await client.chat.completions.create({ ...ask, stop: [stop] });
assert.equal(stopped.choices[0].message.content, text.slice(0, text.indexOf(stop)));
assert.equal(stopped.choices[0].finish_reason, "stop");
const short = await client.chat.completions.create({ ...ask, max_completion_tokens: 2 });
assert.equal(short.choices[0].finish_reason, "length");
console.log("stop and length");

const plain = await client.completions.create({ model: "bakery", prompt: "Dear customer,", max_tokens: 8, temperature: 0 });
let pieces = "";
for await (const piece of await client.completions.create({ model: "bakery", prompt: "Dear customer,", max_tokens: 8, temperature: 0, stream: true }))
	pieces += piece.choices[0]?.text ?? "";
assert.equal(pieces, plain.choices[0].text);
console.log(`text goes on: ${JSON.stringify(pieces)}`);

const names = [];
for await (const model of client.models.list()) names.push(model.id);
assert.deepEqual(names, ["bakery"]);
assert.equal((await client.models.retrieve("bakery")).id, "bakery");

async function fails(status, kind, code, promise) {
	const error = await promise.then(() => assert.fail(`${code} was expected`), (fault) => fault);
	assert.ok(error instanceof kind, `${error}`);
	assert.deepEqual([error.status, error.code], [status, code]);
	console.log(`${status} ${code}: ${error.message}`);
}
await fails(401, OpenAI.AuthenticationError, "invalid_api_key", new OpenAI({ baseURL, apiKey: "wrong", maxRetries: 0 }).models.list());
await fails(404, OpenAI.NotFoundError, "model_not_found", client.chat.completions.create({ ...ask, model: "gpt-4o" }));
await fails(400, OpenAI.BadRequestError, "unsupported_value", client.chat.completions.create({ ...ask, n: 2 }));
await fails(400, OpenAI.BadRequestError, "unknown_parameter", client.chat.completions.create({ ...ask, temprature: 2 }));
await fails(400, OpenAI.BadRequestError, "unsupported_value", client.chat.completions.create({ ...ask, response_format: { type: "json_object" } }));

const left = await client.chat.completions.create({ ...ask, stream: true });
for await (const piece of left) { left.controller.abort(); break; }
assert.equal((await client.chat.completions.create(ask)).choices[0].message.content, text);
console.log("a stream that was left harms nobody");
SCRIPT
node "$tools/check.mjs" "$address"
