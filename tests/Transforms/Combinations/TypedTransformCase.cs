using System.Text.Json;
using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;

/// <summary>A case whose rows are typed.</summary>
/// <param name="name">The component's name.</param>
/// <param name="rows">The input; ids are given in order.</param>
/// <param name="estimator">Makes the component.</param>
/// <param name="reads">Each added column, with the input columns that it may read.</param>
public sealed class TypedTransformCase<TIn, TOut>(
    string name, TIn[] rows, Func<MLContext, IEstimator<ITransformer>> estimator, Dictionary<string, string[]> reads) : TransformCase
    where TIn : CaseRow
    where TOut : CaseRow, new()
{
    public override string Name => name;

    public override IReadOnlyDictionary<string, string[]> Reads => reads;

    public override IDataView Load(MLContext context)
    {
        for (int i = 0; i < rows.Length; i++)
            rows[i].Id = i;
        return context.Data.LoadFromEnumerable(rows);
    }

    public override IEstimator<ITransformer> Estimator(MLContext context) => estimator(context);

    public override IReadOnlyList<string> Rows(MLContext context, IDataView transformed, bool reuseRowObject = false) =>
        [.. context.Data.CreateEnumerable<TOut>(transformed, reuseRowObject).Select(Json)];

    public override IReadOnlyList<string> Predict(MLContext context, ITransformer transformer)
    {
        Load(context);
        using PredictionEngine<TIn, TOut> engine =
            context.Model.CreatePredictionEngine<TIn, TOut>(transformer, new PredictionEngineOptions { OwnsTransformer = false });
        return [.. rows.Select(row => Json(engine.Predict(row)))];
    }

    private static string Json(TOut row) => JsonSerializer.Serialize(row);
}
