using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Transforms;
using MiniMind.MLNet.Dpo.Transforms.Persistence;
using MiniMind.MLNet.Dpo.Transforms.Rows;

[assembly: LoadableClass(typeof(TokenizeConversationsTransformer), null, typeof(SignatureLoadModel), "Tokenize conversations", TokenizeConversationsTransformer.LoaderName)]

namespace MiniMind.MLNet.Dpo.Transforms;

/// <summary>Turns rendered conversations into tokens, cut to a maximum length.</summary>
internal sealed class TokenizeConversationsTransformer : RowToRowTransformer
{
    /// <summary>The name that a saved model knows this class by.</summary>
    public const string LoaderName = "MiniMindTokenize";

    private const string SettingsEntry = "settings.json";

    private static readonly ModelFormat Format = new("MM TOKEN", LoaderName);
    private static readonly VectorDataViewType Integers = new(NumberDataViewType.Int32);

    private readonly HuggingFaceTokenizer _tokenizer;
    private readonly TokenizeConversationsSettings _settings;

    public TokenizeConversationsTransformer(HuggingFaceTokenizer tokenizer, TokenizeConversationsSettings settings)
        : base(ColumnPair.Checked(settings.Columns).Select(pair => InputColumn.Text(pair.Input)), settings.Columns.Select((pair, i) => new OutputColumn(pair.Output, Integers, i)))
    {
        if (settings.MaxLength < 1)
            throw new ArgumentOutOfRangeException(nameof(settings), settings.MaxLength, "The maximum length is at least 1 token.");
        if (!Enum.IsDefined(settings.Truncation))
            throw new ArgumentOutOfRangeException(nameof(settings), settings.Truncation, $"A truncation policy is one of {string.Join(", ", Enum.GetNames<TruncationPolicy>())}.");
        _tokenizer = tokenizer;
        _settings = settings;
    }

    /// <inheritdoc/>
    public override Delegate?[] CreateGetters(InputRow row, IReadOnlyList<bool> isActive) =>
        [.. isActive.Select((active, i) => active ? Getter(row, i) : null)];

    /// <inheritdoc/>
    public override void Save(ModelSaveContext ctx)
    {
        var writer = new ModelEntryWriter(ctx, Format);
        writer.WriteJson(SettingsEntry, _settings);
        TokenizerEntries.Write(writer, _tokenizer);
    }

    private static TokenizeConversationsTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        var reader = new ModelEntryReader(ctx, Format);
        HuggingFaceTokenizer tokenizer = TokenizerEntries.Read(reader);
        return reader.ReadJson(SettingsEntry, (TokenizeConversationsSettings settings) => new TokenizeConversationsTransformer(tokenizer, settings));
    }

    private ValueGetter<VBuffer<int>> Getter(InputRow row, int input)
    {
        Func<ReadOnlyMemory<char>> read = row.Text(input);
        return OutputGetter.Vector(row.Once(() => Tokens(row, input, read().ToString())));
    }

    private ReadOnlyMemory<int> Tokens(InputRow row, int input, string text) => row.Explain(Inputs[input].Name, text, () =>
    {
        // The chat template has written every special token that belongs in the text.
        int[] ids = _settings.ReadsMarks ? _tokenizer.EncodeRendered(text) : _tokenizer.Encode(text, addSpecialTokens: false);
        return new ReadOnlyMemory<int>(ids.Length <= _settings.MaxLength ? ids : Truncation.Cut(ids, _settings.MaxLength, _settings.Truncation).ToArray());
    });
}
