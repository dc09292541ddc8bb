using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Rows;

/// <summary>A row of two numbers, the second twice the first.</summary>
public sealed class NumberRow
{
    public int First { get; set; }

    public int Second { get; set; }

    public static IDataView View(MLContext context, int count) =>
        context.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(i => new NumberRow { First = i, Second = 2 * i }).ToList());
}
