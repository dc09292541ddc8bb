using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Bench.EndToEnd;

/// <summary>A way to run the same training steps.</summary>
/// <param name="Name">What the report calls it.</param>
/// <param name="Shape">The rows' layout.</param>
/// <param name="HeadOnResponseOnly">Whether the head runs only where labels count.</param>
/// <param name="LiveReference">Whether the reference runs in every step.</param>
/// <param name="Type">The element type of matrix products.</param>
/// <param name="WholeLogits">Whether all logits of a pass exist at once.</param>
/// <param name="Fused">Whether this library's kernels run.</param>
/// <param name="LogitsMegabytes">MiB of logits at once, otherwise; by default what the trainer takes.</param>
internal sealed record Lever(string Name, BatchShape Shape, bool HeadOnResponseOnly, bool LiveReference, ScalarType Type, bool WholeLogits = false,
    int? LogitsMegabytes = null, bool Fused = true)
{
    /// <summary>How its passes compute.</summary>
    public ComputeMode Mode => new(Type, Fused);

    public static Lever Plain { get; } = new("plain (pad to max, head on every row, live reference)", BatchShape.PaddedToMaximum, false, true,
        ScalarType.Float32, WholeLogits: true, Fused: false);

    public static Lever All { get; } = new("all levers", BatchShape.PackedWithSharedPrefix, true, true, ScalarType.Float32);

    public static Lever ReferenceOnce { get; } = All with { Name = "all, reference once", LiveReference = false };

    public static IReadOnlyList<Lever> OneByOne { get; } =
    [
        Plain,
        Plain with { Name = "plain, head on responses only", HeadOnResponseOnly = true },
        Plain with { Name = "padded to longest", Shape = BatchShape.PaddedToLongest },
        All with { Name = "packed, prompts not shared", Shape = BatchShape.Packed },
        All with { Name = "all but head on responses only", HeadOnResponseOnly = false },
        All,
        ReferenceOnce,
        All with { Name = "all, bf16 products", Type = ScalarType.BFloat16 },
        All with { Name = "all but fused kernels", Fused = false },
        All with { Name = "all but fused kernels, bf16 products", Type = ScalarType.BFloat16, Fused = false },
        All with { Name = "all, head in slices of 8 MiB of logits", LogitsMegabytes = 8 },
        All with { Name = "all, logits whole", WholeLogits = true },
    ];
}
