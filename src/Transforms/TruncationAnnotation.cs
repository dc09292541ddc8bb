using Microsoft.ML;
using Microsoft.ML.Data;

namespace MiniMind.MLNet.Dpo.Transforms;

/// <summary>How conversations were cut, as an annotation of the column that counts their tokens before, so that a trainer can tell what was lost.</summary>
internal static class TruncationAnnotation
{
    private const string LengthKind = "MaxLength", PolicyKind = "Truncation";

    /// <summary>The promise of the annotations in an estimator's output schema.</summary>
    public static SchemaShape Shape => new(
    [
        new SchemaShape.Column(LengthKind, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Int32, isKey: false),
        new SchemaShape.Column(PolicyKind, SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance, isKey: false),
    ]);

    /// <summary>The annotations of a column of counts.</summary>
    public static DataViewSchema.Annotations Of(int maxLength, TruncationPolicy policy)
    {
        DataViewSchema.Annotations.Builder builder = new();
        builder.Add(LengthKind, NumberDataViewType.Int32, (ref int value) => value = maxLength);
        builder.Add<ReadOnlyMemory<char>>(PolicyKind, TextDataViewType.Instance, (ref ReadOnlyMemory<char> text) => text = policy.ToString().AsMemory());
        return builder.ToAnnotations();
    }

    /// <summary>How a counted column was cut; <see langword="null"/> where it does not say.</summary>
    public static (int MaxLength, TruncationPolicy Policy)? Find(DataViewSchema.Column column)
    {
        DataViewSchema schema = column.Annotations.Schema;
        if (schema.GetColumnOrNull(LengthKind) is not { } length || length.Type != NumberDataViewType.Int32
            || schema.GetColumnOrNull(PolicyKind) is not { Type: TextDataViewType })
        {
            return null;
        }

        int maxLength = 0;
        ReadOnlyMemory<char> policy = default;
        column.Annotations.GetValue(LengthKind, ref maxLength);
        column.Annotations.GetValue(PolicyKind, ref policy);
        return Enum.TryParse(policy.Span, out TruncationPolicy parsed) && Enum.IsDefined(parsed) ? (maxLength, parsed) : null;
    }
}
