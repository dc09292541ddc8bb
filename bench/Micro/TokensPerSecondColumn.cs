using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace MiniMind.MLNet.Dpo.Bench.Micro;

/// <summary>Tokens per second and core, of the fastest iteration: on a machine with other work the mean says more about that work.</summary>
internal sealed class TokensPerSecondColumn : IColumn
{
    public string Id => nameof(TokensPerSecondColumn);

    public string ColumnName => "Mtokens/s";

    public string Legend => "Millions of tokens per second, in the fastest iteration";

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public bool IsAvailable(Summary summary) => true;

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) => GetValue(summary, benchmarkCase, summary.Style);

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style)
    {
        long tokens = BenchInputs.Current.TokensOf(benchmarkCase.Descriptor.Categories);
        return tokens == 0 || summary[benchmarkCase]?.ResultStatistics is not { } statistics
            ? "-"
            : (tokens / statistics.Min * 1e3).ToString("F4", CultureInfo.InvariantCulture); // nanoseconds to millions per second
    }
}
