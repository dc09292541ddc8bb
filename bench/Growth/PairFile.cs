using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Bench.Growth;

/// <summary>The first so many pairs of a file, which is read again where it has fewer.</summary>
internal static class PairFile
{
    public static IDataView Load(MLContext context, PairDemand demand)
    {
        long rows = File.ReadLines(demand.Data).LongCount(line => line.Length > 0);
        IEnumerable<string> files = Enumerable.Repeat(demand.Data, (int)((demand.Count + rows - 1) / rows));
        return context.Data.TakeRows(context.Preferences.LoadFromJsonl(files), demand.Count);
    }
}
