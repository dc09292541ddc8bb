using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Transforms.Masking;

namespace MiniMind.MLNet.Dpo.Transforms.Rows;

/// <summary>A column that a row-wise step adds, and the inputs (by their place in the step's list) that it is computed from.</summary>
internal sealed record OutputColumn(string Name, DataViewType Type, params IReadOnlyList<int> Sources)
{
    /// <summary>The name of the rule that makes this column, where it is a mask.</summary>
    public string? MaskRule { get; init; }

    /// <summary>The tokenizer of the masked tokens, where it is a mask.</summary>
    public HuggingFaceTokenizer? MaskTokenizer { get; init; }

    /// <summary>The input whose mask rule this column takes over; <see langword="null"/> for none.</summary>
    public int? MaskRuleSource { get; init; }

    /// <summary>How the tokens were cut that this column counts, where it does.</summary>
    public (int MaxLength, TruncationPolicy Policy)? Truncation { get; init; }

    /// <summary>What is written at this column for who reads it, under a name; <see langword="null"/> for nothing.</summary>
    public TextNote? Note { get; init; }

    /// <summary>The promise of this column in an estimator's output schema.</summary>
    /// <param name="inputs">The step's inputs.</param>
    /// <param name="inputSchema">What is promised of them.</param>
    public SchemaShape.Column ShapeOver(IReadOnlyList<InputColumn> inputs, SchemaShape inputSchema)
    {
        SchemaShape.GetColumnTypeShape(Type, out SchemaShape.Column.VectorKind kind, out DataViewType itemType, out bool isKey);
        bool hasRule = MaskRuleSource is { } source ? MaskRuleAnnotation.IsPromised(inputSchema.Single(column => column.Name == inputs[source].Name))
            : MaskRule is not null;
        if (Note is { } note)
            return new SchemaShape.Column(Name, kind, itemType, isKey, note.Shape);
        return new SchemaShape.Column(Name, kind, itemType, isKey, hasRule ? MaskRuleAnnotation.Shape : Truncation is null ? null : TruncationAnnotation.Shape);
    }
}
