using Microsoft.ML;
using Microsoft.ML.Data;

namespace MiniMind.MLNet.Dpo.Transforms.Rows;

/// <summary>A column that a row-wise step adds, and the inputs (by their place in the step's list) that it is computed from.</summary>
internal sealed record OutputColumn(string Name, DataViewType Type, params IReadOnlyList<int> Sources)
{
    /// <summary>The promise of this column in an estimator's output schema.</summary>
    public SchemaShape.Column Shape
    {
        get
        {
            SchemaShape.GetColumnTypeShape(Type, out SchemaShape.Column.VectorKind kind, out DataViewType itemType, out bool isKey);
            return new SchemaShape.Column(Name, kind, itemType, isKey);
        }
    }
}
