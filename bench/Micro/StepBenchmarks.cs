using BenchmarkDotNet.Attributes;

namespace MiniMind.MLNet.Dpo.Bench.Micro;

/// <summary>One whole training step.</summary>
[MemoryDiagnoser]
[InvocationCount(1)]
[WarmupCount(1)]
[IterationCount(5)]
[BenchmarkCategory(BenchInputs.OneBatch)]
public class StepBenchmarks : IDisposable
{
    private readonly StepParts _parts = new(BenchInputs.Current);

    [Benchmark(Description = "training step")]
    public void Step() => _parts.Step();

    [GlobalCleanup]
    public void Dispose()
    {
        _parts.Dispose();
        GC.SuppressFinalize(this);
    }
}
