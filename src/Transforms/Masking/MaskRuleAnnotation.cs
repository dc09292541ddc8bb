using Microsoft.ML;
using Microsoft.ML.Data;

namespace MiniMind.MLNet.Dpo.Transforms.Masking;

/// <summary>The name of the rule that made a mask, as an annotation of the mask's column, so that a trainer can record it.</summary>
internal static class MaskRuleAnnotation
{
    private const string Kind = "ResponseMaskRule";

    /// <summary>The promise of the annotation in an estimator's output schema.</summary>
    public static SchemaShape Shape => new([new SchemaShape.Column(Kind, SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance, isKey: false)]);

    /// <summary>Whether a column is promised to have the annotation.</summary>
    public static bool IsPromised(SchemaShape.Column column) => column.Annotations is { } annotations && annotations.TryFindColumn(Kind, out _);

    /// <summary>The annotation of a mask column.</summary>
    /// <param name="rule">The rule's name; <see langword="null"/> for no annotation.</param>
    public static DataViewSchema.Annotations? Of(string? rule)
    {
        if (rule is null) return null;
        var builder = new DataViewSchema.Annotations.Builder();
        builder.Add<ReadOnlyMemory<char>>(Kind, TextDataViewType.Instance, (ref ReadOnlyMemory<char> text) => text = rule.AsMemory());
        return builder.ToAnnotations();
    }

    /// <summary>The rule that made a mask column; <see langword="null"/> where it does not say, or there is no such column.</summary>
    public static string? Find(DataViewSchema.Column? column)
    {
        if (column?.Annotations.Schema.GetColumnOrNull(Kind) is not { Type: TextDataViewType }) return null;
        ReadOnlyMemory<char> text = default;
        column.Value.Annotations.GetValue(Kind, ref text);
        return text.ToString();
    }
}
