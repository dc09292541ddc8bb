using Microsoft.ML;
using Microsoft.ML.Data;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>The optional column that says which line of its file a row comes from.</summary>
internal static class LineNumbers
{
    /// <summary>The column, or <see langword="null"/> where there is none of that name and type.</summary>
    public static DataViewSchema.Column? Find(DataViewSchema schema, string name) =>
        schema.GetColumnOrNull(name) is { } found && found.Type == NumberDataViewType.Int64 ? found : null;
}
