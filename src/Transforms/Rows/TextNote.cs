using Microsoft.ML;
using Microsoft.ML.Data;

namespace MiniMind.MLNet.Dpo.Transforms.Rows;

/// <summary>A text that goes with a column, as an annotation.</summary>
/// <param name="Kind">The annotation's name.</param>
/// <param name="Text">What it says.</param>
internal sealed record TextNote(string Kind, string Text)
{
    /// <summary>The promise of the annotation in an estimator's output schema.</summary>
    public SchemaShape Shape => new([new SchemaShape.Column(Kind, SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance, isKey: false)]);

    /// <summary>The annotation.</summary>
    public DataViewSchema.Annotations Annotations
    {
        get
        {
            DataViewSchema.Annotations.Builder builder = new();
            builder.Add<ReadOnlyMemory<char>>(Kind, TextDataViewType.Instance, (ref ReadOnlyMemory<char> text) => text = Text.AsMemory());
            return builder.ToAnnotations();
        }
    }

    /// <summary>What the note of a column says; <see langword="null"/> where it has none.</summary>
    public static string? Find(DataViewSchema.Column column, string kind)
    {
        if (column.Annotations.Schema.GetColumnOrNull(kind) is not { Type: TextDataViewType })
            return null;
        ReadOnlyMemory<char> text = default;
        column.Annotations.GetValue(kind, ref text);
        return text.ToString();
    }
}
