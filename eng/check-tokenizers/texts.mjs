// Awkward texts: white space, scripts, marks, emoji, control characters, what looks like tokens.
export const texts = [
  "Hello, world!", " leading space", "  two leading", "trailing space ", "trailing two  ", "a  b   c    d", "\tTab\tand\ttabs\t", "line\nline\r\nline\r\r\n\n\n end",
  "", " ", "   ", "\n", "\n\n \n  x", "\u00A0no-break\u2003em space\u3000ideographic",
  "don't DON'T I'LL we've it'S 's 'S ' s", "It\u2019s \u201Cquoted\u201D \u2014 dash\u2026", "3.14159 1,000,000 12345678901234567890 0x7F \u0663\u0664 \u00BD \u2167",
  "caf\u00E9 cafe\u0301 \u1112\u1161\u11AB \uD55C\uAE00 A\u030A\u0327 \u0327\u030A", "\uFB01ligature \uFF21\uFF22\uFF23 \u2460 \u33A1 \u00B2 \u2122",
  "\u4F60\u597D\uFF0C\u4E16\u754C\uFF01\u4ECA\u5929\u5929\u6C14\u4E0D\u9519\u3002", "\u65E5\u672C\u8A9E\u306E\u30C6\u30AD\u30B9\u30C8\u3067\u3059\u3002", "\u0E20\u0E32\u0E29\u0E32\u0E44\u0E17\u0E22 \u0939\u093F\u0928\u094D\u0926\u0940 \u0627\u0644\u0639\u0631\u0628\u064A\u0629 \u05E2\u05D1\u05E8\u05D9\u05EA",
  "\u13E3\u13B3\u13A9 \u16A0\u16A2\u16A6 \u{10330}\u{10331} \u{1D400}\u{1D401} \u{20000}\u{2A6D6}", "\u{1F600}\u{1F468}\u200D\u{1F469}\u200D\u{1F467}\u200D\u{1F466} \u{1F1E9}\u{1F1EA} \u{1F44D}\u{1F3FD} \u2764\uFE0F",
  "\u0000\u0001\u0007\u001B[0m\u007F\u0085\u009F", "\uFEFFbyte order mark", "x\uFEFFy\u200Bz\u00ADw", "\u2581under\u2581score\u2581 \u2581", "<0x41> <0xE4> <0x0A> <unk> <pad>", "<s>begin</s> <s> middle</s>end<s>",
  "[INST] What? [/INST] That.</s>[INST]More[/INST]", "<bos><start_of_turn>user\nHi<end_of_turn>\n<start_of_turn>model\n", "<|im_start|>system\nBe brief.<|im_end|>\n<|endoftext|>", "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>",
  "def f(x):\n    return {\"a\": [1, 2], 'b': x**2}  # comment\n\n\tpass", "https://example.org/a_b?c=d&e=%20f#g user@example.org", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "supercalifragilisticexpialidocious antidisestablishmentarianism",
  "!!!???...,,,;;; --- === ### ~~~ ``` $$$ %%% ^^^ &&& *** ((( )))", "MiXeD CaSe ALLCAPS camelCase snake_case kebab-case \u0130stanbul \u03A3\u03B1\u03C2 Stra\u00DFe", "x\u0301\u0302\u0303\u0304 z\u0336a\u0336l\u0336g\u0336o\u0336",
  "The quick brown fox\n\njumps over\n\n\nthe lazy dog.   \n   Indented.\n", "\u{E000}\u{F8FF}\u{10FFFD} private", "1234567 7654321\n 12 345 6789 \n1 2 3", "\u0915\u094D\u0937\u093F \u0BA4\u0BAE\u0BBF\u0BB4\u0BCD \u1000\u1039\u1019", "\u0F40\u0F51 \u1810 \uA4D0\uA4F4 \u{12000}\u{1F980}",
];
