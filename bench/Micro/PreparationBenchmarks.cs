using BenchmarkDotNet.Attributes;

namespace MiniMind.MLNet.Dpo.Bench.Micro;

/// <summary>All of the preparation: template, tokens, mask, shift, and reading into memory.</summary>
[MemoryDiagnoser]
[BenchmarkCategory(BenchInputs.WholeFile)]
public class PreparationBenchmarks
{
    private readonly BenchInputs _inputs = BenchInputs.Current;
    private readonly IReadOnlyList<PreferencePair> _pairs = BenchInputs.Current.Pairs();

    [Benchmark(Description = "prepared pairs, from message lists on")]
    public int Prepared() => _inputs.Prepare(_pairs).Count;
}
