using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace MiniMind.MLNet.Dpo.Fuzz;

/// <summary>The inputs to start from: small valid files, and files that lie in the ways that attacks on such readers do.</summary>
internal static partial class Seeds
{
    private const string Chosen = """[{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}]""";
    private const string Rejected = """[{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "No."}]""";

    private static readonly string[] s_templates =
    [
        "{% for m in messages %}{{ '<|' + m.role + '|>\n' + m.content }}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}",
        "{%- macro text(x, y=1) -%}{{ x | trim | upper }}{%- endmacro -%}{% set ns = namespace(n=0) %}{% for m in messages if m.content is string %}{% set " +
            "ns.n = ns.n + 1 %}{{ text(m.content[::-1]) }}{{ loop.index0 }}{% else %}{{ raise_exception('none') }}{% endfor %}",
        "{% generation %}{{ messages[-1]['content'].split('</think>')[0] ~ (1 ** 2 // 3) }}{% endgeneration %}{{ {'a': [1, 2.5, none]} | tojson(indent=2) " +
            "}}{% filter upper %}x{% endfilter %}",
    ];

    private static readonly string[] s_rows =
    [
        $$"""{"chosen": {{Chosen}}, "rejected": {{Rejected}}}""",
        """{"prompt": "Hi", "chosen": "Hello.", "rejected": "No.", "id": 7}""",
        """{"chosen": "The sky is blue.", "rejected": "The sky is green."}""",
        """{"conversations": [{"from": "human", "value": "Hi"}], "chosen": {"from": "gpt", "value": "Hello."}, "rejected": {"from": "gpt", "value": "No."}}""",
        """{"chosen": "\n\nHuman: Hi\n\nAssistant: Hello.", "rejected": "\n\nHuman: Hi\n\nAssistant: No."}""",
        """{"prompt": "Hi", "chosen": "[{'role': 'assistant', 'content': 'Hello.'}]", "rejected": "[{\"role\": \"assistant\", \"content\": \"No.\"}]"}""",
        """{"messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}, {"role": "assistant", "content": "Hello."}]}""",
    ];

    /// <summary>Writes them, a folder a reader.</summary>
    public static void Write(string folder)
    {
        Write(folder, "safetensors", Safetensors());
        Write(folder, "safetensors-index",
            [Text("""{"metadata": {"total_size": 8}, "weight_map": {"a": "model-00001-of-00002.safetensors", "b": "../../etc/passwd"}}""")]);
        Write(folder, "pth", [Checkpoint(Pickle), Checkpoint([0x80, 0x02, (byte)'}', (byte)'.']), Text("PK\u0005\u0006")]);
        Write(folder, "config",
        [
            Text("""{"vocab_size": 8, "hidden_size": 4, "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 1, "intermediate_size": """ +
                """4, "eos_token_id": [1, 2], "rope_scaling": {"type": "yarn", "factor": 4}}"""),
            Text("""{"model_type": "qwen3", "architectures": ["Qwen3ForCausalLM"], "hidden_size": 1e300, "num_hidden_layers": -1}"""),
        ]);
        Write(folder, "tokenizer", [Text(Tokenizer), Text(Pieces), Text(Probabilities)]);
        Write(folder, "tokenizer-model", [SentencePieces(kind: 1), SentencePieces(kind: 2)]);
        Write(folder, "tokenizer-config",
            [Text("""{"chat_template": [{"name": "default", "template": "{{ messages }}"}], "bos_token": {"content": "<s>"}, "eos_token": "</s>"}""")]);
        Write(folder, "jinja", [.. s_templates.Select(Text)]);
        Write(folder, "messages", [Text(Chosen)]);
        Write(folder, "jsonl", [.. s_rows.Select(Text), Text(string.Join('\n', s_rows))]);
        WriteFiles(folder);
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private static void Write(string folder, string target, IReadOnlyList<byte[]> inputs)
    {
        string place = Directory.CreateDirectory(Path.Combine(folder, target)).FullName;
        for (int i = 0; i < inputs.Count; i++)
            File.WriteAllBytes(Path.Combine(place, $"seed-{i}"), inputs[i]);
    }

    private static byte[][] Safetensors() =>
    [
        Safetensors(
            """{"__metadata__": {"format": "pt"}, "a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}, "b": {"dtype": "BF16", "shape": """ +
            """[], "data_offsets": [8, 10]}}""", 10),
        Safetensors("""{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}, "b": {"dtype": "F32", "shape": [2], "data_offsets": [4, 12]}}""", 12),
        Safetensors("""{"a": {"dtype": "F32", "shape": [4294967296, 4294967296], "data_offsets": [0, 0]}}""", 0),
        Safetensors("""{"a": {"dtype": "F32", "shape": [1], "data_offsets": [8, 4]}, "a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}""", 8),
        [.. BitConverter.GetBytes(ulong.MaxValue), (byte)'{', (byte)'}'],
    ];

    private static byte[] Safetensors(string header, int dataBytes)
    {
        byte[] text = Text(header), file = new byte[8 + text.Length + dataBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(file, (ulong)text.Length);
        text.CopyTo(file, 8);
        return file;
    }

    // {'a': torch.FloatTensor([0, 0])} as torch.save writes it.
    private static byte[] Pickle =>
    [
        .. ("\u0002}q\0X\u0001\0\0\0aq\u0001ctorch._utils\n_rebuild_tensor_v2\nq\u0002((X\u0007\0\0\0storage" +
            "q\u0003ctorch\nFloatStorage\nq\u0004X\u0001\0\0\00q\u0005X\u0003\0\0\0cpu" +
            "q\u0006K\u0002tq\u0007QK\0K\u0002\u0085q\bK\u0001\u0085q\t\u0089ccollections\nOrderedDict\nq\n)Rq\u000btq\u000cRq\rs.")
            .Prepend('\u0080').Select(character => (byte)character),
    ];

    private static byte[] Checkpoint(byte[] pickle)
    {
        using MemoryStream file = new();
        using (ZipArchive archive = new(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add(archive, "a/data.pkl", pickle);
            Add(archive, "a/byteorder", "little"u8.ToArray());
            Add(archive, "a/data/0", new byte[8]);
            Add(archive, "a/version", "3\n"u8.ToArray());
        }
        return file.ToArray();
    }

    private static void Add(ZipArchive archive, string name, byte[] content)
    {
        using Stream entry = archive.CreateEntry(name, CompressionLevel.NoCompression).Open();
        entry.Write(content);
    }

    private static string Tokenizer =>
        """
        {"version": "1.0", "added_tokens": [{"id": 6, "content": "<|im_start|>", "single_word": false, "lstrip": false, "rstrip": true, "normalized": false, "special": true}],
        "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}]},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"Regex": "\\s+|[a-z]+"}, "behavior": "Isolated", "invert": false},
        {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false}]},
        "post_processor": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": false}, "decoder": {"type": "ByteLevel"},
        "model": {"type": "BPE", "unk_token": null, "byte_fallback": false, "ignore_merges": true, "vocab": {"H": 0, "i": 1, "Hi": 2, "a": 3, "ab": 4, "b": 5}, "merges": ["H i", ["a", "b"]]}}
        """;

    private static string Pieces =>
        """
        {"added_tokens": [{"id": 0, "content": "<unk>", "single_word": true, "lstrip": true, "rstrip": true, "normalized": true, "special": true}],
        "truncation": {"max_length": 4}, "padding": {"pad_id": 0},
        "normalizer": {"type": "Sequence", "normalizers": [{"type": "Strip", "strip_left": true, "strip_right": false}, {"type": "Lowercase"}, {"type": "NFKD"},
        {"type": "StripAccents"}, {"type": "Prepend", "prepend": "_"}, {"type": "Replace", "pattern": {"Regex": " +"}, "content": "_"}]},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Punctuation", "behavior": "MergedWithNext"}, {"type": "Digits", "individual_digits": true},
        {"type": "Metaspace", "replacement": "_", "prepend_scheme": "first", "split": true}]},
        "post_processor": {"type": "RobertaProcessing", "sep": ["i", 2], "cls": ["h", 1]},
        "decoder": {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "_"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
        {"type": "Strip", "content": " ", "start": 1, "stop": 1}]},
        "model": {"type": "BPE", "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": true,
        "vocab": {"<unk>": 0, "h": 1, "i": 2, "_": 3, "_h": 4, "hi": 5, "<0xE4>": 6}, "merges": [["_", "h"], ["h", "i"]]}}
        """;

    private static string Probabilities =>
        """
        {"pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, {"type": "Metaspace", "replacement": "_", "prepend_scheme": "always"}]},
        "decoder": {"type": "Metaspace", "replacement": "_", "prepend_scheme": "always"},
        "model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0], ["_", -1.5], ["_h", -2.25], ["hi", -3], ["h", -1e3], ["i", -4]], "byte_fallback": false}}
        """;

    // pieces, then what trained them, then how texts are normalized
    private static byte[] SentencePieces(byte kind)
    {
        byte[] file = [];
        foreach ((string text, byte type) in ((string, byte)[])[("<unk>", 2), ("<s>", 3), ("h", 1), ("i", 1), ("hi", 1), ("<0xE4>", 6), ("=", 4)])
            file = [.. file, 0x0A, (byte)(text.Length + 9), 0x0A, (byte)text.Length, .. Text(text), 0x15, 0, 0, 0x80, 0xBF, 0x18, type];
        return [.. file, 0x12, 5, 0x18, kind, 0x98, 0x02, 1, 0x1A, 4, 0x18, 1, 0x20, 1];
    }
}
