namespace MiniMind.MLNet.Dpo.Bench.MemoryForecast;

/// <summary>Options of a shape that are not the trainer's defaults.</summary>
internal sealed record ShapeOptions
{
    public bool Checkpointing { get; init; }

    public bool Padded { get; init; }

    public ComputePrecision Precision { get; init; } = ComputePrecision.Fp32;

    public int? MaxLogitsMegabytes { get; init; }
}
