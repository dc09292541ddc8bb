using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Bench.LongRun;

/// <summary>A model, its rows and what is not as by default.</summary>
/// <param name="Name">What the command line calls it.</param>
/// <param name="Hidden">The model's width.</param>
/// <param name="Layers">Its layers.</param>
/// <param name="BatchSize">Pairs of a step.</param>
/// <param name="Length">Tokens of the longest side.</param>
/// <param name="Rows">Pairs.</param>
/// <param name="Change">Options that are not the defaults.</param>
internal sealed record MemoryShape(
    string Name, int Hidden, int Layers, int BatchSize, int Length, int Rows, Func<DpoTrainer.Options, DpoTrainer.Options> Change)
{
    public static IReadOnlyList<MemoryShape> All { get; } =
    [
        new("minimind-256", 256, 6, 4, 256, 80, options => options),
        new("padded", 128, 2, 4, 64, 80, options => options with { Padding = BatchPadding.MaxLength, SharePrompts = false }),
        new("sums-of-16", 64, 2, 16, 48, 320, options => options with { Reduction = LogProbReduction.Sum }),
        new("lora", 128, 4, 2, 128, 80, options => options with { Adapter = new LoraOptions() }),
        new("long", 64, 2, 1, 768, 40, options => options),
        new("wide", 1024, 1, 1, 32, 40, options => options),
        new("plain", 128, 2, 4, 64, 80, options => options with { FusedKernels = false }),
        new("checkpointing", 128, 4, 4, 128, 80, options => options with { GradientCheckpointing = true }),
        new("bf16", 128, 4, 4, 128, 80, options => options with { Precision = ComputePrecision.Bf16 }),
    ];

    public ModelConfig Config => new() { HiddenSize = Hidden, LayerCount = Layers };
}
