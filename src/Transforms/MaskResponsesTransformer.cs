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

    // 2: what was found in the template is saved, and which answers count
    private static readonly ModelFormat s_format = new("MM MASKS", LoaderName, Version: 2);
    private static readonly VectorDataViewType s_singles = new(NumberDataViewType.Single);

    private readonly HuggingFaceTokenizer _tokenizer;
    private readonly MaskResponsesSettings _settings;
    private readonly IResponseMaskRule _rule;

    /// <summary>Makes the step. What the template shows is found out and proven, unless the settings have it from an earlier time.</summary>
    /// <exception cref="ArgumentException">The settings contradict themselves, or the template does not show where answers are.</exception>
    public MaskResponsesTransformer(HuggingFaceTokenizer tokenizer, MaskResponsesSettings settings)
        : this(tokenizer, settings.Checked(), isSaved: false)
    {
    }

    private MaskResponsesTransformer(HuggingFaceTokenizer tokenizer, MaskResponsesSettings settings, bool isSaved)
        : base(
            settings.Columns.Select(pair => InputColumn.Vector(pair.Input, NumberDataViewType.Int32)),
            settings.Columns.Select((pair, i) => new OutputColumn(
                pair.Output, s_singles, settings.Answers == CountedAnswers.AfterParting ? [.. Enumerable.Range(0, settings.Columns.Length)] : [i])
            {
                MaskRule = settings.Description,
                MaskTokenizer = tokenizer,
            }))
    {
        _tokenizer = tokenizer;
        _settings = settings;
        switch (settings)
        {
            case { Rule: ResponseMaskRule.HeaderPattern }:
                _rule = HeaderPatternRule.For(tokenizer, maxLength: int.MaxValue);
                break;
            case { ResponseStart: { } start, ResponseEnd: { } end }:
                _rule = isSaved ? new ResponseTextRule(tokenizer, start, end) : ResponseTextRule.For(tokenizer, RendererOf(settings.Template), start, end);
                break;
            default:
                TurnMarkers markers = settings.Markers ?? MarkersOf(tokenizer, settings.Template, isSaved);
                _settings = settings with { Markers = markers };
                _rule = new ResponseSpanRule(tokenizer, markers);
                break;
        }
    }

    /// <inheritdoc/>
    public override Delegate?[] CreateGetters(InputRow row, IReadOnlyList<bool> isActive)
    {
        if (!isActive.Contains(true))
            return new Delegate?[isActive.Count];
        bool compares = _settings.Answers == CountedAnswers.AfterParting;
        Func<ReadOnlyMemory<int>>?[] tokens = [.. isActive.Select((active, i) => active || compares ? row.Once(row.Vector<int>(i)) : null)];
        Func<int> parting = compares ? row.Once(() => AnswerChoice.PartingOf([.. tokens.Select(side => side!())])) : () => 0;
        return [.. isActive.Select((active, i) => active ? OutputGetter.Vector(row.Once(() => Mask(tokens[i]!().Span, parting()))) : null)];
    }

    /// <inheritdoc/>
    public override void Save(ModelSaveContext ctx)
    {
        ModelEntryWriter writer = new(ctx, s_format);
        writer.WriteJson(SettingsEntry, _settings);
        TokenizerEntries.Write(writer, _tokenizer);
    }

    private static MaskResponsesTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ModelEntryReader reader = new(ctx, s_format);
        HuggingFaceTokenizer tokenizer = TokenizerEntries.Read(reader);
        return reader.ReadJson(SettingsEntry, (MaskResponsesSettings settings) => new MaskResponsesTransformer(tokenizer, settings.Checked(), isSaved: true));
    }

    // an older file has no markers: it must load where it did, proven or not
    private static TurnMarkers MarkersOf(HuggingFaceTokenizer tokenizer, TemplateSettings template, bool isSaved)
    {
        TurnMarkerFinder finder = new(
            tokenizer, RendererOf(template), () => SafeRendering.RefusalOf(template.Parse(), template.Options(addGenerationPrompt: false)));
        return isSaved ? finder.FindUnproven() : finder.Find();
    }

    private static ConversationRenderer RendererOf(TemplateSettings settings)
    {
        ChatTemplate template = settings.Parse();
        return (messagesJson, addGenerationPrompt, toolsJson) => SafeRendering.Of(template, messagesJson, settings.Options(toolsJson, addGenerationPrompt));
    }

    private ReadOnlyMemory<float> Mask(ReadOnlySpan<int> ids, int parting)
    {
        float[] mask = new float[ids.Length];
        if (_settings.Answers == CountedAnswers.Every)
        {
            _rule.Mask(ids, mask);
            return mask;
        }
        List<MaskedAnswer> answers = new();
        _rule.Mask(ids, mask, answers);
        AnswerChoice.Apply(mask, answers, _settings.Answers, parting);
        return mask;
    }
}
