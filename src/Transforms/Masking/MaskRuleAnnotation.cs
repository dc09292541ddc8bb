using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Transforms.Masking;

/// <summary>The name of the rule that made a mask, as an annotation of the mask's column, so that a trainer can record it.</summary>
internal static class MaskRuleAnnotation
{
    private const string Kind = "ResponseMaskRule";

    // beside the annotation, not in it: a tokenizer is nothing that a data view could save
    private static readonly ConditionalWeakTable<DataViewSchema.Annotations, HuggingFaceTokenizer> s_tokenizers = [];

    /// <summary>The promise of the annotation in an estimator's output schema.</summary>
    public static SchemaShape Shape => new([new SchemaShape.Column(Kind, SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance, isKey: false)]);

    /// <summary>Whether a column is promised to have the annotation.</summary>
    public static bool IsPromised(SchemaShape.Column column) => column.Annotations is { } annotations && annotations.TryFindColumn(Kind, out _);

    /// <summary>The annotation of a mask column.</summary>
    /// <param name="rule">The rule's name; <see langword="null"/> for no annotation.</param>
    /// <param name="tokenizer">The tokenizer of the masked tokens, where it is known.</param>
    public static DataViewSchema.Annotations? Of(string? rule, HuggingFaceTokenizer? tokenizer)
    {
        if (rule is null)
            return null;
        DataViewSchema.Annotations.Builder builder = new();
        builder.Add<ReadOnlyMemory<char>>(Kind, TextDataViewType.Instance, (ref ReadOnlyMemory<char> text) => text = rule.AsMemory());
        DataViewSchema.Annotations annotations = builder.ToAnnotations();
        if (tokenizer is not null)
            s_tokenizers.Add(annotations, tokenizer);
        return annotations;
    }

    /// <summary>The tokenizer of the tokens that a mask column is for; <see langword="null"/> where it is not known, as in data that was stored.</summary>
    public static HuggingFaceTokenizer? TokenizerOf(DataViewSchema.Column? column) =>
        column is { } found && s_tokenizers.TryGetValue(found.Annotations, out HuggingFaceTokenizer? tokenizer) ? tokenizer : null;

    /// <summary>The rule that made a mask column; <see langword="null"/> where it does not say, or there is no such column.</summary>
    public static string? Find(DataViewSchema.Column? column)
    {
        if (column?.Annotations.Schema.GetColumnOrNull(Kind) is not { Type: TextDataViewType })
            return null;
        ReadOnlyMemory<char> text = default;
        column.Value.Annotations.GetValue(Kind, ref text);
        return text.ToString();
    }
}
