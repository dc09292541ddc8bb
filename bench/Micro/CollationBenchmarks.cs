using BenchmarkDotNet.Attributes;
using MiniMind.MLNet.Dpo.Training.Batches;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Bench.Micro;

/// <summary>From prepared pairs to the arrays and tensors of one batch.</summary>
[MemoryDiagnoser]
[BenchmarkCategory(BenchInputs.OneBatch)]
public class CollationBenchmarks
{
    private readonly BenchInputs _inputs = BenchInputs.Current;

    [Params(false, true)]
    public bool PadToMaximum { get; set; }

    [Benchmark(Description = "batch: laid out")]
    public object LaidOut() => Rows();

    [Benchmark(Description = "batch: laid out, as tensors")]
    public void AsTensors()
    {
        using DisposeScope scope = NewDisposeScope();
        using HostBatch host = new(Rows(), CPU);
        _ = new DeviceBatch(host, ScalarType.Float32, CPU);
    }

    private BatchRows Rows() => BatchBuilder.Pairs(
        _inputs.Batch, PadToMaximum ? BatchShape.PaddedToMaximum : BatchShape.PackedWithSharedPrefix, headOnResponseOnly: !PadToMaximum,
        _inputs.Options.MaxLength - 1, padding: 0, balanceRealTokensOnly: true);
}
