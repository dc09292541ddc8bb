using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Transforms;
using MiniMind.MLNet.Dpo.Transforms.Masking;
using MiniMind.MLNet.Dpo.Transforms.Persistence;
using MiniMind.MLNet.Dpo.Transforms.Rows;

[assembly: LoadableClass(typeof(MaskResponsesTransformer), null, typeof(SignatureLoadModel), "Mask responses", MaskResponsesTransformer.LoaderName)]

namespace MiniMind.MLNet.Dpo.Transforms;

/// <summary>Marks the response tokens of conversations.</summary>
internal sealed class MaskResponsesTransformer : RowToRowTransformer
{
    /// <summary>The name that a saved model knows this class by.</summary>
    public const string LoaderName = "MiniMindMask";

    private const string SettingsEntry = "settings.json";

    private static readonly ModelFormat Format = new("MM MASKS", LoaderName);
    private static readonly VectorDataViewType Singles = new(NumberDataViewType.Single);

    private readonly HuggingFaceTokenizer _tokenizer;
    private readonly MaskResponsesSettings _settings;
    private readonly IResponseMaskRule _rule;

    public MaskResponsesTransformer(HuggingFaceTokenizer tokenizer, MaskResponsesSettings settings)
        : base(
            ColumnPair.Checked(settings.Columns).Select(pair => InputColumn.Vector(pair.Input, NumberDataViewType.Int32)),
            settings.Columns.Select((pair, i) => new OutputColumn(pair.Output, Singles, i) { MaskRule = settings.Rule.ToString() }))
    {
        _tokenizer = tokenizer;
        _settings = settings;
        _rule = settings.Rule switch
        {
            ResponseMaskRule.ResponseSpan => ResponseSpanRule.For(tokenizer, RendererOf(settings.Template)),
            ResponseMaskRule.HeaderPattern => HeaderPatternRule.For(tokenizer, maxLength: int.MaxValue),
            _ => throw new ArgumentOutOfRangeException(nameof(settings), settings.Rule, $"A mask rule is one of {string.Join(", ", Enum.GetNames<ResponseMaskRule>())}."),
        };
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

    private static MaskResponsesTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        var reader = new ModelEntryReader(ctx, Format);
        HuggingFaceTokenizer tokenizer = TokenizerEntries.Read(reader);
        return reader.ReadJson(SettingsEntry, (MaskResponsesSettings settings) => new MaskResponsesTransformer(tokenizer, settings));
    }

    private static ConversationRenderer RendererOf(TemplateSettings settings)
    {
        ChatTemplate template = settings.Parse();
        return (messagesJson, addGenerationPrompt) =>
        {
            try
            {
                return template.RenderWithSpans(messagesJson, settings.Options(addGenerationPrompt: addGenerationPrompt));
            }
            catch (ChatTemplateException)
            {
                return null;
            }
        };
    }

    private ValueGetter<VBuffer<float>> Getter(InputRow row, int input)
    {
        Func<ReadOnlyMemory<int>> tokens = row.Vector<int>(input);
        return OutputGetter.Vector(row.Once(() =>
        {
            ReadOnlySpan<int> ids = tokens().Span;
            var mask = new float[ids.Length];
            _rule.Mask(ids, mask);
            return new ReadOnlyMemory<float>(mask);
        }));
    }
}
