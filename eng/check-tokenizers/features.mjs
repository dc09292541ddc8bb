// Small tokenizers, one for each feature, and texts that show it. Written by hand; the ids are computed by small.mjs.
const space = "\u2581";

// a vocabulary in which every pair of these characters merges, so that ids show where a text was cut
const pairs = (alphabet, extra = []) => {
  const vocab = { "<unk>": 0 };
  const merges = [];
  const add = token => { vocab[token] ??= Object.keys(vocab).length; };
  [...alphabet].forEach(add);
  extra.forEach(add);
  for (const left of alphabet) {
    for (const right of alphabet) {
      add(left + right);
      merges.push([left, right]);
    }
  }
  return { vocab, merges };
};
const bytes = Array.from({ length: 256 }, (_, value) => `<0x${value.toString(16).toUpperCase().padStart(2, "0")}>`);
const bpe = (alphabet, options = {}, extra = []) => ({
  type: "BPE", dropout: null, unk_token: "<unk>", continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: false, byte_fallback: false,
  ignore_merges: false, ...pairs(alphabet, extra), ...options,
});
const unigram = (options = {}, extra = []) => ({
  type: "Unigram", unk_id: 0,
  vocab: [["<unk>", 0], [space, -2], ["a", -3], ["b", -3.5], ["c", -4], ["ab", -4.5], ["bc", -4.25], [`${space}a`, -3.25], ["abc", -9], ["aa", -6.01],
    ["c\u00E9", -5], ["\u{1D400}", -7], ["\u{1D400}b", -8], [space + space, -5], ...extra.map(token => [token, -8])],
  ...options,
});
const replaceSpace = { type: "Replace", pattern: { String: " " }, content: space };
const split = (pattern, behavior, invert = false) => ({ type: "Split", pattern, behavior, invert });
const metaspace = (scheme, splits) => ({ type: "Metaspace", replacement: space, prepend_scheme: scheme, split: splits });
const sequence = (key, ...parts) => ({ type: "Sequence", [key]: parts });
const added = (id, content, ...flags) => ({
  id, content, single_word: flags.includes("single_word"), lstrip: flags.includes("lstrip"), rstrip: flags.includes("rstrip"),
  normalized: flags.includes("normalized"), special: flags.includes("special"),
});
const fuse = { type: "Fuse" };
const toSpace = { type: "Replace", pattern: { String: space }, content: " " };
const llama = sequence("decoders", toSpace, { type: "ByteFallback" }, fuse, { type: "Strip", content: " ", start: 1, stop: 0 });
const gemma = sequence("decoders", toSpace, { type: "ByteFallback" }, fuse);
const file = (parts) => ({
  version: "1.0", truncation: null, padding: null, added_tokens: [], normalizer: null, pre_tokenizer: null, post_processor: null, decoder: fuse, ...parts,
});

// rules as SentencePiece compiles them: a double array (darts-clone's units) over UTF-8, and the texts that it points to
const compiled = rules => {
  const root = { children: new Map() };
  const texts = [];
  let length = 0;
  for (const [from, to] of rules) {
    let node = root;
    for (const byte of Buffer.from(from)) {
      if (!node.children.has(byte))
        node.children.set(byte, { children: new Map() });
      node = node.children.get(byte);
    }
    node.text = length;
    const text = Buffer.from(`${to}\0`);
    texts.push(text);
    length += text.length;
  }
  const units = new Uint32Array(4096);
  const taken = new Set([0]);
  const place = (node, position, label) => {
    const labels = [...node.children.keys(), ...(node.text === undefined ? [] : [0])];
    let base = 1;
    while (labels.some(next => taken.has(base ^ next)) || taken.has(base))
      base++;
    labels.forEach(next => taken.add(base ^ next));
    units[position] = (label | (node.text === undefined ? 0 : 1 << 8) | ((position ^ base) << 10)) >>> 0;
    if (node.text !== undefined)
      units[base] = (node.text | (1 << 31)) >>> 0;
    for (const [next, child] of node.children)
      place(child, base ^ next, next);
  };
  place(root, 0, 0);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(units.byteLength);
  return Buffer.concat([size, Buffer.from(units.buffer), ...texts]).toString("base64");
};

const usual = ["a b", " ab  ba ", "", " ", "a", "ab.ba-ab", "a1b22 b333", "a\nb", "ab ab", "..a--b.."];
const marks = ["e\u0301a", "\u00E9a \u0327\u0301", "\u1112\u1161\u11AB \uD55C", "\uFB01\u2460\u00B2 \u3300", "A\u030A\u0327b", "\u212B\u2126", "a\u0301\u0327\u0302b", "\uFF76\uFF9E"];
const letters = "abe\u00E9\u0301fi12 \u0327\uD55C\u1112\u1161\u11AB\u30AB\u30AC\u3099\u03A9\u00C5";

const splits = Object.fromEntries(["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"].flatMap(behavior => [false, true].flatMap(invert =>
  [["text", { String: "b" }], ["pattern", { Regex: "b+" }]].map(([name, pattern]) => [
    `split ${behavior}, ${name}${invert ? ", inverted" : ""}`,
    { tokenizer: file({ model: bpe("ab1 ."), pre_tokenizer: split(pattern, behavior, invert) }), texts: ["abba", "b", "bb a b", "a.bb.ab", "bbb", "1b1b"] },
  ]))));

const punctuation = Object.fromEntries(["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"].map(behavior => [
  `punctuation, ${behavior}`,
  { tokenizer: file({ model: bpe("ab1 .-$\u3002\u00A7"), pre_tokenizer: { type: "Punctuation", behavior } }), texts: [...usual, "a\u3002b\u00A7$1", "$a$"] },
]));

const metaspaces = Object.fromEntries(["always", "first", "never"].flatMap(scheme => [true, false].map(splitsToo => [
  `metaspace ${scheme}${splitsToo ? ", split" : ""}`,
  {
    tokenizer: file({
      model: bpe(`ab1${space}.`), pre_tokenizer: metaspace(scheme, splitsToo), decoder: metaspace(scheme, splitsToo),
      added_tokens: [added(999, "<s>", "special")],
    }),
    texts: ["a b", " ab  ba ", "a", "ab.ba ab", "<s>a b<s> b", "a<s>b", " <s>b"],
  },
])));

export const features = {
  "NFC": { tokenizer: file({ model: bpe(letters), normalizer: { type: "NFC" } }), texts: marks },
  "NFD": { tokenizer: file({ model: bpe(letters), normalizer: { type: "NFD" } }), texts: marks },
  "NFKC": { tokenizer: file({ model: bpe(letters), normalizer: { type: "NFKC" } }), texts: marks },
  "NFKD": { tokenizer: file({ model: bpe(letters), normalizer: { type: "NFKD" } }), texts: marks },
  "prepend": { tokenizer: file({ model: bpe(`ab1${space}. `), normalizer: { type: "Prepend", prepend: `${space}1` } }), texts: usual },
  "replace text": { tokenizer: file({ model: bpe("ab1 ."), normalizer: { type: "Replace", pattern: { String: "ab" }, content: "1." } }), texts: usual },
  "replace pattern": { tokenizer: file({ model: bpe("ab1 ."), normalizer: { type: "Replace", pattern: { Regex: "\\s+" }, content: " " } }), texts: [...usual, "a \t\n b"] },
  "replace by nothing": { tokenizer: file({ model: bpe("ab1 ."), normalizer: { type: "Replace", pattern: { String: "a" }, content: "" } }), texts: usual },
  "strip left": { tokenizer: file({ model: bpe("ab \n"), normalizer: { type: "Strip", strip_left: true, strip_right: false } }), texts: [" ab ", "\n\u3000 a\u00A0", "  "] },
  "strip right": { tokenizer: file({ model: bpe("ab \n"), normalizer: { type: "Strip", strip_left: false, strip_right: true } }), texts: [" ab ", "\n a\u00A0", "  "] },
  "strip": { tokenizer: file({ model: bpe("ab \n"), normalizer: { type: "Strip", strip_left: true, strip_right: true } }), texts: [" ab ", "\n a\u00A0", "  "] },
  "lowercase": { tokenizer: file({ model: bpe("ab\u03B1\u03C3\u03C2\u0307i\u00E9\u00DFk\u03C9"), normalizer: { type: "Lowercase" } }), texts: ["ABab", "\u00C9\u1E9E\u00DF", "\u0130I", "\u212A\u2126", "\u{10400}"] },
  "lowercase sigma": { tokenizer: file({ model: bpe("\u03B1\u03C3\u03C2 "), normalizer: { type: "Lowercase" } }), texts: ["\u0391\u03A3 \u03A3\u03A3"], reference: "rust" },
  "strip accents": { tokenizer: file({ model: bpe("abe \u0E49\u0E01"), normalizer: sequence("normalizers", { type: "NFD" }, { type: "StripAccents" }) }), texts: ["\u00E9a\u0301\u0327 b\u0336", "\u0E01\u0E49", "\u0301"] },
  "sequence": {
    tokenizer: file({ model: bpe("abx "), normalizer: sequence("normalizers", { type: "Strip", strip_left: true, strip_right: true }, { type: "Lowercase" }, sequence("normalizers", { type: "Prepend", prepend: "x" }), { type: "Replace", pattern: { String: "b" }, content: "aa" }) }),
    texts: [" AB ", "b", ""],
  },
  "sequence that leaves nothing": {
    tokenizer: file({ model: bpe("abx "), normalizer: sequence("normalizers", { type: "Strip", strip_left: true, strip_right: true }, { type: "Prepend", prepend: "x" }) }),
    texts: ["  "], reference: "rust",
  },
  "compiled rules": {
    tokenizer: file({
      model: bpe("abefim2 \u00E9\u0327"), normalizer: { type: "Precompiled", precompiled_charsmap: compiled([["\uFB01", "fi"], ["e\u0301", "\u00E9"], ["\u3000", " "], ["\u200B", ""], ["E", "e"], ["\u33A1", "m2"], ["\u{1D400}", "a"], ["ab", "b"]]) },
    }),
    texts: ["\uFB01e\u0301 a", "E\u0301a", "e\u0301\u0327a", "a\u3000\u200Bb", "\u33A1\u{1D400}ab", "plain", "E\u0301\u0327\u0327a", "\r\na", "", "\u200B"], reference: "rust",
  },
  "whitespace": { tokenizer: file({ model: bpe("ab1.-_ "), pre_tokenizer: { type: "Whitespace" } }), texts: [...usual, "a_b.-1", "\t..\na"] },
  "whitespace, words of other scripts": { tokenizer: file({ model: bpe("ab\u00E9\u4E16\u0301.\u24B6"), pre_tokenizer: { type: "Whitespace" } }), texts: ["\u00E9a\u4E16.\u00E9", "a\u0301b", "\u24B6a", "a\u200Db"], reference: "rust" },
  "whitespace split": { tokenizer: file({ model: bpe("ab1.-\u00E9"), pre_tokenizer: { type: "WhitespaceSplit" } }), texts: [...usual, "a\u00A0b\u3000\u00E9\tb\r\n"] },
  "digits": { tokenizer: file({ model: bpe("ab12 "), pre_tokenizer: { type: "Digits", individual_digits: false } }), texts: [...usual, "12a12", "1 2"] },
  "single digits": { tokenizer: file({ model: bpe("ab12 "), pre_tokenizer: { type: "Digits", individual_digits: true } }), texts: [...usual, "12a12", "1 2"] },
  "digits of other scripts": { tokenizer: file({ model: bpe("ab1\u0663\u00BD\u2167"), pre_tokenizer: { type: "Digits", individual_digits: true } }), texts: ["a\u0663\u0663b\u00BD\u00BD", "\u2167\u2167"], reference: "rust" },
  ...Object.fromEntries(Object.entries(punctuation).map(([name, feature]) => [name, { ...feature, reference: "rust" }])),
  ...Object.fromEntries(Object.entries(splits).map(([name, feature]) => [name, { ...feature, reference: "rust" }])),
  ...Object.fromEntries(Object.entries(metaspaces).map(([name, feature]) => [name, {
    ...feature, reference: name.includes("split") ? "rust" : "npm", decodedBy: name.includes("never") ? "rust" : "npm",
  }])),
  "words, then metaspace": {
    tokenizer: file({ model: bpe(`ab1${space}.`), pre_tokenizer: sequence("pretokenizers", { type: "WhitespaceSplit" }, metaspace("always", true)), decoder: metaspace("always", true) }),
    texts: ["a b", " ab  ba ", "a\nb"],
  },
  "byte fallback": {
    tokenizer: file({ model: bpe(`ab${space}`, { byte_fallback: true, fuse_unk: true }, bytes), normalizer: sequence("normalizers", { type: "Prepend", prepend: space }, replaceSpace), decoder: llama }),
    texts: ["a b", "  a", "\u4E16a\u754C", "\u{1F600}", "a\n", "\u2581", "<0x41>", "\uFFFD", " "],
    ids: [[230, 186, 151], [1, 230, 186], [230, 186, 151, 1, 185, 97], [1, 197, 173, 2], [3, 3, 1], [260, 1], [3, 66, 67]],
  },
  "byte fallback, bytes that lack tokens": {
    tokenizer: file({ model: bpe("ab", { byte_fallback: true }, bytes.slice(0, 229)), decoder: gemma }),
    texts: ["a\u00E9b", "\u4E16\u4E16a", "a\u4E16", "\u4E16\u00E9\u00E9b"], reference: "rust",
  },
  "byte fallback, bytes that lack tokens, fused": {
    tokenizer: file({ model: bpe("ab", { byte_fallback: true, fuse_unk: true }, bytes.slice(0, 229)), decoder: gemma }),
    texts: ["a\u4E16\u4E16b", "\u4E16\u4E16", "\u4E16\u00E9\u4E16b"], reference: "rust",
  },
  "unknown": { tokenizer: file({ model: bpe("ab") }), texts: ["a\u4E16\u4E16b", "xx", "a", "x\u{1F600}a"] },
  "unknown, fused": { tokenizer: file({ model: bpe("ab", { fuse_unk: true }) }), texts: ["a\u4E16\u4E16b", "xx", "a", "x\u{1F600}axx"] },
  "unknown, left out": { tokenizer: file({ model: bpe("ab", { unk_token: null }) }), texts: ["a\u4E16\u4E16b", "axb"], reference: "rust" },
  "ignore merges": { tokenizer: file({ model: { ...bpe("ab ", { ignore_merges: true }), vocab: { "<unk>": 0, a: 1, b: 2, " ": 3, aba: 4, ab: 5 }, merges: [["a", "b"]] }, pre_tokenizer: split({ String: " " }, "Isolated") }), texts: ["aba", "aba ab abab", "ba"] },
  "unigram": { tokenizer: file({ model: unigram(), pre_tokenizer: metaspace("always", false), decoder: metaspace("always", false) }), texts: ["abc", "aabc", "abcab", "xa", "xxabcyy", "c\u00E9c", "\u{1D400}b \u{1D401}", "  a", "aaaa", ""] },
  "unigram, as probable in two ways": {
    tokenizer: file({ model: { type: "Unigram", unk_id: 0, vocab: [["<unk>", 0], ["x", -1], ["y", -1], ["xy", -2], ["yx", -2], ["xyx", -3]] } }), texts: ["xy", "xyx", "yxyx", "xxyy"],
  },
  "unigram, byte fallback": { tokenizer: file({ model: unigram({ byte_fallback: true }, bytes), decoder: gemma, normalizer: replaceSpace }), texts: ["abc x", "\u4E16\u4E16a", "\u{1F600}"], reference: "rust" },
  "decoder: strip tokens": { tokenizer: file({ model: bpe("ab "), decoder: { type: "Strip", content: "a", start: 1, stop: 1 } }), texts: ["ab ba", "b  aab", "ba"] },
  "decoder: replace by pattern": { tokenizer: file({ model: bpe("ab1"), decoder: sequence("decoders", { type: "Replace", pattern: { Regex: "a+" }, content: "xy" }, fuse) }), texts: ["aab", "baab1"] },
  "decoder: strip the whole": { tokenizer: file({ model: bpe("ab "), decoder: sequence("decoders", fuse, { type: "Strip", content: " ", start: 2, stop: 2 }) }), texts: ["  ab ", " a b   ", "a  ", "ab", "   a  b   "] },
  "around a text: template": {
    tokenizer: file({
      model: bpe("ab ", {}, ["<s>", "</s>"]), post_processor: { type: "TemplateProcessing", single: [{ SpecialToken: { id: "<s>", type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }, { SpecialToken: { id: "</s>", type_id: 0 } }], pair: [], special_tokens: { "<s>": { id: "<s>", ids: [4], tokens: ["<s>"] }, "</s>": { id: "</s>", ids: [5], tokens: ["</s>"] } } },
    }), texts: ["ab", ""], around: true,
  },
  "around a text: bert": { tokenizer: file({ model: bpe("ab ", {}, ["<s>", "</s>"]), post_processor: { type: "BertProcessing", sep: ["</s>", 5], cls: ["<s>", 4] } }), texts: ["ab"], around: true },
  "around a text: roberta": { tokenizer: file({ model: bpe("ab ", {}, ["<s>", "</s>"]), post_processor: { type: "RobertaProcessing", sep: ["</s>", 5], cls: ["<s>", 4], trim_offsets: false, add_prefix_space: false } }), texts: ["ab"], around: true },
  "added tokens": {
    tokenizer: file({
      model: bpe("ab1 ."), normalizer: { type: "Lowercase" },
      added_tokens: [added(999, "<l>", "lstrip"), added(999, "<r>", "rstrip"), added(999, "<lr>", "lstrip", "rstrip"), added(999, "ba"), added(999, "<N>", "normalized"), added(999, "<sp>", "special")],
    }),
    texts: ["a <l> b", "a <r> b", "a <lr>  <lr> b", "aba", "<n><N>a", "<sp>A<sp>", " <l><r> ", "a<l>b<r>b"],
  },
  "added tokens, words": { tokenizer: file({ model: bpe("ab1 ."), added_tokens: [added(999, "bb", "single_word"), added(999, "<w>", "single_word")] }), texts: ["bb abba bb.", "a<w>b", "a <w> b", "bb", "1bb"], reference: "rust" },
  "added tokens, normalized behind a prepended text": {
    tokenizer: file({ model: bpe(`ab${space}`), normalizer: sequence("normalizers", { type: "Prepend", prepend: space }, replaceSpace), decoder: llama, added_tokens: [added(999, "aa", "normalized"), added(999, "<s>", "special")] }),
    texts: ["aa b", "b aa", "baa", "<s>aa<s> aa"],
  },
};

// an added token has the vocabulary's id, or else the next one behind it
for (const { tokenizer: { model: { vocab }, added_tokens } } of Object.values(features)) {
  let next = Array.isArray(vocab) ? vocab.length : Object.keys(vocab).length;
  for (const token of added_tokens)
    token.id = vocab[token.content] ?? next++;
}
