using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Tokenization.Sources;
using MiniMind.MLNet.Dpo.Weights;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Fuzz;

/// <summary>Every reader of files that may come from anywhere.</summary>
internal static class Targets
{
    private const int MostElements = 1_000_000;

    private const string Conversation =
        """[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}, """ +
            """{"role": "assistant", "content": "<think>x</think>Hello", "tool_calls": [{"function": {"name": "f", "arguments": {"a": 1.5}}}]}, """ +
            """{"role": "tool", "content": "1"}]""";

    private static readonly MLContext s_context = new();
    private static readonly ChatTemplate s_renderer = ChatTemplate.Parse(
        "{% for m in messages %}{{ m.role ~ m.content ~ (m|tojson) }}{% for key in m %}{{ key }}{% endfor %}{% endfor %}{{ tools | tojson }}");

    /// <summary>The readers.</summary>
    public static IReadOnlyList<Target> All { get; } =
    [
        new("safetensors", input => ReadWeights(input, "model.safetensors")),
        new("safetensors-index", input => ReadWeights(input, "model.safetensors.index.json")),
        new("pth", input => ReadWeights(input, "model.pth")),
        new("config", input => ConfigJson.Parse(input, "config.json").Validate()),
        new("tokenizer", input => Tokenize(HuggingFaceTokenizer.Parse(input))),
        new("tokenizer-model", ReadPieces),
        new("tokenizer-config", input => ChatTemplate.FromTokenizerConfig(Encoding.UTF8.GetString(input))),
        new("jinja", input => ChatTemplate.Parse(Encoding.UTF8.GetString(input)).RenderWithSpans(Conversation)),
        new("messages", input => s_renderer.Render(Encoding.UTF8.GetString(input))),
        new("jsonl", input => ReadRows(input, "rows.jsonl")),
        new("csv", input => ReadFile(input, "rows.csv")),
        new("array", input => ReadFile(input, "rows.json")),
        new("gzip", input => ReadFile(input, "rows.gz")),
        new("parquet", input => ReadFile(input, "rows.parquet")),
        new("model-zip", LoadModel),
    ];

    /// <summary>The reader of that name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static Target Find(string name) => All.FirstOrDefault(target => target.Name == name)
        ?? throw new ArgumentException($"there is no reader '{name}'; there are {string.Join(", ", All.Select(target => target.Name))}");

    private static void Tokenize(HuggingFaceTokenizer tokenizer) =>
        tokenizer.Decode(tokenizer.Encode("Hi! It's 3.14 o'clock, 你好 👩‍👩‍👧 <|im_start|>\n\t don't"));

    private static void ReadPieces(byte[] input)
    {
        TokenizerSource source = SentencePieceSource.Convert(input, default);
        Tokenize(HuggingFaceTokenizer.Parse(source.TokenizerJson, source.TokenizerConfigJson));
    }

    private static void ReadWeights(byte[] input, string name)
    {
        using TemporaryFile file = new(name, input);
        using IWeightSource source = WeightFile.Open(file.Path);
        foreach ((_, WeightView view) in FusedExperts.Split(source).Where(pair => pair.Value.ElementCount < MostElements))
        {
            using Tensor tensor = empty(view.Shape, view.Type);
            view.CopyTo(tensor);
        }
    }

    private static void ReadRows(byte[] input, string name)
    {
        using TemporaryFile file = new(name, input);
        Drain(s_context.Preferences.LoadFromJsonl(file.Path));
        Drain(s_context.Preferences.LoadConversationsFromJsonl(file.Path));
    }

    private static void ReadFile(byte[] input, string name)
    {
        using TemporaryFile file = new(name, input);
        foreach (BadRowPolicy policy in Enum.GetValues<BadRowPolicy>())
        {
            Refusable(() => Drain(s_context.Preferences.LoadFromFile(file.Path, new PreferenceFileOptions { BadRows = policy })));
            Refusable(() => Drain(s_context.Preferences.LoadConversationsFromFile(file.Path, new ConversationFileOptions { BadRows = policy })));
        }
    }

    // so that one way of reading that refuses a file does not keep the others from it
    private static void Refusable(Action read)
    {
        try
        {
            read();
        }
        catch (PreferenceDataException)
        {
        }
    }

    // The library's own verb refuses a damaged file by InvalidDataException; ML.NET's does not check what is its own, so that only faults of ours count there.
    private static void LoadModel(byte[] input)
    {
        using TemporaryFile file = new("chain.zip", input);
        try
        {
            s_context.Model.Load(file.Path, out _);
        }
        catch (Exception failure) when (failure.GetBaseException() is FormatException or InvalidDataException or EndOfStreamException
            || !IsOurs(failure.GetBaseException()))
        {
        }
        s_context.Preferences.LoadModel(file.Path);
    }

    private static bool IsOurs(Exception failure) => failure.StackTrace?.TrimStart().StartsWith("at MiniMind.MLNet.Dpo.", StringComparison.Ordinal) ?? false;

    private static void Drain(IDataView rows)
    {
        using DataViewRowCursor cursor = rows.GetRowCursor(rows.Schema);
        ValueGetter<ReadOnlyMemory<char>>[] getters =
            [.. rows.Schema.Where(column => column.Type is TextDataViewType).Select(column => cursor.GetGetter<ReadOnlyMemory<char>>(column))];
        ReadOnlyMemory<char> text = default;
        while (cursor.MoveNext())
        {
            foreach (ValueGetter<ReadOnlyMemory<char>> getter in getters)
                getter(ref text);
        }
    }
}
