namespace MiniMind.MLNet.Dpo.Bench.Lora;

/// <summary>What of the model a run trains, and how.</summary>
/// <param name="Name">What the command line calls it.</param>
/// <param name="Adapter">The adapter; <see langword="null"/> for the model's own weights.</param>
internal sealed record StepVariant(string Name, LoraOptions? Adapter)
{
    /// <summary>Whether layers run again in the backward pass.</summary>
    public bool Checkpointing { get; init; }

    /// <summary>The products' precision.</summary>
    public ComputePrecision Precision { get; init; } = ComputePrecision.Fp32;

    /// <summary>How many of twelve lowest layers stay as they are.</summary>
    public double FrozenShare { get; init; }

    /// <summary>The variants, for a rank.</summary>
    public static IReadOnlyList<StepVariant> All(int rank)
    {
        LoraOptions adapter = new() { Rank = rank, Alpha = 2 * rank };
        return
        [
            new("full", null),
            new("lora", adapter),
            new("full-bf16", null) { Precision = ComputePrecision.Bf16 },
            new("lora-bf16", adapter) { Precision = ComputePrecision.Bf16 },
            new("lora-bf16-base", adapter with { BaseFormat = FrozenFormat.BFloat16 }) { Precision = ComputePrecision.Bf16 },
            new("lora-int8-base", adapter with { BaseFormat = FrozenFormat.Int8 }),
            new("lora-checkpointing", adapter) { Checkpointing = true },
            new("full-checkpointing", null) { Checkpointing = true },
            new("dora", adapter with { Dora = true }),
            new("frozen-half", null) { FrozenShare = 0.5 },
        ];
    }
}
