using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Transforms;
using MiniMind.MLNet.Dpo.Transforms.Persistence;
using MiniMind.MLNet.Dpo.Transforms.Rows;

[assembly: LoadableClass(typeof(TokenizeConversationsTransformer), null, typeof(SignatureLoadModel), "Tokenize conversations",
    TokenizeConversationsTransformer.LoaderName)]

namespace MiniMind.MLNet.Dpo.Transforms;

/// <summary>Turns rendered conversations into tokens, cut to a maximum length.</summary>
internal sealed class TokenizeConversationsTransformer : RowToRowTransformer
{
    /// <summary>The name that a saved model knows this class by.</summary>
    public const string LoaderName = "MiniMindTokenize";

    private const string SettingsEntry = "settings.json";

    private static readonly ModelFormat s_format = new("MM TOKEN", LoaderName);
    private static readonly VectorDataViewType s_integers = new(NumberDataViewType.Int32);

    private readonly HuggingFaceTokenizer _tokenizer;
    private readonly TokenizeConversationsSettings _settings;

    public TokenizeConversationsTransformer(HuggingFaceTokenizer tokenizer, TokenizeConversationsSettings settings)
        : base(ColumnPair.Checked(settings.Columns).Select(pair => InputColumn.Text(pair.Input)),
            [
                .. settings.Columns.Select((pair, i) => new OutputColumn(pair.Output, s_integers, i)),
                .. (settings.CountColumns ?? []).Select(
                    (name, i) => new OutputColumn(name, NumberDataViewType.Int32, i) { Truncation = (settings.MaxLength, settings.Truncation) }),
            ])
    {
        if (settings.CountColumns is { Length: > 0 } counts && (counts.Length != settings.Columns.Length || counts.Any(string.IsNullOrWhiteSpace)))
        {
            throw new ArgumentException(
                $"There are {counts.Length} names of count columns for {settings.Columns.Length} columns of tokens; give one for each, or none.",
                nameof(settings));
        }

        if (settings.MaxLength < 1)
            throw new ArgumentOutOfRangeException(nameof(settings), settings.MaxLength, "The maximum length is at least 1 token.");
        if (!Enum.IsDefined(settings.Truncation))
        {
            throw new ArgumentOutOfRangeException(nameof(settings), settings.Truncation,
                $"A truncation policy is one of {string.Join(", ", Enum.GetNames<TruncationPolicy>())}.");
        }

        _tokenizer = tokenizer;
        _settings = settings;
    }

    /// <inheritdoc/>
    public override Delegate?[] CreateGetters(InputRow row, IReadOnlyList<bool> isActive)
    {
        int columns = _settings.Columns.Length;
        Delegate?[] getters = new Delegate?[isActive.Count];
        foreach (int input in Enumerable.Range(0, columns))
        {
            bool isCounted = input + columns < isActive.Count && isActive[input + columns];
            if (!isActive[input] && !isCounted)
                continue;
            Func<int[]> tokens = Tokens(row, input);
            if (isActive[input])
                getters[input] = OutputGetter.Vector(row.Once(() => Cut(row, input, tokens())));
            if (isCounted)
                getters[input + columns] = OutputGetter.Scalar(() => tokens().Length);
        }
        return getters;
    }

    /// <inheritdoc/>
    public override void Save(ModelSaveContext ctx)
    {
        ModelEntryWriter writer = new(ctx, s_format);
        writer.WriteJson(SettingsEntry, _settings);
        TokenizerEntries.Write(writer, _tokenizer);
    }

    private static TokenizeConversationsTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ModelEntryReader reader = new(ctx, s_format);
        HuggingFaceTokenizer tokenizer = TokenizerEntries.Read(reader);
        return reader.ReadJson(SettingsEntry, (TokenizeConversationsSettings settings) => new TokenizeConversationsTransformer(tokenizer, settings));
    }

    /// <summary>All tokens of a text, before the cut.</summary>
    private Func<int[]> Tokens(InputRow row, int input)
    {
        Func<ReadOnlyMemory<char>> read = row.Text(input);
        return row.Once(() =>
        {
            string text = read().ToString();
            // The chat template has written every special token that belongs in the text.
            return row.Explain(Inputs[input].Name, text,
                () => _settings.ReadsMarks ? _tokenizer.EncodeRendered(text) : _tokenizer.Encode(text, addSpecialTokens: false));
        });
    }

    private ReadOnlyMemory<int> Cut(InputRow row, int input, int[] ids)
    {
        if (ids.Length <= _settings.MaxLength)
            return ids;
        ReadOnlyMemory<int> Cut() => Truncation.Cut(ids, _settings.MaxLength, _settings.Truncation).ToArray();
        return _settings.Truncation == TruncationPolicy.Fail ? row.Explain(Inputs[input].Name, _tokenizer.Decode(ids), Cut) : Cut();
    }
}
